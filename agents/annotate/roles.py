"""Who acts and who is acted on in a claim, as parties: ISO alpha-3 codes of states and short names of bodies."""

from __future__ import annotations

import re

from tocsin.agents.annotate.claims import Claim
from tocsin.agents.annotate.marked import Marked
from tocsin.agents.annotate.parties import first_in, he, inherited, last_in, subjects
from tocsin.agents.annotate.reading import Found
from tocsin.agents.annotate.status import BY_LAW
from tocsin.agents.lexicon.packs import MARKS
from tocsin.streams.records import Span

_TITLE = re.compile(
    r"\b(?:president|prime minister|premier|chancellor|king|emir|sultan|crown prince|supreme leader)s?\b"
)
_LEAVES = re.compile(rf"(?: the country)?(?: of)? (?:the )?({MARKS['STATE']}|{MARKS['CITY']})")
_FROM = re.compile(
    rf"(?: [^\s,;]+){{0,4}}? (?:from|under|by) (?:the )?({MARKS['STATE']}|{MARKS['CITY']}|{MARKS['LEADER']})"
)
_OF = re.compile(rf"(?: [^\s,;]+){{0,2}}? (?:of|from|at|to(?! leave)) (?:the )?(?:[^\s,;]+ ){{0,3}}?(?={MARKS['ANY']})")


_THEM = re.compile(r"(?:them|him|her|it)")
_EACH = re.compile(r"\b(?:each|of the other)\b")
_HOST = re.compile(rf"\b(?:embassy|consulate|mission)(?: \w+)? in (?:the )?({MARKS['STATE']}|{MARKS['CITY']})")
_WHERE = re.compile(
    rf"\b(?:in|from) (?:the )?({MARKS['STATE']}|{MARKS['CITY']})|\boff ({MARKS['PEOPLE']}) (?:soil|territory)"
)
_OWN = re.compile(r"\b(?:its|their|his|her|our)\b")
MOST_MET = 3
"""Leaders whom the first one in a sentence is taken to meet."""
NAMELESS = frozenset({"REBELS", "PROTESTERS"})
"""Groups that are called by a common word."""
_BESIDE = 30
NOBODY: tuple[None] = (None,)
"""Stands where a claim names no party."""


def parties(claim: Claim) -> list[tuple[str | None, str | None]]:
    """Return the pairs of actor and target that a claim names; none where a party would act on its own."""
    to = targets(claim)
    stated = _stated_actor(claim, to)
    if stated and not to and _called_home(claim, stated):
        return []
    actors = [stated] if stated else list(dict.fromkeys(item.party for item in acting(claim))) or _host(claim)
    each = claim.rule.entry.event == "recall_envoy" or _EACH.search(claim.line.text, 0, claim.end + 12)
    if len(actors) == 2 and not to and each:
        return [(actors[0], actors[1]), (actors[1], actors[0])]
    if claim.rule.entry.event == "request" and not to:
        return [(actor, None) for actor in actors]  # what is asked for on a state is not asked of it
    theirs = claim.rule.entry.event == "expel" and _is_own(claim)
    open_ = claim.rule.entry.event in AIMED or "object" not in claim.groups or theirs
    if len(actors) == 1 and not to and open_:
        to = _only_other(claim, actors[0], len(claim.line.text) if theirs else claim.trigger[0])
    others = [actor for actor in actors if actor not in to]
    if actors and not others:
        return []
    return [(actor, target) for actor in others or NOBODY for target in to or NOBODY]


AIMED = BY_LAW | {"recall_envoy"}
"""Acts that always are upon somebody: where the clause does not say whom, the sentence may."""


def _is_own(claim: Claim) -> bool:
    """Tell whether the object is somebody's own: "Denmark, following Iran's expulsion of its ambassador"."""
    return "object" in claim.groups and _OWN.match(claim.line.text, claim.groups["object"][0]) is not None


def _only_other(claim: Claim, actor: str, end: int) -> list[str]:
    """Return the one other state or group that the sentence names before a place, if it names no third."""
    line = claim.line
    places = line.parties(0, end)
    named = {line.named[place][1].party for place in places if line.named[place][1].kind != "org"} - {actor}
    return list(named) if len(named) == 1 else []


def acting(claim: Claim) -> list[Found]:
    """Return the parties that act: as the rule names them, as the sentence does, or as a pronoun refers to them."""
    for key in ("by", "actor"):
        if key in claim.groups and (named := first_in(claim.line, *claim.groups[key])):
            return named
    begin = min(claim.start + (claim.start in claim.line.found), claim.trigger[0])
    if "object" in claim.groups and claim.groups["object"][0] < claim.trigger[0]:
        objects = last_in(claim.line, *claim.groups["object"])
        begin = objects[0] if objects else claim.groups["object"][0]
    return he(claim.line, begin) or subjects(claim.line, begin) or inherited(claim.line, claim.sentence.previous)


def targets(claim: Claim) -> list[str]:
    """Return who is acted on: as the rule names them, or those whose people or goods the object is."""
    line = claim.line
    if "target" in claim.groups:
        named = _state_beside(claim, first_in(line, *claim.groups["target"]))
        if named:
            return list(dict.fromkeys(item.party for item in named))
        if _THEM.fullmatch(line.text, *claim.groups["target"]):
            return _meant_by_them(claim)
    if "object" not in claim.groups:
        return []
    start, end = claim.groups["object"]
    places = last_in(line, start, end)
    if claim.rule.entry.event != "recall_envoy":
        # "staff of the embassy in Rome": whose staff is said before the city.
        while places and line.named[places[-1]][1].kind == "city":
            places = last_in(line, start, places[0])
    named = [line.named[place][1] for place in places]
    stop = claim.trigger[0] if end <= claim.trigger[0] else len(line.text)
    if not named and (of := _OF.match(line.text, end, stop)):
        named = first_in(line, of.end(), min(len(line.text), of.end() + 1))
    return list(dict.fromkeys(item.party for item in named))


