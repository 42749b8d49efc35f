"""Files beside this one, read."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from tocsin.agents.lexicon.packs import PackError


def read(path: Traversable | Path) -> dict[str, Any]:
    """Return a TOML file's content; PackError where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path.name}: {error}") from error


def listed(folder: str, ending: str) -> list[Traversable]:
    """Return the files of a folder of the lexicon that end so, by name."""
    found = (path for path in files("tocsin.agents.lexicon").joinpath(folder).iterdir() if path.name.endswith(ending))
    return sorted(found, key=lambda path: path.name)
