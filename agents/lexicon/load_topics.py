"""Reads the packs of topics and events, those of the user beside them, and what was learnt about their rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from tocsin.agents.lexicon.entity_packs import GroupFile
from tocsin.agents.lexicon.learning import Curve, Learnt, Topic
from tocsin.agents.lexicon.offices import slug
from tocsin.agents.lexicon.packs import PackError, RuleEntry, TopicFile, convert, topic_file
from tocsin.agents.lexicon.reading import listed, read
from tocsin.agents.lexicon.vocabulary import Rule, compile_pack, fold, key, pattern_of

LEARNT = "learnt.json"
"""Beside the packs: what the project's own labelled texts taught."""


def _folder() -> Traversable:
    return files("tocsin.agents.lexicon")


@cache
def topic_files() -> Sequence[TopicFile]:
    """Return the packs of the topics that come with Tocsin, by name; that of a large topic may lie in several files."""
    found: dict[str, TopicFile] = {}
    for path in listed("topics", ".toml"):
        part = topic_file(read(path), f"topics/{path.name}")
        whole = found.get(part.topic)
        found[part.topic] = part if whole is None else _with_part(whole, part)
    return tuple(found.values())


def _with_part(whole: TopicFile, part: TopicFile) -> TopicFile:
    twice = sorted(whole.rules.keys() & part.rules.keys())
    if twice:
        raise PackError(f"topics/{part.topic}: rules.{twice[0]}: stands in two of its files; rename one")
    return msgspec.structs.replace(whole, words={**whole.words, **part.words}, rules={**whole.rules, **part.rules})


@cache
def event_files() -> Sequence[TopicFile]:
    """Return the packs of the events that belong to no topic, by name."""
    return tuple(topic_file(read(path), f"events/{path.name}") for path in listed("events", ".toml"))


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """Return the parties to events that are no states and no bodies, each with its names."""
    return convert(read(_folder().joinpath("groups.toml")), GroupFile, "groups.toml").groups


def own_files(folder: str) -> list[TopicFile]:
    """Return a user's packs, by file name; PackError names file and mend of one that can't be used."""
    return packs_of(sorted(Path(folder).glob("*.toml")) if folder else ())


def packs_of(paths: Iterable[Path]) -> list[TopicFile]:
    """Return the packs in a user's files; PackError names file and mend of one that can't be used."""
    taken = {file.topic for file in topic_files()}
    found = []
    for path in paths:
        try:
            file = topic_file(read(path), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise PackError(f"{path}: {error}") from None
        check_own(file, str(path), taken)
        taken.add(file.topic)
        found.append(file)
    return found


def check_own(file: TopicFile, where: str, taken: Iterable[str] = ()) -> None:
    """Check a user's pack beyond its form; PackError names file, key and mend."""
    if file.topic != slug(file.topic) or not file.topic:
        raise PackError(
            f"{where}: topic: {file.topic!r} is no name; write small letters, digits and hyphens: migration"
        )
    if file.topic in taken:
        raise PackError(f"{where}: topic: {file.topic} is taken; choose another name")
    if not (file.rules or file.terms):
        raise PackError(f"{where}: shows nothing; add terms = [...] or a [rules.NAME]")
    for term in (*file.terms, *(at for rule in file.rules.values() for at in rule.at)):
        if not pattern_of(term).strip():
            raise PackError(f"{where}: {term!r} can't be found in a text; write a word or a phrase")


def with_terms(file: TopicFile) -> TopicFile:
    """Return a pack with a rule for each of its terms, as sure as its examples say.

    A term's score is the share of positive examples among those in which it stands, held near two in three.
    """
    if not file.terms:
        return file
    positive, negative = (
        [f" {key(text.lower())} " for text in side] for side in (file.examples.positive, file.examples.negative)
    )
    rules = dict(file.rules)
    for term in file.terms:
        pattern = pattern_of(term)
        right, wrong = (sum(pattern in text for text in side) for side in (positive, negative))
        rules[f"term {term}"] = RuleEntry(at=(term,), score=round((right + 1) / (right + wrong + 1.5), 3))
    return msgspec.structs.replace(file, rules=rules)


def compiled(own: Sequence[TopicFile] = ()) -> list[Rule]:
    """Return the rules of all topics and events, and of a user's topics, compiled."""
    called = tuple(rf"\b{re.escape(fold(name))}\b" for names in groups().values() for name in names)
    packs = [(file, f"topics/{file.topic}.toml") for file in topic_files()]
    packs += [(file, f"events/{file.event}.toml") for file in event_files()]
    packs += [(file, f"{file.topic}.toml") for file in own]
    return [rule for file, where in packs for rule in compile_pack(with_terms(file), where, called)]


def learnt(file: str = "") -> Learnt:
    """Return what was learnt about the rules, from Tocsin's file or a user's; PackError where that is damaged."""
    path = Path(file) if file else _folder().joinpath(LEARNT)
    if not path.is_file():
        return Learnt()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Learnt)
    except (OSError, msgspec.DecodeError) as error:
        raise PackError(f"{path.name}: {error}; run 'tocsin topics learn' again, or delete the file") from None


def topics(own: Sequence[TopicFile], curves: Mapping[str, Curve], wide: Iterable[str] = ()) -> list[Topic]:
    """Return every topic with its curve; those named in `wide` are given from their wide operating point on."""
    asked = frozenset(wide)
    return [
        Topic(
            name=file.topic,
            about=file.about,
            own=file in own,
            precise=file.wide if file.topic in asked else file.precise,
            wide=file.wide,
            curve=curves.get(file.topic, Curve()),
        )
        for file in (*topic_files(), *own)
    ]
