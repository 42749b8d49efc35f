"""What a producer may send: one whole, intact batch of format 2."""

from __future__ import annotations

import struct

import crc32c
import pytest

from tests.streams.broker.making import batch
from tocsin.streams.broker.batch import accept, header, intact, placed
from tocsin.streams.broker.errors import Code, RefusedError

GOOD = batch([b"a", b"bb", b"ccc"])


def resealed(data: bytearray) -> bytes:
    struct.pack_into(">I", data, 17, crc32c.crc32c(bytes(data[21:])))
    return bytes(data)


def with_field(form: str, at: int, value: int) -> bytes:
    data = bytearray(GOOD)
    struct.pack_into(form, data, at, value)
    return resealed(data)


def test_good_batch_is_taken() -> None:
    """A batch as clients make it is taken and counted."""
    found = accept(GOOD, 1000)
    assert (found.records, found.end, found.size) == (3, 3, len(GOOD))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Code.CORRUPT_MESSAGE),
        (GOOD[:60], Code.CORRUPT_MESSAGE),
        (GOOD[:-1], Code.INVALID_RECORD),
        (GOOD + GOOD, Code.INVALID_RECORD),
        (GOOD[:-1] + b"?", Code.CORRUPT_MESSAGE),
        (with_field(">b", 16, 1), Code.CORRUPT_MESSAGE),
        (with_field(">i", 8, -5), Code.CORRUPT_MESSAGE),
        (with_field(">h", 21, 0x10), Code.INVALID_TXN_STATE),
        (with_field(">h", 21, 0x20), Code.INVALID_TXN_STATE),
        (with_field(">h", 21, 7), Code.INVALID_RECORD),
        (with_field(">i", 57, 2), Code.INVALID_RECORD),
        (with_field(">i", 23, -1), Code.CORRUPT_MESSAGE),
        (with_field(">q", 43, 5), Code.INVALID_RECORD),
    ],
)
def test_wrong_batch_is_refused(data: bytes, code: Code) -> None:
    """Whatever is not one whole intact batch is refused with Kafka's code for it."""
    with pytest.raises(RefusedError) as error:
        accept(data, 1000)
    assert error.value.code is code


def test_too_large_batch_is_refused() -> None:
    """The topic's limit holds for the whole batch."""
    with pytest.raises(RefusedError) as error:
        accept(GOOD, len(GOOD) - 1)
    assert error.value.code is Code.MESSAGE_TOO_LARGE


def test_every_flipped_bit_is_seen() -> None:
    """The checksum covers all but base offset, length and leader epoch."""
    for at in range(16, len(GOOD)):
        for bit in range(8):
            data = bytearray(GOOD)
            data[at] ^= 1 << bit
            assert intact(data) is None, (at, bit)


def test_placing_keeps_the_checksum() -> None:
    """The broker writes the base offset without touching what the checksum covers."""
    data = placed(GOOD, 77)
    found = intact(data)
    assert found is not None
    assert (found.base, found.end) == (77, 80)
    assert header(b"\0" * 100) is None
