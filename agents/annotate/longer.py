"""Tells whether a name is part of a longer one that means something else: a company, a paper, a team, a person."""

from __future__ import annotations

import re

from tocsin.agents.annotate.reading import Reading, Spot
from tocsin.agents.annotate.titles import title_of

_WORD_AFTER = re.compile(r" ([A-Z][\w'’.-]*)")
_HYPHENED = re.compile(r"-[A-Z][a-z]")
_JOINED_AFTER = re.compile(r" (?:de|del|da|do|dos|sur|an der|am) (?:la |las |los )?[A-Z]")
"""Between the parts of a town's name: "Santa Rosa de Quives"."""
_WORD_BEFORE = re.compile(r"(?<![\w'’.-])([A-Z][\w'’.-]*) \Z")
_OPENS = re.compile(r"(?:\A|[\n.!?:;\"“”\[/]|--|[-–—])\s*\Z")


def part_of_longer(reading: Reading, spot: Spot) -> str:
    """Return the rule by which a state, people, body or city here is part of a longer name; "" where it is not."""
    masks = reading.masks
    following = reading.text[spot.end : spot.end + 2]
    if following[:1] == " " and following[1:].isupper():
        tail = masks.tail if reading.capitals_tell(spot.start) else masks.headline_tail
        if tail.match(reading.text, spot.end):
            return "longer-name.tail"
    if masks.headed(reading.text, spot.start):
        return "longer-name.head"
    return ""


def city_part_of_longer(reading: Reading, spot: Spot) -> str:
    """Return the rule by which a city here is part of a longer name: also where another capitalised word touches it."""
    if found := part_of_longer(reading, spot):
        return found
    text = reading.text
    if text[spot.end : spot.end + 1] == " " and reading.masks.city_tail.match(text, spot.end):
        return "longer-name.city-tail"
    if _JOINED_AFTER.match(text, spot.end):
        return "longer-name.joined"
    if not reading.capitals_tell(spot.start):
        return ""
    if _HYPHENED.match(text, spot.end) and reading.at.get(spot.end + 1) is None:
        return "longer-name.hyphen"
    after = _WORD_AFTER.match(text, spot.end)
    if (
        after
        and not _tells_apart(reading, after.start(1), after[1])
        and not text[spot.start : spot.end].isupper()
        and not (after[1] in reading.masks.given and reading.word_before(spot) in reading.grammar.before_places)
    ):
        return "longer-name.word-after"
    before = _word_before(reading, spot)
    if before and not _may_precede(reading, before):
        return "longer-name.word-before"
    return ""


def _word_before(reading: Reading, spot: Spot) -> re.Match[str] | None:
    """Return the capitalised word right before a spelling, in its sentence."""
    text, end = reading.text, spot.start - 1
    if end < 1 or text[end] != " " or not text[text.rfind(" ", 0, end) + 1 : end].lstrip("(\"'“‘[—–-\n")[:1].isupper():
        return None
    if reading.sentence(spot.start)[0] == spot.start:
        return None
    return _WORD_BEFORE.search(reading.text, max(0, spot.start - 24), spot.start)


def _tells_apart(reading: Reading, place: int, word: str) -> bool:
    if word in reading.grammar.may_follow or len(word) < 2:
        return True
    spot = reading.at.get(place)
    return spot is not None and bool(spot.meaning.state or spot.meaning.region or spot.meaning.full)


def _may_precede(reading: Reading, before: re.Match[str]) -> bool:
    text, start = reading.text, before.start(1)
    if (
        before[1] in reading.grammar.may_precede
        or before[1].endswith(("'s", "’s"))
        or _OPENS.search(text, max(0, start - 6), start)
    ):
        return True
    spot = reading.around(start)
    return spot is not None and (spot.meaning.state is not None or spot.meaning.region is not None)


def other_bearer(reading: Reading, spot: Spot) -> bool:
    """Tell whether a surname here is another person's: his given name before it, or more of his name after it."""
    found = reading.others.get(spot.start)
    if found is None:
        found = reading.others[spot.start] = _other_before(reading, spot) or more_of_name(reading, spot)
    return found


def _other_before(reading: Reading, spot: Spot) -> bool:
    word = reading.text[spot.start - len(reading.word_before(spot)) - 1 : max(0, spot.start - 1)]
    if not word[:1].isupper() or title_of(reading, spot) is not None:
        return False
    before = _word_before(reading, spot)
    if before is None:
        return False
    word = before[1]
    people = reading.vocabulary.people
    if any(
        word in full.split()[:-1]
        for name in spot.meaning.called
        for full in (people[name.id].name, *people[name.id].spellings)
    ):
        return False
    if word in reading.masks.given:
        return True
    return reading.capitals_tell(spot.start) and word.isalpha() and not _may_precede(reading, before)


def given_before(reading: Reading, spot: Spot) -> bool:
    """Tell whether a given name stands right before a spelling."""
    before = _word_before(reading, spot)
    return before is not None and before[1] in reading.masks.given


def more_of_name(reading: Reading, spot: Spot) -> bool:
    """Tell whether more of a person's name stands right after a part of it."""
    if not reading.capitals_tell(spot.start):
        return False
    if _MORE_OF_NAME.match(reading.text, spot.end):
        return True
    after = _WORD_AFTER.match(reading.text, spot.end)
    if after is None or reading.text[spot.start : spot.end].isupper():
        return False
    return not _tells_apart(reading, after.start(1), after[1]) and after[1] not in reading.grammar.of_persons


_MORE_OF_NAME = re.compile(r" (?:bin|ibn|[Aa]l|[Ee]l|bint|van|von|de|[Uu]l)[ -]")
