"""Where an act is done, and who says so: what stands around it in its sentence."""

from __future__ import annotations

import re

from tocsin.agents.annotate.claims import Claim
from tocsin.agents.annotate.marked import Marked
from tocsin.agents.annotate.parties import subjects
from tocsin.agents.lexicon.packs import MARKS

_IN = re.compile(rf"\b(?:in|at|near|outside) (?:the )?(?:\w+ ){{0,3}}?(?P<place>{MARKS['CITY']}|{MARKS['STATE']})")
_MISSION = re.compile(
    r"\b(?:embass(?:y|ies)|consulates?|missions?|ambassador|envoy|office|interests) (?:\w+ )?(?:in|at) (?:the )?\Z"
)
_SAYS = (
    r"sa(?:ys|y|id)|claim(?:s|ed)|alleg(?:es|ed)|report(?:s|ed)|announc(?:es|ed)|confirm(?:s|ed)|insist(?:s|ed)|"
    r"charg(?:es|ed)|warn(?:s|ed)|den(?:ies|ied)|add(?:s|ed)|stat(?:es|ed)|argu(?:es|ed)|believ(?:es|ed)|accus(?:es|ed)|"
    r"declar(?:es|ed)|acknowledg(?:es|ed)|admit(?:s|ted)|tells|told"
)
_SAID_BEFORE = re.compile(
    rf"\b(?P<say>{_SAYS})\b(?: on \w+day)?(?: \w+day)?(?: \w+)?,?(?: that| it| he| she| they|:|,| the| its)? "
)
_ACCORDING = re.compile(r"\baccording to ")
_SAID_AFTER = re.compile(rf"[,”\"'] (?P<who>[^,;:.]{{0,80}}?)\b(?:{_SAYS})\b")
_ENDS = re.compile(
    r"[.,;:)]|\Z| (?:on|at|for|next|last|this|in|to|with|and|after|before|as|by|over|from|where|late|early)\b"
)
_REACH = 90


def place_of(claim: Claim) -> str | None:
    """Return the town or state in which the clause says that the act is done; a mission's seat is not its place."""
    line = claim.line
    parties = {place for group in ("one", "two", "target", "actor") for place in _inside(line, claim, group)}
    best: tuple[bool, int, str] | None = None
    for match in _IN.finditer(line.text, max(0, claim.start - _REACH), min(len(line.text), claim.end + _REACH)):
        place = match.start("place")
        item = line.found.get(place)
        if item is None or (item.kind != "city" and not _ENDS.match(line.text, place + 1)):
            continue  # "in the Ukraine conflict"
        if place in parties or _MISSION.search(line.text, 0, place):
            continue
        distance = max(0, claim.start - place, place - claim.end)
        if best is None or (item.kind != "city", distance) < best[:2]:
            best = (item.kind != "city", distance, item.id)
    return best[2] if best else None


def _inside(line: Marked, claim: Claim, group: str) -> list[int]:
    return line.parties(*claim.groups[group]) if group in claim.groups else []


def attributed_to(claim: Claim) -> str | None:
    """Return the party that is said to have told of the act: "Kyiv said ...", "according to the UN"."""
    line = claim.line
    begin = min(claim.start, claim.trigger[0])
    told = None
    for match in _SAID_BEFORE.finditer(line.text, max(0, begin - _REACH), begin + 1):
        told = match
    if told is not None and (who := subjects(line, told.start("say"))):
        return who[0].party
    for match in _ACCORDING.finditer(line.text):
        named = line.parties(match.end(), match.end() + 40)
        if named:
            return line.named[named[0]][1].party
    after = _SAID_AFTER.match(line.text, claim.end) or _SAID_AFTER.search(line.text, claim.end)
    if after is not None:
        named = line.parties(*after.span("who"))
        if named:
            return line.named[named[-1]][1].party
    return None
