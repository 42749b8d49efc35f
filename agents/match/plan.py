"""How a query is asked of the index: disjuncts of clauses, and the clause to look under first."""

from __future__ import annotations

from itertools import product

import msgspec

from tocsin.agents.match.tree import And, Node, Not, Or, Term, normal, terms

MAX_DISJUNCTS = 64
_MAX_PLACES = 64

Feature = str
Clause = frozenset[Feature]
"""Alternatives: one of them must be there."""

# How often a feature is seen in news, roughly; only the order matters, and only for speed.
_COMMON = {"lang": 500, "topic": 100, "event": 60, "country": 90, "actor": 40, "target": 40, "source": 20, "entity": 20}
_WORD_BY_LENGTH = {1: 300, 2: 300, 3: 200, 4: 60, 5: 40, 6: 25}
_WORD = 15
_PREFIX = 50
_PHRASE = 2
_TITLE_RATIO = 10


class Disjunct(msgspec.Struct, frozen=True):
    """One way to match: each clause has an alternative in the article, and nothing forbidden is there."""

    clauses: tuple[Clause, ...]
    """The rarest first."""
    forbidden: frozenset[Feature] = frozenset()
    tree: Node | None = None
    """Walked last, where the query has too many disjuncts to be written out."""

    @property
    def second(self) -> Clause | None:
        """The clause of the second level, unless both levels together would need too many places."""
        if len(self.clauses) > 1 and len(self.clauses[0]) * len(self.clauses[1]) <= _MAX_PLACES:
            return self.clauses[1]
        return None

    @property
    def rest(self) -> tuple[Clause, ...]:
        """The clauses that no level of the index has asked."""
        return self.clauses[1:] if self.second is None else self.clauses[2:]


def plan(tree: Node) -> tuple[Disjunct, ...]:
    """Return the disjuncts of a query that has passed `parse`."""
    plain = normal(tree)
    found = _disjuncts(plain)
    if found is None or any(not clauses for clauses, _ in found):
        return (Disjunct((_bound(plain),), frozenset(), plain),)
    return tuple(
        Disjunct(tuple(sorted(clauses, key=lambda clause: (_cost(clause), sorted(clause)))), forbidden)
        for clauses, forbidden in dict.fromkeys(found)
    )


_Raw = tuple[frozenset[Clause], frozenset[Feature]]


def _disjuncts(node: Node) -> list[_Raw] | None:
    """Multiply a normal tree out, keeping an Or of plain terms as one clause; None where that grows too big."""
    if isinstance(node, Term):
        return [(frozenset({frozenset({node.feature})}), frozenset())]
    if isinstance(node, Not):
        return [(frozenset(), frozenset(term.feature for term in terms(node)))]
    found: list[_Raw]
    if isinstance(node, Or):
        plain = frozenset(part.feature for part in node.parts if isinstance(part, Term))
        found = [(frozenset({plain}), frozenset())] if plain else []
        for part in node.parts:
            if not isinstance(part, Term):
                more = _disjuncts(part)
                if more is None or len(found) + len(more) > MAX_DISJUNCTS:
                    return None
                found += more
        return found
    return _product(node)


def _product(node: And) -> list[_Raw] | None:
    found: list[_Raw] = [(frozenset(), frozenset())]
    for part in node.parts:
        more = _disjuncts(part)
        if more is None or len(found) * len(more) > MAX_DISJUNCTS:
            return None
        found = [(one | two, no | never) for (one, no), (two, never) in product(found, more)]
    return found


def _bound(node: Node) -> Clause:
    """Return terms one of which every match has: the rarest such clause."""
    if isinstance(node, Term):
        return frozenset({node.feature})
    if isinstance(node, Not):
        return frozenset()
    bounds = [_bound(part) for part in node.parts]
    if isinstance(node, Or):
        return frozenset().union(*bounds) if all(bounds) else frozenset()
    return min((bound for bound in bounds if bound), key=_cost, default=frozenset())


def _cost(clause: Clause) -> int:
    return sum(_commonness(feature) for feature in clause)


def _commonness(feature: Feature) -> int:
    field, colon, value = feature.rpartition(":")
    if colon and field != "title":
        return _COMMON[field]
    if value.startswith('"'):
        found = _PHRASE
    elif value.endswith("*"):
        found = _PREFIX
    else:
        found = _WORD_BY_LENGTH.get(len(value), _WORD)
    return found // _TITLE_RATIO if colon else found
