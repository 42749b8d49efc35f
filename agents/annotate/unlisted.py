"""Names that no pack holds and the grammar shows: small towns with their state, ministers with their title."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from tocsin.agents.annotate.reading import Found, Reading
from tocsin.agents.lexicon.names import city_id
from tocsin.agents.lexicon.offices import slug
from tocsin.streams.records import Span

TOWN_SCORE = 0.75
MINISTER_SCORE = 0.8

_WORD = r"[A-Z](?:[\w'’-]{0,40}\w)?(?<!['’]s)"
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
    shown = list(_shown(reading, taken))
    yield from shown
    again = {reading.text[town.start : town.end]: msgspec.structs.replace(town, rule="city.again") for town in shown}
    yield from _recurring(reading, again, taken)


def _shown(reading: Reading, taken: _Taken) -> Iterator[Found]:
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
        match = _KIND_OF.match(reading.text, cue, cue + 120) or _A_TOWN.search(reading.text, max(0, cue - 70), cue)
        country = taken.country_at(match.start("town")) if match else ""
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
    """What stands in an article already: nothing is found over it, and it says in which state a place lies."""

    def __init__(self, found: Sequence[Found], reading: Reading) -> None:
        self._reading = reading
        self._found = sorted(found, key=lambda item: item.start)
        self._starts = [item.start for item in self._found]
        self._spans: list[Span] = [(item.start, item.end) for item in self._found]
        self._masks: list[Span] = [(spot.start, spot.end) for spot in reading.spots if spot.meaning.mask]
        counted = Counter(item.party for item in found if item.kind in {"city", "country", "nationality"})
        self._usual = counted.most_common(1)[0][0] if counted else ""

    def free(self, start: int, end: int) -> bool:
        """Tell whether a name may stand there: over no other one, in one sentence, outside page furniture."""
        return not (
            _over(self._spans, start, end) or _over(self._masks, start, end) or not self._reading.inside(start, end)
        )

    def take(self, start: int, end: int) -> None:
        """Note a name that was found."""
        insort(self._spans, (start, end))

    def country_at(self, place: int) -> str:
        """Return the state of a place: by the towns of its sentence, the states there, then the article's."""
        start, end = self._reading.sentence(place)
        near = self._found[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        for kinds in ({"city"}, {"country"}, {"nationality"}):
            named = [item for item in near if item.kind in kinds]
            if named:
                return min(named, key=lambda item: abs(item.start - place)).party
        return self._usual


def _over(spans: Sequence[Span], start: int, end: int) -> bool:
    """Tell whether one of some spans, in order and none over another, stands over a span."""
    index = bisect_right(spans, (start, end))
    return any(left < end and start < right for left, right in spans[max(0, index - 1) : index + 1])


def _recurring(reading: Reading, first: Mapping[str, Found], taken: _Taken) -> Iterator[Found]:
    """Yield every further place where a name of what was found stands alone, in one walk over the text's words."""
    by_word: dict[str, list[str]] = {}
    for name in sorted(first, key=len, reverse=True):
        by_word.setdefault(_FIRST_WORD.findall(name)[0], []).append(name)
    for word in _FIRST_WORD.finditer(reading.text) if by_word else ():
        start = word.start()
        for name in by_word.get(word[0], ()):
            end = start + len(name)
            if (
                reading.text.startswith(name, start)
                and _stands_alone(reading.text, start, end)
                and taken.free(start, end)
            ):
                taken.take(start, end)
                yield msgspec.structs.replace(first[name], start=start, end=end)
                break


def _stands_alone(text: str, start: int, end: int) -> bool:
    if _MORE_OF_WORD.match(text, end) or _CAPITAL_AFTER.match(text, end):
        return False
    before = _CAPITAL_BEFORE.search(text, max(0, start - 24), start)
    return before is None or before[1] in _HONORIFICS


_FIRST_WORD = re.compile(r"(?<![\w'’-])[A-Z]\w*")
_MORE_OF_WORD = re.compile(r"\w|-")
_CAPITAL_BEFORE = re.compile(r"([A-Z][\w'’-]*)\.? \Z")
_CAPITAL_AFTER = re.compile(r" [A-Z]")
_HONORIFICS = frozenset({"Mr", "Mrs", "Ms", "Dr", "Minister", "Secretary"})


def _town(reading: Reading, match: re.Match[str], country: str, taken: _Taken, rule: str) -> Iterator[Found]:
    start, end = match.span("town")
    words = match["town"].replace(".", "").split()
    known = reading.at.get(start)
    if (
        (known is not None and (known.meaning.region or known.meaning.state))
        or words[-1] in reading.grammar.no_town
        or words[0] in reading.grammar.no_town_first
        or not taken.free(start, end)
        or len(match["town"]) < 3
    ):
        return
    taken.take(start, end)
    yield Found(start, end, "city", city_id(match["town"], country), country, TOWN_SCORE, rule)


def ministers(reading: Reading, found: Sequence[Found]) -> Iterator[Found]:
    """Yield ministers whom no pack holds, by title and full name, and their further mentions by surname."""
    if "minister" not in reading.cues:
        return
    taken = _Taken(found, reading)
    called: dict[str, Found] = {}
    for cue in reading.cues["minister"]:
        match = _titled(reading, cue)
        minister = _minister(match, reading, taken) if match else None
        if minister is not None:
            surname = reading.text[minister.start : minister.end].split()[-1]
            called.setdefault(surname, msgspec.structs.replace(minister, rule="person.unlisted-bound"))
            yield minister
    for item in _recurring(reading, called, taken):
        surname = reading.text[item.start : item.end]
        if item.start > called[surname].start or item.end <= reading.title:
            yield item


def _titled(reading: Reading, cue: int) -> re.Match[str] | None:
    """Return the name that stands with the word minister at a place, with its portfolio before or after it."""
    text, grammar = reading.text, reading.grammar
    portfolio = grammar.portfolio.search(reading.folded, max(0, cue - 40), cue)
    if portfolio is None:
        return grammar.of_portfolio.match(text, cue)
    after = grammar.after_minister.match(text, cue)
    return after or grammar.before_minister.search(text, max(0, cue - 110), portfolio.start())


def _minister(match: re.Match[str], reading: Reading, taken: _Taken) -> Found | None:
    rank = reading.grammar.rank.search(reading.folded, max(0, match.start() - 60), match.start())
    start, end = match.span("name")
    words = match["name"].split()
    if (rank and rank[1] in reading.grammar.junior) or reading.grammar.no_surname.intersection(words):
        return None
    if not reading.capitals_tell(start):
        return None
    if match["name"].endswith(("'s", "’s")):
        end -= 2
    if not taken.free(start, end):
        return None
    country = taken.country_at(start)
    name = reading.text[start:end]
    taken.take(start, end)
    return Found(start, end, "person", slug(name), country, MINISTER_SCORE, "person.unlisted-minister")


def with_unlisted(reading: Reading, found: Iterable[Found]) -> list[Found]:
    """Return what was found and what no pack holds, in order."""
    listed = list(found)
    listed += towns(reading, listed)
    listed += ministers(reading, listed)
    return sorted(listed, key=lambda item: item.start)
