"""From a Wikidata JSON dump to a file of people: who held which office when. Pure: it reads lines and returns lines.

A dump (https://www.wikidata.org/wiki/Wikidata:Database_download) is one JSON array with an entity a line. It is read
twice: once for the states and the offices, once for the people who held them. Properties used: P298 ISO alpha-3, P31
instance of, P39 position held with P580 start and P582 end, P1001 applies to jurisdiction, P17 country, P2389
organisation directed by the office, P1313 and P1906 offices of head of government and of head of state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tocsin.agents.lexicon.offices import FOREVER, Office, Person, Term, slug

HUMAN = "Q5"
_OFFICES: tuple[tuple[Office, re.Pattern[str]], ...] = tuple(
    (office, re.compile(rf"\b(?:{words})\b"))  # type: ignore[misc]
    for office, words in (
        ("vp", "vice[- ]president"),
        ("deputy-pm", "deputy (?:prime minister|premier|chancellor)|vice[- ](?:premier|chancellor)"),
        ("crown-prince", "crown prince(?:ss)?"),
        ("monarch", "king|queen|monarch|emperor|emir|sultan|pope|grand duke|sovereign"),
        ("pm", "prime minister|chancellor|premier|taoiseach|head of government|president of the government"),
        ("president", "president|head of state"),
        ("leader", "supreme leader|general secretary"),
        (
            "foreign",
            "foreign (?:affairs )?(?:minister|secretary)|minister (?:of|for) foreign affairs|secretary of state",
        ),
        ("defence", "(?:minister|secretary) (?:of|for) (?:national )?defen[cs]e|defen[cs]e (?:minister|secretary)"),
        (
            "finance",
            (
                "(?:minister|secretary) (?:of|for) (?:the )?(?:finance|treasury)|finance minister|"
                "chancellor of the exchequer"
            ),
        ),
        (
            "interior",
            "minister (?:of|for) (?:the )?interior|home secretary|interior minister|secretary of homeland security",
        ),
        ("justice", "minister (?:of|for) justice|attorney general|justice minister"),
        ("head", "secretary[- ]general|director[- ]general|managing director|high commissioner"),
        ("minister", "minister|secretary of"),
    )
)
_NOT_OFFICES = re.compile(
    r"\b(?:deputy minister|vice minister|shadow|chair of the|spokesperson|ambassador|member of)\b"
)
_SCOPED = ("P1001", "P2389", "P17")


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
        scopes = tuple(id_ for name in _SCOPED for id_ in _ids(entity, name))
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
        aliases = entity.get("aliases", {}).get("en", ())
        spellings = tuple(
            dict.fromkeys(text for alias in aliases if _usable(text := alias.get("value", "")) and text != name)
        )
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
    for claim in entity.get("claims", {}).get("P39", ()):
        post = known.get(_id(claim.get("mainsnak", {})))
        if post is None or claim.get("rank") == "deprecated":
            continue
        first = _date(claim, "P580")
        last = _date(claim, "P582") or FOREVER
        if first and first <= last:
            yield Term(scope=post.scope, office=post.office, first=first, last=last)


def _name(entity: Mapping[str, Any]) -> str:
    title = entity.get("sitelinks", {}).get("enwiki", {}).get("title") or _label(entity)
    return re.sub(r" \(.*\)\Z|,.*\Z", "", title).replace("|", " ").strip()


def _usable(text: str) -> bool:
    return " " in text and re.fullmatch(r"[^,|=~!\[\]\n]+", text) is not None


def _label(entity: Mapping[str, Any]) -> str:
    return str(entity.get("labels", {}).get("en", {}).get("value", ""))


def _office(label: str) -> Office | None:
    low = label.lower()
    if _NOT_OFFICES.search(low):
        return None
    return next((office for office, pattern in _OFFICES if pattern.search(low)), None)


def _values(entity: Mapping[str, Any], name: str) -> Iterator[Any]:
    for claim in entity.get("claims", {}).get(name, ()):
        if claim.get("rank") != "deprecated":
            yield claim.get("mainsnak", {}).get("datavalue", {}).get("value")


def _ids(entity: Mapping[str, Any], name: str) -> list[str]:
    return [value["id"] for value in _values(entity, name) if isinstance(value, dict) and "id" in value]


def _id(snak: Mapping[str, Any]) -> str:
    value = snak.get("datavalue", {}).get("value")
    return str(value.get("id", "")) if isinstance(value, dict) else ""


def _date(claim: Mapping[str, Any], name: str) -> str:
    """Return a date as exact as its precision says (9 year, 10 month, 11 day), or "" where there is none of our era."""
    for snak in claim.get("qualifiers", {}).get(name, ()):
        value = snak.get("datavalue", {}).get("value", {})
        match = re.match(r"\+(\d{4})-(\d\d)-(\d\d)", str(value.get("time", "")))
        precision = value.get("precision", 0)
        if match and precision >= 9:
            return "-".join(match.groups()[: min(precision, 11) - 8])
    return ""
