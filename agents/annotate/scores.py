"""How good topics and events are against labelled articles: precision, recall, F1, their intervals, reliability.

An event is right when type, actor and target are those of a labelled one, one to one; meetings and agreements have no
order of parties. Status, count and object are counted over the right ones, as is whether the first span lies on the
labelled evidence. Labelled events fold `announced` into planned and `reversed` into denied.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tocsin.agents.lexicon.packs import UNORDERED

FOLDED = {"announced": "planned", "reversed": "denied"}
MAIN_EVENTS = ("expel", "sanction", "lift_sanction", "host_or_meet", "recall_envoy")
LONGEST_EVIDENCE = 400
"""Characters that a span of evidence may have to count as one."""
BINS = 10


class Tally(msgspec.Struct, frozen=True):
    """What was right, of how many that were given and how many that are labelled."""

    right: int = 0
    given: int = 0
    labelled: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.given + other.given, self.labelled + other.labelled)

    @property
    def precision(self) -> float:
        """Share of the given that is right; 1 where nothing was given."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """Share of the labelled that was found; 1 where nothing is labelled."""
        return self.right / self.labelled if self.labelled else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; 1 where there is nothing at all."""
        total = self.given + self.labelled
        return 2 * self.right / total if total else 1.0


Row = dict[str, Tally]
"""The tallies of one article, by measure."""


def topics_row(labelled: Iterable[str], given: Iterable[str], names: Iterable[str]) -> Row:
    """Return an article's tally for each topic."""
    gold, found = set(labelled), set(given)
    return {name: Tally(name in gold and name in found, name in found, name in gold) for name in names}


def total(rows: Iterable[Row]) -> Row:
    """Add up the rows of all articles."""
    summed: Row = {}
    for row in rows:
        for measure, tally in row.items():
            summed[measure] = summed.get(measure, Tally()) + tally
    return summed


def macro(summed: Mapping[str, Tally], names: Iterable[str]) -> float:
    """Return the mean F1 over those measures of which something is labelled."""
    scores = [summed[name].f1 for name in names if name in summed and summed[name].labelled]
    return sum(scores) / len(scores) if scores else 0.0


def interval(rows: Sequence[Row], of: Callable[[Row], float], tries: int = 500) -> tuple[float, float]:
    """Return the range in which 95 of 100 resamplings of the articles put a figure; the same on every call."""
    chance = random.Random(1)  # noqa: S311 - resampling, no secret
    found = sorted(of(total(chance.choices(rows, k=len(rows)))) for _ in range(tries)) if rows else [0.0]
    return found[int(0.025 * (len(found) - 1))], found[round(0.975 * (len(found) - 1))]


Labelled = Mapping[str, Any]
"""An event as it is labelled or as `tocsin annotate` writes it; what is labelled may call its object `kind`."""


def parties_of(event: Labelled) -> tuple[str, str]:
    """Return who did it to whom, in capitals, in alphabetic order where the order says nothing."""
    pair = ((event.get("actor") or "").upper(), (event.get("target") or "").upper())
    return (min(pair), max(pair)) if event["type"] in UNORDERED else pair


def matched(labelled: Sequence[Labelled], given: Sequence[Labelled]) -> list[tuple[int, int]]:
    """Return which labelled and which given event are one: alike in type and parties, what shares most text first."""
    shared = []
    for one, left in enumerate(labelled):
        for other, right in enumerate(given):
            if left["type"] == right["type"] and parties_of(left) == parties_of(right):
                shared.append((-_overlap(_span(left), _span(right)), one, other))
    taken: tuple[set[int], set[int]] = (set(), set())
    found = []
    for _, one, other in sorted(shared):
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            found.append((one, other))
    return found


def _span(event: Labelled) -> tuple[int, int]:
    if event.get("spans"):
        return event["spans"][0][0], event["spans"][0][1]
    return event.get("start", 0), event.get("end", 0)


def _overlap(one: tuple[int, int], two: tuple[int, int]) -> int:
    return max(0, min(one[1], two[1]) - max(one[0], two[0]))


def on_evidence(labelled: Labelled, given: Labelled) -> bool:
    """Tell whether the first span shares half of the shorter with the labelled evidence and is not too long."""
    gold, found = _span(labelled), _span(given)
    shorter = min(gold[1] - gold[0], found[1] - found[0])
    return found[1] - found[0] <= LONGEST_EVIDENCE and 2 * _overlap(gold, found) >= shorter > 0


def events_row(labelled: Sequence[Labelled], given: Sequence[Labelled]) -> Row:
    """Return an article's tallies: events by type, `main` and `all`; of the right ones the details."""
    pairs = matched(labelled, given)
    row: Row = {}
    for kind in {event["type"] for event in (*labelled, *given)}:
        tally = Tally(
            sum(labelled[one]["type"] == kind for one, _ in pairs),
            sum(event["type"] == kind for event in given),
            sum(event["type"] == kind for event in labelled),
        )
        for measure in (kind, "all", *(("main",) if kind in MAIN_EVENTS else ())):
            row[measure] = row.get(measure, Tally()) + tally
    for one, other in pairs:
        for measure, right in _details(labelled[one], given[other]):
            row[measure] = row.get(measure, Tally()) + Tally(right, 1, 1)
    return row


def _details(labelled: Labelled, given: Labelled) -> Iterable[tuple[str, bool]]:
    status = given.get("status")
    yield "status", labelled["status"] == FOLDED.get(status or "", status)
    if labelled.get("count") is not None:
        yield "count", labelled["count"] == given.get("count")
    kind = labelled.get("kind") or labelled.get("object")
    if kind is not None:
        yield "object", kind == (given.get("object") or given.get("kind"))
    yield "evidence", on_evidence(labelled, given)


def reliability(scored: Iterable[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """Return, for each tenth of the scale that holds something, mean score, share that is right, and how many."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, right in scored:
        bins.setdefault(min(BINS - 1, int(score * BINS)), []).append((score, right))
    return [
        (
            sum(score for score, _ in bins[place]) / len(bins[place]),
            sum(r for _, r in bins[place]) / len(bins[place]),
            len(bins[place]),
        )
        for place in sorted(bins)
    ]


def calibration_error(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error: how far score and share lie apart, over all tenths by their number."""
    rows = reliability(scored)
    return sum(abs(mean - share) * count for mean, share, count in rows) / max(1, len(scored))
