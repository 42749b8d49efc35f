"""Reads the packs beside this file, and keeps them compiled: the one place of the lexicon that touches the disk."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from tocsin.agents.lexicon.entity_packs import (
    City,
    CountryEntry,
    LanguageFile,
    MaskFile,
    OrganisationEntry,
    RegionEntry,
    WatchEntry,
)
from tocsin.agents.lexicon.grammar import grammar
from tocsin.agents.lexicon.names import (
    Name,
    city_names,
    country_names,
    cue_names,
    language_names,
    mask_names,
    organisation_names,
    person_names,
    region_names,
    watch_names,
)
from tocsin.agents.lexicon.offices import Person, Vacancy, read_people
from tocsin.agents.lexicon.packs import PackError, TopicFile, convert, table, topic_file
from tocsin.agents.lexicon.senses import senses
from tocsin.agents.lexicon.vocabulary import Lexicon, Rule, Vocabulary, compile_topic, lexicon

KEPT = 3
"""Versions of the compiled packs that are kept at most: more than one where versions of Tocsin run side by side."""
FORM = 10
"""Goes up when the form of what is kept compiled changes without a change of the packs."""


def _folder() -> Traversable:
    return files("tocsin.agents.lexicon")


def read(path: Traversable) -> dict[str, Any]:
    """Return a TOML file's content; PackError where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path.name}: {error}") from error


def _files(name: str, ending: str) -> list[Traversable]:
    return sorted(
        (path for path in _folder().joinpath(name).iterdir() if path.name.endswith(ending)), key=lambda path: path.name
    )


@cache
def topic_files() -> Sequence[TopicFile]:
    """Return every topic pack, by name."""
    return tuple(topic_file(read(path), f"topics/{path.name}") for path in _files("topics", ".toml"))


@cache
def countries() -> dict[str, CountryEntry]:
    """Return the pack of states and territories."""
    return table(read(_folder().joinpath("countries.toml")), CountryEntry, "countries.toml")


@cache
def organisations() -> dict[str, OrganisationEntry]:
    """Return the pack of bodies."""
    return table(read(_folder().joinpath("organisations.toml")), OrganisationEntry, "organisations.toml")


def people_of(texts: Iterable[tuple[str, str]]) -> tuple[list[Person], list[Vacancy]]:
    """Read files of people, given as name and content; PackError names a person who stands in two places."""
    people: dict[str, Person] = {}
    vacancies: list[Vacancy] = []
    for file, text in texts:
        found, empty = read_people(text, file)
        vacancies += empty
        for person in found:
            if person.id in people:
                raise PackError(
                    f"{person.where}: {person.id} stands at {people[person.id].where} too; make it one line"
                )
            people[person.id] = person
    return list(people.values()), vacancies


def people() -> tuple[list[Person], list[Vacancy]]:
    """Return everybody who held office, and the times in which nobody did."""
    return people_of((f"people/{path.name}", path.read_text(encoding="utf-8")) for path in _files("people", ".txt"))


def _refreshed(persons: list[Person], file: str) -> list[Person]:
    """Return the people with those of a refreshed file in place of theirs; spellings of both count."""
    found = {person.id: person for person in people_of([(file, Path(file).read_text(encoding="utf-8"))])[0]}
    merged = {
        person.id: person
        if (new := found.get(person.id)) is None
        else msgspec.structs.replace(
            new, spellings=tuple(dict.fromkeys((*person.spellings, *new.spellings))), called=person.called
        )
        for person in persons
    }
    return list({**found, **merged}.values())


