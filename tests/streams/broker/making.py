"""Batches and a syncer without a loop, for tests of the broker's parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

from tocsin.streams.broker.batch import header
from tocsin.streams.broker.log import Limits, Partition


def batch(
    values: Sequence[bytes] = (b"one",),
    *,
    time_ms: int = 1_000,
    producer: int = -1,
    epoch: int = -1,
    sequence: int = -1,
    compression: int = 0,
) -> bytes:
    """A record batch as a client makes it; the n-th record is n ms later than the first."""
    builder = DefaultRecordBatchBuilder(2, compression, False, producer, epoch, sequence, 1 << 20)
    for number, value in enumerate(values):
        builder.append(number, time_ms + number, b"key", value, [])
    return bytes(builder.build())


def values_of(data: bytes) -> list[tuple[int, bytes]]:
    """Offset and value of every record in whole batches."""
    found = []
    while (one := header(data)) is not None and one.size <= len(data):
        found += [(record.offset, record.value) for record in DefaultRecordBatch(data[: one.size])]
        data = data[one.size :]
    return found


def opened(directory: Path, **limits: Any) -> Partition:
    """Partition 0 of a directory, with what is there."""
    directory.mkdir(exist_ok=True)
    partition = Partition(directory, 0, Limits(**limits))
    partition.cuts = partition.open(list(directory.glob("0-*.log")))  # type: ignore[attr-defined]
    return partition


def sync(partition: Partition) -> None:
    """One round for one partition."""
    partition.begin_sync()()
    partition.end_sync()


def contents(partition: Partition) -> list[tuple[int, bytes]]:
    """Everything that consumers can see, read to the end."""
    found: list[tuple[int, bytes]] = []
    offset = partition.start
    while offset < partition.durable:
        data = [one for one in values_of(partition.read(offset, 1000)) if one[0] >= offset]
        assert data, "a read below the high watermark gave nothing"
        found += data
        offset = found[-1][0] + 1
    return found
