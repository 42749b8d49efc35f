"""What the stories stage remembers, and the index it keeps over that.

Two kinds of values share one type: a story under `s/<story id>`, an article under `a/<article id>`. All that is
looked up by (terms, facts, sketches) is rebuilt from these values, so a restart decides as if there had been none.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tocsin.agents.stories.facts import Known, place_of
from tocsin.streams.contract import Memory
from tocsin.streams.records import Record

QUIET = timedelta(hours=72)
"""A story that nobody adds to for so long has ended."""

_EMPTY: frozenset[Any] = frozenset()
"""Stands for a row that is not there."""


class Story(Record, frozen=True, kw_only=True):
    """A story as it stands; about 2 kB."""

    id: str
    headline: str
    terms: dict[str, float]
    """The heaviest terms of its articles, averaged."""
    size: int = 1
    """Articles that shaped the terms."""
    facts: dict[str, Known] = msgspec.field(default_factory=dict)
    sources: tuple[str, ...] = ()


class Seen(Record, frozen=True, kw_only=True):
    """An article that has its story."""

    story: str
    revision: int = 0
    sketch: tuple[int, ...] = ()
    short: bool = False


class Kept(Record, frozen=True, kw_only=True):
    """One value of the state: a story or an article, and when it was last heard of (log time)."""

    story: Story | None = None
    seen: Seen | None = None
    last: datetime


def story_key(story: str) -> str:
    """Return the key of a story's value."""
    return f"s/{story}"


def article_key(article: str) -> str:
    """Return the key of an article's value."""
    return f"a/{article}"


class Table:
    """Rows of ids. Over another table it notes only what differs, and leaves the other alone."""

    __slots__ = ("_gone", "_rows", "_under")

    def __init__(self, under: Table | None = None) -> None:
        self._rows: dict[str | int, set[str]] = {}
        self._gone: dict[str | int, set[str]] = {}
        """What the table below has and this one has not."""
        self._under = under

    def size(self, key: str | int) -> int:
        """Return how many ids stand under a key."""
        own = len(self._rows.get(key, _EMPTY))
        return own if self._under is None else own + self._under.size(key) - len(self._gone.get(key, _EMPTY))

    def row(self, key: str | int) -> AbstractSet[str]:
        """Return the ids under a key, none where there is no row."""
        own: AbstractSet[str] = self._rows.get(key, _EMPTY)
        if self._under is None:
            return own
        below, gone = self._under.row(key), self._gone.get(key)
        if gone:
            below = below - gone
        return own | below if own else below

    def change(self, id_: str, old: AbstractSet[str | int], new: AbstractSet[str | int]) -> None:
        """Move an id from its old rows to its new ones."""
        for key in old - new:
            row = self._rows.get(key)
            if row is not None and id_ in row:
                row.remove(id_)
                if not row:
                    del self._rows[key]
            else:
                self._gone.setdefault(key, set()).add(id_)
        for key in new - old:
            gone = self._gone.get(key)
            if gone is not None and id_ in gone:
                gone.remove(id_)
            else:
                self._rows.setdefault(key, set()).add(id_)


class Shelf:
    """The tables by which stories and articles are found."""

    def __init__(self, under: Shelf | None = None) -> None:
        self.terms: Table = Table(under.terms if under else None)
        self.facts: Table = Table(under.facts if under else None)
        self.sketches: Table = Table(under.sketches if under else None)
        self.stories: int = under.stories if under else 0

    def change(self, key: str, old: Kept | None, new: Kept | None) -> None:
        """Take note of a value that changed; None where there was or is none."""
        id_ = key[2:]
        if key.startswith("s/"):
            self.stories += (new is not None) - (old is not None)
            before, after = old.story if old else None, new.story if new else None
            self.terms.change(id_, _terms(before), _terms(after))
            self.facts.change(id_, _places(before), _places(after))
        else:
            self.sketches.change(id_, _values(old), _values(new))


def _terms(story: Story | None) -> AbstractSet[str | int]:
    return set(story.terms) if story else _EMPTY


def _places(story: Story | None) -> AbstractSet[str | int]:
    return {place_of(key) for key, known in story.facts.items() if known.primary} if story else _EMPTY


def _values(kept: Kept | None) -> AbstractSet[str | int]:
    return set(kept.seen.sketch) if kept and kept.seen else _EMPTY


class StoryIndex(Memory[Kept]):
    """The state of the stage with its tables, and with what ends next at hand."""

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf()
        self._ends: list[tuple[datetime, str]] = []
        """A heap; an entry counts only while its value still has that time."""

    def apply(self, changes: Mapping[str, Kept | None]) -> None:
        """Take over changes that the log has confirmed."""
        for key, value in changes.items():
            self.shelf.change(key, self.get(key), value)
            if value is not None:
                heapq.heappush(self._ends, (value.last, key))
        super().apply(changes)
        while self._ends and not self._current(self._ends[0]):
            heapq.heappop(self._ends)

    def next_end(self) -> datetime | None:
        """Return when the value that is quiet longest has been quiet for QUIET."""
        return self._ends[0][0] + QUIET if self._ends else None

    def ended(self, due: datetime, most: int) -> list[str]:
        """Return keys of values that are quiet for QUIET at `due`, at most so many, and change nothing."""
        found: list[str] = []
        places = [0]
        # Below a heap's entry that is too young all are too young, so only what has ended is walked.
        while places and len(found) < most:
            place = places.pop()
            if place < len(self._ends) and self._ends[place][0] + QUIET <= due:
                if self._current(self._ends[place]):
                    found.append(self._ends[place][1])
                places += (2 * place + 1, 2 * place + 2)
        return found

    def _current(self, entry: tuple[datetime, str]) -> bool:
        value = self.get(entry[1])
        return value is not None and value.last == entry[0]


class Draft:
    """The state as it will be once a batch is confirmed: later articles of the batch see what earlier ones did."""

    def __init__(self, under: StoryIndex) -> None:
        self._under = under
        self.shelf = Shelf(under.shelf)
        self.changes: dict[str, Kept | None] = {}

    def get(self, key: str) -> Kept | None:
        """Return a value as the batch so far has left it."""
        return self.changes[key] if key in self.changes else self._under.get(key)

    def put(self, key: str, value: Kept) -> None:
        """Change a value in the draft."""
        self.shelf.change(key, self.get(key), value)
        self.changes[key] = value
