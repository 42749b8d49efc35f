"""Reading and calling: each fault is laid at the door of one record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tocsin.streams.calling import Caller, decode_batch
from tocsin.streams.codec import encode
from tocsin.streams.contract import Agent, Item, Memory, Result, note
from tocsin.streams.records import Article
from tocsin.streams.topics import ARTICLES
from tocsin.streams.watchdog import Watchdog

GOOD = encode(Article(id="1", url="", source="test", title="", first_seen=datetime(2026, 1, 1, tzinfo=UTC)))


def message(value: bytes | None, *, key: bytes | None = b"1", timestamp: int = 0, offset: int = 0) -> Any:
    return SimpleNamespace(
        topic=ARTICLES.name, partition=0, offset=offset, key=key, value=value, timestamp=timestamp, headers=()
    )


def _answer(batch: Sequence[Item[Article]], _state: Memory[Any], _now: datetime) -> Result:
    sizes = {1: 2_000_000}
    details = ["x" * sizes.get(item.cause.origin.offset, 1) for item in batch]
    return Result(sends=[note(item, "test", "done", detail=one) for item, one in zip(batch, details, strict=True)])


AGENT = Agent(name="test", source=ARTICLES, handle=_answer)


@pytest.mark.parametrize(
    "bad",
    [
        message(None),
        message(b"no JSON"),
        message(GOOD[:-1] + b',"more":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        message(GOOD, key=b"\xff"),
        message(GOOD, timestamp=10**18),
        message(GOOD, timestamp=10**15),
    ],
    ids=[
        "tombstone",
        "no JSON",
        "nested without end",
        "key no text",
        "time beyond integers",
        "time beyond the calendar",
    ],
)
def test_what_cannot_be_read_is_set_aside_and_the_rest_is_read(bad: Any) -> None:
    items, failed = decode_batch(AGENT, [message(GOOD), bad])
    assert len(items) == 1
    assert [(one.message, one.reason) for one in failed] == [(bad, "undecodable")]


def test_a_record_without_a_time_is_read() -> None:
    items, failed = decode_batch(AGENT, [message(GOOD, timestamp=-1)])
    assert len(items) == 1
    assert not failed


def test_an_output_larger_than_the_log_takes_sets_aside_its_own_input_only() -> None:
    batch = [message(GOOD, offset=number) for number in range(3)]
    items, _ = decode_batch(AGENT, batch)
    caller = Caller(AGENT, Watchdog(30))
    answer, failed = asyncio.run(caller.handle(items, Memory(), batch))
    caller.close()
    assert [(one.message.offset, one.reason) for one in failed] == [(1, "output-too-large")]
    assert len(answer.outputs) == 2
