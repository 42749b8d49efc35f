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

_WORD = r"[A-Z](?:[\w'’-]*\w)?"
_TOWN = rf"(?:St\.? |Ste\.? )?{_WORD}(?: (?:de|del|de la|la|las|los|el|al|sur|upon|on|of|do|da|dos|am|an der))?(?: {_WORD}){{0,2}}"
_BEFORE_STATE = re.compile(
    rf"(?P<how>\A|\n|/|(?<![\w'’])(?:in|at|near|from|to|outside|around|(?:town|village|city|suburb|community|outskirts|north|south|east|west) of) (?:the )?(?:nearby |rural )?|(?:the|its|an?) (?=[^\n]{{0,40}}\Z))(?P<town>{_TOWN}),? \(?\Z"
)
_KIND_OF = re.compile(rf"\w+ (?:of|called|named) (?P<town>{_TOWN})(?![\w'’]*\w)")
_A_TOWN = re.compile(
    rf"(?<![\w'’])(?:in|at|near|from|of|outside) (?P<town>{_TOWN}), (?:an?|the|its) (?:[\w-]+ ){{0,3}}\Z"
)
_NO_TOWN_WORDS = (
    "County Bay Island Islands Province University Airport Park Valley Lake Base Camp School College Institute Inc Corp Ltd Co "
    "Mountain Mountains River Sea Gulf Strip District Region Beach Heights Prison Jail Court Church Stadium Center Centre Hospital "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October "
    "November December Department Ministry Forest Desert Peninsula Coast Sound Canyon Creek Reservation The This That President "
    "Parliament Congress Army Senate House Reuters North South East West Northern Southern Eastern Western Central Province State He She It But And "
    "Europe Asia Africa America Union Republic Kingdom Act Bill Street Avenue Air Force Party Series League Cup Test Games Earth"
)
_NO_FIRST = frozenset("The This That He She It But And University Lake Mount Camp Fort Air Cape Bank".split())
_NO_TOWN = frozenset(_NO_TOWN_WORDS.split())

_NAME = r"[A-Z][\w'’-]+(?: (?:bin|al|el|de|da|dos|van|von|der|del|la|ben|ibn|ould|abu)(?= [A-Za-z])| (?:al|el|ul)-[A-Z][\w'’-]+| [A-Z]\.| [A-Z][\w'’-]+){1,3}"
_PORTFOLIO = (
    r"(?:(?:[Dd]eputy |[Vv]ice )?[Pp]rime|[Ff]oreign(?: [Aa]ffairs)?|[Ee]xternal [Aa]ffairs|[Dd]efen[cs]e|[Ff]inance|[Ii]nterior|[Hh]ome(?: [Aa]ffairs)?|[Hh]ealth|"
    r"[Jj]ustice|[Oo]il|[Ee]nergy|[Tt]rade|[Ee]ducation|[Aa]griculture|[Ii]nformation|[Cc]ulture|[Tt]ransport(?:ation)?|[Ll]abou?r|[Ee]nvironment|"
    r"[Ss]ecurity|[Tt]ourism|[Ii]ndustry|[Ee]conom(?:y|ic|ics)(?: [Aa]ffairs)?|[Cc]ommerce|[Pp]lanning|[Ss]ports?|[Ss]cience|[Cc]ommunications?|[Hh]ousing|[Pp]etroleum|"
    r"[Mm]ining|[Ww]ater|[Ii]mmigration|[Ii]ntelligence|[Ee]lectricity|[Ii]ndustry and [Tt]rade|[Tt]rade and [Ii]ndustry|[Nn]ational [Ss]ecurity|[Pp]ublic [Ss]ecurity|[Ff]orestry|[Tt]elecom(?:munications)?|[Rr]ailways?|[Aa]viation|[Ff]isheries|[Bb]udget|[Tt]reasury|[Ee]uropean [Aa]ffairs|[Uu]nification|[Rr]eligious [Aa]ffairs|[Ss]ocial [Aa]ffairs|[Ww]omen's [Aa]ffairs|[Yy]outh)"
)
_HONORIFIC = r"(?:Dr\.? |Mr\.? |Gen\.? |Sheikh |Lt\. Gen\. |General |Mrs\.? |Ms\.? |Brig\. Gen\. |Brigadier General |Maj\. Gen\. |Prof\.? )?"
_PORTFOLIO_BEFORE = re.compile(rf"(?<!\w){_PORTFOLIO} \Z")
_NAME_AFTER = re.compile(rf"\w+,? {_HONORIFIC}(?P<name>{_NAME})")
_NAME_BEFORE = re.compile(
    rf"(?P<name>{_NAME}), (?:the |then |a )?(?:(?:former|ex-?|current|acting|outgoing|new) )?(?:[\w'’.-]+ ){{0,3}}?\Z"
)
_OFFICE_OF = re.compile(
    rf"\w+ (?:of|for) (?:the )?[A-Z][\w-]+(?:(?:,| and| of| &) (?:[A-Z][\w-]+)){{0,3}},? {_HONORIFIC}(?P<name>{_NAME})"
)
_RANK = re.compile(rf"([\w.'-]+) (?:{_PORTFOLIO.lower()} )?\Z")
_JUNIOR_WORDS = "deputy shadow junior assistant state provincial regional vice parliamentary former-shadow opposition under associate"
_JUNIOR = frozenset(_JUNIOR_WORDS.split())
_NO_NAME = frozenset(
    "Said Says The He She Will Has Was Is And But For In On At Monday Tuesday Wednesday Thursday Friday Saturday Sunday Who On Told Calls "
    "January February March April June July August September October November December To Of From With After Prime Minister President Ministry "
    "Airlines Airways Bank Party Parliament Committee Council Company Corp Inc Ltd University Club Union Army Police Court House State".split()
)


