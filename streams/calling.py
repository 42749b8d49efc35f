"""Calling an agent: the one place where its exceptions are caught, and each is laid at the door of one record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from aiokafka import ConsumerRecord

from tocsin.streams.codec import cause_of, decode
from tocsin.streams.contract import Agent, Item, Memory, Origin
from tocsin.streams.outputs import Answer, Failed, OutputTooLargeError, Packed, pack
from tocsin.streams.watchdog import Watchdog

log = structlog.get_logger()


def decode_batch(agent: Agent, batch: Sequence[ConsumerRecord]) -> tuple[list[Item[Any]], list[Failed]]:
    """Read the records of a batch; what can't be read is set aside with the place where it fails."""
    items: list[Item[Any]] = []
    failed: list[Failed] = []
    for message in batch:
        try:
            items.append(
                Item(
                    record=decode(agent.source.record or msgspec.Raw, message.value or b""),
                    key=(message.key or b"").decode(),
                    time=datetime.fromtimestamp(message.timestamp / 1000, UTC),
                    cause=cause_of(Origin(message.topic, message.partition, message.offset), message.headers),
                )
            )
        except Exception as error:  # a tombstone, nesting without end, a time beyond the calendar: its own fault always
            failed.append(Failed(message=message, reason="undecodable", detail=str(error)[:500]))
    return items, failed


class Caller:
    """Calls `handle` in a thread of its own, so that heartbeats go on, and within sight of the watchdog."""

    def __init__(self, agent: Agent, watchdog: Watchdog) -> None:
        self._agent = agent
        self._watchdog = watchdog
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"handle-{agent.name}")

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False)

    async def handle(
        self, items: Sequence[Item[Any]], memory: Memory[Any], batch: Sequence[ConsumerRecord]
    ) -> tuple[Answer, list[Failed]]:
        """Call the agent; where it raises, again record by record, so that only the failing one is set aside."""
        if not items:
            return Answer(), []
        try:
            return await self._call(items, memory), []
        except Exception as error:
            if len(items) == 1:
                log.exception("handle-raised", stage=self._agent.name, origin=str(items[0].cause.origin))
                return Answer(), [_blame(items[0], batch, error)]
        return await self._one_by_one(items, memory, batch)

    async def _one_by_one(
        self, items: Sequence[Item[Any]], memory: Memory[Any], batch: Sequence[ConsumerRecord]
    ) -> tuple[Answer, list[Failed]]:
        draft = self._agent.memory()
        draft.apply(dict(memory.items()))
        outputs: list[Packed] = []
        changes: dict[str, Any] = {}
        failed: list[Failed] = []
        for item in items:
            answer, raised = await self.handle([item], draft, batch)
            failed += raised
            outputs += answer.outputs
            changes |= answer.changes
            draft.apply(answer.changes)
        return Answer(outputs=outputs, changes=changes), failed

    async def _call(self, items: Sequence[Item[Any]], memory: Memory[Any]) -> Answer:
        now = max(item.time for item in items)
        loop = asyncio.get_running_loop()
        with self._watchdog.in_hand(self._agent.name):
            result = await loop.run_in_executor(self._thread, self._agent.handle, items, memory, now)
        answered = {send.cause.origin for send in result.sends if send.cause}
        unanswered = [str(item.cause.origin) for item in items if item.cause.origin not in answered]
        if unanswered:
            raise LookupError(f"no output and no note for {', '.join(unanswered)}")
        return pack(result)


def _blame(item: Item[Any], batch: Sequence[ConsumerRecord], error: Exception) -> Failed:
    message = next(m for m in batch if m.offset == item.cause.origin.offset)
    reason = "output-too-large" if isinstance(error, OutputTooLargeError) else "handle-raised"
    return Failed(message=message, reason=reason, detail=repr(error)[:500])
