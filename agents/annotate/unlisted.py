"""Names that no pack holds and the grammar shows: small towns with their state, ministers with their title."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tocsin.agents.annotate.reading import Found, Reading
from tocsin.agents.lexicon.names import city_id
from tocsin.agents.lexicon.offices import slug
from tocsin.streams.records import Span

TOWN_SCORE = 0.75
MINISTER_SCORE = 0.8

_WORD = r"[A-Z](?:[\w'’-]*\w)?(?<!['’]s)"
_JOINT = "de|del|de la|la|las|los|el|al|sur|upon|on|of|do|da|dos|am|an der"
_TOWN = rf"(?:St\.? |Ste\.? )?{_WORD}(?: {_WORD})?(?: (?:{_JOINT}) {_WORD})?(?: {_WORD})?"
_SIDES = "town|village|city|suburb|community|outskirts|north|south|east|west"
_BEFORE_STATE = re.compile(
    rf"(?P<how>\A|\n|/|(?<![\w'’])(?:in|at|near|from|to|outside|around|(?:{_SIDES}) of) (?:the )?(?:nearby |rural )?|"
    rf"(?:the|its|an?) (?=[^\n]{{0,40}}\Z))(?P<town>{_TOWN}),? \(?\Z"
)
_KIND_OF = re.compile(rf"\w+ (?:of|called|named) (?P<town>{_TOWN})(?![\w'’]*\w)")
_A_TOWN = re.compile(
    rf"(?<![\w'’])(?:in|at|near|from|of|outside) (?P<town>{_TOWN}), (?:an?|the|its) (?:[\w-]+ ){{0,3}}\Z"
)


def towns(reading: Reading, found: Sequence[Found]) -> Iterator[Found]:
    """Yield towns that no pack holds, where the state or the kind of place stands beside them, and where they recur."""
    taken = _Taken(found, reading)
    shown = list(_shown(reading, found, taken))
    yield from shown
    yield from _again(reading, shown, taken)


def _shown(reading: Reading, found: Sequence[Found], taken: _Taken) -> Iterator[Found]:
    for spot in reading.spots:
        place = spot.meaning.region or spot.meaning.state
        if (
            place is None
            or place.kind not in {"region", "country"}
            or reading.text[spot.start - 2 : spot.start] not in {", ", " ("}
        ):
            continue
        match = _BEFORE_STATE.search(reading.text, max(0, spot.start - 50), spot.start)
        if match and _stands_for_place(match["how"].strip(), reading, spot.end):
            yield from _town(reading, match, place.id, taken, "city.unlisted-stated")
    for cue in reading.cues.get("town", ()):
        match = _KIND_OF.match(reading.text, cue) or _A_TOWN.search(reading.text, max(0, cue - 70), cue)
        country = _country_at(match.start("town"), found, reading) if match else ""
        if match and country:
            yield from _town(reading, match, country, taken, "city.unlisted-kind")


def _stands_for_place(how: str, reading: Reading, end: int) -> bool:
    following = reading.text[end : end + 6]
    if how in {"the", "its", "a", "an"} or following == "-based":
        return following == "-based"
    if following[:2] in {"'s", "’s"}:
        return False
    return bool(how.strip("/")) or _opens_report(reading, end)


def _opens_report(reading: Reading, end: int) -> bool:
    return re.match(r"[^\n]{0,24}?(?:--|-|–|—|:|\))", reading.text[end : end + 28]) is not None


class _Taken:
    """What stands where another name is already: no town and no minister is found there."""

    def __init__(self, found: Sequence[Found], reading: Reading) -> None:
        self.spans: list[Span] = sorted((item.start, item.end) for item in found)
        self.furniture_free = reading.inside
        self._masks = [spot for spot in reading.spots if spot.meaning.mask]

    def free(self, start: int, end: int) -> bool:
        index = bisect_right(self.spans, (start, end))
        near = self.spans[max(0, index - 1) : index + 1]
        return not any(left < end and start < right for left, right in near) and self.furniture_free(start, end)

    def masked(self, start: int, end: int) -> bool:
        """Tell whether a proper name of another thing stands there."""
        return any(spot.start < end and start < spot.end for spot in self._masks)

    def take(self, start: int, end: int) -> None:
        self.spans.append((start, end))
        self.spans.sort()


def _again(reading: Reading, shown: Sequence[Found], taken: _Taken) -> Iterator[Found]:
    """Yield the towns that no pack holds wherever else their names stand alone."""
    for name, town in {reading.text[town.start : town.end]: town for town in shown}.items():
        for match in re.finditer(rf"(?<![\w'’-]){re.escape(name)}(?![\w-])", reading.text):
            start, end = match.span()
            alone = not (
                _CAPITAL_BEFORE.search(reading.text, max(0, start - 24), start)
                or _CAPITAL_AFTER.match(reading.text, end)
            )
            if alone and taken.free(start, end) and not taken.masked(start, end):
                taken.take(start, end)
                yield Found(start, end, "city", town.id, town.party, TOWN_SCORE, "city.again")


_CAPITAL_BEFORE = re.compile(r"(?:[A-Z][\w'’.-]*|\b(?:mr|mrs|ms|dr)\.?) \Z")
_CAPITAL_AFTER = re.compile(r" [A-Z]")


def _town(reading: Reading, match: re.Match[str], country: str, taken: _Taken, rule: str) -> Iterator[Found]:
    start, end = match.span("town")
    words = match["town"].replace(".", "").split()
    known = reading.at.get(start)
    if (
        (known is not None and (known.meaning.region or known.meaning.state))
        or words[-1] in reading.grammar.no_town
        or words[0] in reading.grammar.no_town_first
        or taken.masked(start, end)
        or not taken.free(start, end)
        or len(match["town"]) < 3
    ):
        return
    taken.take(start, end)
    yield Found(start, end, "city", city_id(match["town"], country), country, TOWN_SCORE, rule)


def _country_at(place: int, found: Sequence[Found], reading: Reading) -> str:
    """Return the state in which a place lies: by the towns of its sentence, the states there, then the article's."""
    start, end = reading.sentence(place)
    near = [item for item in found if start <= item.start < end]
    for kinds in ({"city"}, {"country"}, {"nationality"}):
        named = [item for item in near if item.kind in kinds]
        if named:
            return min(named, key=lambda item: abs(item.start - place)).party
    counted = Counter(item.party for item in found if item.kind in {"city", "country", "nationality"})
    return counted.most_common(1)[0][0] if counted else ""


