"""The form of `people/*.txt`: who held which office when, one person a line.

    Vladimir Putin | RUS president 1999-12-31..2008-05-07, 2012-05-07.. | = Vladimir Vladimirovich Putin

A line is a name and parts between bars. The name is the title of the person's article in the English encyclopaedia
without what stands in brackets there; the id is made from it (see `slug`) unless it follows in square brackets. A part
is one of

    SCOPE OFFICE FROM..TO[, FROM..TO]   a state's ISO alpha-3 code or the id of a body, an office of OFFICES, and
                                        dates as exact as known (YYYY, YYYY-MM or YYYY-MM-DD); without TO it lasts
    = NAME, NAME                        other spellings of the full name
    ~ NAME, NAME                        what stands for the person after the first mention, where that is not simply
                                        the last word of the name

    ! SCOPE OFFICE FROM..TO: reason     says why nobody, or more than one, held an office of state for a time

`#` begins a comment line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from tocsin.agents.lexicon.packs import Pack, PackError

Office = Literal[
    "president",
    "monarch",
    "pm",
    "leader",
    "crown-prince",
    "vp",
    "deputy-pm",
    "foreign",
    "defence",
    "finance",
    "interior",
    "justice",
    "minister",
    "head",
    "nominee",
]
"""pm is any head of government, leader a ruler without the title, head that of a body, minister any other member of
a cabinet or of its rank, nominee a candidate for the highest office in a general election."""
RANK = {office: rank for rank, office in enumerate(get_args(Office))}
OFFICES: frozenset[str] = frozenset(get_args(Office))
FOREVER = "9999"

HONOURS = re.compile(
    r"(?:Lord|Lady|Sir|Dame|Baroness|General|Gen\.|Colonel|Cardinal|Archbishop|President|Mr\.?|Dr\.?) (?=[A-Z])"
)
RULERS = re.compile(
    r"(?:Pope|King|Queen|(?:Crown )?Prince|(?:Crown )?Princess|Emperor|Empress|Grand Duke|Grand Duchess|Emir|Sultan|"
    r"Saint|(?:Grand )?Ayatollah) (?=[A-Z])"
)
"""Titles stand before a name and outside it."""

_DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_RANGE = re.compile(rf"({_DATE})\.\.({_DATE})?")
_TERM = re.compile(r"([A-Z][A-Z0-9]{1,14}) ([a-z-]+) (\S.*)")
_GAP = re.compile(r"! ([A-Z][A-Z0-9]{1,14}) ([a-z-]+) (\S+?): (\S.*)")
_NAME = re.compile(r"([^\[\]|=~!]+?)(?: \[([a-z0-9-]+)\])?")
_LETTERS = {
    **(
        _LOW := {"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "œ": "oe", "ə": "a"}
    ),
    **{low.upper(): letters.capitalize() for low, letters in _LOW.items() if len(low.upper()) == 1 and low != "ı"},
}
_TO_LETTERS = str.maketrans(_LETTERS)


class Term(Pack, frozen=True, kw_only=True):
    """One time in one office; dates are as exact as known, and the end of one that lasts is FOREVER."""

    scope: str
    office: Office
    first: str
    last: str


class Person(Pack, frozen=True, kw_only=True):
    """One who holds or held office."""

    id: str
    name: str
    terms: tuple[Term, ...]
    spellings: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    country: str = ""
    """The state that the person stands for: that of the highest office held; a body where there is none."""
    where: str = ""
    """File and line of the entry."""


class Vacancy(Pack, frozen=True, kw_only=True):
    """A time in which nobody held an office, or more than one did, and why."""

    scope: str
    office: str
    first: str
    last: str
    reason: str


def plain(text: str) -> str:
    """Return the text in ASCII letters where it is written with marks: ö o, ş s, ł l, ß ss."""
    if text.isascii():
        return text
    spread = text.translate(_TO_LETTERS)
    return "".join(char for char in unicodedata.normalize("NFKD", spread) if not unicodedata.combining(char))


def slug(name: str) -> str:
    """Return the id of a name: ASCII, lower case, full stops and apostrophes off, a hyphen for every space."""
    low = plain(name).lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"[.'’‘`ʻʼ]", "", low)).strip("-")


def read_people(text: str, file: str) -> tuple[list[Person], list[Vacancy]]:
    """Read a file of people; PackError names file and line of what departs from the form."""
    people: list[Person] = []
    vacancies: list[Vacancy] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        where = f"{file}:{number}"
        if not line or line.startswith("#"):
            continue
        if line.startswith("!"):
            vacancies.append(_vacancy(line, where))
        else:
            people.append(_person(line, where))
    return people, vacancies


def _person(line: str, where: str) -> Person:
    head, *parts = (part.strip() for part in line.split("|"))
    named = _NAME.fullmatch(head)
    if named is None:
        raise PackError(f"{where}: {head!r} is no name; write: Name | SCOPE office FROM..TO | = Other Spelling")
    terms: list[Term] = []
    spellings: list[str] = []
    called: list[str] = []
    for part in parts:
        if part.startswith("="):
            spellings += _names(part[1:], where)
        elif part.startswith("~"):
            called += _names(part[1:], where)
        else:
            terms += _terms(part, where)
    if not terms:
        raise PackError(f"{where}: {head} has no term of office; write: SCOPE office FROM..TO")
    return Person(
        id=named[2] or slug(bare(named[1], terms)),
        name=named[1],
        terms=tuple(terms),
        spellings=tuple(dict.fromkeys(spellings)),
        called=tuple(dict.fromkeys(called)),
        country=min(terms, key=lambda term: (term.office == "head", RANK[term.office])).scope,
        where=where,
    )


def bare(name: str, terms: Iterable[Term]) -> str:
    """Return a name without the title before it; what is a ruler's title is the given name of others."""
    name = HONOURS.sub("", name, count=1)
    rules = any(term.office in {"monarch", "crown-prince", "leader"} for term in terms)
    return RULERS.sub("", name, count=1) if rules else name


