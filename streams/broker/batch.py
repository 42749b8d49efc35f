"""A record batch of the log, read by its header alone (Kafka's message format 2).

A batch is stored as it came; only its base offset and leader epoch are written by the broker, and the checksum does not
cover these two. Records inside are never decoded here.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import crc32c

from tocsin.streams.broker.errors import Code, RefusedError

HEADER = struct.Struct(">qiibIhiqqqhii")
"""base offset, length, leader epoch, magic, crc, attributes, last offset delta, first and greatest time, producer id,
producer epoch, first sequence, number of records."""
_LENGTH_FROM = 12
_CRC_FROM = 21
_MAGIC = 2
_NO_EPOCH = -1
_TRANSACTIONAL = 0x10
_CONTROL = 0x20
_LAST_CODEC = 4
SEQUENCES = 2**31
"""Sequence numbers count from 0 to here and begin again."""

Buffer = bytes | bytearray | memoryview


class Batch(NamedTuple):
    """The header of a batch. Times are milliseconds since 1970; `size` counts all its bytes."""

    base: int
    size: int
    crc: int
    attributes: int
    delta: int
    first_time: int
    max_time: int
    producer: int
    epoch: int
    sequence: int
    records: int

    @property
    def end(self) -> int:
        """The offset after its last record."""
        return self.base + self.delta + 1

    @property
    def last_sequence(self) -> int:
        """The sequence number of its last record."""
        return (self.sequence + self.delta) % SEQUENCES


def header(data: Buffer, at: int = 0) -> Batch | None:
    """Read the header of a batch at a place, or None where none can begin."""
    if len(data) - at < HEADER.size:
        return None
    base, length, _, magic, crc, attributes, delta, first, last, producer, epoch, sequence, count = HEADER.unpack_from(
        data, at
    )
    size = length + _LENGTH_FROM
    if magic != _MAGIC or size < HEADER.size or base < 0 or delta < 0:
        return None
    return Batch(base, size, crc, attributes, delta, first, last, producer, epoch, sequence, count)


def intact(data: Buffer, at: int = 0) -> Batch | None:
    """Read a batch that is there to its last byte with a right checksum (CRC-32C, RFC 3720), or None."""
    found = header(data, at)
    if found is None or at + found.size > len(data):
        return None
    with memoryview(data) as view, view[at + _CRC_FROM : at + found.size] as covered:
        return found if crc32c.crc32c(covered) == found.crc else None


def accept(data: Buffer, limit: int) -> Batch:
    """Check what a producer sent: one whole batch of at most `limit` bytes; RefusedError says what is wrong."""
    found = header(data)
    if found is None:
        raise RefusedError(Code.CORRUPT_MESSAGE, "no record batch of format 2 with a whole header")
    if found.size > limit:
        raise RefusedError(Code.MESSAGE_TOO_LARGE, f"batch of {found.size} bytes; this topic takes {limit}")
    if found.size != len(data):
        raise RefusedError(Code.INVALID_RECORD, "one whole batch for each partition, no more and no less")
    if intact(data) is None:
        raise RefusedError(Code.CORRUPT_MESSAGE, "the checksum of the batch is wrong")
    if found.attributes & (_TRANSACTIONAL | _CONTROL):
        raise RefusedError(Code.INVALID_TXN_STATE, "the embedded broker has no transactions")
    if found.attributes & 0x07 > _LAST_CODEC:
        raise RefusedError(Code.INVALID_RECORD, "unknown compression")
    if found.records < 1 or found.records != found.delta + 1:
        raise RefusedError(Code.INVALID_RECORD, "the batch counts its records wrongly")
    if found.producer >= 0 and (found.epoch < 0 or found.sequence < 0):
        raise RefusedError(Code.INVALID_RECORD, "a producer id without epoch or sequence")
    return found


def placed(data: Buffer, base: int) -> bytearray:
    """Return the batch with its base offset in the log."""
    out = bytearray(data)
    struct.pack_into(">q", out, 0, base)
    struct.pack_into(">i", out, 12, _NO_EPOCH)
    return out
