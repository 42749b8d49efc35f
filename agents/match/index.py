"""All standing queries asked at once: an article touches only the queries whose rarest clauses it holds.

Each disjunct of a query lies under its rarest clause (the anchor) and there under its second clause, so most
queries are never looked at; what is left of a clause is a set operation. One entry serves all subscriptions of
equal queries.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from tocsin.agents.match.features import Features, holds, in_order
from tocsin.agents.match.plan import Clause, Disjunct, Feature, plan
from tocsin.agents.match.query import Query
from tocsin.agents.match.tree import Node, Term, terms

Group = str


class _Residue(msgspec.Struct, frozen=True, eq=False):
    """What both levels leave to ask."""

    group: Group
    required: frozenset[Feature]
    choices: tuple[Clause, ...]
    forbidden: frozenset[Feature]
    tree: Node | None

    def met(self, present: set[Feature], found: Features) -> bool:
        return (
            self.required <= present
            and self.forbidden.isdisjoint(present)
            and not any(choice.isdisjoint(present) for choice in self.choices)
            and (self.tree is None or holds(self.tree, found))
        )


class _Place:
    """What lies under one feature."""

    __slots__ = ("groups", "residues", "second")

    def __init__(self) -> None:
        self.groups: set[Group] = set()
        """Nothing is left to ask."""
        self.residues: dict[Group, list[_Residue]] = {}
        self.second: dict[Feature, _Place] = {}

    def __bool__(self) -> bool:
        return bool(self.groups or self.residues or self.second)


class _Entry(msgspec.Struct, frozen=True):
    disjuncts: tuple[Disjunct, ...]
    special: tuple[Term, ...]
    """Its prefixes and phrases, which articles are asked for only while a query needs them."""


class Index:
    """The queries of all groups. `add` and `remove` take effect with the next article."""

    def __init__(self) -> None:
        self._entries: dict[Group, _Entry] = {}
        self._anchors: dict[Feature, _Place] = {}
        self._special = _Special()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, group: Group) -> bool:
        return group in self._entries

    def add(self, query: Query) -> None:
        """Take a query in; one that is equal to a known one changes nothing."""
        if query.group in self._entries:
            return
        special = tuple(term for term in terms(query.tree) if term.prefix or _is_phrase(term))
        entry = _Entry(plan(query.tree), special)
        self._entries[query.group] = entry
        for term in special:
            self._special.add(term)
        for disjunct in entry.disjuncts:
            residue = _residue(query.group, disjunct)
            for place in self._places(disjunct):
                if residue is None:
                    place.groups.add(query.group)
                else:
                    place.residues.setdefault(query.group, []).append(residue)

    def remove(self, group: Group) -> None:
        """Forget a group; an unknown one is no error, for a change may be told twice."""
        entry = self._entries.pop(group, None)
        if entry is None:
            return
        for term in entry.special:
            self._special.remove(term)
        for disjunct in entry.disjuncts:
            for place in self._places(disjunct):
                place.groups.discard(group)
                place.residues.pop(group, None)
            self._prune(disjunct)

    def match(self, found: Features) -> set[Group]:
        """Return the groups whose query holds for an article."""
        # A set and not a frozenset: CPython then intersects it with a small dict's keys the short way round.
        present = self._special.present(found)
        present |= found.terms
        matched: set[Group] = set()
        for anchor in present & self._anchors.keys():
            place = self._anchors[anchor]
            _collect(place, present, found, matched)
            for feature in place.second.keys() & present:
                _collect(place.second[feature], present, found, matched)
        return matched

    def _places(self, disjunct: Disjunct) -> Iterator[_Place]:
        second = disjunct.second
        for feature in disjunct.clauses[0]:
            place = self._anchors.setdefault(feature, _Place())
            if second is None:
                yield place
            else:
                for other in second:
                    yield place.second.setdefault(other, _Place())

    def _prune(self, disjunct: Disjunct) -> None:
        for feature in disjunct.clauses[0]:
            place = self._anchors.get(feature)
            if place is None:
                continue
            for other in disjunct.second or ():
                if other in place.second and not place.second[other]:
                    del place.second[other]
            if not place:
                del self._anchors[feature]


def _collect(place: _Place, present: set[Feature], found: Features, matched: set[Group]) -> None:
    matched |= place.groups
    for group, residues in place.residues.items():
        if group not in matched and any(residue.met(present, found) for residue in residues):
            matched.add(group)


def _residue(group: Group, disjunct: Disjunct) -> _Residue | None:
    rest = disjunct.rest
    if not rest and not disjunct.forbidden and disjunct.tree is None:
        return None
    required = frozenset(feature for clause in rest if len(clause) == 1 for feature in clause)
    choices = tuple(clause for clause in rest if len(clause) > 1)
    return _Residue(group, required, choices, disjunct.forbidden, disjunct.tree)


def _is_phrase(term: Term) -> bool:
    return term.field in ("", "title") and " " in term.value


class _Special:
    """Prefixes and phrases that some query asks for, with how many ask."""

    def __init__(self) -> None:
        self._counts: dict[Feature, int] = {}
        self._prefixes: dict[str, dict[int, dict[str, Feature]]] = {"": {}, "title": {}}
        """Field -> length -> prefix -> feature."""
        self._phrases: dict[str, dict[tuple[str, str], dict[Feature, str]]] = {"": {}, "title": {}}
        """Field -> first two words -> feature -> all words."""

    def add(self, term: Term) -> None:
        feature = term.feature
        self._counts[feature] = self._counts.get(feature, 0) + 1
        if term.prefix:
            self._prefixes[term.field].setdefault(len(term.value), {})[term.value] = feature
        else:
            self._phrases[term.field].setdefault(_head(term.value), {})[feature] = term.value

    def remove(self, term: Term) -> None:
        feature = term.feature
        self._counts[feature] -= 1
        if self._counts[feature]:
            return
        del self._counts[feature]
        if term.prefix:
            lengths = self._prefixes[term.field]
            del lengths[len(term.value)][term.value]
            if not lengths[len(term.value)]:
                del lengths[len(term.value)]
        else:
            heads = self._phrases[term.field]
            del heads[_head(term.value)][feature]
            if not heads[_head(term.value)]:
                del heads[_head(term.value)]

    def present(self, found: Features) -> set[Feature]:
        """Return the asked-for prefixes and phrases that an article has."""
        have: set[Feature] = set()
        for field, plain, sequence in (
            ("", found.words, found.sequence),
            ("title", found.title_words, found.title_sequence),
        ):
            for length, prefixes in self._prefixes[field].items():
                have.update(prefixes[start] for start in {word[:length] for word in plain} & prefixes.keys())
            heads = self._phrases[field]
            for head in heads.keys() & itertools.pairwise(sequence) if heads else ():
                for feature, phrase in heads[head].items():
                    if phrase.count(" ") == 1 or in_order(phrase, sequence):
                        have.add(feature)
        return have


def _head(phrase: str) -> tuple[str, str]:
    first, second = phrase.split(" ", 2)[:2]
    return first, second
