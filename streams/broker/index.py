"""Where offsets stand in a segment: a few numbers for every 8 KiB, and their form on disk.

A checkpoint covers a prefix of a segment that is durable and never changes again, so a start reads it instead of the
prefix. It is a short cut and no more: a missing or a damaged one only costs time.
"""

from __future__ import annotations

import bisect
from array import array
from pathlib import Path
from typing import Any

import crc32c
import msgspec

from tocsin.streams.broker.batch import Batch
from tocsin.streams.broker.files import replace
from tocsin.streams.broker.producers import Producers

EVERY = 8192
"""Bytes between two entries."""


class Index:
    """Offsets, byte positions and greatest times so far, of about every 8 KiB."""

    def __init__(self) -> None:
        self.offsets = array("q")
        self.positions = array("q")
        self.times = array("q")
        self.max_time = -1
        """Greatest time of the segment in milliseconds, -1 while it is empty."""

    def note(self, batch: Batch, position: int) -> None:
        """Take notice of the batch that stands last."""
        if not self.positions or position - self.positions[-1] >= EVERY:
            self.offsets.append(batch.base)
            self.positions.append(position)
            self.times.append(self.max_time)
        self.max_time = max(self.max_time, batch.max_time)

    def position(self, offset: int) -> int:
        """Return a position at or before the batch that holds an offset."""
        at = bisect.bisect_right(self.offsets, offset) - 1
        return self.positions[at] if at >= 0 else 0

    def position_of_time(self, time_ms: int) -> int:
        """Return a position at or before the first batch that reaches a time."""
        at = bisect.bisect_left(self.times, time_ms) - 1
        return self.positions[at] if at >= 0 else 0


class Checkpoint(msgspec.Struct, array_like=True):
    """What is known of the first `size` bytes of a segment."""

    size: int
    end: int
    last: int
    """Position of the last batch."""
    max_time: int
    first_time: int
    offsets: bytes
    positions: bytes
    times: bytes
    producers: list[Any]

    def index(self) -> Index:
        """Return the index of the prefix; ValueError where the bytes are no index."""
        made = Index()
        for numbers, data in ((made.offsets, self.offsets), (made.positions, self.positions), (made.times, self.times)):
            numbers.frombytes(data)
        if not len(made.offsets) == len(made.positions) == len(made.times):
            raise ValueError("columns of different length")
        made.max_time = self.max_time
        return made


def pack(index: Index, producers: Producers, *, size: int, end: int, last: int, first_time: int) -> bytes:
    """Return a checkpoint's file."""
    body = msgspec.msgpack.encode(
        Checkpoint(
            size=size,
            end=end,
            last=last,
            max_time=index.max_time,
            first_time=first_time,
            offsets=index.offsets.tobytes(),
            positions=index.positions.tobytes(),
            times=index.times.tobytes(),
            producers=producers.snapshot(),
        )
    )
    return crc32c.crc32c(body).to_bytes(4, "big") + body


def save(path: Path, packed: bytes) -> bool:
    """Write a checkpoint; whether there was room for it."""
    try:
        replace(path, packed, sync=False)
    except OSError:
        return False
    return True


def load(path: Path) -> Checkpoint | None:
    """Read a checkpoint, or None where there is none that can be trusted."""
    try:
        data = path.read_bytes()
        if int.from_bytes(data[:4], "big") != crc32c.crc32c(data[4:]):
            return None
        return msgspec.msgpack.decode(data[4:], type=Checkpoint)
    except (OSError, msgspec.MsgspecError):
        return None
