"""Events: who did what to whom, how many, whether it happened, and the clause that says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from tocsin.agents.annotate.circumstances import attributed_to, place_of
from tocsin.agents.annotate.claims import Claim
from tocsin.agents.annotate.objects import count_of, object_of
from tocsin.agents.annotate.parties import subjects
from tocsin.agents.annotate.roles import AIMED, acting, meeting, parties
from tocsin.agents.annotate.status import Cues, only_asked_for, status_of
from tocsin.agents.annotate.when import when
from tocsin.agents.lexicon.packs import UNORDERED
from tocsin.streams.records import Event, Span

OF_THEIR_OWN = frozenset({"expel", "sanction", "lift_sanction", "host_or_meet", "recall_envoy", "threaten"})
"""Acts that keep their type when they are only threatened."""
Pair = tuple[str | None, str | None]
EACH = re.compile(r"\b(?:each|apiece|every)\b")
AGAINST = frozenset({"expel", "sanction", "lift_sanction", "recall_envoy", "accuse", "attack"})
AHEAD = frozenset({"planned", "announced", "threatened"})
MOST_SPANS = 8
"""Clauses that an event points at; the first is the one that tells it best."""
_PAST = re.compile(
    r"\bhad (?:been |also |already |recently )?\Z|"
    r"\b(?:last|previous|earlier|ago|back in|since) ?(?:week|month|year|this)?\b"
)
_OLD_YEAR = re.compile(r"\b(?:in|since) (?:19|20)\d\d\b")


def events(found: Iterable[Claim], cues: Cues, lead: int, published: str = "") -> tuple[Event, ...]:
    """Return the events that claims tell, one for each actor and target.

    `cues` are the words that say whether an act has happened, `lead` sentences open the article;
    `published` is its date, as exact as known, or empty.
    """
    result: list[Event] = []
    for claim in found:
        if claim.rule.entry.event is not None and not only_asked_for(claim, cues):
            done_again = claim.rule.entry.again
            for event in _same_again(claim, result, cues) if done_again else _events_of(claim, cues, lead, published):
                _add(result, event)
    return _with_targets(result)


def _same_again(claim: Claim, before: Sequence[Event], cues: Cues) -> list[Event]:
    """Return the last act that was told, done by others; none where that is of another type than the rule's."""
    last = before[-1] if before else None
    if last is None or last.type != claim.rule.entry.event or last.target is None or "actor" not in claim.groups:
        return []
    places = claim.line.parties(*claim.groups["actor"])
    actors = dict.fromkeys(claim.line.named[place][1].party for place in places)
    return [
        Event(
            type=last.type,
            actor=actor,
            target=last.target,
            object=last.object,
            status=status_of(claim, cues),
            background=last.background,
            spans=(claim.line.original(claim.start, claim.end),),
            rules=(claim.rule.name,),
            score=claim.rule.entry.score,
        )
        for actor in actors
        if actor not in {last.actor, last.target}
    ]


def _with_targets(found: list[Event]) -> tuple[Event, ...]:
    """Give a measure whose clause says not against whom the one party that the article's other acts are against."""
    against = {event.target for event in found if event.type in AGAINST and event.target}
    if len(against) != 1:
        return tuple(found)
    (target,) = against
    return tuple(
        msgspec.structs.replace(event, target=target)
        if event.type in AIMED and event.target is None and event.actor not in {None, target}
        else event
        for event in found
    )


def _events_of(claim: Claim, cues: Cues, lead: int, published: str) -> list[Event]:
    meets = claim.rule.entry.event == "host_or_meet"
    pairs = meeting(claim) if meets or "one" in claim.groups else parties(claim)
    recalls = claim.rule.entry.event == "recall_envoy"
    count = None if meets else count_of(claim, len(pairs) if recalls else len({target for _, target in pairs}))
    several = claim.rule.entry.event == "expel" and len({actor for actor, _ in pairs}) > 1
    if count is not None and count > 1 and several and not EACH.search(claim.line.text):
        count = None  # "Italy and Romania expel 40": how many each, it does not say
    kind = object_of(claim)
    start, end = _clause(claim)
    status = status_of(claim, cues)
    if status == "threatened" and claim.rule.entry.event not in OF_THEIR_OWN:
        return []  # it is the threat that is told, by a rule of its own
    place, told_by = place_of(claim), attributed_to(claim)
    date = when(claim.line.text, claim.start, claim.end, published, ahead=status in AHEAD)
    return [
        Event(
            type=claim.rule.entry.event or "",
            actor=actor,
            target=target,
            actor_person=_person(claim, actor),
            target_person=_person(claim, target),
            object=kind,
            count=count,
            place=place,
            date=date,
            status=status,
            attributed_to=told_by,
            background=_background(claim, lead),
            spans=(claim.line.original(start, end),),
            rules=(claim.rule.name,),
            score=claim.rule.entry.score,
        )
        for actor, target in (_with_teller(claim, pair, told_by) for pair in pairs)
        if (actor or (target and claim.rule.entry.event != "recall_envoy")) and actor != target
    ]


