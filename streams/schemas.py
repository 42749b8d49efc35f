"""JSON Schemas of everything that travels, for programs that read the log without this code. Pure.

The exported files stand in `schemas_v1/` and a test compares them. After a change that is meant, write them anew:
`python -m tocsin.streams.schemas streams/schemas_v1`.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from tocsin.streams.topics import CATALOGUE

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def export() -> dict[str, str]:
    """Return the text of each schema file by its name, such as `article.json`: one for each record of a topic."""
    found: dict[str, str] = {}
    for topic in CATALOGUE:
        if topic.record is not None:
            name = f"{topic.record.__name__.lower()}.json"
            found[name] = as_text({"$schema": DIALECT, **msgspec.json.schema(topic.record)})
    return found


def as_text(schema: dict[str, Any]) -> str:
    """Return a schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    import sys
    from pathlib import Path

    folder = Path(sys.argv[1])
    for file, text in export().items():
        (folder / file).write_text(text, encoding="utf-8")
