"""Cities: which town of a name is meant, if one is, and whether its name stands for a government."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tocsin.agents.annotate.longer import city_part_of_longer
from tocsin.agents.annotate.reading import Found, Reading, Spot
from tocsin.agents.annotate.senses import LISTED, dateline, government
from tocsin.agents.lexicon.names import Name, city_id

CITY_SCORE = 0.9
LARGEST = 1_000_000
"""Inhabitants of a town whose name nobody takes for a surname or a region."""
LARGE = 300_000
FEW = 100_000
"""Inhabitants below which a town must be shown to be meant by what stands around it."""
_COMMA = re.compile(r"(?:, | \()(?:in |capital of |the capital of )?(?:\w+(?:ern|al) )?(?:the )?")
_IN = re.compile(
    r"(?:^|[\s(\"'“/])(?:in|at|near|from|to|outside|around|into|through|via|inside|over|towards?|leaving|left|between|"
    r"reach(?:ed|es|ing)?|enter(?:ed|s|ing)?|storm(?:ed|ing)|besieg(?:ed|ing)|bomb(?:ed|ing)|shell(?:ed|ing)|"
    r"seiz(?:ed|ing)|captur(?:ed|ing)|retook|retak(?:en|ing)|recaptur(?:ed|ing)|overran|occupied|liberated|fled|visit(?:s|ed|ing)?|across|within|downtown|central|northern|southern|eastern|western|"
    r"(?:city|town|village|capital|port|suburb|community|outskirts|north|south|east|west|streets|people|mayor|residents|"
    r"bishop|ruler|prince|emir|governor|siege|battle|centre|center|heart|northeast|northwest|southeast|southwest|side|part|parts|university|miles|resort|"
    r"stronghold|hub|municipality|settlement|hamlet|townships?|cities|towns|villages)(?: of| in)?)"
    r"(?: the| nearby| greater| downtown| central| northern| southern| eastern| western)? \Z"
)
_IN_SPORT = re.compile(
    r"(?:^|[\s(])(?:in|near|outside|"
    r"(?:fl(?:y|ew|ies|own)|travel(?:l?ed|s)?|went|go|return(?:ed|s)?|head(?:ed|s)?|sent|moved?|visits?|"
    r"trips?) (?:back )?to|"
    r"(?:city|town|suburb|streets|ruler|prince|emir|mayor|people|capital|outskirts|north|south|east|west|airport) of)"
    r"(?: the| nearby| downtown)? \Z"
)
_AT = re.compile(
    r"\b(?:in|at|near|outside|leav(?:es|ing)|enter(?:s|ed|ing)?|reach(?:ed|es|ing)|storm(?:ed|ing)|seiz(?:ed|ing)|"
    r"captur(?:ed|ing)|retook|recaptur(?:ed|ing)|(?:city|town|village|port) of) \Z"
)
PREPOSITIONS = frozenset({"in", "at", "near", "outside", "downtown"})
_SHOWS_AFTER = re.compile(
    r"(?:-based|-born|-area|'s (?:mayor|airport|streets?|suburbs?)| (?:police|residents|airport|mayor|suburbs?|metro|"
    r"subway|neighbou?rhood|area|hospital|courthouse|(?:city|town|village) (?:council|officials|hall|limits)|"
    r"prosecutors|firefighters|authorities)\b|"
    r", (?:(?:a|the) (?:\w+ ){0,2}(?:city|town|village|port)|where)\b)"
)
_REGION_AFTER = re.compile(
    r" (?:province|state(?! police| troopers)|region|governorate|district(?! court| attorney| judge)|county|valley|"
    r"islands?|peninsula|prefecture|department|oblast|republic|strip|rivers?|desert|mountains?|gulf|canal|sea|airfield|"
    r"barracks)\b"
)
_REGION_BEFORE = re.compile(
    r"\b(?:province|region|state|district|county|governorate|department|emirate|provinces|regions|districts) of \Z"
)
_TEAM_AFTER = re.compile(
    r"(?:'s?)? (?:coach|striker|midfielder|boss|manager|captain|skipper|fans|players?|defender|goalkeeper|winger|"
    r"forward|side|quarterback|pitcher|outfielder|team|squad|bench|win|wins|won(?!'t)|victory|beat|beats|lost|fc|supporters?)\b"
)
_STATE_AFTER = re.compile(
    r"(?:'s)? (?:attorney general|gov\b|governor|lieutenant governor|lt\.? gov|sen\b|senators?|state\b)"
)
_LISTED_BEFORE = re.compile(r"(?:, (?:and |or )?| and | or )\Z")
_COMPASS = re.compile(r"\b(?:EAST|WEST|NORTH|SOUTH|East|West|North|South) \Z")
"""Before a town whose state is stated, a part of its name."""
_NEXT_IN_LIST = re.compile(r"(?:, | and |, and | or |/| to | through )(?:in |the |nearby )?\Z")
_GENERIC = frozenset({"USA", "CAN"})
"""States whose small towns bear the names of everywhere."""
_ENGLISH = _GENERIC | {"GBR", "IRL", "AUS", "NZL"}
"""States whose towns have namesakes overseas that no list holds."""


def city(reading: Reading, spot: Spot, last: Found | None) -> Found | str:
    """Return what a city's name means here, or the rule that says nothing; `last` is what was found before it."""
    stated, opens = stated_place(reading, spot), dateline(reading, spot)
    if rule := _no_city(reading, spot, stated, opens):
        return rule
    chosen, shown = _choose(reading, spot, stated, opens)
    if chosen is None:
        return "city.no-such"
    if not (shown or opens or _is_shown(reading, spot, chosen, last)):
        return "city.not-shown"
    if chosen.kind == "capital":
        acts, score, rule = government(reading, spot, last)
        if acts:
            return Found(spot.start, spot.end, "government", chosen.country, chosen.country, score, rule, capital=True)
        return Found(spot.start, spot.end, "city", chosen.id, chosen.country, score, rule, capital=True)
    rule = "city.stated" if shown else "city.dateline" if opens else "city.name"
    return Found(spot.start, spot.end, "city", chosen.id, chosen.country, CITY_SCORE, rule)


