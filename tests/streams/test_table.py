"""A table: one record that can't be used keeps none of the others from being read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tocsin.streams.codec import encode
from tocsin.streams.kafka import Kafka
from tocsin.streams.records import Record
from tocsin.streams.table import Table
from tocsin.streams.topics import Topic


class Word(Record, frozen=True, kw_only=True):
    text: str


WORDS = Topic(name="test.words.v1", key="word", partitions=1, record=Word)


def message(key: str, value: bytes | None) -> Any:
    return SimpleNamespace(key=key.encode(), value=value, offset=0)


def test_a_record_that_cannot_be_read_or_is_refused_leaves_the_last_good_value_in_force() -> None:
    seen = []

    def on_change(_key: str, word: Word | None) -> None:
        if word and word.text == "refused":
            raise ValueError(word.text)
        seen.append(word and word.text)

    table: Table[Word] = Table(WORDS, Kafka(bootstrap=""), on_change=on_change)
    for value in (encode(Word(text="good")), b"no JSON", encode(Word(text="refused"))):
        table._take(message("a", value))
    assert table.values == {"a": Word(text="good")}
    table._take(message("a", None))
    assert not table.values
    assert seen == ["good", None]
