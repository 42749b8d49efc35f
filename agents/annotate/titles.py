"""Titles before a name: they tell a person from a place, and one bearer of a name from another."""

from __future__ import annotations

import re

from tocsin.agents.annotate.reading import Reading, Spot

RULER = re.compile(
    r"\b(?:king|queen|emperor|empress|sultan|emir|amir|pope|prince|crown prince|princess|sheikh|sheik|shah|grand duke|"
    r"saint)"
    r"(?: of \w+,?| pope)? \Z"
)


def title_of(reading: Reading, spot: Spot) -> str | None:
    """Return the kind of the title that stands right before a name: a key of the offices it stands for, or None."""
    word = reading.word_before(spot).rstrip(",").lstrip("(\"'“-")
    if word not in reading.grammar.title_ends and "-" not in word:
        return None
    match = reading.grammar.title.search(reading.folded, max(0, spot.start - 44), spot.start)
    return match.lastgroup if match else None
