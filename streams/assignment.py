"""Which partitions a stage owns, and what it holds of each: memory, position, and where its state must go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError

from tocsin.streams import metrics
from tocsin.streams.contract import Agent, Memory
from tocsin.streams.kafka import IO_SECONDS
from tocsin.streams.state import Restored, Starts, StateLog

STEPS = 64
"""Records that are taken one at a time after a worker died: as many as it can have had in hand."""


class Partition:
    """What a stage holds of one partition of its input."""

    def __init__(self, number: int, memory: Memory[Any]) -> None:
        self.number = number
        self.memory = memory
        self.position = 0
        self.state_end = 0
        """Offset at which the next state batch must land."""
        self.starts = Starts(-1, 0)
        self.begun = False
        """Whether this process has written `starts` here."""
        self.steps = 0
        """Records still to be taken one at a time, since one of them may be a killer."""
        self.quiet_until = 0.0
        """Monotonic time before which `on_time` is left alone, since it raised."""


class Assignment:
    """The partitions of one stage. A rebalance revokes all and assigns anew; what comes back unchanged is kept."""

    def __init__(self, agent: Agent, state_log: StateLog) -> None:
        self._agent = agent
        self._state_log = state_log
        self._owned: set[int] = set()
        self._todo: set[int] = set()
        """Owned, and still to be restored."""
        self._generation = 0
        self._partitions: dict[int, Partition] = {}
        self._ever = False

    @property
    def restored(self) -> bool:
        """Tell whether everything assigned is restored and being read."""
        return self._ever and not self._todo

    def __iter__(self) -> Iterator[Partition]:
        """Iterate over the partitions that are owned and restored."""
        return iter([self._partitions[number] for number in sorted(self._owned - self._todo)])

    def get(self, number: int) -> Partition | None:
        """Return a partition that is owned and restored, or None."""
        return self._partitions[number] if number in self._owned and number not in self._todo else None

    def remembers(self, number: int) -> bool:
        """Tell whether a partition may still come back to us as it was."""
        return number in self._partitions

    def revoke(self) -> None:
        """Own nothing, until the next assignment."""
        self._owned.clear()
        self._todo.clear()
        self._generation += 1

    def assign(self, consumer: AIOKafkaConsumer, numbers: set[int]) -> None:
        """Take partitions over, to be restored in the stage's own loop.

        Not here: an exception in a rebalance callback is only logged, and no heartbeat is sent until it returns.
        """
        if numbers:
            consumer.pause(*(self._input(number) for number in numbers))
        for number in set(self._partitions) - numbers:
            self._forget(number)
        self._owned = set(numbers)
        self._todo = set(numbers)
        self._ever = True
        metrics.STAGE_PARTITIONS.labels(self._agent.name).set(len(numbers))

    async def restore(self, consumer: AIOKafkaConsumer, reader: AIOKafkaConsumer) -> None:
        """Read the state of what is new, and begin to read its input at the later of committed and applied."""
        if not self._todo:
            return
        generation, wanted = self._generation, sorted(self._todo)
        ends = await self._state_log.ends(reader, wanted)
        kept = {n for n in wanted if n in self._partitions and self._partitions[n].state_end == ends[n]}
        for number in set(wanted) - kept:
            self._forget(number)
        fresh = {number: self._agent.memory() for number in wanted if number not in kept}
        found = await self._state_log.restore(reader, fresh) if fresh else {}
        async with asyncio.timeout(IO_SECONDS):
            committed = await asyncio.gather(*(consumer.committed(self._input(number)) for number in wanted))
        if generation != self._generation:
            return  # another rebalance came: all of this is old
        for number, offset in zip(wanted, committed, strict=True):
            partition = self._partitions[number] if number in kept else self._adopt(number, found[number])
            partition.position = max(partition.position, offset or 0)
            if number not in kept:
                clean = partition.starts.offset < 0 or partition.starts == Starts(partition.position, 0)
                partition.steps = 0 if clean else STEPS
            consumer.seek(self._input(number), partition.position)
            consumer.resume(self._input(number))
            self._todo.discard(number)
            if self._agent.effects:
                self._agent.effects.offer(number, dict(partition.memory.items()))
        await self._catch_up(consumer, dict(zip(wanted, committed, strict=True)))

    async def _catch_up(self, consumer: AIOKafkaConsumer, committed: Mapping[int, int | None]) -> None:
        """Commit what was applied before a kill: without a next record nobody would, and it would count as waiting."""
        late = {
            self._input(partition.number): partition.position
            for partition in self
            if partition.position > (committed.get(partition.number) or 0)
        }
        if late:
            # Refused where the partitions have just gone to another worker, which does the same.
            with suppress(CommitFailedError):
                async with asyncio.timeout(IO_SECONDS):
                    await consumer.commit(late)

    def _adopt(self, number: int, restored: Restored) -> Partition:
        partition = self._partitions[number] = Partition(number, restored.memory)
        partition.position = restored.applied
        partition.state_end = restored.end
        partition.starts = restored.starts
        return partition

    def _forget(self, number: int) -> None:
        if self._partitions.pop(number, None) and self._agent.effects:
            self._agent.effects.drop(number)

    def _input(self, number: int) -> TopicPartition:
        return TopicPartition(self._agent.source.name, number)