def _no_city(reading: Reading, spot: Spot, stated: Sequence[Name], opens: bool) -> str:
    """Return the rule by which a town's name stands for a region, a team or a part of a longer name; or ""."""
    region, names = spot.meaning.region, spot.meaning.towns
    if _REGION_AFTER.match(reading.folded, spot.end):
        return "sense.region"
    if reading.word_before(spot) == "of" and _REGION_BEFORE.search(reading.before(spot)):
        return "sense.region"
    if (
        not opens
        and reading.text[spot.start : spot.end] in reading.grammar.states_too
        and _beside_states(reading, spot)
    ):
        return "sense.region"
    if region and not opens and not _stated_there(names, stated) and _rather_region(reading, region, names):
        return "sense.region"
    if _TEAM_AFTER.match(reading.folded, spot.end):
        return "city.team"
    if stated and _COMPASS.search(reading.text, max(0, spot.start - 8), spot.start):
        return "longer-name.word-before"
    return city_part_of_longer(reading, spot)


def stated_place(reading: Reading, spot: Spot) -> tuple[Name, ...]:
    """Return the region and state that stand right after a town: "Salem, Ore.", "Tours, in western France"."""
    match = _COMMA.match(reading.folded, spot.end)
    if match is None:
        return ()
    for place in {match.end(), spot.end + 2}:
        following = reading.at.get(place)
        if following is not None and (found := _regions_or_states(reading, following)):
            return found
    return ()


def _regions_or_states(reading: Reading, spot: Spot) -> tuple[Name, ...]:
    """Return the region and the state that a spelling may mean: also the province named after a listed town."""
    named = (spot.meaning.region, spot.meaning.state)
    found = tuple(name for name in named if name is not None and name.kind in {"region", "country"})
    if not found and spot.meaning.towns and _REGION_AFTER.match(reading.folded, spot.end):
        town = max(spot.meaning.towns, key=lambda name: name.population)
        return (Name(id=town.country, kind="region", text=town.text, country=town.country),)
    return found


def _beside_states(reading: Reading, spot: Spot) -> bool:
    """Tell whether a city's name that is also its state's means the state: by its officials and by states beside it."""
    if _STATE_AFTER.match(reading.folded, spot.end):
        return True
    own = {name.region for name in spot.meaning.towns}
    after = LISTED.match(reading.folded, spot.end)
    before = _LISTED_BEFORE.search(reading.folded, max(0, spot.start - 6), spot.start)
    beside = (reading.at.get(after.end()) if after else None, reading.around(before.start() - 1) if before else None)
    states = [one.meaning.region for one in beside if one is not None and one.meaning.region is not None]
    return any(state.region and state.region not in own for state in states)


