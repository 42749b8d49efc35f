"""How much an article is about what it names: by place and by frequency."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

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

    told = {id_: _told(id_ in titled, first[id_], count) for id_, count in counts.items()}
    return tuple(
        Mention(
            id=item.id,
            kind=item.kind,
            surface=text[item.start : item.end],
            start=item.start,
            end=item.end,
            role=told[item.id][0],
            score=item.score,
            salience=told[item.id][1],
        )
        for item in found
    )


def _told(titled: bool, first: int, count: int) -> tuple[Literal["about", "mentioned"], float]:
    """Return role and salience of what is named so often, in the title or first in that sentence."""
    about = titled or first == 0 or (first < LEAD and count > 1) or count >= OFTEN
    place = 1.0 if titled else 0.8 if first == 0 else 0.6 if first < LEAD else 2 / (4 + first)
    return "about" if about else "mentioned", round(place * (1 + min(count, OFTEN)) / (1 + OFTEN), 3)
