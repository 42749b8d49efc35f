"""The README's counts of what is known are those of the packs."""

import re
from pathlib import Path

from tocsin.agents.lexicon.load import load

ROOT = Path(__file__).parents[2]


def known() -> dict[str, str]:
    vocabulary = load()
    ids: dict[str, set[str]] = {"org": set(), "city": set()}
    for names in vocabulary.all_names():
        for kind, id_ in {(name.kind, name.id) for name in names}:
            ids.setdefault(kind, set()).add(id_)
    cities = (ROOT / "agents/lexicon/cities.tsv").read_text(encoding="utf-8").splitlines()
    return {
        "international bodies": f"{len(ids['org']):,}",
        "office-holders": f"{len(vocabulary.people):,}",
        "cities": f"{sum(not line.startswith('#') for line in cities):,}",
    }


def test_the_readme_and_the_changelog_say_what_is_there():
    for name in ("README.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for what, count in known().items():
            assert re.search(rf"\b{count}\s+{what}", text), f"{name}: write '{count} {what}'"
