"""From a Wikidata JSON dump to a file of people: who held which office when. Pure: it reads lines and returns lines.

A dump (https://www.wikidata.org/wiki/Wikidata:Database_download) is one JSON array with an entity a line. It is read
twice: once for the states and the offices, once for the people who held them. Properties used: P298 ISO alpha-3, P31
instance of, P39 position held with P580 start and P582 end, P570 date of death, P1001 applies to jurisdiction, P17
country, P2389 organisation directed by the office, P1313 and P1906 offices of head of government and of head of state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tocsin.agents.lexicon.offices import FOREVER, Office, Person, Term, later, slug

HUMAN = "Q5"
_WORDS: tuple[tuple[Office, tuple[str, ...]], ...] = (
    ("vp", ("vice[- ]president",)),
    ("deputy-pm", ("deputy (?:prime minister|premier|chancellor)", "vice[- ](?:premier|chancellor)")),
    ("crown-prince", ("crown prince(?:ss)?",)),
    ("monarch", ("king", "queen", "monarch", "emperor", "emir", "sultan", "pope", "grand duke", "sovereign")),
    (
        "finance",
        (
            "(?:minister|secretary) (?:of|for) (?:the )?(?:finance|treasury)",
            "finance minister",
            "chancellor of the exchequer",
        ),
    ),
    (
        "pm",
        (
            "prime minister",
            "chancellor",
            "premier",
            "taoiseach",
            "head of government",
            "president of the (?:government|council of ministers)",
        ),
    ),
    ("president", ("president", "head of state")),
    ("leader", ("supreme leader", "general secretary")),
    (
        "foreign",
        (
            "foreign (?:affairs )?(?:minister|secretary)",
            "minister (?:of|for) foreign affairs",
            "secretary of state(?! for (?!foreign))",
        ),
    ),
    (
        "defence",
        (
            "(?:minister|secretary)(?: of state)? (?:of|for) (?:national )?defen[cs]e",
            "defen[cs]e (?:minister|secretary)",
        ),
    ),
    (
        "interior",
        (
            "(?:minister|secretary) (?:of|for) (?:the )?interior",
            "home secretary",
            "interior minister",
            "secretary of homeland security",
        ),
    ),
    ("justice", ("minister (?:of|for) justice", "attorney general", "justice minister")),
    ("head", ("secretary[- ]general", "director[- ]general", "managing director", "high commissioner")),
    ("minister", ("minister", "secretary of(?! the)")),
)
"""What an office is called, the first that fits."""
_OFFICES: tuple[tuple[Office, re.Pattern[str]], ...] = tuple(
    (office, re.compile(rf"\b(?:{'|'.join(words)})\b")) for office, words in _WORDS
)
_NOT_OFFICES = re.compile(
    r"\b(?:deputy minister|vice minister|shadow|chair of the|spokesperson|ambassador|member of|consort|dowager|"
    r"minister[- ]president|lord president|chancellor of the duchy|"
    r"(?:president|chancellor|premier|king) of (?:the )?(?:(?!european )\w+ )?(?:senate|"
    r"court|assembly|council(?! of ministers)|chamber|duchy|parliament|congress|university|party|bank|house))\b"
)
_SCOPED = ("P1001", "P2389", "P17")
"""Whose office it is, the first that is told: the country of a province's premier is not what he governs."""


class Post(msgspec.Struct, frozen=True):
    """An office of a state or a body, by its Wikidata id."""

    scope: str
    office: Office


def entities(lines: Iterable[bytes | str]) -> Iterator[Mapping[str, Any]]:
    """Yield the entities of a dump; lines that hold none, such as the brackets of the array, are passed over."""
    for line in lines:
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        text = text.strip().rstrip(",")
        if text.startswith("{"):
            try:
                found = msgspec.json.decode(text)
            except msgspec.DecodeError:
                continue
            if isinstance(found, dict) and "id" in found:
                yield found


def posts(found: Iterable[Mapping[str, Any]], bodies: Mapping[str, str]) -> dict[str, Post]:
    """Return the offices of states and bodies by Wikidata id; `bodies` are names of bodies with their ids."""
    states: dict[str, str] = {}
    directed: dict[str, str] = {}
    named: dict[str, tuple[str, tuple[str, ...]]] = {}
    by_state: dict[str, Post] = {}
    for entity in found:
        label = _label(entity)
        code = next(iter(_values(entity, "P298")), "")
        if isinstance(code, str) and len(code) == 3:
            states[entity["id"]] = code
            by_state |= {id_: Post(code, "pm") for id_ in _ids(entity, "P1313")}
            by_state |= {id_: Post(code, "president") for id_ in _ids(entity, "P1906") if id_ not in by_state}
        elif label in bodies:
            directed[entity["id"]] = bodies[label]
        scopes = next((ids for name in _SCOPED if (ids := tuple(_ids(entity, name)))), ())
        if scopes and _office(label):
            named[entity["id"]] = (label, scopes)
    known = dict(by_state)
    for id_, (label, scopes) in named.items():
        scope = next((states.get(one) or directed.get(one) for one in scopes if one in states or one in directed), None)
        office = _office(label)
        if scope and office:
            known[id_] = Post(scope, "head" if scope in directed.values() else office)
    return known


