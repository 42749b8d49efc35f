"""Which names stand in a text and what they mean there: country, people, government, city, body or person."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tocsin.agents.annotate.longer import given_before, other_bearer
from tocsin.agents.annotate.persons import Bearers, Known, by_title, called, full_name
from tocsin.agents.annotate.places import LARGE, LARGEST, PREPOSITIONS, city
from tocsin.agents.annotate.reading import Found, Reading, Spot
from tocsin.agents.annotate.senses import PAIR, dateline
from tocsin.agents.annotate.states import NAME_SCORE, state_or_body, state_or_other
from tocsin.agents.annotate.unlisted import with_unlisted

_NO_TOWN_YET = ("city.not-shown", "city.no-such")


class Silent(msgspec.Struct, frozen=True, gc=False):
    """A spelling that means nothing here, and the rule that says so."""

    spot: Spot
    rule: str


Decided = dict[int, "Found | str"]
"""Start of a spelling to what it means, or to the rule that says nothing."""


def find(reading: Reading) -> tuple[list[Found], list[Silent]]:
    """Return the names of an article with their meaning, in order, none over another, and the spellings without one.

    States and bodies are decided first, since which person or which town is meant follows from what else is named.
    """
    decided: Decided = {}
    unclear: list[Spot] = []
    bearers: Bearers = {}
    for spot in reading.spots:
        result = _decide_alone(reading, spot)
        if result is None:
            unclear.append(spot)
            _note_unclear(reading, spot, bearers)
        else:
            decided[spot.start] = result
    known: Known = {}
    for spot in unclear:
        if spot.meaning.full:
            decided[spot.start] = result = full_name(reading, spot)
            if isinstance(result, Found):
                known.setdefault(result.id, []).append(result.start)
                reading.countries[result.party] += 1
    for spot in unclear:
        if spot.meaning.state:
            decided[spot.start] = result = state_or_other(reading, spot)
            _note(reading, spot, result)
    for spot in unclear:
        if spot.meaning.called and spot.start not in decided and (named := by_title(reading, spot, known, bearers)):
            decided[spot.start] = named
            known.setdefault(named.id, []).append(named.start)
    last: Found | None = None
    for spot in reading.spots:
        result = decided.get(spot.start)
        if result is None:
            decided[spot.start] = result = _town_or_person(reading, spot, known, bearers, last)
        last = result if isinstance(result, Found) else last
    _show_again(reading, decided)
    ordered = [(spot, decided[spot.start]) for spot in reading.spots]
    found = [result for _, result in ordered if isinstance(result, Found)]
    silent = [Silent(spot, result) for spot, result in ordered if isinstance(result, str)]
    found = with_unlisted(reading, _joined(reading.folded, found))
    taken = {item.start for item in found}
    silent = [one for one in silent if one.spot.start not in taken and one.rule != "watch"]
    return sorted([*found, *_watched(reading)], key=lambda item: item.start), silent


def _watched(reading: Reading) -> Iterator[Found]:
    """Yield what a user watches for, beside whatever else it means."""
    for spot in reading.spots:
        for name in spot.meaning.watched:
            yield Found(spot.start, spot.end, "watch", name.id, "", NAME_SCORE, "watch")


def _decide_alone(reading: Reading, spot: Spot) -> Found | str | None:
    """Decide on a spelling that needs nothing but itself and its neighbours; None where it needs the rest."""
    meaning = spot.meaning
    if meaning.mask or not meaning.names:
        return "mask" if meaning.mask else "watch"
    if meaning.state is None:
        if meaning.region and not (meaning.towns or meaning.called or meaning.full):
            _note_region(reading, spot)
            return "sense.region"
        return None
    if meaning.region and meaning.state.kind == "country":
        return None
    if meaning.state.elsewhere:
        return None
    result = state_or_body(reading, spot, meaning.state)
    if isinstance(result, str) and result.startswith("sense") and (meaning.called or meaning.towns):
        return None
    _note(reading, spot, result)
    return result


def _note(reading: Reading, spot: Spot, result: Found | str) -> None:
    """Remember which states, bodies and regions the article names."""
    if isinstance(result, Found):
        reading.countries[result.id] += 1
    elif spot.meaning.region:
        _note_region(reading, spot)


def _note_region(reading: Reading, spot: Spot) -> None:
    """Remember which region the article names, and so which state."""
    region = spot.meaning.region
    if region:
        reading.countries[region.country] += 1
        reading.regions.add(region.region)


def _note_unclear(reading: Reading, spot: Spot, bearers: Bearers) -> None:
    """Remember the states of towns that there is only one of, and surnames that somebody else bears here."""
    towns = spot.meaning.towns
    known = any(name.kind == "capital" or name.population >= LARGE for name in towns)
    if known and len({name.country for name in towns}) == 1:
        reading.countries[towns[0].country] += 1
    if other_bearer(reading, spot) if spot.meaning.called else _surname(reading, spot):
        bearers.setdefault(reading.text[spot.start : spot.end], []).append(spot.start)


def _surname(reading: Reading, spot: Spot) -> bool:
    """Tell whether a town's name is a surname here: of no large town, and with a given name before it."""
    large = any(name.kind == "capital" or name.population >= LARGEST for name in spot.meaning.towns)
    return bool(spot.meaning.towns) and not large and given_before(reading, spot)