def _state_beside(claim: Claim, named: list[Found]) -> list[Found]:
    """Return a measure's target, or the state beside it where that is a crowd or a militia of no name."""
    if claim.rule.entry.event not in BY_LAW or not named or named[0].party not in NAMELESS:
        return named
    start, end = claim.groups["target"]
    near = [claim.line.named[place][1] for place in claim.line.parties(start, end + _BESIDE)]
    return [item for item in near if item.kind != "group"][:1] or named


def _meant_by_them(claim: Claim) -> list[str]:
    """Return whom a pronoun stands for: the last that is named before and does not act."""
    acts = {item.party for item in acting(claim)}
    line = claim.line
    before = [line.named[place][1].party for place in line.parties(0, claim.trigger[0])]
    return next(([party] for party in reversed(before) if party not in acts), [])


def _stated_actor(claim: Claim, targets: list[str]) -> str | None:
    """Return the state that a clause names as the one to be left: "told to leave Peru", "expelled from Peru"."""
    if claim.rule.entry.event != "expel" or "actor" in claim.groups:
        return None
    line = claim.line
    end = max(claim.trigger[1], claim.groups.get("object", claim.trigger)[1])
    match = _LEAVES.match(line.text, claim.trigger[1]) if "leave" in line.text[slice(*claim.trigger)] else None
    if match is None and targets:
        match = _FROM.match(line.text, end)
    item = line.found.get(match.start(1)) if match else None
    return item.party if item is not None and item.party not in targets else None


def _host(claim: Claim) -> list[str]:
    """Return the state in which those are who must go: it alone can send them away."""
    if claim.rule.entry.event != "expel" or "object" not in claim.groups:
        return []
    line = claim.line
    to = set(targets(claim))
    for pattern, start in ((_HOST, claim.groups["object"][0]), (_WHERE, max(0, claim.start - 90))):
        for match in pattern.finditer(line.text, start, claim.end + 30):
            item = line.found.get(match.start(match.lastindex or 1))
            if item is not None and item.party not in to:
                return [item.party]
    return []


def _called_home(claim: Claim, left: str) -> bool:
    """Tell whether a state tells its own people to leave another one: "France told its diplomats to leave Niger"."""
    if "object" not in claim.groups or not _OWN.search(claim.line.text[slice(*claim.groups["object"])]):
        return False
    own = acting(claim)
    return bool(own) and left not in {item.party for item in own}


def meeting(claim: Claim) -> list[tuple[str | None, str | None]]:
    """Return the two states that meet, or the body and None."""
    line = claim.line
    if claim.rule.entry.needs == "heads":
        states = list(dict.fromkeys(claim.sentence.heads.values()))
        return [(states[0], other) for other in states[1 : 1 + MOST_MET]]
    if "one" in claim.groups and "two" in claim.groups:
        one, two = (_one_leader(line, claim.groups[key]) for key in ("one", "two"))
        return [(one, two)]
    if "actor" in claim.groups:
        named = first_in(line, *claim.groups["actor"])
        return [(named[0].party, None)] if named else []
    if "target" in claim.groups:
        return parties(claim)  # "the EU prepares a summit with Japan"
    if claim.trigger[0] in line.found:
        return [(line.found[claim.trigger[0]].party, None)]  # "at the G20": the trigger is the body
    return []


def meeting_heads(claim: Claim) -> tuple[int, int]:
    """Return the places of the two heads of different states that are named nearest to the trigger, in order."""
    near = sorted(claim.sentence.heads.items(), key=lambda head: abs(head[0] - claim.trigger[0]))
    other = next(place for place, state in near if state != near[0][1])
    return min(near[0][0], other), max(near[0][0], other)


def _one_leader(line: Marked, span: Span) -> str | None:
    people = [place for place in range(*span) if place in line.found and line.found[place].kind == "person"]
    if people:
        return line.found[people[-1]].party
    named = line.parties(*span)
    return line.named[named[-1]][1].party if named else leader_state(line, span)


def leader_state(line: Marked, span: Span) -> str | None:
    """Return the state that a leader named in a span leads: his own, or the one before or after his title."""
    start, end = span
    for place in range(start, end):
        item = line.found.get(place)
        if item is not None and item.kind == "person":
            return item.party
    after = first_in(line, end, min(len(line.text), end + 24))
    if after and re.match(r" (?:of|in) |[ \w]{0,12}", line.text[end : end + 24]):
        item = after[0]
        if item.kind == "person" or line.text[end : end + 4] == " of ":
            return item.party
    before = [line.found[place] for place in range(max(0, start - 14), end) if place in line.found]
    return before[-1].party if before else None


def two_states(claim: Claim) -> bool:
    """Tell whether the groups `one` and `two` name leaders of two different states."""
    if "one" not in claim.groups or "two" not in claim.groups:
        return False
    one, two = (leader_state(claim.line, _last_lead(claim.line, claim.groups[key])) for key in ("one", "two"))
    return one is not None and two is not None and one != two


def _last_lead(line: Marked, span: Span) -> Span:
    titles = list(_TITLE.finditer(line.text, *span))
    signs = [place for place in range(*span) if place in line.found and line.found[place].kind == "person"]
    if signs:
        return signs[-1], signs[-1] + 1
    return titles[-1].span() if titles else span
