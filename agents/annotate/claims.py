"""A rule that holds in a sentence: what the topics and the events are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import msgspec

from tocsin.agents.annotate.heads import heads
from tocsin.agents.annotate.marked import Marked
from tocsin.agents.lexicon.offices import Person
from tocsin.agents.lexicon.vocabulary import Hit, Rule
from tocsin.streams.records import Span

_HE = re.compile(r"[\"'“‘ ]*(?:he|she)\b")


class Line:
    """A sentence with a trigger in it. Made for one article and dropped with it."""

    def __init__(
        self, number: int, marked: Callable[[int], Marked], hits: Sequence[Hit], people: Mapping[str, Person], date: str
    ) -> None:
        self.number = number
        """How many sentences stand before it."""
        self.marked = marked(number)
        self.hits = hits
        self._mark = marked
        self._people = people
        self._date = date
        self._blocked: dict[re.Pattern[str], bool] = {}

    def previous(self) -> Marked | None:
        """Return the sentence before, for what a pronoun stands for."""
        return self._mark(self.number - 1) if self.number else None

    def blocked(self, blockers: re.Pattern[str]) -> bool:
        """Tell whether something in the sentence blocks the rules of a topic."""
        known = self._blocked.get(blockers)
        if known is None:
            known = self._blocked[blockers] = blockers.search(self.marked.text) is not None
        return known

    @cached_property
    def heads(self) -> Mapping[int, str]:
        """The places of the heads of state and government that it names, each with the state that is led.

        A pronoun that opens the sentence stands for the one that the sentence before names first.
        """
        found = heads(self.marked, self._people, self._date)
        previous = self.previous() if found and _HE.match(self.marked.text) else None
        if previous is not None:
            before = heads(previous, self._people, self._date)
            return {0: next(iter(before.values())), **found} if before else found
        return found


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that holds in a sentence. Places are those of the marked sentence."""

    rule: Rule
    sentence: Line
    trigger: Span
    start: int
    end: int
    groups: dict[str, Span]

    @property
    def line(self) -> Marked:
        """The marked sentence."""
        return self.sentence.marked

    @property
    def span(self) -> Span:
        """The clause that shows it, in the reading text."""
        return self.line.original(self.start, self.end)
