"""States, their people, their governments and bodies: what decides whether a spelling of one means it."""

from __future__ import annotations

import re

from tocsin.agents.annotate.longer import given_before, part_of_longer
from tocsin.agents.annotate.reading import Found, Kind, Reading, Spot
from tocsin.agents.lexicon.names import Name

NAME_SCORE = 0.99
_KINDS: dict[str, Kind] = {
    "country": "country",
    "people": "nationality",
    "seat": "government",
    "org": "org",
}
_UPPER_WORD_BEFORE = re.compile(r"\b([A-Z][a-z]+) \Z")
_NAMED = re.compile(
    r"\b(?:named|called|my (?:son|grandson|brother|daughter|husband|friend)|(?:son|brother|husband|daughter),?) \Z"
)
_CURRENCY = re.compile(r" ?[$€£¥](?=\d| \d)")
_UPPER_WORD_AFTER = re.compile(r" ([A-Z][a-z]+)\b")


def state_or_body(reading: Reading, spot: Spot, name: Name) -> Found | str:
    """Return what a name of a state, a people, a seat of government or a body means, or the rule that says nothing."""
    if _CURRENCY.match(reading.text, spot.end) and reading.word_before(spot) != "the":
        return "sense.currency"
    if name.context and not reading.says(name.context):
        return "sense.no-context"
    if name.given and _part_of_person(reading, spot):
        return "sense.given-name"
    if name.kind == "people":
        if reading.before(spot, 3) == "un-":
            return "sense.un"
        if _language(reading, spot):
            return "sense.language"
        if given_before(reading, spot) and reading.around(spot.start - 2) is None:
            return "sense.surname"
    if rule := part_of_longer(reading, spot):
        return rule
    kind = _KINDS[name.kind]
    party = name.country or name.id
    return Found(spot.start, spot.end, kind, name.id, party, NAME_SCORE, f"name.{kind}", name.leaders)


def state_or_other(reading: Reading, spot: Spot) -> Found | str:
    """Return the state that a name means that has other bearers too, such as Georgia, or the rule against it.

    A state whose people, capital or leaders are named is meant. Otherwise words of the other bearer tell, or, where
    that is a region, other regions of its state.
    """
    name, region = spot.meaning.state, spot.meaning.region
    if name is None:
        return "sense.region"
    if region is not None and _after_its_town(reading, spot, region, name):
        return "sense.region"
    if not reading.countries[name.id]:
        if name.elsewhere and reading.says(name.elsewhere):
            return "sense.elsewhere"
        if region is not None and _other_region(reading, spot, region):
            return "sense.region"
    return state_or_body(reading, spot, name)


def _after_its_town(reading: Reading, spot: Spot, region: Name, state: Name) -> bool:
    """Tell whether a town of the region, and none of the state, stands right before: "Savannah, Georgia"."""
    town = reading.around(spot.start - 3) if reading.text[spot.start - 2 : spot.start] == ", " else None
    names = town.meaning.towns if town else ()
    inside = any(name.country == region.country and name.region == region.region for name in names)
    return inside and not any(name.country == state.id for name in names)


def _other_region(reading: Reading, spot: Spot, region: Name) -> bool:
    others = sum(count for code, count in reading.countries.items() if code != region.country)
    after_town = reading.text[spot.start - 2 : spot.start] == ", " and reading.around(spot.start - 3) is not None
    regions = len(reading.regions) > (region.region in reading.regions)
    return (reading.sports and regions) or (not others and (after_town or regions))


def _language(reading: Reading, spot: Spot) -> bool:
    """Tell whether a people's name is that of its language here: "said in Russian", "fluent in French"."""
    before = reading.before(spot)
    if _SPEAKS.search(before):
        return True
    return before.endswith(" in ") and _NOTHING_AFTER.match(reading.folded, spot.end) is not None


_SPEAKS = re.compile(
    r"\b(?:fluent in|speak(?:s|ing)?|spoke|spoken|translated (?:in)?to|translation (?:in)?to|learn(?:s|ed|ing)?|"
    r"taught(?: in)?|teach(?:es|ing)?|in (?:broken|fluent|perfect|halting|flawless)|"
    r"in english,?(?: (?:\w+,? ){0,2}(?:and|or))?|in english,(?: \w+,){0,2}) \Z"
)
_NOTHING_AFTER = re.compile(r"(?:[.,;:!?)\"”]|\Z| (?:and|or) \w+[.,;:!?)\"”]| (?:that|on|at|to|by|for|with)\b)")


def _part_of_person(reading: Reading, spot: Spot) -> bool:
    text = reading.text
    before = _UPPER_WORD_BEFORE.search(text, max(0, spot.start - 20), spot.start)
    if before and before.start() > 1 and text[before.start() - 2] not in ".!?\n":
        return before[1] not in reading.grammar.no_given_name and before.start(1) not in reading.at
    if _NAMED.search(reading.before(spot)):
        return True
    after = _UPPER_WORD_AFTER.match(text, spot.end)
    if after is None or after[1] in reading.grammar.may_follow or after[1] in reading.grammar.of_states:
        return False
    other = reading.at.get(after.start(1))
    if other is not None and (other.meaning.state or other.meaning.region):
        return False
    return reading.capitals_tell(spot.start) or (
        after[1] in reading.masks.words or (other is not None and bool(other.meaning.called))
    )
