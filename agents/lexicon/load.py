"""Reads the packs beside this file, and keeps them compiled: the one place of the lexicon that touches the disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

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
from tocsin.agents.lexicon.learning import Learnt
from tocsin.agents.lexicon.load_topics import compiled, groups, own_files, topics
from tocsin.agents.lexicon.load_topics import learnt as known_scores
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
from tocsin.agents.lexicon.packs import PackError, TopicFile, convert, table
from tocsin.agents.lexicon.reading import listed, read
from tocsin.agents.lexicon.senses import senses
from tocsin.agents.lexicon.status import cues
from tocsin.agents.lexicon.vocabulary import Frames, Lexicon, Vocabulary, lexicon

KEPT = 3
"""Versions of the compiled packs that are kept at most: more than one where versions of Tocsin run side by side."""
DIGEST = 16
"""Bytes at the head of what is kept: the hash of the rest."""


def _folder() -> Traversable:
    return files("tocsin.agents.lexicon")


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
    return people_of((f"people/{path.name}", path.read_text(encoding="utf-8")) for path in listed("people", ".txt"))


def _refreshed(persons: list[Person], file: str) -> list[Person]:
    """Return the people with what a refreshed file knows of them: its terms of an office replace those of the packs.

    Somebody of the same name who served no state or body of theirs is another person, with the scope in the id.
    """
    found = {person.id: person for person in people_of([(file, Path(file).read_text(encoding="utf-8"))])[0]}
    merged = {}
    for person in persons:
        new = found.get(person.id)
        if new is not None and {term.scope for term in person.terms} & {term.scope for term in new.terms}:
            merged[person.id] = _merged(person, found.pop(person.id))
        else:
            merged[person.id] = person
    for id_, person in found.items():
        other = f"{id_}-{person.terms[0].scope.lower()}" if id_ in merged else id_
        merged[other] = msgspec.structs.replace(person, id=other)
    return list(merged.values())


def _merged(old: Person, new: Person) -> Person:
    told = {(term.scope, term.office) for term in new.terms}
    terms = (*new.terms, *(term for term in old.terms if (term.scope, term.office) not in told))
    return msgspec.structs.replace(old, terms=terms, spellings=tuple(dict.fromkeys((*old.spellings, *new.spellings))))


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
        for path in listed("languages", ".toml")
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
    """Return all that decides what the compiled packs hold: the data, and the code that compiles it."""
    single = ("countries.toml", "organisations.toml", "regions.toml", "masks.toml", "cities.tsv")
    code = [path for path in _folder().iterdir() if path.name.endswith(".py")]
    folders = [*listed("people", ".txt"), *listed("languages", ".toml")]
    return [*(_folder().joinpath(name) for name in single), *sorted(code, key=lambda path: path.name), *folders]


def _kept(refreshed: str) -> Path | None:
    """Return where the packs of this content are kept compiled: in the user's cache, by the hash of all they hold."""
    home = Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache"))  # noqa: PTH111 - never raises
    if not home.is_absolute():
        return None
    digest = hashlib.blake2b(digest_size=12)
    for path in (*_packs(), *([Path(refreshed)] if refreshed else [])):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return home / "tocsin" / f"lexicon-{digest.hexdigest()}.msgpack"


def _compiled(refreshed: str = "") -> Lexicon:
    """Return the packs as they are kept compiled, or compile and keep them.

    Keeping is a help and no more: a home that can't be read or written costs a second at each start.
    """
    kept = _kept(refreshed)
    if kept is not None:
        with suppress(OSError, msgspec.DecodeError):  # not kept yet, or damaged: it is made anew
            content = kept.read_bytes()
            if content[:DIGEST] == hashlib.blake2b(content[DIGEST:], digest_size=DIGEST).digest():
                found = msgspec.msgpack.decode(memoryview(content)[DIGEST:], type=Lexicon)
                os.utime(kept)  # the one in use is not the oldest
                return found
    found = compile_packs(refreshed)
    if kept is not None:
        with suppress(OSError):
            _keep(kept, msgspec.msgpack.encode(found))
    return found


def _keep(kept: Path, content: bytes) -> None:
    """Write a file in one step, whoever else writes it, and clear away the oldest of its kind."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, prefix="lexicon-", suffix=".new", delete=False) as new:
        try:
            new.write(hashlib.blake2b(content, digest_size=DIGEST).digest() + content)
            new.close()
            Path(new.name).replace(kept)
        except OSError:
            Path(new.name).unlink(missing_ok=True)
            raise
    old = sorted(kept.parent.glob("lexicon-*.msgpack"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in old[KEPT:]:
        path.unlink(missing_ok=True)


@cache
def load(
    watched: tuple[WatchEntry, ...] = (),
    refreshed: str = "",
    own: str = "",
    learnt: str = "",
    wide: tuple[str, ...] = (),
) -> Vocabulary:
    """Return the vocabulary of all packs and of what a user watches for; read once a process.

    `refreshed` is a file of office-holders that wins over those of the packs, `own` a folder of topics of the user's,
    `learnt` a file of what labelled texts taught, `wide` the topics that are given at their wide operating point.
    PackError names file and line or key of a bad pack.
    """
    return _vocabulary(_compiled(refreshed), list(watch_names(watched)), own_files(own), known_scores(learnt), wide)


def with_own(own: Sequence[TopicFile]) -> Vocabulary:
    """Return the vocabulary with topics beside those that come with Tocsin; PackError names a rule that is none."""
    return _vocabulary(_compiled(), [], own, known_scores())


def _vocabulary(
    names: Lexicon, watched: Sequence[Name], own: Sequence[TopicFile], taught: Learnt, wide: Sequence[str] = ()
) -> Vocabulary:
    frames = Frames(
        rules=compiled(own),
        groups=groups(),
        topics=topics(own, taught.curves, wide),
        learnt=taught.rules,
        cues=cues(read(_folder().joinpath("status.toml"))),
    )
    meanings = senses(read(_folder().joinpath("senses.toml")))
    return Vocabulary(names, frames, meanings, grammar(read(_folder().joinpath("grammar.toml"))), watched)
