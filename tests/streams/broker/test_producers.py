"""Idempotent producers: a repeat is known, a gap is refused, also after the log was opened again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.streams.broker.making import batch, contents, opened, sync
from tocsin.streams.broker.batch import header
from tocsin.streams.broker.errors import Code, RefusedError
from tocsin.streams.broker.producers import FORGET_MS, Producers


def of(producer: int, sequence: int, *, epoch: int = 0, count: int = 1, time_ms: int = 1000) -> bytes:
    return batch([b"v"] * count, producer=producer, epoch=epoch, sequence=sequence, time_ms=time_ms)


def test_repeat_is_answered_with_the_old_offset(tmp_path: Path) -> None:
    """Any of a producer's last five batches, sent again, is found and not written again."""
    partition = opened(tmp_path)
    for number in range(7):
        assert partition.append(of(9, 2 * number, count=2)) == (2 * number, False)
    for number in range(2, 7):
        assert partition.append(of(9, 2 * number, count=2)) == (2 * number, True)
    sync(partition)
    partition.close(checkpoint=False)
    again = opened(tmp_path)
    for number in range(2, 7):
        assert again.append(of(9, 2 * number, count=2)) == (2 * number, True)
    assert len(contents(again)) == 14


def test_gap_and_forgotten_repeat_are_refused(tmp_path: Path) -> None:
    """A sequence that is not the next one is out of order; nothing is written."""
    partition = opened(tmp_path)
    for number in range(7):
        partition.append(of(9, number))
    for wrong in (8, 0, 1, 100):
        with pytest.raises(RefusedError) as error:
            partition.append(of(9, wrong))
        assert error.value.code is Code.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert partition.end == 7


def test_new_epoch_begins_at_zero(tmp_path: Path) -> None:
    """A newer epoch fences the older one and begins with sequence 0."""
    partition = opened(tmp_path)
    partition.append(of(9, 0))
    with pytest.raises(RefusedError) as error:
        partition.append(of(9, 1, epoch=1))
    assert error.value.code is Code.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert not partition.append(of(9, 0, epoch=1)).repeated
    with pytest.raises(RefusedError) as error:
        partition.append(of(9, 1, epoch=0))
    assert error.value.code is Code.INVALID_PRODUCER_EPOCH


def test_unknown_producer_begins_anywhere(tmp_path: Path) -> None:
    """Who was forgotten, or wrote to this partition long ago, is not turned away."""
    assert not opened(tmp_path).append(of(5, 40)).repeated


def test_sequences_begin_again_after_the_greatest() -> None:
    """After 2^31 - 1 comes 0."""
    known = Producers()
    first = header(of(1, 2**31 - 2, count=2))
    assert first is not None
    known.note(first)
    following = header(of(1, 0))
    assert following is not None
    assert known.check(following) is None


def test_silent_producers_are_forgotten() -> None:
    """Memory holds only producers that wrote within a day."""
    known = Producers()
    for number, time_ms in ((1, 1000), (2, 5000)):
        one = header(of(number, 0, time_ms=time_ms))
        assert one is not None
        known.note(one)
    known.forget(FORGET_MS + 3000)
    assert [one[0] for one in known.snapshot()] == [2]
