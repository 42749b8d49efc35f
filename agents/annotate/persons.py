"""People in office: the full name, or what stands for it once the person is known, or a title with it, at a date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tocsin.agents.annotate.longer import more_of_name, other_bearer
from tocsin.agents.annotate.reading import Found, Reading, Spot
from tocsin.agents.annotate.titles import RULER, title_of
from tocsin.agents.lexicon.names import Name
from tocsin.agents.lexicon.offices import FOREVER, Person, Term, later

FULL_SCORE = 0.97
CALLED_SCORE = 0.93
KNOWN_SCORE = 0.85

Known = dict[str, list[int]]
"""People whose full names, or names with a title, stand in an article, and where."""

Bearers = dict[str, list[int]]
"""Surnames that somebody else bears in an article, and where he is named."""

_WEIGHTS = {
    "president": 4.0,
    "monarch": 3.2,
    "pm": 4.0,
    "leader": 3.8,
    "crown-prince": 3.0,
    "vp": 3.0,
    "deputy-pm": 2.4,
    "foreign": 3.3,
    "defence": 2.8,
    "finance": 2.4,
    "interior": 2.3,
    "justice": 2.3,
    "minister": 1.8,
    "head": 3.4,
    "nominee": 4.2,
}
_LARGE = frozenset(
    [
        "RUS",
        "CHN",
        "GBR",
        "FRA",
        "DEU",
        "ISR",
        "PSE",
        "IRN",
        "IRQ",
        "IND",
        "PAK",
        "JPN",
        "SUN",
        "UN",
        "EU",
        "EC",
        "NATO",
        "TUR",
        "UKR",
        "AFG",
        "SYR",
        "ITA",
        "ESP",
        "CUB",
        "PRK",
        "KOR",
        "VEN",
        "ZWE",
        "SDN",
        "MEX",
        "CAN",
        "AUS",
        "BRA",
        "SAU",
        "EGY",
        "LBN",
        "SRB",
        "YUG",
        "LBY",
        "ZAF",
    ]
)
_OFFICES = {
    "vp": {"vp", "nominee"},
    "deputy_pm": {"deputy-pm", "pm"},
    "pm": {"pm"},
    "president": {"president", "leader", "nominee", "monarch", "head", "crown-prince", "pm"},
    "monarch": {"monarch"},
    "prince": {
        "crown-prince",
        "monarch",
        "leader",
        "vp",
        "pm",
        "president",
        "foreign",
        "interior",
        "defence",
        "minister",
    },
    "foreign": {"foreign"},
    "minister": {"foreign", "defence", "finance", "interior", "justice", "minister", "deputy-pm", "head"},
    "head": {"head", "minister", "president", "leader", "pm"},
    "any": None,
}
_DATE_AFTER = re.compile(r"(?: \d|, \d|-\d|\.? \d|\))")
_PLACE_OF = re.compile(
    r"\b(?:(?:town|village|city|province|county|island|port|state|region|district|hill|river) of|"
    r"mount|mt\.?|lake|fort) \Z"
)
_PLACE_WORDS = frozenset({"of", "mount", "mt", "mt.", "lake", "fort"})
_ENOUGH = 2.6
_ALONE = 4.35
"""Weight at the article's date from which a surname alone stands for a person."""
_ALWAYS = 5.0
"""Weight from which it does in whatever report that is not of sport: heads of the largest state, and who would be."""
_MARGIN = 0.35
_CLEAR = 1.0
"""Difference of weights from which the one in office is meant, whoever was named last."""
_OVER = 15
"""Years after the last term of office from which a common name is rather that of somebody else."""
_FAR = 30
"""Years from any term of office beyond which a bearer of the name is somebody else."""


def full_name(reading: Reading, spot: Spot) -> Found | str:
    """Return the person of a full name, or the rule that says it is somebody else."""
    names = spot.meaning.full
    person = best(reading, names)
    if reading.masks.person_tail.match(reading.text, spot.end):
        return "person.named-after"
    terms = reading.vocabulary.people[person].terms
    if _far_from(terms, reading.date):
        return "person.other-time"
    words = reading.text[spot.start : spot.end].split()
    first, last = words[0], words[-1]
    if last in reading.masks.given and more_of_name(reading, spot):
        return "person.other-surname"
    common = first in reading.masks.given and last in reading.masks.words
    titled = title_of(reading, spot) is not None
    at_home = _named_home(reading, terms, names[0].country)
    if (
        common
        and _long_over(terms, reading.date)
        and reading.text[spot.start : spot.end] != reading.vocabulary.people[person].name
    ):
        return "person.other-time"
    if common and not titled and not at_home and not _of_politics(reading, person):
        return "person.namesake"
    return _found(spot, reading, person, FULL_SCORE, "person.full-name")