def cities() -> list[City]:
    """Return the cities of `cities.tsv`; PackError names the line that is none."""
    found = []
    for number, line in enumerate(_folder().joinpath("cities.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 5 or not parts[3].isdigit():
            raise PackError(
                f"cities.tsv:{number}: write: name, state, region, thousand inhabitants, spellings; by tabs"
            )
        spellings = tuple(parts[4].split(", ")) if parts[4] else ()
        found.append(
            City(name=parts[0], country=parts[1], region=parts[2], population=int(parts[3]) * 1000, spellings=spellings)
        )
    return found


def languages() -> dict[str, LanguageFile]:
    """Return the packs of names in other languages, by language code."""
    return {
        path.name.removesuffix(".toml"): convert(read(path), LanguageFile, f"languages/{path.name}")
        for path in _files("languages", ".toml")
    }


def _names(persons: Sequence[Person], masks: MaskFile) -> Iterable[Name]:
    states, bodies = countries(), organisations()
    state_names = list(country_names(states))
    taken = frozenset(name.text for name in state_names if name.kind in {"country", "seat"})
    towns = list(city_names(cities(), taken))
    capitals = frozenset(name.id for name in state_names if name.kind == "capital")
    inhabitants: dict[str, int] = {}
    for town in towns:
        inhabitants[town.id] = max(town.population, inhabitants.get(town.id, 0))
    parties = {code: entry.party or code for code, entry in bodies.items()}
    yield from mask_names(masks)
    yield from cue_names(masks)
    for name in state_names:
        if name.kind == "capital":
            yield msgspec.structs.replace(name, population=inhabitants.get(name.id, name.population))
        else:
            yield name
    yield from organisation_names(bodies)
    yield from region_names(table(read(_folder().joinpath("regions.toml")), RegionEntry, "regions.toml"))
    yield from person_names(persons, frozenset(masks.never))
    yield from (name for name in towns if name.id not in capitals)
    for language, file in languages().items():
        yield from language_names(language, file, parties)


def compile_packs(refreshed: str = "") -> Lexicon:
    """Read all packs of names and put them in one piece; PackError names file and line or key of a bad one.

    `refreshed` is a file of office-holders that wins over those of the packs.
    """
    masks = convert(read(_folder().joinpath("masks.toml")), MaskFile, "masks.toml")
    persons, _ = people()
    if refreshed:
        persons = _refreshed(persons, refreshed)
    return lexicon(_names(persons, masks), persons, masks)


def _packs() -> list[Traversable]:
    single = (
        "countries.toml",
        "organisations.toml",
        "regions.toml",
        "masks.toml",
        "cities.tsv",
        "names.py",
        "offices.py",
    )
    return [*(_folder().joinpath(name) for name in single), *_files("people", ".txt"), *_files("languages", ".toml")]


def _kept(refreshed: str) -> Path | None:
    """Return where the packs of this content are kept compiled: in the user's cache, by the hash of all they hold."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    if not home.is_absolute():
        return None
    digest = hashlib.blake2b(str(FORM).encode(), digest_size=12)
    for path in _packs():
        digest.update(path.read_bytes())
    if refreshed:
        digest.update(Path(refreshed).read_bytes())
    return home / "tocsin" / f"lexicon-{digest.hexdigest()}.msgpack"


def _compiled(refreshed: str = "") -> Lexicon:
    kept = _kept(refreshed)
    if kept is not None:
        with suppress(OSError, msgspec.DecodeError):  # not kept yet, or not by this program: it is made anew
            return msgspec.msgpack.decode(kept.read_bytes(), type=Lexicon)
    found = compile_packs(refreshed)
    if kept is not None:
        with suppress(OSError):  # a home that can't be written to costs a second at each start, and nothing else
            kept.parent.mkdir(parents=True, exist_ok=True)
            new = kept.with_suffix(f".{os.getpid()}")
            new.write_bytes(msgspec.msgpack.encode(found))
            new.replace(kept)
            old = sorted(kept.parent.glob("lexicon-*.msgpack"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in old[KEPT:]:
                path.unlink()
    return found


def rules() -> list[Rule]:
    """Return the rules of all topics, compiled."""
    return [rule for file in topic_files() for rule in compile_topic(file, f"topics/{file.topic}.toml")]


@cache
def load(watched: tuple[WatchEntry, ...] = (), refreshed: str = "") -> Vocabulary:
    """Return the vocabulary of all packs and of what a user watches for; read once a process.

    `refreshed` is a file of office-holders that wins over those of the packs. PackError names file and line or key of
    a bad pack.
    """
    frames = senses(read(_folder().joinpath("senses.toml")))
    words = grammar(read(_folder().joinpath("grammar.toml")))
    return Vocabulary(_compiled(refreshed), rules(), frames, words, list(watch_names(watched)))
