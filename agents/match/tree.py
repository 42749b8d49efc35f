"""The tree of a query: terms joined by And, Or and Not, and its normal form.

A term is one *feature* of an article, as a string: `summit`, `"press office"`, `expel*`, `topic:summit`,
`title:"press office"`. What a feature is called here is what `features.py` calls it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

_BARE = re.compile(r'(?!(?:AND|OR|NOT)$)[^\s()":*-][^\s()":*]*')


class Term(msgspec.Struct, frozen=True):
    """One clause: a field (empty for the whole text), a folded value, and the characters it was written with."""

    field: str
    value: str
    """Words joined by one space: one word, or a phrase."""
    prefix: bool = False
    clause: str = ""
    """As the subscriber wrote it, with its field."""
    start: int = 0
    end: int = 0

    @property
    def feature(self) -> str:
        """The term as a feature, which is also its spelling in the canonical form."""
        value = self.value + "*" if self.prefix else self.value
        if not self.prefix and not _BARE.fullmatch(value):
            value = f'"{value}"'
        return f"{self.field}:{value}" if self.field else value


class Not(msgspec.Struct, frozen=True):
    """What must not be there."""

    part: Node


class And(msgspec.Struct, frozen=True):
    """All of these."""

    parts: tuple[Node, ...]


class Or(msgspec.Struct, frozen=True):
    """Any of these."""

    parts: tuple[Node, ...]


Node: TypeAlias = "Term | Not | And | Or"


def normal(node: Node, *, negated: bool = False) -> Node:
    """Push every Not down to a term, make nested joins flat, drop repeats, and sort: equal queries become equal."""
    if isinstance(node, Term):
        return Not(node) if negated else node
    if isinstance(node, Not):
        return normal(node.part, negated=not negated)
    kind = And if isinstance(node, And) is not negated else Or
    parts: dict[str, Node] = {}
    for part in node.parts:
        plain = normal(part, negated=negated)
        for one in plain.parts if isinstance(plain, kind) else (plain,):
            parts.setdefault(spell(one), one)
    found = tuple(parts[key] for key in sorted(parts))
    return found[0] if len(found) == 1 else kind(found)


def spell(node: Node) -> str:
    """Write a tree as a query that `parse` reads back to the same tree."""
    if isinstance(node, Term):
        return node.feature
    if isinstance(node, Not):
        inner = spell(node.part)
        return f"NOT {inner}" if isinstance(node.part, Term) else f"NOT ({inner})"
    word = " AND " if isinstance(node, And) else " OR "
    return word.join(f"({spell(part)})" if isinstance(part, And | Or) else spell(part) for part in node.parts)


def needs_something(node: Node) -> bool:
    """Tell whether every match of a normal tree has at least one of its terms; a query without that has no bound."""
    if isinstance(node, Term):
        return True
    if isinstance(node, Not):
        return False
    wanted = [needs_something(part) for part in node.parts]
    return any(wanted) if isinstance(node, And) else all(wanted)


def terms(node: Node) -> Iterator[Term]:
    """Iterate over the terms of a tree, the forbidden ones too, from left to right."""
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Not):
        yield from terms(node.part)
    else:
        for part in node.parts:
            yield from terms(part)