def _of_politics(reading: Reading, id_: str) -> bool:
    """Tell whether a report is one in which an office-holder is expected."""
    return not reading.sports and (reading.of_politics or _likely(reading, id_) >= _ALONE)


def called(reading: Reading, spot: Spot, known: Known, bearers: Bearers) -> Found | str:
    """Return the person whom a surname, or a ruler's name, stands for here, or the rule that says nobody's.

    `bearers` holds the surnames that somebody else bears in the article.
    """
    names = spot.meaning.called
    surface = reading.text[spot.start : spot.end]
    if rule := _no_person(reading, spot):
        return rule
    here = [name for name in names if name.id in known]
    if here and _rather_other(spot, [place for name in here for place in known[name.id]], bearers.get(surface, ())):
        return "person.other-bearer"
    if here:
        return _found(spot, reading, _nearest(reading, spot, here, known), CALLED_SCORE, "person.bound")
    if title_of(reading, spot) is not None:
        return "person.other-office"
    usable = [name for name in names if name.form != "regnal"]
    if not usable:
        return "person.no-title"
    if surface in bearers:
        return "person.other-bearer"
    if surface in reading.masks.words and not reading.countries:
        return "person.ordinary-word"
    return _alone(reading, spot, usable)


def _rather_other(spot: Spot, own: Sequence[int], others: Sequence[int]) -> bool:
    """Tell whether another bearer of a surname is named before its office-holder is, and so is meant until then."""
    return bool(others) and min(others) < min(own) and spot.start < min(own)


def _nearest(reading: Reading, spot: Spot, names: Sequence[Name], known: Known) -> str:
    """Return who of several known people of one surname is much more likely, or was named last before a place."""
    weights = sorted((_likely(reading, id_) for id_ in {name.id for name in names}), reverse=True)
    if len(weights) > 1 and weights[0] - weights[1] >= _CLEAR:
        return best(reading, names)
    before = {name.id: max((place for place in known[name.id] if place < spot.start), default=-1) for name in names}
    nearest = max(before.values())
    return best(reading, [name for name in names if before[name.id] == nearest])


def _no_person(reading: Reading, spot: Spot) -> str:
    """Return the rule by which a surname here is a month, a thing named after somebody, or another person's; or ""."""
    if reading.masks.person_tail.match(reading.text, spot.end):
        return "person.named-after"
    if reading.text[spot.start : spot.end] in reading.grammar.months and _month(reading, spot):
        return "person.month"
    if reading.word_before(spot) in _PLACE_WORDS and _PLACE_OF.search(reading.before(spot)):
        return "person.place"
    if other_bearer(reading, spot):
        return "person.other-given-name"
    return ""


def by_title(reading: Reading, spot: Spot, known: Known, bearers: Bearers) -> Found | None:
    """Return the person of a surname or a ruler's name that stands after the title of the office: "President Mbeki"."""
    title = title_of(reading, spot)
    if title is None or title == "other" or _no_person(reading, spot):
        return None
    surname = reading.text[spot.start : spot.end]
    if title == "any" and (surname in bearers or any(name.id in known for name in spot.meaning.called)):
        return None
    usable = [name for name in spot.meaning.called if name.form != "regnal"]
    if len(usable) < len(spot.meaning.called) and RULER.search(reading.before(spot)):
        usable = list(spot.meaning.called)
    realm = reading.at.get(spot.end + 4) if reading.folded.startswith(" of ", spot.end) else None
    if realm is not None and realm.meaning.state is not None:
        state = realm.meaning.state.id
        usable = [name for name in usable if name.country == state] or usable
    result = _titled(reading, spot, usable, title) if usable else ""
    return result if isinstance(result, Found) else None


def _month(reading: Reading, spot: Spot) -> bool:
    """Tell whether May, or March, is the month here."""
    return reading.word_before(spot) in reading.grammar.dating or _DATE_AFTER.match(reading.text, spot.end) is not None


