"""The page's source: stories and alerts read from the log as they come, with a bounded look back."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from tocsin.service.web.hub import Hub
from tocsin.service.web.view import alert_item, story_item
from tocsin.streams.codec import decode
from tocsin.streams.kafka import Kafka, start_when_reachable
from tocsin.streams.records import Alert, StoryUpdate
from tocsin.streams.topics import ALERTS, STORIES, Topic

log = structlog.get_logger()

LOOK_BACK = 200
"""Records of each partition that are read for a fresh page."""
TICK_SECONDS = 1.0
CHECK_SECONDS = 3.0
"""How often the log is asked whether it is there: a reader waits in silence for one that is gone."""
ANSWER_SECONDS = 5.0
AWAY = "the log can't be reached; waiting until it is back"


class LiveSource:
    """Reads `tocsin.stories.v1` and `tocsin.alerts.v1` without a group, so that it leaves no trace in the log.

    A record that can't be decoded is left out and logged. While the log is away the page says so; reading goes on
    where it stopped.
    """

    def __init__(self, kafka: Kafka) -> None:
        self.kafka = kafka
        self.hub = Hub()
        self._partitions = [TopicPartition(t.name, p) for t in (STORIES, ALERTS) for p in range(t.partitions)]
        self._positions: dict[TopicPartition, int] = {}
        self._state: Literal["starting", "live", "reconnecting"] = "starting"
        self._read_back = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to read; returns at once."""
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._tick())]

    async def stop(self) -> None:
        """End every page's stream and the reading."""
        self.hub.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def live(self) -> tuple[bool, str]:
        """Tell whether the reading goes on (a log that is away is waited for, and no reason to end)."""
        ended = [task for task in self._tasks if task.done()]
        if not self._tasks or ended:
            return False, "the page's source has ended" if ended else "the page's source has not begun"
        return True, self._state

    def ready(self) -> tuple[bool, str]:
        """Tell whether the look back is done and the log is there."""
        if not self._read_back:
            return False, "reading what came before"
        return self._state == "live", AWAY if self._state == "reconnecting" else self._state

    async def _tick(self) -> None:
        while True:
            self.hub.tick(datetime.now(UTC), self._state, AWAY if self._state == "reconnecting" else "")
            await asyncio.sleep(TICK_SECONDS)

    async def _follow(self) -> None:
        while True:
            reader = await self._reader()
            try:
                await self._read(reader)
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("live-page-waits", error=type(error).__name__, mend="waiting until the log is back")
                self._state = "reconnecting"
                await asyncio.sleep(0.3)
            finally:
                # A reader of a log that is gone may take long to say goodbye.
                with contextlib.suppress(TimeoutError, KafkaError, OSError):
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await reader.stop()

    async def _reader(self) -> Any:
        starting = asyncio.ensure_future(start_when_reachable(self.kafka.reader, "live page"))
        done, _ = await asyncio.wait({starting}, timeout=ANSWER_SECONDS)
        if not done:
            self._state = "reconnecting"
        return await starting

    async def _read(self, reader: Any) -> None:
        reader.assign(self._partitions)
        ends = await self._place(reader)
        if not self._read_back:
            await self._look_back(reader, ends)
        self._state, self._read_back = "live", True
        loop = asyncio.get_running_loop()
        check = loop.time() + CHECK_SECONDS
        while True:
            for messages in (await reader.getmany(timeout_ms=250, max_records=500)).values():
                for message in messages:
                    self._take(message)
            if loop.time() > check:
                await self._ends(reader)
                check = loop.time() + CHECK_SECONDS

    async def _ends(self, reader: Any) -> dict[TopicPartition, int]:
        async with asyncio.timeout(ANSWER_SECONDS):
            found: dict[TopicPartition, int] = await reader.end_offsets(self._partitions)
            return found

    async def _place(self, reader: Any) -> dict[TopicPartition, int]:
        """Seek to where reading stopped, or to the look back; a log that was made anew is read from its start."""
        ends = await self._ends(reader)
        async with asyncio.timeout(ANSWER_SECONDS):
            starts = await reader.beginning_offsets(self._partitions)
        for tp in self._partitions:
            at = self._positions.get(tp)
            if at is None or at > ends[tp]:
                at = ends[tp] - LOOK_BACK if at is None else starts[tp]
            self._positions[tp] = max(at, starts[tp])
            reader.seek(tp, self._positions[tp])
        return ends

    async def _look_back(self, reader: Any, ends: dict[TopicPartition, int]) -> None:
        """Read to the ends seen at the start, then take all of it in the order of time, whatever its partition."""
        found: list[Any] = []
        for tp, end in ends.items():
            async with asyncio.timeout(ANSWER_SECONDS):
                while await reader.position(tp) < end:
                    found += (await reader.getmany(tp, timeout_ms=100)).get(tp, ())
        for message in sorted(found, key=lambda one: (one.timestamp, one.topic == ALERTS.name, one.offset)):
            self._take(message)

    def _take(self, message: Any) -> None:
        tp = TopicPartition(message.topic, message.partition)
        self._positions[tp] = message.offset + 1
        topic: Topic = ALERTS if message.topic == ALERTS.name else STORIES
        at = datetime.fromtimestamp(message.timestamp / 1000, UTC)
        try:
            record = decode(topic.record or msgspec.Raw, message.value or b"")
        except msgspec.DecodeError as error:
            log.warning("live-page-record-undecodable", topic=topic.name, offset=message.offset, error=str(error))
            return
        if isinstance(record, Alert):
            self.hub.publish(alert_item(record, at))
        elif isinstance(record, StoryUpdate):
            before = self.hub.story(record.merged_into or record.story)
            self.hub.publish(story_item(record, at, before), source=record.annotated.article.source)