def _names(part: str, where: str) -> list[str]:
    names = [name.strip() for name in part.split(",")]
    if not all(names):
        raise PackError(f"{where}: an empty name in {part.strip()!r}; put one comma between two names")
    return names


def _terms(part: str, where: str) -> Iterator[Term]:
    match = _TERM.fullmatch(part)
    if match is None:
        raise PackError(f"{where}: {part!r} is no term; write: SCOPE office FROM..TO, as in RUS president 2012-05-07..")
    scope, office, dates = match.groups()
    _check_office(office, where)
    for span in dates.split(","):
        first, last = _dates(span.strip(), where)
        yield Term(scope=scope, office=office, first=first, last=last)  # type: ignore[arg-type]


def _check_office(office: str, where: str) -> None:
    if office not in OFFICES:
        raise PackError(f"{where}: unknown office {office!r}; use one of {', '.join(sorted(OFFICES))}")


def _dates(span: str, where: str) -> tuple[str, str]:
    match = _RANGE.fullmatch(span)
    if match is None:
        raise PackError(f"{where}: {span!r} is no time; write FROM..TO with YYYY, YYYY-MM or YYYY-MM-DD, or FROM..")
    first, last = match[1], match[2] or FOREVER
    if later(first, last):
        raise PackError(f"{where}: {span} ends before it begins")
    for date in (first, last):
        if not all(
            low <= int(part) <= high for part, (low, high) in zip(date.split("-")[1:], ((1, 12), (1, 31)), strict=False)
        ):
            raise PackError(f"{where}: {date} is no date of the calendar")
    return first, last


def _vacancy(line: str, where: str) -> Vacancy:
    match = _GAP.fullmatch(line)
    if match is None:
        raise PackError(f"{where}: write: ! SCOPE office FROM..TO: reason")
    _check_office(match[2], where)
    first, last = _dates(match[3], where)
    return Vacancy(scope=match[1], office=match[2], first=first, last=last, reason=match[4])


def later(one: str, other: str) -> bool:
    """Tell whether a date is later than another one, as far as both say."""
    size = min(len(one), len(other))
    return one[:size] > other[:size]


def terms_of(people: Iterable[Person], scope: str, office: str) -> list[tuple[Term, Person]]:
    """Return who held an office, in order of time."""
    found = [
        (term, person) for person in people for term in person.terms if term.scope == scope and term.office == office
    ]
    return sorted(found, key=lambda pair: (pair[0].first, pair[0].last))
