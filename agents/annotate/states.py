"""States, their people, their governments and bodies: what decides whether a spelling of one means it."""

from __future__ import annotations

import re

from tocsin.agents.annotate.longer import part_of_longer
from tocsin.agents.annotate.reading import Found, Kind, Reading, Spot
from tocsin.agents.lexicon.names import Name

NAME_SCORE = 0.99
_KINDS: dict[str, Kind] = {
    "country": "country",
    "people": "nationality",
    "seat": "government",
    "org": "org",
    "watch": "watch",
}
_UPPER_WORD_BEFORE = re.compile(r"\b([A-Z][a-z]+) \Z")
_UPPER_WORD_AFTER = re.compile(r" ([A-Z][a-z]+)\b")
_NO_GIVEN_NAME_WORDS = (
    "The In From With And To South Republic King President Queen Prince Kingdom Of For But While Between Neighbouring "
    "Neighboring At Near By On After Before If As When Against Inside Outside Into Through Minister"
)
_NO_GIVEN_NAME = frozenset(_NO_GIVEN_NAME_WORDS.split())


def state_or_body(reading: Reading, spot: Spot, name: Name) -> Found | str:
    """Return what a name of a state, a people, a seat of government or a body means here, or the rule that says nothing."""
    if name.kind == "watch":
        return Found(spot.start, spot.end, "watch", name.id, "", NAME_SCORE, "watch")
    if name.elsewhere and reading.says(name.elsewhere):
        return "sense.elsewhere"
    if name.context and not reading.says(name.context):
        return "sense.no-context"
    if name.given and _part_of_person(reading, spot):
        return "sense.given-name"
    if name.kind == "people" and reading.before(spot, 3) == "un-":
        return "sense.un"
    if rule := part_of_longer(reading, spot):
        return rule
    kind = _KINDS[name.kind]
    party = name.country or name.id
    return Found(spot.start, spot.end, kind, name.id, party, NAME_SCORE, f"name.{kind}", name.leaders)


def _part_of_person(reading: Reading, spot: Spot) -> bool:
    text = reading.text
    before = _UPPER_WORD_BEFORE.search(text, max(0, spot.start - 20), spot.start)
    if before and before.start() > 1 and text[before.start() - 2] not in ".!?\n":
        return before[1] not in _NO_GIVEN_NAME and before.start(1) not in reading.at
    after = _UPPER_WORD_AFTER.match(text, spot.end)
    opens = text[spot.start - 1 : spot.start] in ("", "\n")
    if after is None or not (opens or after[1] in reading.masks.given):
        return False
    return reading.capitals_tell(spot.start) and after.start(1) not in reading.at
