"""Subscriptions in force: no change may leave an instant in which a query that holds matches nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.agents.match.features import features
from tocsin.agents.match.query import QueryError, parse
from tocsin.service.names import query_names
from tocsin.service.wiring import Subscribed
from tocsin.streams.records import Annotated, Article, Subscription

RAIN = features(
    Annotated(
        article=Article(id="1", url="", source="s", title="Rain and wind", first_seen=datetime(2026, 1, 1, tzinfo=UTC)),
        language="en",
    )
)


def subscription(key: str, query: str) -> Subscription:
    return Subscription(id=key, query=query, group=parse(query, names=query_names()).group)


def rung(subscribed: Subscribed) -> set[str]:
    groups = subscribed.index().match(RAIN)
    return {one.id for group in groups for one in subscribed.of_group(group)}


def test_equal_queries_share_a_group_and_leave_it_one_by_one() -> None:
    subscribed = Subscribed()
    for key in ("a", "b"):
        subscribed.change(key, subscription(key, "rain"))
    assert rung(subscribed) == {"a", "b"}
    assert len(subscribed.index()) == 1
    subscribed.change("a", None)
    assert rung(subscribed) == {"b"}
    subscribed.change("b", None)
    assert rung(subscribed) == set()
    assert len(subscribed.index()) == 0


def test_a_changed_query_takes_the_place_of_the_old_one() -> None:
    subscribed = Subscribed()
    subscribed.change("a", subscription("a", "rain"))
    subscribed.change("a", subscription("a", "wind"))
    assert rung(subscribed) == {"a"}
    subscribed.change("a", subscription("a", "snow"))
    assert rung(subscribed) == set()


def test_the_same_query_saved_again_is_never_out_of_the_index() -> None:
    subscribed = Subscribed()
    subscribed.change("a", subscription("a", "rain"))
    index = subscribed.index()
    subscribed.change("a", subscription("a", "rain"))
    assert index.match(RAIN), "before the change is taken over"
    assert rung(subscribed) == {"a"}


def test_a_query_that_cannot_be_read_leaves_the_old_one_in_force() -> None:
    subscribed = Subscribed()
    subscribed.change("a", subscription("a", "rain"))
    with pytest.raises(QueryError):
        subscribed.change("a", Subscription(id="a", query="(rain", group="x"))
    assert rung(subscribed) == {"a"}
