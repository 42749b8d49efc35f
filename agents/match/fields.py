"""The fields of the subscription language, and how the value of each is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

import msgspec

from tocsin.agents.match.errors import QueryError, nearest
from tocsin.agents.match.words import code, fold, words

FIELDS = ("topic", "country", "entity", "event", "actor", "target", "source", "lang", "title")

EVENT_TYPES = (
    "accuse",
    "agree",
    "attack",
    "expel",
    "host_or_meet",
    "lift_sanction",
    "recall_envoy",
    "release",
    "request",
    "sanction",
    "threaten",
    "withdraw",
)

_CODE_LENGTH = 3  # ISO 3166 alpha-3


class Words(msgspec.Struct, frozen=True):
    """What values are checked against: known topics, and names of countries and bodies with their ids."""

    topics: Collection[str] | None = None
    names: Mapping[str, str] = {}

    def resolve(self, value: str) -> str:
        """Return the id of a name in any spelling of case and diacritics, or an empty string."""
        found = self.names.get(value)
        if found is not None:
            return found
        plain = code(value)
        if plain in self.names.values():
            return plain
        return _by_code(tuple(self.names.items())).get(plain, "")


@lru_cache(maxsize=4)
def _by_code(names: tuple[tuple[str, str], ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, id_ in names:
        found.setdefault(code(name), id_)
    return found


def value_of(field: str, value: str, known: Words, start: int, end: int) -> str:
    """Return the value as it stands in a feature.

    Raises:
        QueryError: the value can't mean anything in this field.

    """
    if field == "topic":
        return _listed("topic", value, known.topics, start, end)
    if field == "event":
        return _listed("event", value, EVENT_TYPES, start, end)
    if field == "country":
        return _country(value, known, start, end)
    if field in ("entity", "actor", "target"):
        return code(known.resolve(value) or value)
    if field == "lang":
        return "-".join(words(value))
    return " ".join(words(value))


def _listed(field: str, value: str, allowed: Collection[str] | None, start: int, end: int) -> str:
    plain = fold(value.strip()).replace(" ", "-" if field == "topic" else "_")
    if allowed is None or plain in allowed:
        return plain
    near = nearest(plain, sorted(allowed))
    mend = f"did you mean {field}:{near}?" if near else f"known are {', '.join(sorted(allowed))}"
    raise QueryError(f"unknown {field} {value}", start, end, mend)


def _country(value: str, known: Words, start: int, end: int) -> str:
    found = code(known.resolve(value) or value)
    if len(found) == _CODE_LENGTH and found.isalpha() and (not known.names or found in known.names.values()):
        return found
    if found in known.names.values():
        raise QueryError(f"{value} is no country", start, end, f"did you mean entity:{found}?")
    names = {fold(name): name for name in known.names if len(name) > _CODE_LENGTH}
    near = nearest(fold(value), list(names))
    mend = f'did you mean country:"{names[near]}"?' if near else "write its three letters, as in country:FRA"
    raise QueryError(f"unknown country {value}", start, end, mend)
