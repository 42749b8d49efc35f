"""A sentence as the rules read it: lower case, single spaces, and one sign for every mention."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from tocsin.agents.annotate.reading import Found
from tocsin.agents.lexicon.packs import MARKS
from tocsin.streams.records import Span

_SPACES = re.compile(r"\s{2,}")
HEADS = MARKS["HEADS"]
SIGNS = {
    "country": MARKS["STATE"],
    "government": MARKS["STATE"],
    "nationality": MARKS["PEOPLE"],
    "org": "\ue003",
    "person": MARKS["LEADER"],
    "city": MARKS["CITY"],
}


class Marked:
    """One sentence with its mentions marked; `at` and `place` lead back to the article and into the sentence."""

    def __init__(self, folded: str, span: Span, found: Sequence[Found], groups: Sequence[Found] = ()) -> None:
        self.span = span
        self._groups = groups
        self.found: dict[int, Found] = {}
        self._marked: list[int] = []
        self._original: list[int] = []
        parts: list[str] = []
        size = 0
        position = span[0]
        for start, end, item in _pieces(folded, span, found):
            if start > position:
                self._note(size, position)
                parts.append(folded[position:start])
                size += start - position
            self._note(size, start)
            if item is not None:
                self.found[size] = item
            parts.append(_sign(item) if item is not None else " ")
            size += 1
            position = end
        self._note(size, position)
        parts.append(folded[position : span[1]])
        self.text = "".join(parts)

    def _note(self, marked: int, original: int) -> None:
        self._marked.append(marked)
        self._original.append(original)

    @cached_property
    def named(self) -> dict[int, tuple[int, Found]]:
        """Return every party in order, groups without a state among them: its place to its end and what is meant."""
        named = {place: (place + 1, item) for place, item in self.found.items()}
        if not self._groups:
            return named
        for item in self._groups:
            named[self.place(item.start)] = (self.place(item.end), item)
        return dict(sorted(named.items()))

    def parties(self, start: int, end: int) -> list[int]:
        """Return the places of the parties that begin between two places, in order."""
        return [place for place in self.named if start <= place < end]

    def at(self, index: int) -> int:
        """Return where in the article a place of the marked sentence is."""
        piece = bisect_right(self._marked, index) - 1
        start = self._original[piece] + index - self._marked[piece]
        return min(start, self.span[1])

    def place(self, offset: int) -> int:
        """Return where in the marked sentence an offset of the article is; inside a mention, at its sign."""
        piece = bisect_right(self._original, offset) - 1
        index = self._marked[piece] + offset - self._original[piece]
        limit = self._marked[piece + 1] if piece + 1 < len(self._marked) else len(self.text)
        return min(index, limit)

    def original(self, start: int, end: int) -> Span:
        """Return the article's span for a span of the marked sentence."""
        return self.at(start), self.at(end)


def _sign(item: Found) -> str:
    if item.kind == "org" and item.leaders:
        return HEADS
    return SIGNS[item.kind]


def _pieces(folded: str, span: Span, found: Sequence[Found]) -> list[tuple[int, int, Found | None]]:
    pieces: list[tuple[int, int, Found | None]] = [(item.start, item.end, item) for item in found]
    text = folded[span[0] : span[1]]
    if "  " in text:
        for match in _SPACES.finditer(text):
            start, end = match.start() + span[0], match.end() + span[0]
            if not any(item.start < end and start < item.end for item in found):
                pieces.append((start, end, None))
        pieces.sort(key=lambda piece: piece[0])
    return pieces