def towns(reading: Reading, found: Sequence[Found]) -> Iterator[Found]:
    """Yield towns that no pack holds, where the state or the kind of place stands beside them."""
    taken = _Taken(found, reading)
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
            yield from _town(match, place.id, taken, "city.unlisted-stated")
    for cue in reading.cues.get("town", ()):
        match = _KIND_OF.match(reading.text, cue) or _A_TOWN.search(reading.text, max(0, cue - 70), cue)
        country = _country_at(match.start("town"), found, reading) if match else ""
        if match and country:
            yield from _town(match, country, taken, "city.unlisted-kind")


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


def _town(match: re.Match[str], country: str, taken: _Taken, rule: str) -> Iterator[Found]:
    start, end = match.span("town")
    words = match["town"].replace(".", "").split()
    if (
        words[-1] in _NO_TOWN
        or words[0] in _NO_FIRST
        or taken.masked(start, end)
        or not taken.free(start, end)
        or len(match["town"]) < 3
    ):
        return
    taken.take(start, end)
    yield Found(start, end, "city", city_id(match["town"], country), country, TOWN_SCORE, rule)


def _country_at(place: int, found: Sequence[Found], reading: Reading) -> str:
    """Return the state in which a place named here lies: by the towns of its sentence, its states, then the article's."""
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
    text = reading.text
    portfolio = _PORTFOLIO_BEFORE.search(text, max(0, cue - 40), cue)
    if portfolio:
        if match := _NAME_AFTER.match(text, cue):
            yield match
        elif match := _NAME_BEFORE.search(text, max(0, cue - 110), portfolio.start()):
            yield match
    elif match := _OFFICE_OF.match(text, cue):
        yield match


def _minister(
    match: re.Match[str], reading: Reading, found: Sequence[Found], taken: _Taken, called: dict[str, tuple[str, str]]
) -> Iterator[Found]:
    rank = _RANK.search(reading.folded, max(0, match.start() - 60), match.start())
    start, end = match.span("name")
    words = match["name"].split()
    if (rank and rank[1] in _JUNIOR) or any(word in _NO_NAME for word in words) or not reading.capitals_tell(start):
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