def _stated_there(names: Sequence[Name], stated: Sequence[Name]) -> bool:
    return any(one.region and name.region == one.region for one in stated for name in names)


def _rather_region(reading: Reading, region: Name, names: Sequence[Name]) -> bool:
    """Tell whether a name that a region and a town share means the region."""
    largest = max((name.population for name in names), default=0)
    capital = any(name.kind == "capital" for name in names)
    return not capital and (largest < LARGEST or bool(reading.countries[region.country]))


def _choose(reading: Reading, spot: Spot, stated: Sequence[Name], opens: bool) -> tuple[Name | None, bool]:
    """Return the town that is meant, and whether a state or region right after it says so."""
    names = spot.meaning.towns
    for one in stated:
        there = [name for name in names if name.country in {one.country, one.id}]
        exact = [name for name in there if one.region and name.region == one.region]
        if exact or there:
            return max(exact or there, key=lambda name: name.population), True
    if stated and (stated[0].kind == "region" or max(name.population for name in names) < FEW):
        code = stated[0].id
        surface = reading.text[spot.start : spot.end]
        return Name(id=city_id(surface, code), kind="city", text=surface, country=code), True
    known = [
        name
        for name in names
        if opens
        or name.kind == "capital"
        or name.population >= FEW
        or _country_named(reading, name)
        or _the_only_one(reading, spot, name)
    ]
    if not known:
        return None, False
    return max(known, key=lambda name: _likely(reading, name)), False


def _the_only_one(reading: Reading, spot: Spot, name: Name) -> bool:
    """Tell whether a small town is the only one of its name, its name no word or surname, and something is in it."""
    return (
        len(spot.meaning.towns) == 1
        and name.country not in _ENGLISH
        and not spot.meaning.called
        and _AT.search(reading.before(spot)) is not None
        and reading.text[spot.start : spot.end] not in reading.masks.words
    )


def _likely(reading: Reading, name: Name) -> float:
    size = math.log10(name.population + 1_000)
    named = 0.75 if reading.countries[name.country] and name.country not in _GENERIC else 0
    return (
        size
        + named
        + (0.5 if name.kind == "capital" else 0)
        + (1.0 if name.region in reading.regions and name.region else 0)
    )


def _country_named(reading: Reading, name: Name) -> bool:
    if name.country in _GENERIC:
        return bool(name.region) and name.region in reading.regions
    return bool(reading.countries[name.country])


def _is_shown(reading: Reading, spot: Spot, name: Name, last: Found | None) -> bool:
    """Tell whether a town is meant without a state after it: by size and by what stands around it."""
    before, after = reading.before(spot), reading.after(spot)
    listed = (
        last is not None
        and last.kind in {"city", "government"}
        and _NEXT_IN_LIST.fullmatch(reading.folded, last.end, spot.start) is not None
    )
    if reading.sports:
        if name.kind == "capital" and _not_a_team(reading, government(reading, spot, last)[2]):
            return True
        return _IN_SPORT.search(before) is not None or (listed and last is not None and last.rule != "city.default")
    shown = _IN.search(before) is not None or _SHOWS_AFTER.match(after) is not None or listed
    if shown or _follows_its_state(reading, spot, name):
        return True
    if reading.text[spot.start : spot.end] in reading.masks.words:
        return name.kind == "capital" and government(reading, spot, last)[2] != "city.default"
    return name.kind == "capital" or name.population >= (LARGE if spot.meaning.called else FEW)


def _not_a_team(reading: Reading, rule: str) -> bool:
    """Tell whether a capital in a report of sport is no team: by its frame, or by what else the report is about."""
    if rule in {"city.after", "government.tie", "government.acts"}:
        return True
    return rule.startswith("government") and reading.says(_STATE_BUSINESS)


_STATE_BUSINESS = ("minister", "government", "diplomat", "sanctions", "boycott", "embassy")


def _follows_its_state(reading: Reading, spot: Spot, name: Name) -> bool:
    """Tell whether the state of a town stands right before it: "Russia's Beslan school"."""
    place = spot.start - 2
    if reading.text[place : place + 1] == "s" and reading.text[place - 1 : place] in "'’":
        place -= 2
    before = reading.around(place)
    return before is not None and before.meaning.state is not None and before.meaning.state.id == name.country