def ministers(reading: Reading, found: Sequence[Found]) -> Iterator[Found]:
    """Yield ministers whom no pack holds, by title and full name, and their later mentions by surname."""
    if "minister" not in reading.cues:
        return
    taken = _Taken(found, reading)
    called: dict[str, tuple[str, str]] = {}
    for cue in reading.cues["minister"]:
        for match in _titled(reading, cue):
            yield from _minister(match, reading, found, taken, called)
    for surname, (id_, party) in called.items():
        for match in re.finditer(rf"(?<![\w'’-]){re.escape(surname)}(?![\w-])", reading.text):
            if taken.free(*match.span()) and reading.text[match.start() - 1 : match.start()] != "-":
                taken.take(*match.span())
                yield Found(match.start(), match.end(), "person", id_, party, MINISTER_SCORE, "person.unlisted-bound")


def _titled(reading: Reading, cue: int) -> Iterator[re.Match[str]]:
    """Yield the names that stand with the word minister at a place, with its portfolio before or after it."""
    text, grammar = reading.text, reading.grammar
    portfolio = grammar.portfolio.search(reading.folded, max(0, cue - 40), cue)
    if portfolio is None:
        match = grammar.of_portfolio.match(text, cue)
    else:
        match = grammar.after_minister.match(text, cue) or grammar.before_minister.search(
            text, max(0, cue - 110), portfolio.start()
        )
    if match:
        yield match


def _minister(
    match: re.Match[str], reading: Reading, found: Sequence[Found], taken: _Taken, called: dict[str, tuple[str, str]]
) -> Iterator[Found]:
    rank = reading.grammar.rank.search(reading.folded, max(0, match.start() - 60), match.start())
    start, end = match.span("name")
    words = match["name"].split()
    if (rank and rank[1] in reading.grammar.junior) or reading.grammar.no_surname.intersection(words):
        return
    if not reading.capitals_tell(start):
        return
    if match["name"].endswith(("'s", "’s")):
        end -= 2
    if not taken.free(start, end) or taken.masked(start, end):
        return
    country = _country_at(start, found, reading)
    name = reading.text[start:end]
    taken.take(start, end)
    called[name.split()[-1]] = (slug(name), country)
    yield Found(start, end, "person", slug(name), country, MINISTER_SCORE, "person.unlisted-minister")


def with_unlisted(reading: Reading, found: Iterable[Found]) -> list[Found]:
    """Return what was found and what no pack holds, in order."""
    listed = list(found)
    listed += towns(reading, listed)
    listed += ministers(reading, listed)
    return sorted(listed, key=lambda item: item.start)
