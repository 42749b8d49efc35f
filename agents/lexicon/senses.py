"""The pack of senses, compiled: frames that tell the government that sits in a capital from the city."""

from __future__ import annotations

import re
from typing import Any

from tocsin.agents.lexicon.entity_packs import FrameEntry, SenseFile
from tocsin.agents.lexicon.packs import PackError, convert

_NAME = re.compile(r"\{([a-z_]+)\}")


class Frame:
    """One frame, compiled."""

    def __init__(self, entry: FrameEntry, words: dict[str, tuple[str, ...]], where: str) -> None:
        self.rule = entry.name
        self.government = entry.sense == "government"
        self.listed = entry.list
        self.ends = frozenset(entry.ends)
        """Words of which one must stand right before the name, where that is so: a look at them is quicker."""
        self.before = _compiled(rf"(?:{entry.before})\Z", words, where) if entry.before else None
        self.after = _compiled(entry.after, words, where) if entry.after else None


class Senses:
    """All frames in their order."""

    def __init__(self, file: SenseFile) -> None:
        self.always_place = frozenset(file.words.get("always_place", ()))
        """Words before a capital that no government follows."""
        self.frames = [Frame(entry, file.words, f"senses.toml: {entry.name}") for entry in file.frames]


def senses(data: dict[str, Any]) -> Senses:
    """Read and compile the pack; PackError names the frame that can't be used."""
    return Senses(convert(data, SenseFile, "senses.toml"))


def _compiled(source: str, words: dict[str, tuple[str, ...]], where: str) -> re.Pattern[str]:
    def expand(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise PackError(f"{where}: unknown list {match[0]}; use one of {', '.join(sorted(words))}")
        return f"(?:{'|'.join(words[match[1]])})"

    try:
        return re.compile(_NAME.sub(expand, source))
    except re.error as error:
        raise PackError(f"{where}: not a regular expression: {error}") from error
