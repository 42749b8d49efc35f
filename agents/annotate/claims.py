"""A rule that holds in a sentence: what the topics and the events are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from tocsin.agents.annotate.marked import Marked
from tocsin.agents.lexicon.vocabulary import Hit, Rule
from tocsin.streams.records import Span


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that holds in a sentence. Places are those of the marked sentence."""

    rule: Rule
    line: Marked
    previous: Callable[[], Marked | None]
    """Marks the sentence before, for what a pronoun stands for."""
    number: int
    """How many sentences stand before it."""
    trigger: Span
    start: int
    end: int
    groups: dict[str, Span]

    @property
    def span(self) -> Span:
        """Return the clause that shows it, in the reading text."""
        return self.line.original(self.start, self.end)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with a trigger in it."""

    number: int
    marked: Marked
    previous: Callable[[], Marked | None]
    hits: Sequence[Hit]
