"""What an article says happened, as short keys that two articles on the same thing share.

Events give `expel:USA>RUS` (who to whom) or `host_or_meet:DEU+FRA` (a meeting has no direction); `?` stands for a
party not stated. Where no event of its kind was found, a core topic gives the parties named in its evidence
sentence, `expulsion:RUS+USA`. The primary facts of a family are those of its first sentence (the title is one), and
acts between the same parties as theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from tocsin.agents.lexicon.packs import UNORDERED
from tocsin.streams.records import Annotated, Change, Event, Record, Span

FAMILIES = {
    "expel": "expulsion",
    "sanction": "sanctions",
    "lift_sanction": "sanctions",
    "host_or_meet": "summit",
    "recall_envoy": "recall",
}
"""Types whose parties decide which story an article belongs to; the others happen too often between the same two."""

CORE_TOPICS = ("expulsion", "sanctions", "summit")
BODIES = frozenset(
    (
        "EU",
        "NATO",
        "UN",
        "G7",
        "G8",
        "G20",
        "APEC",
        "ASEAN",
        "AU",
        "ECOWAS",
        "WTO",
        "IAEA",
        "ICC",
        "OAS",
        "NAM",
        "UNASUR",
    )
)
"""A meeting may be one body's own."""

_STATES = ("country", "nationality", "government")
_APART = frozenset(("journalists", "troops", "un_staff", "aid_workers"))
"""Kinds of objects that one act does not mix with any other: who expels diplomats has not expelled journalists."""
_STEPS = ("threatened", "planned", "announced", "happened")
_MOST_PARTIES = 4
_UNKNOWN = "?"

Relation = Literal["same", "other", "unknown"]


class Known(Record, frozen=True, kw_only=True):
    """What a story knows of a fact."""

    count: int | None = None
    status: str = "happened"
    primary: bool = False
    """Whether it was an article's primary fact: only these decide what joins."""
    object: str | None = None
    """Who or what was acted on, by kind, such as diplomats or journalists."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of an article."""

    key: str
    count: int | None = None
    status: str = "happened"
    primary: bool = False
    lead: bool = False
    """Of the family of the article's first deciding fact: what the article is about."""
    opening: bool = False
    """Said in the first sentence that tells a fact of that family."""
    object: str | None = None
    spans: tuple[Span, ...] = ()
    stated: bool = True
    """False where the parties were only named beside a topic."""


def facts(annotated: Annotated) -> tuple[Fact, ...]:
    """Return an article's facts in the order of their evidence, each key once; background is left out."""
    said = [
        event
        for event in annotated.events
        if not event.background and (event.actor or event.target) and not _is_routine(event)
    ]
    hard = [event for event in said if event.type in FAMILIES]
    found = [
        Fact(key=event_key(event), count=event.count, status=event.status, object=event.object, spans=event.spans)
        for event in said
    ]
    found += _topic_facts(annotated, hard)
    found.sort(key=lambda fact: fact.spans[0] if fact.spans else (len(annotated.article.reading_text), 0))
    unique: dict[str, Fact] = {}
    for fact in found:
        unique.setdefault(fact.key, fact)
    return _with_primaries(tuple(unique.values()), annotated)


def _is_routine(event: Event) -> bool:
    """Tell whether officials meet or are said to: that happens too often between the same two to tell stories apart."""
    return event.type == "host_or_meet" and event.object == "officials"


def _with_primaries(found: tuple[Fact, ...], annotated: Annotated) -> tuple[Fact, ...]:
    """Mark the facts that decide: in each family those of its first sentence, and acts between the same parties.

    So an answer in kind, told further down, belongs to what it answers, and an older act between others does not.
    Where the first sentence leaves a party open, as a short title does, the next fact that fits it names the party.
    """
    heads: dict[str, _Head] = {}
    lead = ""
    marked = []
    for fact in found:
        family = _family(fact.key)
        if not family or not fact.spans:
            marked.append(fact)
            continue
        lead = lead or family
        head = heads.setdefault(family, _Head(_sentence(annotated, fact.spans[0])[1]))
        opening = fact.spans[0][0] < head.end
        primary = head.takes(frozenset(_parties(fact.key)) - {_UNKNOWN}, opening=opening)
        opening = opening and family == lead
        marked.append(msgspec.structs.replace(fact, primary=primary, lead=family == lead, opening=opening))
    return tuple(marked)


class _Head:
    """The first sentence of a family: where it ends, and between whom its acts are."""

    def __init__(self, end: int) -> None:
        self.end = end
        self._pairs: set[frozenset[str]] = set()
        self._asked = False

    def takes(self, parties: frozenset[str], *, opening: bool) -> bool:
        """Tell whether an act between these parties belongs to it."""
        if opening:
            self._pairs.add(parties)
            return True
        if not self._asked:
            self._asked = True
            if len(self._pairs) == 1 and all(len(known) == 1 and known < parties for known in self._pairs):
                self._pairs = {parties}
        return parties in self._pairs


def event_key(event: Event) -> str:
    """Return the key of an event."""
    if event.type in UNORDERED:
        return f"{event.type}:{'+'.join(sorted({party for party in (event.actor, event.target) if party}))}"
    return f"{event.type}:{event.actor or _UNKNOWN}>{event.target or _UNKNOWN}"


def place_of(key: str) -> str:
    """Return where articles on the same fact meet: the family and the parties without direction."""
    return f"{_family(key)}:{'+'.join(sorted(set(_parties(key)) - {_UNKNOWN}))}"


