"""The published figures of topics and events are those of now: none falls by more than a point or one item."""

from __future__ import annotations

import pytest

from tests.quality.happenings import DETAILS, GOLD, scored
from tests.quality.scoring import published
from tocsin.agents.annotate.scores import MAIN_EVENTS, Row, total
from tocsin.agents.lexicon.packs import TOPICS
from tocsin.service.evaluate import labelled

MEND = "find what was lost; where the figures rightly changed: python -m tests.quality.happenings --publish"
EVENTS = ("main", "all", *MAIN_EVENTS, *DETAILS)


@pytest.fixture(scope="module")
def now() -> dict[str, Row]:
    topics, events, _ = scored()
    return {"topics": total(topics), "events": total(events)}


@pytest.mark.parametrize(
    ("name", "measure"), [*(("topics", one) for one in TOPICS), *(("events", one) for one in EVENTS)]
)
def test_a_figure_stays_within_a_point_or_one_item_of_what_is_published(
    name: str, measure: str, now: dict[str, Row]
) -> None:
    was, tally = published(name)[measure], now[name][measure]
    if measure not in DETAILS:
        assert was[3] == tally.labelled, f"{measure}: docs/quality.md was made of other articles; {MEND}"
    moved = abs(was[2] - tally.f1)
    assert moved <= max(0.01, 1 / max(1, tally.labelled)), f"{measure}: F1 {was[2]:.3f} is now {tally.f1:.3f}; {MEND}"


def test_there_are_three_hundred_articles_with_every_topic_and_many_that_have_none() -> None:
    items = labelled(str(GOLD))
    assert len(items) >= 300
    assert {topic for item in items for topic in item["topics"]} == set(TOPICS)
    assert sum(not item["topics"] for item in items) >= 60
