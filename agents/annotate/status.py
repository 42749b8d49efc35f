"""Whether an act has happened: the words of its own clause decide, never those of another.

A word that governs the verb may stand some words before it ("threatened to expel", "denied that it had expelled"), an
auxiliary stands right before it ("will not expel"), and what became of an act may follow it ("the expulsions were
called off"). A clause that begins between word and verb cuts them apart. The words stand in lexicon/status.toml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin.agents.annotate.claims import Claim
from tocsin.agents.lexicon.packs import MARKS
from tocsin.streams.records import EventStatus, Span

Cues = Mapping[str, re.Pattern[str]]
FAR, NEAR, BEHIND = 110, 48, 80
"""Characters before the verb in which a governing word and an auxiliary may stand, and after the act."""
SAID: frozenset[str | None] = frozenset({"accuse", "request", "threaten"})
"""Acts that are done by being said."""
_OTHERS_CLAUSE = re.compile(rf", (?:(?:and|but|while) )?(?:the )?(?={MARKS['ANY']})")
"""Where what stands behind an act begins to tell what somebody else does."""
BY_LAW: frozenset[str | None] = frozenset({"sanction", "lift_sanction"})
"""Acts that a bill only plans."""


def status_of(claim: Claim, cues: Cues) -> EventStatus:
    """Return whether the act of a claim has happened, is planned, announced, threatened, denied or reversed."""
    text, event, verb = claim.line.text, claim.rule.entry.event, _verb_of(claim)
    meets = event == "host_or_meet"
    head = min(claim.start, verb[0]) if meets else verb[0]
    far = _after_last(cues["breaks"], text[max(0, head - FAR) : verb[0]])
    near = _after_last(cues["close_breaks"], text[max(0, verb[0] - NEAR) : verb[0]])
    behind = text[claim.end : claim.end + BEHIND]
    denied = _denied(cues, "" if event in SAID else far, near, behind)
    if denied is not None:
        return denied
    if not meets and _threatened(cues, far + text[slice(*verb)], near, text[max(0, head - FAR) :]):
        return "threatened"
    if event in SAID or cues["done_already"].search(near) or cues["done_to"].search(near):
        return "happened"
    act = text[verb[0] : claim.end]
    if _is_planned(cues, far, near, behind, act if meets else _plan(text, verb)) or (
        event in BY_LAW and _on_paper(cues, far + act)
    ):
        return "announced" if cues["says"].search(far) else "planned"
    return "happened"


def _verb_of(claim: Claim) -> Span:
    """Return where the verb stands: at the trigger, or before its object: "told the envoy to leave"."""
    start, _ = claim.groups.get("object", claim.trigger)
    return (claim.start, start) if claim.start < start < claim.trigger[0] else claim.trigger


def only_asked_for(claim: Claim, cues: Cues) -> bool:
    """Tell whether somebody else is asked for a measure: that is a request, and no measure."""
    event, verb = claim.rule.entry.event, claim.trigger[0]
    if event not in BY_LAW and not (event == "expel" and claim.start == verb):
        return False
    return cues["requested"].search(_after_last(cues["breaks"], claim.line.text[max(0, verb - FAR) : verb])) is not None


def _after_last(breaks: re.Pattern[str], text: str) -> str:
    place = 0
    for match in breaks.finditer(text):
        place = match.end()
    return text[place:]


def _denied(cues: Cues, far: str, near: str, behind: str) -> EventStatus | None:
    if cues["not_ruled_out"].search(far):
        return "threatened"
    if cues["not"].search(near):
        return "denied"
    for name, status in _UNDOING:
        found = cues[name].search(far)
        if found and not cues["maybe"].search(far, 0, found.start()):
            return status
    undone = cues["undone"].match(behind)
    if undone:
        return "reversed" if cues["reverses"].search(undone.group()) else "denied"
    return None


_UNDOING: tuple[tuple[str, EventStatus], ...] = (("reverses", "reversed"), ("denies", "denied"))


def _threatened(cues: Cues, governed: str, near: str, sentence: str) -> bool:
    if cues["threatens"].search(governed):
        return True
    open_ = cues["could"].search(near) or cues["will"].search(near)
    return open_ is not None and cues["if"].search(sentence) is not None


def _plan(text: str, verb: tuple[int, int]) -> str:
    """Return the verb where it may say that the act is to come: "considers sanctions", not "agrees to sanctions"."""
    return "" if text.startswith("agree", verb[0]) else text[slice(*verb)]


def _is_planned(cues: Cues, far: str, near: str, behind: str, act: str) -> bool:
    own = _OTHERS_CLAUSE.split(behind)[0]
    return bool(
        cues["will"].search(near)
        or cues["plans"].search(far + act)
        or cues["put_off"].search(far + act + own)
        or cues["yet_to_come"].match(own)
    )


def _on_paper(cues: Cues, act: str) -> bool:
    """Tell whether a measure is in a bill that nobody has signed."""
    return cues["on_paper"].search(act) is not None and not cues["in_force"].search(act)