def relate(found: Iterable[Fact], known: Mapping[str, Known]) -> Relation:
    """Compare an article's primary facts with a story's; what the article is about has the first word.

    `same` where one is the same act between the same parties and the counts do not contradict; `other` where the
    acts are alike and the parties differ; `unknown` where nothing can be said.
    """
    facts = [fact for fact in found if fact.primary]
    deciding = {key: value for key, value in known.items() if value.primary}
    for some in ([fact for fact in facts if fact.opening], [fact for fact in facts if fact.lead], facts):
        verdict = _verdict(some, deciding)
        if verdict != "unknown":
            return verdict
    return "unknown"


def _verdict(found: Iterable[Fact], known: Mapping[str, Known]) -> Relation:
    verdicts = {
        _compare(fact, key, value)
        for fact in found
        for key, value in known.items()
        if _family(key) == _family(fact.key)
    }
    return "same" if "same" in verdicts else "other" if "other" in verdicts else "unknown"


def changes(found: Iterable[Fact], known: Mapping[str, Known]) -> tuple[Change, ...]:
    """Name what an article adds to a story's facts.

    `fact expel:USA>RUS`, `count expel:USA>RUS 10 -> 12`, or `status expel:USA>RUS threatened -> happened`.
    """
    named: list[Change] = []
    for fact in found:
        before = known.get(fact.key)
        if not fact.stated:
            continue
        if before is None:
            named.append(Change(name=f"fact {fact.key}", spans=fact.spans))
            continue
        if fact.count is not None and fact.count != before.count:
            old = _UNKNOWN if before.count is None else before.count
            named.append(Change(name=f"count {fact.key} {old} -> {fact.count}", spans=fact.spans))
        if _moves_on(before.status, fact.status):
            named.append(Change(name=f"status {fact.key} {before.status} -> {fact.status}", spans=fact.spans))
    return tuple(named)


def merged(found: Iterable[Fact], known: Mapping[str, Known]) -> dict[str, Known]:
    """Return what a story knows once it has an article's facts."""
    after = dict(known)
    for fact in found:
        before = known.get(fact.key)
        after[fact.key] = Known(
            count=fact.count if fact.count is not None or before is None else before.count,
            status=fact.status if before is None or _moves_on(before.status, fact.status) else before.status,
            primary=fact.primary or (before is not None and before.primary),
            object=fact.object or (before.object if before else None),
        )
    return after


def _moves_on(old: str, new: str) -> bool:
    """Tell whether a status is news: a late report of the plan is none once the act has happened."""
    return old != new and (new not in _STEPS or old not in _STEPS or _STEPS.index(new) > _STEPS.index(old))


def _topic_facts(annotated: Annotated, hard: list[Event]) -> list[Fact]:
    """Return the parties beside each core topic, unless an event says by then who did it to whom."""
    found: list[Fact] = []
    for label in annotated.labels:
        if label.topic not in CORE_TOPICS or not label.spans:
            continue
        span = min(label.spans)
        start, end = _sentence(annotated, span)
        if any(FAMILIES[event.type] == label.topic and event.spans and event.spans[0][0] < end for event in hard):
            continue
        # Where the sentence names nobody, those are meant whom the text has named by then.
        parties = _named(annotated, start, end) or _named(annotated, 0, start)
        between = {frozenset((event.actor, event.target)) for event in hard if FAMILIES[event.type] == label.topic}
        if frozenset(parties) not in between and 0 < len(parties) <= _MOST_PARTIES:
            found.append(Fact(key=f"{label.topic}:{'+'.join(parties)}", spans=(span,), stated=False))
    return found


def _named(annotated: Annotated, start: int, end: int) -> list[str]:
    here = [mention for mention in annotated.mentions if start <= mention.start < end]
    return sorted({mention.id for mention in here if mention.kind in _STATES or mention.id in BODIES})


def _sentence(annotated: Annotated, span: Span) -> Span:
    title = (0, len(annotated.article.title))
    known = (title, *annotated.sentences) if annotated.article.title else annotated.sentences
    return next(((start, end) for start, end in known if start <= span[0] < end), span)


def _kind(key: str) -> str:
    return key.partition(":")[0]


def _family(key: str) -> str:
    kind = _kind(key)
    return kind if kind in CORE_TOPICS else FAMILIES.get(kind, "")


def _parties(key: str) -> list[str]:
    parties = key.partition(":")[2]
    return parties.split(">" if ">" in parties else "+") if parties else []


def _compare(fact: Fact, key: str, known: Known) -> Relation:
    one, two = _kind(fact.key), _kind(key)
    if one != two and not {one, two} & {*CORE_TOPICS}:
        return "unknown"
    if one == two and fact.object != known.object and {fact.object, known.object} & _APART:
        return "other" if fact.object and known.object else "unknown"
    verdict = _directed(fact.key, key) if ">" in fact.key and ">" in key else _undirected(fact.key, key)
    contradicts = fact.count is not None and known.count is not None and fact.count != known.count
    return "unknown" if verdict == "same" and contradicts else verdict


def _directed(one: str, two: str) -> Relation:
    pairs = list(zip(_parties(one), _parties(two), strict=True))
    if any(_UNKNOWN not in pair and pair[0] != pair[1] for pair in pairs):
        return "other"
    return "unknown" if any(_UNKNOWN in pair for pair in pairs) else "same"


def _undirected(one: str, two: str) -> Relation:
    first, second = set(_parties(one)) - {_UNKNOWN}, set(_parties(two)) - {_UNKNOWN}
    if first == second and (len(first) > 1 or first & BODIES):
        return "same"
    return "unknown" if first <= second or second <= first else "other"
