"""The one way an agent runs on a stream. Nothing is lost, and what is repeated is repeated identically.

The order is the contract, for each batch of one partition:

1. outputs are sent and confirmed by the log,
2. the state's changes and `applied` go to the state topic as one record batch, fenced by the offset it must land at,
3. memory takes them over,
4. the offset is committed.

A kill between 1 and 2 repeats the outputs with the same ids; between 2 and 4 nothing is repeated, since a start
resumes at the later of committed and applied. Only exceptions of the agent's own functions are handled here (one
record at a time, the failing one is dead-lettered); anything else ends the worker, and its successor replays.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from mode import Service

from tocsin.streams import metrics
from tocsin.streams.assignment import STEPS, Assignment, Partition
from tocsin.streams.calling import Caller, decode_batch
from tocsin.streams.contract import Agent, Result
from tocsin.streams.kafka import IO_SECONDS, Kafka, of_the_log, start_when_reachable
from tocsin.streams.outputs import Answer, Failed, Seam, pack, send_all
from tocsin.streams.state import Starts, StateLog, StateTooLargeError
from tocsin.streams.topics import state_topic
from tocsin.streams.watchdog import Watchdog

log = structlog.get_logger()
T = TypeVar("T")

BATCH_RECORDS = STEPS
"""Records of one batch at most: as many have to go one by one after a worker died with a batch in hand."""
KILLS = 3
"""A record that was in hand at so many deaths in a row is dead-lettered."""
ROUND_MS = 400
ON_TIME_PAUSE = 60.0
"""Seconds for which `on_time` of a partition is left alone after it raised."""
LAST_SECONDS = 0.6
"""For the last words to the log, and again for closing: a log that is gone must not keep a worker from ending."""


class Stage(Service):
    """Runs one agent: decode, call, send, store, commit. Owns its consumer and its producer."""

    def __init__(
        self,
        agent: Agent,
        kafka: Kafka,
        *,
        watchdog: Watchdog,
        suspects: asyncio.Lock,
        stopping: asyncio.Event,
        ready_when: Sequence[asyncio.Event] = (),
        seam: Seam = lambda _stage, _step: None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.agent = agent
        self.kafka = kafka
        self.watchdog = watchdog
        self.suspects = suspects
        """Held while a record that may be a killer is in hand, so that a death in this process blames one record."""
        self.ready_when = ready_when
        self.seam = seam
        self.state_log = StateLog(state_topic(agent.name, agent.source).name, agent.state)
        self.mutex = asyncio.Lock()
        self.held = Assignment(agent, self.state_log)
        self.stopping = stopping
        """Shared by all stages of a process, since Faust stops its services one after the other."""
        self.done = asyncio.Event()
        self.progress = 0.0
        self.caller = Caller(agent, watchdog)
        self.consumer: Any = None
        self.producer: Any = None
        self.reader: Any = None

    @property
    def label(self) -> str:
        """Return the name that Faust shows."""
        return f"Stage: {self.agent.name}"

    # -- life ---------------------------------------------------------------------------------------------------

    @Service.task
    async def _run(self) -> None:
        try:
            await self.main()
        except Exception as error:
            log.critical("stage-ended", stage=self.agent.name, mend="the worker starts again", exc_info=error)
            if of_the_log(error):
                await self._absolve()
            raise
        finally:
            await self._close()
            self.done.set()

    async def on_stop(self) -> None:
        """End the batch in hand, mark a clean stop, leave the group. The watchdog ends what takes too long."""
        self.stopping.set()
        await self.done.wait()

    async def main(self) -> None:
        """Run until told to stop. An exception that leaves this ends the worker."""
        await self._unless_stopping(self._connect())
        if self.stopping.is_set():
            return
        self.consumer.subscribe([self.agent.source.name], listener=_Listener(self))
        async with asyncio.TaskGroup() as tasks:
            settling = tasks.create_task(self._settle_loop()) if self.agent.effects else None
            await self._rounds()
            if settling:
                await self._finish_effects()
                settling.cancel()
        await self._mark_clean()

    async def _connect(self) -> None:
        for event in self.ready_when:
            await event.wait()
        name = self.agent.name
        self.producer = await start_when_reachable(self.kafka.producer, f"{name} producer")
        self.reader = await start_when_reachable(self.kafka.reader, f"{name} state reader")
        self.consumer = await start_when_reachable(lambda: self.kafka.group_consumer(f"tocsin.{name}"), name)

    async def _close(self) -> None:
        clients = [client for client in (self.consumer, self.producer, self.reader) if client is not None]
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await asyncio.gather(*(client.stop() for client in clients), return_exceptions=True)
        self.caller.close()

    async def _unless_stopping(self, what: Coroutine[Any, Any, T]) -> T | None:
        """Wait for something, but not beyond the wish to stop; None then."""
        work = asyncio.ensure_future(what)
        stop = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if work.done():
            return work.result()
        work.cancel()
        return None

    async def _rounds(self) -> None:
        while not self.stopping.is_set():
            if not self.held.restored:
                await self._unless_stopping(self.held.restore(self.consumer, self.reader))
            await self._fetch_round()
            await self._time_round()
            self._count_lag()
            self._progressed()

    def _progressed(self) -> None:
        self.progress = time.monotonic()
        metrics.STAGE_PROGRESS.labels(self.agent.name).set_to_current_time()

    async def revoked(self) -> None:
        """Let the batch in hand end before the group goes on."""
        self.held.revoke()
        async with self.mutex:
            pass

    def assigned(self, numbers: set[int]) -> None:
        """Take partitions over."""
        self.held.assign(self.consumer, numbers)

    async def _mark_clean(self) -> None:
        try:
            async with asyncio.timeout(LAST_SECONDS):
                for partition in self.held:
                    if partition.begun:
                        await self._write_starts(partition, Starts(partition.position, 0))
        except (TimeoutError, KafkaError) as error:
            log.warning("stop-not-marked", stage=self.agent.name, error=type(error).__name__)

    async def _absolve(self) -> None:
        """Take back what was counted against the records in hand: the log failed, not they."""
        with suppress(Exception):
            async with asyncio.timeout(LAST_SECONDS):
                begun = [partition for partition in self.held if partition.begun]
                ends = await self.state_log.ends(self.reader, [partition.number for partition in begun])
                for partition in begun:
                    if ends[partition.number] == partition.state_end:  # else another worker has it
                        before = partition.starts
                        await self._write_starts(partition, Starts(before.offset, before.count - 1))

    # -- input ----------------------------------------------------------------------------------------------------

    async def _fetch_round(self) -> None:
        # While the group is being joined, aiokafka waits without regard to the timeout.
        fetch = self.consumer.getmany(timeout_ms=self._patience(), max_records=4 * BATCH_RECORDS)
        found = await self._unless_stopping(fetch)
        for tp, messages in (found or {}).items():
            at = 0
            while at < len(messages):
                async with self.mutex:
                    partition = self.held.get(tp.partition)
                    if partition is None:
                        break
                    at += await self._take(partition, messages[at:])
                self._progressed()
                if self.stopping.is_set():
                    return

    def _patience(self) -> int:
        due = [moment for partition in self.held if (moment := self._due(partition))]
        if not due:
            return ROUND_MS
        return max(0, min(ROUND_MS, int((min(due) - datetime.now(UTC)).total_seconds() * 1000)))

    def _count_lag(self) -> None:
        lag = 0
        for partition in self.held:
            end = self.consumer.highwater(TopicPartition(self.agent.source.name, partition.number))
            lag += max(0, (end or 0) - partition.position)
        metrics.STAGE_LAG.labels(self.agent.name).set(lag)

    async def _take(self, partition: Partition, messages: Sequence[ConsumerRecord]) -> int:
        """Process the beginning of `messages` as one batch; return how many were taken."""
        old = sum(1 for message in messages if message.offset < partition.position)
        if old:
            return old
        if partition.steps == 0:
            batch = messages[:BATCH_RECORDS]
            if not partition.begun:
                await self._write_starts(partition, Starts(batch[0].offset, 1))
            return await self._process(partition, batch)
        async with self.suspects:
            partition.steps -= 1
            first = messages[0]
            seen = partition.starts.count if partition.starts.offset == first.offset else 0
            if seen >= KILLS:
                failed = Failed(message=first, reason="killed-the-worker", attempts=seen)
                await self._finish(partition, Answer(), [failed], messages[:1], time.monotonic())
                return 1
            await self._write_starts(partition, Starts(first.offset, seen + 1))
            return await self._process(partition, messages[:1])

    async def _write_starts(self, partition: Partition, starts: Starts) -> None:
        batch = self.state_log.pack(self.producer, changes={}, starts=starts, position=partition.position)
        partition.state_end = await self.state_log.write(self.producer, partition.number, partition.state_end, batch)
        partition.starts = starts
        partition.begun = starts.count > 0

    # -- one batch --------------------------------------------------------------------------------------------------

    async def _process(self, partition: Partition, batch: Sequence[ConsumerRecord]) -> int:
        began = time.monotonic()
        items, failed = decode_batch(self.agent, batch)
        answer, raised = await self.caller.handle(items, partition.memory, batch)
        try:
            await self._finish(partition, answer, failed + raised, batch, began)
        except (StateTooLargeError, MessageSizeTooLargeError) as error:
            if len(batch) > 1:
                return await self._process(partition, batch[: len(batch) // 2])
            reason = "state-too-large" if isinstance(error, StateTooLargeError) else "output-too-large"
            too_large = Failed(message=batch[0], reason=reason, detail=str(error))
            await self._finish(partition, Answer(), [too_large], batch, began)
        return len(batch)

    async def _finish(
        self,
        partition: Partition,
        answer: Answer,
        failed: Sequence[Failed],
        batch: Sequence[ConsumerRecord],
        began: float,
    ) -> None:
        after = batch[-1].offset + 1
        await self._apply(partition, answer, failed, applied=after)
        async with asyncio.timeout(IO_SECONDS):
            await self.consumer.commit({TopicPartition(self.agent.source.name, partition.number): after})
        self.seam(self.agent.name, "committed")
        partition.position = after
        self._count(batch, failed, began)

    async def _apply(
        self, partition: Partition, answer: Answer, failed: Sequence[Failed] = (), *, applied: int | None = None
    ) -> None:
        """Do steps 1 to 3: outputs, state, memory. State that does not fit is found before anything is sent."""
        batch = None
        if self.agent.state is not None:
            position = partition.position if applied is None else applied
            batch = self.state_log.pack(self.producer, changes=answer.changes, applied=applied, position=position)
        await send_all(self.producer, self.agent.name, answer.outputs, failed, self.seam)
        if self.agent.state is not None:
            partition.state_end = await self.state_log.write(
                self.producer, partition.number, partition.state_end, batch
            )
            self.seam(self.agent.name, "stored")
            partition.memory.apply(answer.changes)
            self.seam(self.agent.name, "remembered")
            if self.agent.effects and answer.changes:
                self.agent.effects.offer(partition.number, answer.changes)

    def _count(self, batch: Sequence[ConsumerRecord], failed: Sequence[Failed], began: float) -> None:
        name = self.agent.name
        metrics.STAGE_BATCH_SECONDS.labels(name, "batch").observe(time.monotonic() - began)
        metrics.STAGE_RECORDS.labels(name, "done").inc(len(batch) - len(failed))
        metrics.STAGE_RECORDS.labels(name, "dead-letter").inc(len(failed))
        now = time.time()
        for message in batch:
            metrics.STAGE_LATENCY.labels(name).observe(max(0.0, now - message.timestamp / 1000))

    # -- time and effects --------------------------------------------------------------------------------------------

    def _due(self, partition: Partition) -> datetime | None:
        if self.agent.due is None or time.monotonic() < partition.quiet_until:
            return None
        return self.agent.due(partition.memory)

    async def _time_round(self) -> None:
        if self.agent.on_time is None:
            return
        for held in self.held:
            async with self.mutex:
                partition = self.held.get(held.number)
                due = self._due(partition) if partition else None
                if partition is None or due is None or due > datetime.now(UTC):
                    continue
                try:
                    answer = pack(_with_changes(self.agent.on_time(partition.memory, due)))
                except Exception:
                    # There is no record to set aside: leave time alone for a while, and let records go on.
                    log.exception("on-time-raised", stage=self.agent.name, partition=partition.number)
                    metrics.STAGE_RECORDS.labels(self.agent.name, "on-time-raised").inc()
                    partition.quiet_until = time.monotonic() + ON_TIME_PAUSE
                    continue
                await self._apply(partition, answer)

    async def _settle_loop(self) -> None:
        assert self.agent.effects
        while True:
            by_partition: dict[int, list[Any]] = {}
            for number, outcome in await self.agent.effects.results():
                by_partition.setdefault(number, []).append(outcome)
            await asyncio.shield(asyncio.ensure_future(self._settle(by_partition)))

    async def _settle(self, by_partition: dict[int, list[Any]]) -> None:
        for number, outcomes in by_partition.items():
            while self.held.remembers(number) and not self.done.is_set():
                async with self.mutex:
                    partition = self.held.get(number)
                    if partition:
                        await self._settle_one(partition, outcomes)
                        break
                await asyncio.sleep(0.05)  # a rebalance is under way; most often the partition comes back

    async def _settle_one(self, partition: Partition, outcomes: Sequence[Any]) -> None:
        assert self.agent.settle
        try:
            await self._apply(partition, pack(self.agent.settle(partition.memory, outcomes)))
        except StateTooLargeError:
            if len(outcomes) == 1:
                raise
            half = len(outcomes) // 2
            await self._settle_one(partition, outcomes[:half])
            await self._settle_one(partition, outcomes[half:])

    async def _finish_effects(self) -> None:
        """Let the work under way end and be settled; what does not is done again by the next worker."""
        assert self.agent.effects
        await self.agent.effects.close()
        await asyncio.sleep(0)
        async with self.mutex:
            pass


def _with_changes(result: Result) -> Result:
    if not result.changes:
        raise ValueError("on_time changed nothing, so it would be due for ever")
    return result


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Passes rebalances on to the stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def on_partitions_revoked(self, _revoked: Any) -> None:
        await self._stage.revoked()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        self._stage.assigned({tp.partition for tp in assigned})