def _with_teller(claim: Claim, pair: Pair, told_by: str | None) -> Pair:
    """Let who tells of a recall or an order to go be who gives it: "Niger said its ambassadors had been recalled"."""
    actor, target = pair
    if actor is None and claim.rule.entry.event in {"recall_envoy", "expel"} and told_by != target:
        return told_by, target
    return pair


def _person(claim: Claim, party: str | None) -> str | None:
    """Return the leader by whom a party is named in the claim, where it is: "Biden met Putin"."""
    if party is None:
        return None
    spans = [claim.groups[key] for key in ("one", "two", "target", "actor") if key in claim.groups]
    if not spans:
        return next(
            (s.id for s in subjects(claim.line, claim.trigger[0]) if s.kind == "person" and s.party == party), None
        )
    for start, end in spans:
        for place in range(start, min(end + 1, len(claim.line.text))):
            item = claim.line.found.get(place)
            if item is not None and item.kind == "person" and item.party == party:
                return item.id
    return None


def _clause(claim: Claim) -> Span:
    """Return where the claim stands, from its actor on where nothing but its verb lies between."""
    line, start = claim.line, claim.start
    if claim.rule.entry.event != "host_or_meet":
        for item in acting(claim):
            place = line.place(item.start)
            if line.span[0] <= item.start and start - 60 <= place < start and " and " not in line.text[place:start]:
                return place, claim.end
    return start, claim.end


def _background(claim: Claim, lead: int) -> bool:
    line = claim.line
    before = line.text[max(0, claim.start - 40) : claim.trigger[0]]
    if _PAST.search(before) or _OLD_YEAR.search(
        line.text, max(0, claim.start - 20), min(len(line.text), claim.end + 20)
    ):
        return True
    return claim.sentence.number >= lead


def _add(result: list[Event], event: Event) -> None:
    """Keep one event for each type, actor and target: the first that tells it, with what later ones add to it."""
    for index, known in enumerate(result):
        if known.type == event.type and _fits(known, event):
            result[index] = _merged(known, event)
            return
    result.append(event)


def _merged(known: Event, event: Event) -> Event:
    richer = (_told(event), event.score) > (_told(known), known.score)
    kind = "leaders" if "leaders" in {known.object, event.object} else None
    if any(left < event.spans[0][1] and event.spans[0][0] < right for left, right in known.spans):
        kept = event if richer else known
        # The same words: where a cue was seen by one of them only, it holds.
        meets = known.type == "host_or_meet" and known.status == "happened"
        status = event.status if meets else kept.status
        actor, target = kept.actor or known.actor or event.actor, kept.target or known.target or event.target
        if actor == target:
            actor, target = kept.actor, kept.target
        return msgspec.structs.replace(
            kept,
            actor=actor,
            target=target,
            object=kind or kept.object,
            background=known.background and event.background,
            status=status,
        )
    both = (known.actor, known.target) in {(event.actor, event.target), (event.target, event.actor)}
    if not both and not richer:
        return known
    first, other = (event, known) if richer else (known, event)
    return msgspec.structs.replace(
        first,
        count=first.count if first.count is not None else other.count,
        object=kind or first.object or other.object,
        place=first.place or other.place,
        date=first.date or other.date,
        attributed_to=first.attributed_to or other.attributed_to,
        actor_person=first.actor_person or other.actor_person,
        target_person=first.target_person or other.target_person,
        background=known.background and event.background,
        spans=(*first.spans, *(known.spans if richer else event.spans))[:MOST_SPANS],
    )


def _fits(one: Event, two: Event) -> bool:
    """Tell whether two events of a type may be one: no party of one contradicts the other's."""
    pairs = [(one.actor, one.target)]
    if one.type in UNORDERED:
        pairs.append((one.target, one.actor))
    return any(_agree(actor, two.actor) and _agree(target, two.target) for actor, target in pairs)


def _agree(one: str | None, two: str | None) -> bool:
    return one is None or two is None or one == two


def _told(event: Event) -> int:
    return sum(part is not None for part in (event.actor, event.target, event.count, event.object, event.actor_person))
