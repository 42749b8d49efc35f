"""Which names stand in a text and what they mean there: country, people, government, city, body or person."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from tocsin.agents.annotate.persons import called, full_name
from tocsin.agents.annotate.longer import other_bearer
from tocsin.agents.annotate.places import PREPOSITION, city
from tocsin.agents.annotate.reading import Found, Reading, Spot
from tocsin.agents.annotate.senses import PAIR
from tocsin.agents.annotate.states import state_or_body
from tocsin.agents.annotate.unlisted import with_unlisted
from tocsin.agents.lexicon.names import Name
from tocsin.agents.lexicon.vocabulary import Hit
from tocsin.streams.records import Span

_FIRST = {"watch": 0, "country": 1, "people": 2, "org": 3, "seat": 4}
"""Kinds that are decided by themselves, the surest first; people in office and towns need to know the rest."""
_LARGE_TOWN = 300_000


class Silent(msgspec.Struct, frozen=True, gc=False):
    """A spelling that means nothing here, and the rule that says so."""

    start: int
    end: int
    names: tuple[Name, ...]
    rule: str


def find(reading: Reading) -> tuple[list[Found], list[Silent]]:
    """Return the names of an article with their meaning, in order, none over another, and the spellings without one."""
    decided: dict[int, Found | str] = {}
    open_spots: list[Spot] = []
    bearers: set[str] = set()
    for spot in reading.spots:
        result = _decide_alone(reading, spot)
        if result is None:
            open_spots.append(spot)
            _note_open(reading, spot, bearers)
        else:
            decided[spot.start] = result
            _note(reading, spot, result)
    people = [spot for spot in open_spots if any(name.kind == "person" and not name.form for name in spot.names)]
    known: set[str] = set()
    for spot in people:
        decided[spot.start] = result = full_name(reading, spot)
        if isinstance(result, Found):
            known.add(result.id)
            reading.countries[result.party] += 1
    last: Found | None = None
    for spot in reading.spots:
        result = decided.get(spot.start)
        if result is None:
            decided[spot.start] = result = _town_or_person(reading, spot, known, bearers, last)
        last = result if isinstance(result, Found) else last
    _show_again(reading, decided)
    found = [item for item in (decided[spot.start] for spot in reading.spots) if isinstance(item, Found)]
    silent = [
        Silent(spot.start, spot.end, spot.names, rule)
        for spot in reading.spots
        if isinstance(rule := decided[spot.start], str)
    ]
    return with_unlisted(reading, _joined(reading.folded, found)), silent


def _decide_alone(reading: Reading, spot: Spot) -> Found | str | None:
    """Decide on a spelling that needs nothing but itself and its neighbours; None where it needs the rest."""
    if any(name.kind == "mask" for name in spot.names):
        return "mask"
    alone = [name for name in spot.names if name.kind in _FIRST]
    if alone:
        name = min(alone, key=lambda name: _FIRST[name.kind])
        result = state_or_body(reading, spot, name)
        if isinstance(result, Found) or len(alone) == len(spot.names) or not result.startswith("sense"):
            return result
        if all(other.kind in _FIRST or other.kind == "region" for other in spot.names):
            _note_region(reading, spot)
            return result
        return None
    if all(name.kind == "region" for name in spot.names):
        return "sense.region"
    return None


def _note(reading: Reading, spot: Spot, result: Found | str) -> None:
    """Remember which states and regions the article names."""
    if isinstance(result, Found):
        reading.countries[result.id] += 1
    elif result == "sense.region":
        _note_region(reading, spot)


def _note_region(reading: Reading, spot: Spot) -> None:
    for name in spot.names:
        if name.kind == "region":
            reading.countries[name.country] += 1
            reading.regions.add(name.region)


def _note_open(reading: Reading, spot: Spot, bearers: set[str]) -> None:
    """Remember the states of towns that there is only one of, and surnames that somebody else bears here."""
    states = {name.country for name in spot.names if name.kind in {"capital", "city"}}
    if len(states) == 1 and any(name.kind == "capital" or name.population >= _LARGE_TOWN for name in spot.names):
        reading.countries[states.pop()] += 1
    elif any(name.kind == "person" and name.form for name in spot.names) and other_bearer(reading, spot):
        bearers.add(reading.text[spot.start : spot.end])


def _town_or_person(
    reading: Reading, spot: Spot, known: set[str], bearers: set[str], last: Found | None
) -> Found | str:
    """Decide between the bearers of a name: a person whom the article names comes before a town."""
    towns = any(name.kind in {"city", "capital"} for name in spot.names)
    person = any(name.kind == "person" for name in spot.names)
    if not person:
        return city(reading, spot, last) if towns else "sense.region"
    if towns and all(name.id not in known for name in spot.names) and (place := _shown_town(reading, spot, last)):
        return place
    result = called(reading, spot, known, bearers)
    if isinstance(result, str) and towns and result != "person.named-after":
        return city(reading, spot, last)
    return result


def _shown_town(reading: Reading, spot: Spot, last: Found | None) -> Found | None:
    """Return the town of a name that is a surname too, where a preposition of place says that it is one."""
    if not PREPOSITION.search(reading.before(spot)):
        return None
    place = city(reading, spot, last)
    return place if isinstance(place, Found) else None


def _show_again(reading: Reading, decided: dict[int, Found | str]) -> None:
    """Let a town that is shown once be meant wherever it is named again."""
    shown = {
        reading.text[item.start : item.end]: item
        for item in decided.values()
        if isinstance(item, Found) and item.kind == "city" and not item.capital
    }
    for spot in reading.spots:
        item = shown.get(reading.text[spot.start : spot.end])
        if item is not None and decided[spot.start] == "city.not-shown" and not reading.sports:
            again = msgspec.structs.replace(item, start=spot.start, end=spot.end, rule="city.again")
            decided[spot.start] = again


def _joined(folded: str, found: list[Found]) -> list[Found]:
    """Give two capitals joined by "and" one meaning: "between Rome and Vienna", "Rome and Vienna said"."""
    for index in range(len(found) - 1):
        one, two = found[index], found[index + 1]
        if {one.kind, two.kind} != {"city", "government"} or not (one.capital and two.capital):
            continue
        if PAIR.fullmatch(folded, one.end, two.start):
            place = index if one.kind == "city" else index + 1
            item = found[place]
            if item.rule == "city.default":
                found[place] = msgspec.structs.replace(item, kind="government", id=item.party, rule="government.joined")
    return found


def outside(hits: Sequence[Hit], spans: Sequence[Span]) -> list[Hit]:
    """Return the hits that lie wholly inside one of the spans, which are in order."""
    starts = [start for start, _ in spans]
    kept = []
    for hit in hits:
        index = bisect_right(starts, hit.start) - 1
        if index >= 0 and hit.end <= spans[index][1]:
            kept.append(hit)
    return kept
