"""The packs compiled: one automaton for every name and trigger, and the rules that a trigger calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

import ahocorasick_rs
import msgspec

from tocsin.agents.lexicon.packs import (
    CountryEntry,
    MaskFile,
    OrganisationEntry,
    PackError,
    RuleEntry,
    TopicFile,
    pattern,
)

NameKind = Literal["country", "people", "capital", "seat", "org", "person", "mask"]

_PLAIN = {
    **dict.fromkeys("\u2019\u2018\u02bc", "'"),
    **dict.fromkeys("\u2010\u2011", "-"),
    **dict.fromkeys("\t\n\x0b\x0c\r\x85\xa0\u2002\u2003\u2009\u200a\u202f\u3000", " "),
    **dict.fromkeys("\ue001\ue002\ue003\ue004\ue005\ue006", " "),
}
_TO_PLAIN = re.compile(f"[{''.join(_PLAIN)}]")


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """One spelling of one thing."""

    id: str
    """Id of the entity: ISO alpha-3, short name of a body, slug of a person or of a city."""
    kind: NameKind
    text: str
    exact: bool = False
    """Matched exactly as written; otherwise in any case, with a capital first."""
    country: str = ""
    """The state that a capital or a person stands for; the party that a body counts as."""
    given: bool = False
    place: tuple[str, ...] = ()
    leaders: bool = False
    first_year: int = 0
    last_year: int = 9999


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of a topic, compiled."""

    topic: str
    name: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    blockers: re.Pattern[str] | None
    entry: RuleEntry


class Hit(msgspec.Struct, frozen=True):
    """A name or a trigger where it stands, in code points; `index` is that of the pattern."""

    start: int
    end: int
    index: int


def fold(text: str) -> str:
    """Return the text in lower case with plain apostrophes and spaces: exactly as long as it was."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return _TO_PLAIN.sub(lambda match: _PLAIN[match[0]], lower)


def plural(form: str) -> tuple[str, ...]:
    """Return a demonym with its plural where that is made with -s."""
    return (form, f"{form}s") if form.endswith(("an", "i")) else (form,)


def slug(name: str) -> str:
    """Return a city's name as its id spells it: lower case, plain letters, hyphens."""
    plain = name.lower().translate(str.maketrans("áàâãäçéèêëíìîïñóòôõöúùûüșşț", "aaaaaceeeeiiiinooooouuuusst"))
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def country_names(entries: Mapping[str, CountryEntry]) -> Iterable[Name]:
    """Spell out every name of every state, its people, its capital and its seats."""
    for code, entry in entries.items():
        for text in entry.names:
            yield Name(id=code, kind="country", text=text, given=entry.given, place=entry.place)
        for text in entry.short:
            yield Name(id=code, kind="country", text=text, exact=True)
        for form in entry.people:
            for text in plural(form):
                yield Name(id=code, kind="people", text=text, given=entry.given, place=entry.place)
        for text in entry.capital:
            city = f"{slug(entry.capital[0].split(',')[0])}-{code.lower()}" if _same_city(entry, text) else ""
            yield Name(id=city or f"{slug(text)}-{code.lower()}", kind="capital", text=text, country=code)
        for text in entry.seat:
            yield Name(id=code, kind="seat", text=text)


def _same_city(entry: CountryEntry, text: str) -> bool:
    return slug(text).startswith(slug(entry.capital[0])[:4])


def organisation_names(entries: Mapping[str, OrganisationEntry]) -> Iterable[Name]:
    """Spell out every name of every body."""
    for code, entry in entries.items():
        party = entry.party or code
        for text in entry.names:
            yield Name(id=code, kind="org", text=text, country=party, leaders=entry.leaders)
        for text in entry.short:
            yield Name(id=code, kind="org", text=text, exact=True, country=party, leaders=entry.leaders)


def leader_names(entries: Mapping[str, tuple[str, ...]], file: str) -> Iterable[Name]:
    """Spell out every name of every head of state or government; PackError names the entry that is short."""
    for code, entry in entries.items():
        parts = list(entry)
        years = re.fullmatch(r"(\d{4})-(\d{4})?", parts[2]) if len(parts) >= 3 else None
        if years is None:
            raise PackError(f'{file}: {code}: write [name, country, "2004-2010" or "2004-", other spellings ...]')
        first, last = int(years[1]), int(years[2] or 9999)
        for text in (parts[0], *parts[3:]):
            yield Name(
                id=code,
                kind="person",
                text=text,
                country=parts[1],
                exact=" " not in text,
                first_year=first,
                last_year=last,
            )


def compile_topic(file: TopicFile, where: str) -> list[Rule]:
    """Compile the rules of a topic; PackError names file and rule."""
    blockers = pattern("|".join(file.blockers), file.words, f"{where}: blockers") if file.blockers else None

    def part(source: str, key: str, form: str = "(?:{})") -> re.Pattern[str] | None:
        return pattern(form.replace("{}", source), file.words, f"{where}: rules.{key}") if source else None

    return [
        Rule(
            topic=file.topic,
            name=f"{file.topic}.{name}",
            before=part(entry.before, f"{name}.before", r"(?<!\w)(?:{})\Z"),
            after=part(entry.after, f"{name}.after"),
            unless=part(entry.unless, f"{name}.unless"),
            blockers=blockers if entry.blocked else None,
            entry=entry,
        )
        for name, entry in file.rules.items()
    ]


class Vocabulary:
    """Every name and trigger in one automaton. Immutable once made, so it is shared by all who read."""

    def __init__(self, names: Iterable[Name], rules: Iterable[Rule], masks: MaskFile) -> None:
        self.tails = tuple(f" {tail}" for tail in masks.tails)
        self.heads = tuple(f"{head} " for head in masks.heads)
        self.names: list[tuple[Name, ...]] = []
        self.rules: list[tuple[Rule, ...]] = []
        found: dict[str, tuple[list[Name], list[Rule]]] = {}
        for name in [*names, *(Name(id="", kind="mask", text=text) for text in masks.names)]:
            found.setdefault(fold(name.text), ([], []))[0].append(name)
        for rule in rules:
            for trigger in rule.entry.at:
                found.setdefault(fold(trigger), ([], []))[1].append(rule)
        for for_names, for_rules in found.values():
            self.names.append(tuple(for_names))
            self.rules.append(tuple(for_rules))
        self._automaton = ahocorasick_rs.AhoCorasick(list(found), store_patterns=False)

    def scan(self, folded: str) -> list[Hit]:
        """Return every name and trigger that stands between word boundaries, in order of end; they may overlap."""
        size = len(folded)
        return [
            Hit(start, end, index)
            for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True)
            if not (start and folded[start - 1].isalnum()) and not (end < size and folded[end].isalnum())
        ]