def people(found: Iterable[Mapping[str, Any]], known: Mapping[str, Post]) -> Iterator[Person]:
    """Yield everybody who held one of the offices, with the dates that the dump gives."""
    for entity in found:
        if HUMAN not in _ids(entity, "P31"):
            continue
        terms = tuple(sorted(_terms(entity, known), key=lambda term: (term.first, term.scope, term.office)))
        name = _name(entity)
        if not terms or not name:
            continue
        aliases = [str(_map(alias).get("value", "")) for alias in _list(_map(entity.get("aliases")).get("en"))]
        spellings = tuple(dict.fromkeys(alias for alias in aliases if _usable(alias) and alias != name))
        yield Person(id=slug(name), name=name, terms=terms, spellings=spellings, country=terms[0].scope)


def line_of(person: Person) -> str:
    """Return a person as a line of a file of people."""
    parts = [f"{person.name} [{person.id}]"]
    parts += [
        f"{term.scope} {term.office} {term.first}..{'' if term.last == FOREVER else term.last}" for term in person.terms
    ]
    if person.spellings:
        parts.append(f"= {', '.join(person.spellings)}")
    return " | ".join(parts)


def _terms(entity: Mapping[str, Any], known: Mapping[str, Post]) -> Iterator[Term]:
    died = next((_day(value) for value in _values(entity, "P570")), "")
    for claim in _claims(entity, "P39"):
        post = known.get(_id(_map(claim.get("mainsnak"))))
        first = _date(claim, "P580")
        if post is None or not first:
            continue
        ended = _date(claim, "P582") or died
        if not ended and _list(_map(claim.get("qualifiers")).get("P582")):
            ended = first  # over, and nobody knows when: it says no more than that it began
        last = ended or FOREVER
        if not later(first, last):
            yield Term(scope=post.scope, office=post.office, first=first, last=last)


def _name(entity: Mapping[str, Any]) -> str:
    """Return a person's name as a file of people may hold it, or ""."""
    title = str(_map(_map(entity.get("sitelinks")).get("enwiki")).get("title") or _label(entity))
    name = re.sub(r"[|=~!\[\]\n]+", " ", re.sub(r" \(.*\)\Z|,.*\Z", "", title)).strip().lstrip("# ")
    return name if slug(name) else ""


def _usable(text: str) -> bool:
    return " " in text and re.fullmatch(r"[^,|=~!\[\]\n]+", text) is not None


def _map(value: Any) -> Mapping[str, Any]:
    """Return a JSON object; a dump may write an empty one as a list, or as null."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _label(entity: Mapping[str, Any]) -> str:
    return str(_map(_map(entity.get("labels")).get("en")).get("value", ""))


def _office(label: str) -> Office | None:
    low = label.lower()
    if _NOT_OFFICES.search(low):
        return None
    return next((office for office, pattern in _OFFICES if pattern.search(low)), None)


def _claims(entity: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    for claim in _list(_map(entity.get("claims")).get(name)):
        if isinstance(claim, dict) and claim.get("rank") != "deprecated":
            yield claim


def _value(snak: Any) -> Any:
    return _map(_map(snak).get("datavalue")).get("value")


def _values(entity: Mapping[str, Any], name: str) -> Iterator[Any]:
    for claim in _claims(entity, name):
        yield _value(claim.get("mainsnak"))


def _ids(entity: Mapping[str, Any], name: str) -> list[str]:
    return [str(value["id"]) for value in _values(entity, name) if isinstance(value, dict) and "id" in value]


def _id(snak: Mapping[str, Any]) -> str:
    return str(_map(_value(snak)).get("id", ""))


def _date(claim: Mapping[str, Any], name: str) -> str:
    """Return the first date of a qualifier, or ""."""
    days = (_day(_value(snak)) for snak in _list(_map(claim.get("qualifiers")).get(name)))
    return next(filter(None, days), "")


def _day(value: Any) -> str:
    """Return a date as exact as its precision says (9 year, 10 month, 11 day), or "" where there is none of our era."""
    match = re.match(r"\+(\d{4})-(\d\d)-(\d\d)", str(_map(value).get("time", "")))
    precision = _map(value).get("precision", 0)
    if match and isinstance(precision, int) and precision >= 9:
        return "-".join(match.groups()[: min(precision, 11) - 8])
    return ""
