"""Events: who did what to whom, how many, whether it happened, and the clause that says so."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from tocsin.agents.annotate.claims import Claim
from tocsin.agents.annotate.parties import subjects
from tocsin.agents.annotate.roles import acting, meeting, parties
from tocsin.agents.lexicon.packs import MARKS
from tocsin.streams.records import Event, EventStatus, Span

_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
NUMBERS = {
    **{word: number for number, word in enumerate(_ONES.split(), start=1)},
    **dict(zip(_TENS.split(), range(30, 100, 10), strict=True)),
    "a dozen": 12,
    "hundred": 100,
    "another": 1,
    "a": 1,
    "an": 1,
}
_COUNT = re.compile(
    r"(?<![\w.,-])(a dozen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w+|\d{1,3}(?:,\d{3})+|\d{1,6}|"
    + "|".join(sorted(NUMBERS, key=len, reverse=True))
    + r")(?![\w.,]*\d|-(?:member|year|day|hour)| (?:hours?|days?|weeks?|months?|years?)\b)(?!\w)"
)
_ONE = re.compile(
    r"\b(?:diplomat|ambassador|envoy|attach[eé]|consul(?: general)?|charg[eé] d'affaires|journalist|reporter|"
    r"correspondent|official|officer|high commissioner|spy|citizen|national|nuncio|coordinator)\Z"
)
_OFFICIALS = re.compile(
    r"\b(?:officials?|leaders?|lawmakers?|ministers?|politicians?|representatives?|generals?|commanders?|judges?|"
    r"senators?|governors?|president|oligarchs?|prosecutors?)\b"
)
_A_MEMBER = re.compile(r"\ban? (?:member|employee|official|officer|diplomat) (?:of|at|from)\b")
_MEMBERS = re.compile(r"(?<![\w-])(\d{1,3})-member")
_OBJECTS = (
    (r"ambassador|high commissioner|charg[eé]|nuncio|\benvoys?\b", "ambassador"),
    (r"attach", "attache"),
    (r"embass(?:y|ies)\Z|consulates?\Z|missions?\Z|liaison office", "mission"),
    (r"diplomat|consul|embassy|envoy|counterpart", "diplomats"),
    (r"journalist|reporter|correspondent|crew", "journalists"),
    (r"peacekeep|inspector|\bun\b|{BODY}", "un_staff"),
    (r"aid |ngo|charit", "aid_workers"),
    (r"troop|soldier|forces|military|advis|trainer|instructor|cadet|base", "troops"),
    (r"official|delegat|agent|lawmaker|minister|representative|senator|judge|commander|general", "officials"),
    (r"leader|president|premier", "leaders"),
    (r"national|citizen|worker|resident|foreigner|muslim|u[iy]gh|{PEOPLE}|spy|spies|him|her", "nationals"),
)
_OBJECT_KINDS = [
    (re.compile(source.replace("{BODY}", MARKS["BODY"]).replace("{PEOPLE}", MARKS["PEOPLE"])), kind)
    for source, kind in _OBJECTS
]
MOST_SPANS = 8
"""Clauses that an event points at; the first is the one that tells it best."""
_CUE = 60
_DENIED = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject\w*|refus\w*|(?:will|would|did|does|do|has|have|is|are|was) not|won't|cancel\w*|"
    r"call\w* off|no plans?|ruled? out|reverse[sd]?|backtrack\w*|scrap\w*|revok\w* (?:its|the) (?:decision|order))\b"
)
_THREATENED = re.compile(
    r"\b(?:threaten\w*|could|might|unless|if|warn\w*|ultimatum|consider\w*|may yet|call(?:s|ed)? for|urg(?:es?|ed)|"
    r"demands? (?:that|for)|prepared to|ready to)\b"
)
_PLANNED = re.compile(
    r"\b(?:will|would|to be|is to|are to|plans?|planned|planning|intend\w*|intention|propos\w*|set to|due to|about to|"
    r"agreed to meet|seek\w*|scheduled|upcoming|forthcoming|ahead of|next|prepar\w*|votes? to|draft\w*|may|wants? to|"
    r"hopes? to|expected|to meet|to host|to hold|to impose|to discuss|inviting|invited?|travels to)\b"
)
_DRAFT = re.compile(r"\b(?:bill|legislation|draft)\b(?! into law)")
_REVERSED = re.compile(r"\b(?:after|following|despite|over|since|amid|because)\b")
_PAST = re.compile(
    r"\bhad (?:been |also |already |recently )?\Z|"
    r"\b(?:last|previous|earlier|ago|back in|since) ?(?:week|month|year|this)?\b"
)
_OLD_YEAR = re.compile(r"\b(?:in|since) (?:19|20)\d\d\b")


def events(found: Iterable[Claim], lead: int) -> tuple[Event, ...]:
    """Return the events that claims tell, one for each actor and target; `lead` sentences open the article."""
    result: list[Event] = []
    for claim in found:
        if claim.rule.entry.event is not None:
            for event in _events_of(claim, lead):
                _add(result, event)
    return tuple(result)


def _events_of(claim: Claim, lead: int) -> list[Event]:
    meets = claim.rule.entry.event == "host_or_meet"
    pairs = meeting(claim) if meets else parties(claim)
    count = None if meets else _count(claim, len({target for _, target in pairs}))
    kind = _object(claim)
    start, end = _clause(claim)
    status = _status(claim)
    return [
        Event(
            type=claim.rule.entry.event or "",
            actor=actor,
            target=target,
            actor_person=_person(claim, actor),
            target_person=_person(claim, target),
            object=kind,
            count=count,
            status=status,
            background=_background(claim, lead),
            spans=(claim.line.original(start, end),),
            rules=(claim.rule.name,),
            score=claim.rule.entry.score,
        )
        for actor, target in pairs
        if (actor or target) and actor != target
    ]


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


def _count(claim: Claim, parties_hit: int) -> int | None:
    keys = ("object",) if claim.rule.entry.event == "expel" else ("object", "target")
    for start, end in (claim.groups[key] for key in keys if key in claim.groups):
        text = claim.line.text[start:end]
        counted = _stated_number(claim.line.text, start, end)
        if counted is not None:
            return counted
        heads = r"\b(?:ambassadors|envoys)\b" if claim.rule.entry.event == "recall_envoy" else r"\bambassadors\b"
        one_each = parties_hit > 1 and re.search(heads, text)
        if (_ONE.search(text) and " or " not in text) or one_each:
            return 1
    return None


def _stated_number(text: str, start: int, end: int) -> int | None:
    """Return the number that stands in the object or right before it; what counts hours or years is none of it."""
    members = _MEMBERS.search(text, max(0, start - 24), end)
    if members:
        return int(members[1])
    single = _ONE.search(text[start:end]) or _A_MEMBER.search(text, start, end)
    for match in _COUNT.finditer(text, max(0, start - 24), min(len(text), end + 10)):
        if match.end() < start - 1 or match.start() >= end:
            continue
        if single or match[1] not in {"a", "an"}:
            return _number(match[1])
    return None


def _number(text: str) -> int | None:
    if text in NUMBERS:
        return NUMBERS[text]
    tens, _, ones = text.partition("-")
    if tens in NUMBERS:
        return NUMBERS[tens] + NUMBERS.get(ones, 0)
    return int(text.replace(",", ""))


def _object(claim: Claim) -> str | None:
    event = claim.rule.entry.event
    if event == "host_or_meet":
        return "leaders"
    group = claim.groups.get("object") or claim.groups.get("target")
    if group is None:
        return None
    if event in {"sanction", "lift_sanction"}:
        text = claim.line.text[group[0] : min(len(claim.line.text), claim.end + 30)]
        return "officials" if _OFFICIALS.search(text) else None
    text = claim.line.text[slice(*group)]
    return next((kind for pattern, kind in _OBJECT_KINDS if pattern.search(text)), None)


def _clause(claim: Claim) -> Span:
    """Return where the claim stands, from its actor on where nothing but its verb lies between."""
    line, start = claim.line, claim.start
    if claim.rule.entry.event != "host_or_meet":
        for item in acting(claim):
            place = line.place(item.start)
            if line.span[0] <= item.start and start - 60 <= place < start and " and " not in line.text[place:start]:
                return place, claim.end
    return start, claim.end


def _status(claim: Claim) -> EventStatus:
    line, event = claim.line, claim.rule.entry.event
    verb = claim.trigger[0]
    text = line.text[max(0, min(claim.start, verb) - _CUE) : claim.trigger[1]]
    if event == "host_or_meet":
        text = line.text[max(0, claim.start - _CUE) : claim.end + 20]
    else:
        text = _REVERSED.split(text)[-1]
    if _DENIED.search(text):
        return "denied"
    if _THREATENED.search(text) and event != "host_or_meet":
        return "threatened"
    if _PLANNED.search(text) or (event == "sanction" and _DRAFT.search(line.text, claim.start, claim.end)):
        return "planned"
    return "happened"


def _background(claim: Claim, lead: int) -> bool:
    line = claim.line
    before = line.text[max(0, claim.start - 40) : claim.trigger[0]]
    if _PAST.search(before) or _OLD_YEAR.search(
        line.text, max(0, claim.start - 20), min(len(line.text), claim.end + 20)
    ):
        return True
    return claim.number >= lead


def _add(result: list[Event], event: Event) -> None:
    """Keep one event for each type, actor and target: the first that tells it, with what later ones add to it."""
    for index, known in enumerate(result):
        if known.type == event.type and _fits(known, event):
            result[index] = _merged(known, event)
            return
    result.append(event)


def _merged(known: Event, event: Event) -> Event:
    richer = _told(event) > _told(known)
    if any(left < event.spans[0][1] and event.spans[0][0] < right for left, right in known.spans):
        return msgspec.structs.replace(event, background=known.background and event.background) if richer else known
    both = (known.actor, known.target) in {(event.actor, event.target), (event.target, event.actor)}
    if not both and not richer:
        return known
    first = known if both else event
    return msgspec.structs.replace(
        first,
        count=first.count if first.count is not None else event.count,
        object=first.object or event.object,
        actor_person=first.actor_person or event.actor_person,
        target_person=first.target_person or event.target_person,
        background=known.background and event.background,
        spans=(*first.spans, *(event.spans if both else known.spans))[:MOST_SPANS],
    )


def _fits(one: Event, two: Event) -> bool:
    """Tell whether two events of a type may be one: no party of one contradicts the other's."""
    pairs = [(one.actor, one.target)]
    if one.type == "host_or_meet":
        pairs.append((one.target, one.actor))
    return any(_agree(actor, two.actor) and _agree(target, two.target) for actor, target in pairs)


def _agree(one: str | None, two: str | None) -> bool:
    return one is None or two is None or one == two


def _told(event: Event) -> int:
    return sum(part is not None for part in (event.actor, event.target, event.count, event.object, event.actor_person))
