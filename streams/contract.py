"""What a stage and its agent agree on. Pure: an agent is tested with lists, without a broker.

An agent is `handle(batch, state, now) -> Result`, and where it must act later `on_time(state, due) -> Result`.
`stage.py` runs it and nothing else does: it decodes, calls, sends, stores and commits, in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from tocsin.streams.records import Note, Record
from tocsin.streams.topics import NOTES, Topic

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record)


class Origin(msgspec.Struct, frozen=True):
    """The record of the log that caused another one."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """Return the form that stands in headers: `topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Origin:
        """Read `topic/partition/offset`; ValueError where it is not that."""
        topic, partition, offset = text.rsplit("/", 2)
        return cls(topic, int(partition), int(offset))


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What an output inherits from the input that led to it."""

    origin: Origin
    traceparent: str = ""
    replay: bool = False


class Item(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One input record. `time` is its time in the log, so a second run decides as the first one did."""

    record: R
    key: str
    time: datetime
    cause: Cause


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """One output record. `cause` is None only for what the passing of time led to."""

    topic: Topic
    key: str
    record: Record
    cause: Cause | None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent wants: records to send, and state to change (None deletes the key)."""

    sends: Sequence[Send] = ()
    changes: Mapping[str, Record | None] = {}


def note(
    item: Item[Any], stage: str, reason: str, *, article: str = "", subscription: str = "", detail: str = ""
) -> Send:
    """Say why an input has no other output: every input ends in an output, a note or a dead letter."""
    record = Note(stage=stage, reason=reason, article=article, subscription=subscription, detail=detail)
    return Send(topic=NOTES, key=str(item.cause.origin), record=record, cause=item.cause)


class Memory(Generic[S]):
    """The state of one partition. An agent reads it; only the stage calls `apply`, once the log has the change.

    Subclass it where an agent needs an index over its state: override `apply` and keep the index there.
    """

    def __init__(self) -> None:
        self._values: dict[str, S] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, key: str) -> S | None:
        """Return the value of a key, or None."""
        return self._values.get(key)

    def items(self) -> Iterator[tuple[str, S]]:
        """Iterate over keys and values."""
        return iter(self._values.items())

    def apply(self, changes: Mapping[str, S | None]) -> None:
        """Take over changes that the log has confirmed."""
        for key, value in changes.items():
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value


class Effects(Protocol):
    """Work in the world that an agent's state asks for, such as sending what is due to an endpoint."""

    def offer(self, partition: int, changes: Mapping[str, Any]) -> None:
        """Take notice of a partition's new state (all of it after a restore). Returns at once."""
        ...

    async def results(self) -> Sequence[tuple[int, Any]]:
        """Wait for work that ended; (partition, outcome) pairs, at least one."""
        ...

    def drop(self, partition: int) -> None:
        """Forget a partition that another worker has now; what is under way may end unseen."""
        ...

    async def close(self) -> None:
        """Begin nothing more; let what is under way end, for 3 seconds at most."""
        ...


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as a stage runs it: pure functions and the topics they stand between."""

    name: str
    """Name of the stage: its consumer group is `tocsin.<name>`, its state topic `tocsin.state.<name>.v1`."""
    source: Topic
    handle: Callable[[Sequence[Item[Any]], Any, datetime], Result]
    """(batch, state, now): `now` is the log time of the batch's newest record, so that a replay decides alike."""
    state: type[Record] | None = None
    """Type of the state's values; None for a stage without state."""
    memory: Callable[[], Memory[Any]] = Memory
    due: Callable[[Any], datetime | None] | None = None
    """Earliest moment at which the state wants `on_time`, or None."""
    on_time: Callable[[Any, datetime], Result] | None = None
    """(state, due) -> Result: called once `due` has passed, with the due time and not the clock."""
    effects: Effects | None = None
    settle: Callable[[Any, Sequence[Any]], Result] | None = None
    """(state, outcomes of effects) -> Result."""
