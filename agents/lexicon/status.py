"""The words that say whether an act has happened, compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin.agents.lexicon.packs import PackError, pattern

_NAMES = (
    "breaks close_breaks not denies reverses maybe not_ruled_out threatens if could will plans put_off says undone "
    "yet_to_come on_paper in_force done_already done_to requested"
)
NAMES = frozenset(_NAMES.split())


def cues(lists: Mapping[str, list[str]], where: str = "status.toml") -> dict[str, re.Pattern[str]]:
    """Compile the lists of a status pack, a pattern each; PackError names the list at fault."""
    if lists.keys() != NAMES:
        odd = sorted(lists.keys() ^ NAMES)
        raise PackError(f"{where}: {odd[0]}: missing or of no known meaning; there are {', '.join(sorted(NAMES))}")
    found = {}
    for name, sources in lists.items():
        joined = [*lists["breaks"], *sources] if name == "close_breaks" else sources
        try:
            found[name] = pattern("|".join(joined), {}, f"{where}: {name}")
        except TypeError as error:
            raise PackError(f"{where}: {name}: not a list of regular expressions: {error}") from None
    return found
