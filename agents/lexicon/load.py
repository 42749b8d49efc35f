"""Reads the packs that lie beside this file: the one place of the lexicon that touches the disk."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from tocsin.agents.lexicon.packs import (
    CountryEntry,
    MaskFile,
    OrganisationEntry,
    PackError,
    TopicFile,
    convert,
    table,
    topic_file,
)
from tocsin.agents.lexicon.vocabulary import (
    Vocabulary,
    compile_topic,
    country_names,
    leader_names,
    organisation_names,
)


def read(path: Traversable) -> dict[str, Any]:
    """Return a TOML file's content; PackError where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path.name}: {error}") from error


def topic_files() -> list[TopicFile]:
    """Return every topic pack, by name."""
    folder = files("tocsin.agents.lexicon").joinpath("topics")
    found = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return [topic_file(read(path), f"topics/{path.name}") for path in found]


@cache
def load() -> Vocabulary:
    """Return the vocabulary of all packs; read once a process. PackError names file and key of a bad pack."""
    folder = files("tocsin.agents.lexicon")
    countries = table(read(folder.joinpath("countries.toml")), CountryEntry, "countries.toml")
    bodies = table(read(folder.joinpath("organisations.toml")), OrganisationEntry, "organisations.toml")
    leaders = table(read(folder.joinpath("leaders.toml")), tuple[str, ...], "leaders.toml")
    masks = convert(read(folder.joinpath("masks.toml")), MaskFile, "masks.toml")
    names = [*country_names(countries), *organisation_names(bodies), *leader_names(leaders, "leaders.toml")]
    rules = [rule for file in topic_files() for rule in compile_topic(file, f"topics/{file.topic}.toml")]
    return Vocabulary(names, rules, masks)
