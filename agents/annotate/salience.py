"""How much an article is about what it names: by place and by frequency."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from tocsin.agents.annotate.reading import Found
from tocsin.streams.records import Mention, Span

LEAD = 3
"""Sentences that open an article; a name met there twice, or six times anywhere, is what the article is about."""
OFTEN = 6


def mentions(text: str, found: Sequence[Found], sentences: Sequence[Span], title: int) -> tuple[Mention, ...]:
    """Return the mentions as they travel, each with a salience of 0 to 1; `title` is the title's length.

    The rule of place and frequency is the best of those measured on graded salience (docs/quality.md).
    """
    starts = [start for start, _ in sentences]
    counts: dict[str, int] = {}
    first: dict[str, int] = {}
    for item in found:
        counts[item.id] = counts.get(item.id, 0) + 1
        first.setdefault(item.id, bisect_right(starts, item.start) - 1)
    titled = {item.id for item in found if item.end <= title}

    def about(id_: str) -> bool:
        return id_ in titled or first[id_] == 0 or (first[id_] < LEAD and counts[id_] > 1) or counts[id_] >= OFTEN

    def salience(id_: str) -> float:
        place = 1.0 if id_ in titled else 0.8 if first[id_] == 0 else 0.6 if first[id_] < LEAD else 2 / (4 + first[id_])
        return round(place * (1 + min(counts[id_], OFTEN)) / (1 + OFTEN), 3)

    return tuple(
        Mention(
            id=item.id,
            kind=item.kind,
            surface=text[item.start : item.end],
            start=item.start,
            end=item.end,
            role="about" if about(item.id) else "mentioned",
            score=item.score,
            salience=salience(item.id),
        )
        for item in found
    )
