"""A capital named: the government that sits there, or the city. Decided by the grammar around it (senses.toml)."""

from __future__ import annotations

import re

from tocsin.agents.annotate.reading import Found, Reading, Spot

SENSE_SCORE = 0.9
DEFAULT_SCORE = 0.7
REACH = 48
"""Characters before and after a name that its frames look at."""

PAIR = re.compile(r"(?:,| and| or| nor|/|, and) (?:the |both )?\Z")
LISTED = re.compile(r", (?:and )?| and | or ")
_AND = re.compile(r"(?:,| and) (?:the )?")
_DATELINE_AFTER = re.compile(r",? ?(?:[\w. ]{0,20})?(?:(?:\([^)]{1,40}\) ?)?(?:--|-|–|—|:) |\([A-Z][\w ./-]{1,24}\) ?)")
_LINE_START = re.compile(r"(?:\A|\n)[^\w\n]*(?:\w+/)?\Z")

_LONGEST_LIST = 12
"""Capitals of a list that are looked at: a table of them is no subject of a sentence."""


def government(reading: Reading, spot: Spot, last: Found | None) -> tuple[bool, float, str]:
    """Tell whether a capital means the government that sits there, with score and rule; `last` stands before it."""
    if dateline(reading, spot):
        return False, SENSE_SCORE, "city.dateline"
    senses, word = reading.vocabulary.senses, reading.word_before(spot)
    if word in senses.always_place:
        return False, SENSE_SCORE, "city.preposition"
    if last is not None and _listed_with_city(reading, spot, last):
        return False, SENSE_SCORE, "city.listed"
    if _between(reading, spot):
        return True, SENSE_SCORE, "government.between"
    folded = reading.folded
    begin, stop = max(0, spot.start - REACH), _list_end(reading, spot)
    for frame in senses.frames:
        if frame.ends and word not in frame.ends:
            continue
        end = stop if frame.listed else spot.end
        if frame.after is not None and not frame.after.match(folded, end, end + REACH):
            continue
        if frame.before is None or frame.before.search(folded, begin, spot.start):
            return frame.government, SENSE_SCORE, frame.rule
    return False, DEFAULT_SCORE, "city.default"


_PLACES = frozenset({"city.preposition", "city.listed", "city.before", "city.stated"})
"""Rules after which the next capital of a list is a city too."""


def _listed_with_city(reading: Reading, spot: Spot, last: Found) -> bool:
    """Tell whether a capital stands in a list after a town in which something is: "in Wuhan and Beijing"."""
    if last.kind != "city" or not PAIR.fullmatch(reading.folded, last.end, spot.start):
        return False
    first = reading.at.get(last.start)
    placed = first is not None and reading.word_before(first) in reading.vocabulary.senses.always_place
    return placed or last.rule in _PLACES


def _list_end(reading: Reading, spot: Spot) -> int:
    """Return where the last capital of a list ends that begins with this one: "Riyadh, Amman and Cairo said"."""
    end = spot.end
    for _ in range(_LONGEST_LIST):
        match = LISTED.match(reading.folded, end)
        following = reading.at.get(match.end()) if match else None
        if following is None or not following.meaning.towns:
            break
        end = following.end
    return end


def _between(reading: Reading, spot: Spot) -> bool:
    """Tell whether this is one of two capitals between which something is."""
    if not reading.before(spot).endswith("between "):
        return False
    following = _AND.match(reading.folded, spot.end)
    other = reading.at.get(following.end()) if following else None
    return other is not None and any(name.kind == "capital" for name in other.meaning.towns)


def dateline(reading: Reading, spot: Spot) -> bool:
    """Tell whether a city opens a report: "TOKYO (AP) - ", "Kabul, Afghanistan: "."""
    start = spot.start
    if start > 1 and reading.text[start - 1] == " " and reading.text[start - 2] not in "\n.!?:;-–—)":
        return False  # in the middle of a sentence: nothing further has to be looked at
    shouted = spot.end - start > 3 and reading.text[start : spot.end].isupper()
    if not shouted and not _LINE_START.search(reading.text, max(0, start - 24), start):
        return False
    return _DATELINE_AFTER.match(reading.text, spot.end) is not None or (
        shouted and reading.text[spot.end : spot.end + 1] == "/"
    )