def _titled(reading: Reading, spot: Spot, names: Sequence[Name], title: str) -> Found | str:
    offices = _OFFICES[title]
    people = reading.vocabulary.people
    fitting = [
        name for name in names if offices is None or any(term.office in offices for term in people[name.id].terms)
    ]
    chosen = best(reading, fitting) if fitting else ""
    if not chosen:
        return "person.other-office"
    terms = people[chosen].terms
    weight = max(_weight(term, reading.date) for term in terms if offices is None or term.office in offices)
    home = _named_home(reading, terms, people[chosen].country)
    if title == "monarch" and len({name.id for name in fitting}) == 1 and not _far_from(terms, reading.date):
        return _found(spot, reading, chosen, KNOWN_SCORE, "person.ruler")
    if offices is None and not (home or weight >= _ALWAYS or _only_bearer(reading, spot)):
        return "person.not-shown"
    needed = _ENOUGH if offices is not None else _ALONE - 0.9
    if weight + (0.8 if home else 0) < needed or _far_from(terms, reading.date):
        return "person.not-in-office"
    return _found(spot, reading, chosen, KNOWN_SCORE, "person.title")


def _alone(reading: Reading, spot: Spot, names: Sequence[Name]) -> Found | str:
    """Decide on a surname with neither title nor full name: the one office-holder of that name at that time."""
    people = reading.vocabulary.people
    weights = {name.id: _likely(reading, name.id) for name in names}
    ranked = sorted(weights.items(), key=lambda pair: -pair[1])
    chosen, weight = ranked[0]
    if len(ranked) > 1 and weight - ranked[1][1] < _MARGIN:
        return "person.two-of-that-name"
    if weight < _ALONE or reading.sports:
        return "person.not-shown"
    at_home = _named_home(reading, people[chosen].terms, people[chosen].country)
    if not (at_home or _only_bearer(reading, spot) or weight >= _ALWAYS or reading.of_politics):
        return "person.not-shown"
    if spot.meaning.state or spot.meaning.region:
        return "person.rather-place"
    return _found(spot, reading, chosen, KNOWN_SCORE, "person.in-office")


def _only_bearer(reading: Reading, spot: Spot) -> bool:
    """Tell whether a surname is one office-holder's alone, and no ordinary word or name."""
    surface = reading.text[spot.start : spot.end]
    return len({name.id for name in spot.meaning.called}) == 1 and surface not in reading.masks.words


def best(reading: Reading, names: Iterable[Name]) -> str:
    """Return the id of the most likely bearer of a name: by office at the article's date, and by who is named."""
    ids = {name.id for name in names}
    return ids.pop() if len(ids) == 1 else max(sorted(ids), key=lambda id_: _likely(reading, id_))


def _likely(reading: Reading, id_: str) -> float:
    """Return how likely somebody is meant: by office at the article's date, more so where his state is named."""
    person = reading.vocabulary.people[id_]
    if id_ not in reading.weights:
        reading.weights[id_] = max(_weight(term, reading.date) for term in person.terms)
    return reading.weights[id_] + (0.8 if _named_home(reading, person.terms, person.country) else 0.0)


def _weight(term: Term, date: str) -> float:
    """Return how much an office says at a date: full in the term, less the further away."""
    weight = _WEIGHTS[term.office] + (1.2 if term.scope == "USA" else 0.6 if term.scope in _LARGE else 0.0)
    if not date:
        return weight - (0.1 if term.last == FOREVER else 0.6 if term.last >= "2000" else 2.2)
    if later(term.first, date):
        ahead = int(term.first[:4]) - int(date[:4])
        return weight - (1.4 if ahead <= 1 else 2.2 if ahead <= 10 else 3.0)
    if later(date, term.last):
        since = int(date[:4]) - int(term.last[:4])
        return weight - (0.5 if since <= 2 else 1.2 if since <= 10 else 2.2)
    return weight


def _far_from(terms: Sequence[Term], date: str) -> bool:
    return bool(date) and all(int(term.first[:4]) - int(date[:4]) > _FAR for term in terms)


def _long_over(terms: Sequence[Term], date: str) -> bool:
    return bool(date) and all(int(date[:4]) - int(term.last[:4]) > _OVER for term in terms)


def _named_home(reading: Reading, terms: Sequence[Term], country: str) -> bool:
    return bool(reading.countries[country]) or any(reading.countries[term.scope] for term in terms)


def _found(spot: Spot, reading: Reading, id_: str, score: float, rule: str) -> Found:
    person: Person = reading.vocabulary.people[id_]
    return Found(spot.start, spot.end, "person", id_, person.country, score, rule)
