"""A stage's state in the log: one compacted topic, one partition for each partition of the stage's input.

All changes of a batch and `applied`, the next offset to handle, are one record batch: all or nothing. So the state
topic is also the truth about the position, and a kill at any moment leaves the two in step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder

from tocsin.streams.codec import decode, encode
from tocsin.streams.contract import Memory
from tocsin.streams.kafka import IO_SECONDS, STATE_BYTES
from tocsin.streams.records import Record

# Reserved keys begin with a zero byte, which no key of an agent does.
APPLIED = b"\x00applied"
STARTS = b"\x00starts"
ORDER = "o"
"""Header of every state record: the position it was written at. A late write of a worker that was paused and has lost
the partition carries an older position, and the restore passes over it."""


class FencedError(Exception):
    """Another worker wrote this partition's state: it owns the partition now."""


class StateUnreadableError(Exception):
    """A record of the state topic is not what a stage writes: topic, partition and key, and the mend."""


class StateTooLargeError(Exception):
    """The changes of one batch do not fit into one record batch."""


class Starts(msgspec.Struct, frozen=True):
    """The offset before which a worker last began, and how often in a row it began there (0: it stopped cleanly)."""

    offset: int
    count: int


class Restored(msgspec.Struct, kw_only=True):
    """What the log knows of one partition's state."""

    memory: Memory[Any]
    applied: int = 0
    starts: Starts = Starts(-1, 0)
    end: int = 0
    """Offset at which the next state batch must land."""


class StateLog:
    """Reads and writes the state topic of one stage."""

    def __init__(self, topic: str, record: type[Record] | None) -> None:
        self.topic = topic
        self._record = record

    async def ends(self, reader: AIOKafkaConsumer, partitions: Collection[int]) -> dict[int, int]:
        """Return the end offset of each partition."""
        wanted = [TopicPartition(self.topic, number) for number in partitions]
        async with asyncio.timeout(IO_SECONDS):
            found = await reader.end_offsets(wanted)
        return {tp.partition: offset for tp, offset in found.items()}

    async def restore(self, reader: AIOKafkaConsumer, memories: Mapping[int, Memory[Any]]) -> dict[int, Restored]:
        """Read each partition from its start to its present end."""
        ends = await self.ends(reader, memories)
        restored = {number: Restored(memory=memory, end=ends[number]) for number, memory in memories.items()}
        reader.assign([TopicPartition(self.topic, number) for number in memories])
        await reader.seek_to_beginning()
        newest: dict[tuple[int, bytes], tuple[int, bytes | None]] = {}
        open_ = {TopicPartition(self.topic, number) for number, end in ends.items() if end > 0}
        while open_:
            async with asyncio.timeout(IO_SECONDS):
                found = await reader.getmany(timeout_ms=200)
                for messages in found.values():
                    for message in messages:
                        _keep_newest(newest, message)
                open_ = {tp for tp in open_ if await reader.position(tp) < ends[tp.partition]}
        reader.unsubscribe()  # else it would go on to fetch what the stage itself writes
        for (number, key), (_, value) in newest.items():
            try:
                self._take(restored[number], key, value)
            except (msgspec.DecodeError, UnicodeDecodeError, ValueError, AttributeError) as error:
                # Going on without it would make the state inexact: a person has to look.
                place = f"{self.topic}/{number}, key {key!r}"
                raise StateUnreadableError(f"{place}: {error}; mend or delete that record") from error
        return restored

    def _take(self, restored: Restored, key: bytes, value: bytes | None) -> None:
        if value is None:
            return
        if key == APPLIED:
            restored.applied = int(value)
        elif key == STARTS:
            restored.starts = msgspec.json.decode(value, type=Starts)
        elif self._record is not None:
            restored.memory.apply({key.decode(): decode(self._record, value)})

    def pack(
        self,
        producer: AIOKafkaProducer,
        *,
        changes: Mapping[str, Record | None],
        applied: int | None = None,
        starts: Starts | None = None,
        position: int,
    ) -> BatchBuilder | None:
        """Return changes as one record batch, or None for nothing; StateTooLargeError where they do not fit."""
        records: list[tuple[bytes, bytes | None]] = [
            (key.encode(), None if value is None else encode(value)) for key, value in changes.items()
        ]
        if applied is not None:
            records.append((APPLIED, str(applied).encode()))
        if starts is not None:
            records.append((STARTS, msgspec.json.encode(starts)))
        if not records:
            return None
        batch = producer.create_batch()
        order = [(ORDER, str(position).encode())]
        for key, value in records:
            # The builder takes a first record of any size.
            if batch.append(key=key, value=value, timestamp=None, headers=order) is None or batch.size() > STATE_BYTES:
                raise StateTooLargeError(f"the state changes of one batch of {self.topic} exceed the batch size")
        batch.close()
        return batch

    async def write(self, producer: AIOKafkaProducer, partition: int, at: int, batch: BatchBuilder | None) -> int:
        """Write a batch that must land at offset `at`; return the offset for the next one, FencedError elsewhere."""
        if batch is None:
            return at
        async with asyncio.timeout(IO_SECONDS):
            confirmed = await (await producer.send_batch(batch, self.topic, partition=partition))
        if confirmed.offset != at:
            raise FencedError(f"{self.topic}/{partition} was written by another worker at offset {at}")
        return at + int(batch.record_count())


def _keep_newest(newest: dict[tuple[int, bytes], tuple[int, bytes | None]], message: Any) -> None:
    order = int(dict(message.headers).get(ORDER, b"0"))
    slot = (message.partition, message.key)
    if slot not in newest or order >= newest[slot][0]:
        newest[slot] = (order, message.value)