def _town_or_person(reading: Reading, spot: Spot, known: Known, bearers: Bearers, last: Found | None) -> Found | str:
    """Decide between the bearers of a name: a person whom the article names comes before a town."""
    meaning = spot.meaning
    if not meaning.called:
        if reading.text[spot.start : spot.end] in bearers and not dateline(reading, spot):
            return "city.surname"
        return city(reading, spot, last) if meaning.towns else "sense.region"
    place_like = meaning.towns and (dateline(reading, spot) or reading.word_before(spot) in PREPOSITIONS)
    if place_like and not any(name.id in known for name in meaning.called):
        place = city(reading, spot, last)
        if isinstance(place, Found):
            return place
    result = called(reading, spot, known, bearers)
    if isinstance(result, str) and meaning.towns and result != "person.named-after":
        return city(reading, spot, last)
    return result


def _show_again(reading: Reading, decided: Decided) -> None:
    """Let a town that is shown once be meant wherever it is named again, and the one whose state is said before all."""
    towns = [item for item in decided.values() if isinstance(item, Found) and item.kind == "city"]
    last_to_first = sorted(towns, key=lambda item: -item.start)
    first = {reading.folded[item.start : item.end]: item for item in last_to_first}
    stated = {name: item for name, item in first.items() if item.rule == "city.stated"}
    shown = {reading.folded[item.start : item.end]: item for item in towns if not item.capital} | stated
    if not shown:
        return
    for spot in reading.spots:
        before = decided[spot.start]
        name = reading.folded[spot.start : spot.end]
        if isinstance(before, Found):
            item = stated.get(name) if before.kind == "city" and before.rule != "city.stated" else None
        else:
            item = shown.get(name) if before in _NO_TOWN_YET and not reading.sports else None
        if item is not None and not (isinstance(before, Found) and before.id == item.id):
            decided[spot.start] = msgspec.structs.replace(item, start=spot.start, end=spot.end, rule="city.again")


def _joined(folded: str, found: list[Found]) -> list[Found]:
    """Give two capitals joined by "and" one meaning: "between Rome and Vienna", "Rome and Vienna said"."""
    for index in range(len(found) - 1):
        one, two = found[index], found[index + 1]
        if not (one.capital and two.capital) or one.kind == two.kind:
            continue
        if PAIR.fullmatch(folded, one.end, two.start):
            place = index if one.kind == "city" else index + 1
            item = found[place]
            if item.rule == "city.default":
                found[place] = msgspec.structs.replace(item, kind="government", id=item.party, rule="government.joined")
    return found
