"""The steps of a stage, with a log that is a list: what is sent, what is stored, and what is held against whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder

from tests.streams.test_calling import GOOD, message
from tocsin.streams.assignment import Partition
from tocsin.streams.contract import Agent, Effects, Item, Memory, Result, note
from tocsin.streams.kafka import STATE_BYTES, Kafka, of_the_log
from tocsin.streams.records import Record
from tocsin.streams.stage import Stage
from tocsin.streams.state import FencedError, Starts
from tocsin.streams.topics import ARTICLES, DEAD_LETTERS, NOTES
from tocsin.streams.watchdog import Watchdog

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Text(Record, frozen=True, kw_only=True):
    text: str


class FakeLog:
    """A producer, a reader and a consumer of one partition."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.state: list[BatchBuilder] = []
        self.end = 0
        self.committed: list[int] = []
        self.refuses: str = ""

    async def send(self, topic: str, *, key: bytes, value: bytes, headers: Any) -> Any:
        if topic == self.refuses:
            raise MessageSizeTooLargeError
        self.sent.append((topic, {name: text.decode() for name, text in headers}))
        return _done(None)

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(STATE_BYTES, 0)

    async def send_batch(self, batch: BatchBuilder, _topic: str, *, partition: int) -> Any:
        assert partition == 0
        self.state.append(batch)
        landed, self.end = self.end, self.end + batch.record_count()
        return _done(SimpleNamespace(offset=landed))

    async def end_offsets(self, tps: Any) -> Any:
        return dict.fromkeys(tps, self.end)

    async def commit(self, offsets: Any) -> None:
        self.committed += offsets.values()

    def topics(self) -> list[str]:
        return [topic for topic, _ in self.sent]

    def reasons(self) -> list[str]:
        return [headers["reason"] for topic, headers in self.sent if topic == DEAD_LETTERS.name]


def _done(value: Any) -> asyncio.Future[Any]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future


class NoEffects:
    def offer(self, partition: int, changes: Any) -> None: ...

    def drop(self, partition: int) -> None: ...

    async def results(self) -> Sequence[tuple[int, Any]]:
        return ()

    async def close(self) -> None: ...


NO_EFFECTS: Effects = NoEffects()


def handle(batch: Sequence[Item[Any]], _state: Any, _now: datetime) -> Result:
    """Remember 100,000 characters of each record; of the third, more than any batch of state can be."""
    changes = {str(i.cause.origin.offset): Text(text="x" * _size(i.cause.origin.offset)) for i in batch}
    return Result(sends=[note(item, "test", "done") for item in batch], changes=changes)


def _size(offset: int) -> int:
    return STATE_BYTES if offset == 3 else 100_000


def with_stage(check: Callable[[Stage, Partition, FakeLog], Coroutine[Any, Any, None]], **agent: Any) -> None:
    """Run a check on a stage that holds one restored partition of a log."""

    async def run() -> None:
        made = Agent(name="test", source=ARTICLES, handle=handle, state=Text, **agent)
        stage = Stage(
            made,
            Kafka(bootstrap=""),
            watchdog=Watchdog(30),
            suspects=asyncio.Lock(),
            stopping=asyncio.Event(),
        )
        log = FakeLog()
        stage.producer = stage.reader = stage.consumer = log
        partition = Partition(0, Memory())
        stage.held._owned, stage.held._partitions = {0}, {0: partition}
        await check(stage, partition, log)
        stage.caller.close()

    asyncio.run(run())


def test_state_that_does_not_fit_is_found_before_anything_is_sent() -> None:
    async def check(stage: Stage, partition: Partition, log: FakeLog) -> None:
        batch = [message(GOOD, offset=number) for number in range(6)]
        while batch:
            batch = batch[await stage._process(partition, batch) :]
        assert log.topics().count(NOTES.name) == 5, "each record but the one that never fits is answered once"
        assert log.reasons() == ["state-too-large"]
        assert sorted(partition.memory) == ["0", "1", "2", "4", "5"]
        assert log.committed[-1] == 6

    with_stage(check)


def test_an_output_that_a_topic_refuses_ends_as_a_dead_letter() -> None:
    async def check(stage: Stage, partition: Partition, log: FakeLog) -> None:
        log.refuses = NOTES.name
        assert await stage._process(partition, [message(GOOD)]) == 1
        assert log.reasons() == ["output-too-large"]
        assert log.committed == [1]

    with_stage(check)


def test_outcomes_whose_changes_do_not_fit_one_batch_are_settled_in_several() -> None:
    def settle(state: Memory[Text], outcomes: Sequence[str]) -> Result:
        return Result(changes={one: Text(text="x" * 100_000) for one in outcomes})

    async def check(stage: Stage, partition: Partition, log: FakeLog) -> None:
        await stage._settle({0: [str(number) for number in range(20)]})
        assert len(partition.memory) == 20
        assert len(log.state) > 1

    with_stage(check, effects=NO_EFFECTS, settle=settle)


def _nothing(_state: Any, _due: datetime) -> Result:
    return Result()


def test_an_on_time_that_changes_nothing_is_left_alone_and_does_not_spin() -> None:
    async def check(stage: Stage, partition: Partition, log: FakeLog) -> None:
        assert stage._patience() == 0
        await stage._time_round()
        assert stage._patience() > 0
        assert not log.state

    with_stage(check, due=lambda _state: LONG_AGO, on_time=_nothing)


def test_a_stop_does_not_wait_for_a_group_that_is_not_joined() -> None:
    async def never(**_: Any) -> Any:
        await asyncio.Event().wait()

    async def check(stage: Stage, partition: Partition, log: FakeLog) -> None:
        stage.consumer = SimpleNamespace(getmany=never)
        asyncio.get_running_loop().call_later(0.05, stage.stopping.set)
        async with asyncio.timeout(10):
            await stage._fetch_round()

    with_stage(check)


def test_a_failing_log_is_not_held_against_the_record_in_hand() -> None:
    async def check(stage: Stage, partition: Partition, log: FakeLog) -> None:
        await stage._write_starts(partition, Starts(7, 2))
        await stage._absolve()
        assert partition.starts == Starts(7, 1)

    with_stage(check)


def test_a_partition_that_another_worker_writes_is_not_written_at_the_end() -> None:
    async def check(stage: Stage, partition: Partition, log: FakeLog) -> None:
        await stage._write_starts(partition, Starts(7, 2))
        log.end += 1
        await stage._absolve()
        assert len(log.state) == 1

    with_stage(check)


@pytest.mark.parametrize(
    ("error", "cleared"),
    [
        (KafkaConnectionError(), True),
        (TimeoutError(), True),
        (ExceptionGroup("", [KafkaConnectionError()]), True),
        (FencedError(), False),
        (ValueError(), False),
        (ExceptionGroup("", [KafkaConnectionError(), ValueError()]), False),
    ],
)
def test_only_faults_of_the_log_clear_a_record(error: Exception, *, cleared: bool) -> None:
    assert of_the_log(error) is cleared
