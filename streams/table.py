"""A compacted topic read whole and kept up to date: subscriptions, endpoints, feeds.

Read without a group from the start, so every process has all of it. Not ready before the end that was seen at start
has been reached: a matcher that lacks one subscription would miss alerts that nobody sees.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec
import structlog
from aiokafka import TopicPartition
from mode import Service

from tocsin.streams.codec import decode
from tocsin.streams.kafka import Kafka, start_when_reachable
from tocsin.streams.records import Record
from tocsin.streams.topics import Topic

log = structlog.get_logger()
R = TypeVar("R", bound=Record)


class Table(Service, Generic[R]):
    """Values by key; `on_change(key, value or None)` is called for each change, in the order of the log."""

    def __init__(
        self,
        topic: Topic,
        kafka: Kafka,
        *,
        on_change: Callable[[str, R | None], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.topic = topic
        self.kafka = kafka
        self.on_change = on_change
        self.values: dict[str, R] = {}
        self.ready = asyncio.Event()

    @Service.task
    async def _follow(self) -> None:
        reader = await start_when_reachable(self.kafka.reader, f"table {self.topic.name}")
        try:
            tp = TopicPartition(self.topic.name, 0)
            reader.assign([tp])
            await reader.seek_to_beginning(tp)
            mark = (await reader.end_offsets([tp]))[tp]
            while not self.should_stop:
                if not self.ready.is_set() and await reader.position(tp) >= mark:
                    self.ready.set()
                found = await reader.getmany(tp, timeout_ms=500 if self.ready.is_set() else 50)
                for message in found.get(tp, ()):
                    self._take(message)
        finally:
            await reader.stop()

    def _take(self, message: Any) -> None:
        key = (message.key or b"").decode("utf-8", "replace")
        value: R | None = None
        if message.value is not None:
            try:
                value = decode(self.topic.record or msgspec.Raw, message.value)
            except msgspec.DecodeError as error:
                # One bad record must not keep all others from being read; the last good value stays in force.
                log.warning("table-record-undecodable", topic=self.topic.name, offset=message.offset, error=str(error))
                return
        if self.on_change:
            try:
                self.on_change(key, value)
            except Exception:
                log.exception("table-record-refused", topic=self.topic.name, key=key, offset=message.offset)
                return
        if value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value
