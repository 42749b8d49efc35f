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
from tocsin.streams.contract import Agent, Item, Memory, Origin, Result, Send
from tocsin.streams.outputs import Failed
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
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            failed.append(Failed(message=message, reason="undecodable", detail=str(error)))
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
    ) -> tuple[Result, list[Failed]]:
        """Call the agent; where it raises, again record by record, so that only the failing one is set aside."""
        if not items:
            return Result(), []
        try:
            return await self._call(items, memory), []
        except Exception as error:
            if len(items) == 1:
                log.exception("handle-raised", stage=self._agent.name, origin=str(items[0].cause.origin))
                return Result(), [_blame(items[0], batch, error)]
        return await self._one_by_one(items, memory, batch)

    async def _one_by_one(
        self, items: Sequence[Item[Any]], memory: Memory[Any], batch: Sequence[ConsumerRecord]
    ) -> tuple[Result, list[Failed]]:
        draft = self._agent.memory()
        draft.apply(dict(memory.items()))
        sends: list[Send] = []
        changes: dict[str, Any] = {}
        failed: list[Failed] = []
        for item in items:
            result, raised = await self.handle([item], draft, batch)
            failed += raised
            sends += result.sends
            changes |= result.changes
            draft.apply(result.changes)
        return Result(sends=sends, changes=changes), failed

    async def _call(self, items: Sequence[Item[Any]], memory: Memory[Any]) -> Result:
        now = max(item.time for item in items)
        loop = asyncio.get_running_loop()
        with self._watchdog.in_hand(self._agent.name):
            result = await loop.run_in_executor(self._thread, self._agent.handle, items, memory, now)
        answered = {send.cause.origin for send in result.sends if send.cause}
        unanswered = [str(item.cause.origin) for item in items if item.cause.origin not in answered]
        if unanswered:
            raise LookupError(f"no output and no note for {', '.join(unanswered)}")
        return result


def _blame(item: Item[Any], batch: Sequence[ConsumerRecord], error: Exception) -> Failed:
    message = next(m for m in batch if m.offset == item.cause.origin.offset)
    return Failed(message=message, reason="handle-raised", detail=repr(error)[:500])
