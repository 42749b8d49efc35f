"""The log of one partition: what is written is there, what is torn is not, what is damaged is set aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.streams.broker.making import batch, contents, opened, sync, values_of
from tocsin.streams.broker.errors import Code, RefusedError
from tocsin.streams.broker.index import EVERY


def filled(directory: Path, count: int, **limits: int) -> list[tuple[int, bytes]]:
    partition = opened(directory, **limits)
    for number in range(count):
        partition.append(batch([b"v%d" % number, b"w" * (number % 7)], time_ms=1000 * number))
        if number % 3 == 0:
            sync(partition)
    sync(partition)
    found = contents(partition)
    partition.close(checkpoint=False)
    return found


def last_file(directory: Path) -> Path:
    return max(directory.glob("0-*.log"))


def test_round_trip(tmp_path: Path) -> None:
    """Records come back in order with their offsets, also after the log was opened again."""
    found = filled(tmp_path, 20)
    assert [offset for offset, _ in found] == list(range(40))
    again = opened(tmp_path)
    assert contents(again) == found
    assert again.append(batch()).base == 40


def test_nothing_is_shown_before_it_is_durable(tmp_path: Path) -> None:
    """The high watermark follows the sync, and a sync covers what was written before it began, not after."""
    partition = opened(tmp_path)
    partition.append(batch([b"a"]))
    assert (partition.durable, partition.end, partition.read(0, 1000)) == (0, 1, b"")
    flush = partition.begin_sync()
    partition.append(batch([b"b"]))
    flush()
    partition.end_sync()
    assert (partition.durable, partition.end) == (1, 2)
    assert values_of(partition.read(0, 1000)) == [(0, b"a")]
    assert partition.read(1, 1000) == b""


def test_watchers_hear_of_growth(tmp_path: Path) -> None:
    """Who waits is called when the high watermark moved."""
    partition = opened(tmp_path)
    heard: list[int] = []
    partition.watchers.add(lambda: heard.append(partition.durable))
    partition.append(batch())
    assert heard == []
    sync(partition)
    sync(partition)
    assert heard == [1]


@pytest.mark.parametrize("known", [False, True], ids=["scanned", "from a checkpoint"])
def test_torn_tail_at_every_byte(tmp_path: Path, known: bool) -> None:
    """Cut off anywhere in its last batch, a log holds exactly the batches before, and goes on from there."""
    directory = tmp_path / "log"
    partition = opened(directory)
    for number in range(5):
        partition.append(batch([b"v%d" % number]))
    sync(partition)
    segment = partition._segments[-1]
    if known:
        segment.checkpoint_path.write_bytes(segment.checkpoint(partition._producers))
    before = contents(partition)
    start = segment.size
    partition.append(batch([b"last"]))
    partition.close(checkpoint=False)
    file = last_file(directory)
    whole = file.read_bytes()
    for length in range(start, len(whole)):
        file.write_bytes(whole[:length])
        again = opened(directory)
        assert contents(again) == before
        assert file.stat().st_size == start
        assert again.append(batch([b"next"])).base == 5
        again.close(checkpoint=False)


def test_tail_of_zeros_is_cut(tmp_path: Path) -> None:
    """A file that grew without its bytes (a crash can leave zeros) ends after its last intact batch."""
    found = filled(tmp_path, 5)
    file = last_file(tmp_path)
    file.write_bytes(file.read_bytes() + bytes(10_000))
    assert contents(opened(tmp_path)) == found


def test_damage_in_the_middle_loses_only_its_batch(tmp_path: Path) -> None:
    """Flipped anywhere in a batch, one byte costs that batch alone; its bytes are kept in a file and named."""
    directory = tmp_path / "log"
    found = filled(directory, 4)
    file = last_file(directory)
    whole = file.read_bytes()
    kept = [one for one in found if one[0] not in {2, 3}]
    size = int.from_bytes(whole[8:12], "big") + 12
    second = size + int.from_bytes(whole[size + 8 : size + 12], "big") + 12
    for at in range(size, second):
        if size + 12 <= at < size + 16:
            continue  # the leader epoch: the broker's own, and never read
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        again = opened(directory)
        assert contents(again) == kept
        (cut,) = again.cuts
        assert (cut.position, cut.size) == (size, second - size)
        assert len((directory / cut.kept).read_bytes()) == second - size
        twice = opened(directory)
        assert contents(twice) == kept
        assert twice.cuts == []
        again.close(checkpoint=False)
        for extra in directory.glob("*.damaged-*"):
            extra.unlink()


def test_segments_roll_and_read_on(tmp_path: Path) -> None:
    """A full segment is followed by the next, and readers don't notice."""
    found = filled(tmp_path, 60, segment_bytes=1024)
    assert len(list(tmp_path.glob("0-*.log"))) > 3
    again = opened(tmp_path, segment_bytes=1024)
    assert contents(again) == found
    for offset, value in found:
        assert (offset, value) in values_of(again.read(offset, 1))


def test_checkpoints_say_what_the_log_says(tmp_path: Path) -> None:
    """A start from checkpoints finds the same offsets, times and producers as one that reads all."""
    partition = opened(tmp_path, segment_bytes=40_000)
    for number in range(150):
        partition.append(batch([b"x" * 500], time_ms=number, producer=number % 3, epoch=0, sequence=number // 3))
        sync(partition)
    partition.close(checkpoint=True)
    assert list(tmp_path.glob("*.index"))
    quick = opened(tmp_path)
    for path in tmp_path.glob("*.index"):
        path.unlink()
    slow = opened(tmp_path)
    assert contents(quick) == contents(slow)
    assert quick._producers.snapshot() == slow._producers.snapshot()
    for one, other in zip(quick._segments, slow._segments, strict=True):
        assert (one.size, one.end, one.last, one.first_time) == (other.size, other.end, other.last, other.first_time)
        assert one.index.positions == other.index.positions
        assert (one.index.times, one.index.max_time) == (other.index.times, other.index.max_time)


def test_damaged_or_foreign_checkpoint_is_ignored(tmp_path: Path) -> None:
    """A checkpoint is a short cut: without a right one the log is read."""
    partition = opened(tmp_path)
    for _ in range(300):
        partition.append(batch([b"x" * 500]))
    sync(partition)
    partition.close(checkpoint=True)
    (path,) = tmp_path.glob("*.index")
    packed = path.read_bytes()
    for wrong in (b"", packed[:50], packed[:-1] + b"?", b"\0" * 4 + packed[4:]):
        path.write_bytes(wrong)
        assert opened(tmp_path).durable == 300
    path.write_bytes(packed)
    file = last_file(tmp_path)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert 100 < opened(tmp_path).durable < 200


def test_checkpoint_of_a_rolled_segment_knows_nothing_of_the_next(tmp_path: Path) -> None:
    """A batch lost with its segment is not called a repeat when its producer sends it again."""
    partition = opened(tmp_path, segment_bytes=1024)
    number = 0
    while len(partition._segments) < 2:
        partition.append(batch([b"x" * 200], producer=1, epoch=0, sequence=number))
        number += 1
    sync(partition)
    partition.close(checkpoint=False)
    last_file(tmp_path).write_bytes(b"")
    again = opened(tmp_path, segment_bytes=1024)
    assert not again.append(batch([b"x" * 200], producer=1, epoch=0, sequence=number - 1)).repeated


def test_a_read_gives_at_least_one_whole_batch(tmp_path: Path) -> None:
    """However little a client asks for, it can go on; asked for much, it gets no more than that."""
    partition = opened(tmp_path)
    partition.append(batch([b"x" * 20_000]))
    partition.append(batch([b"y" * 20_000]))
    sync(partition)
    assert values_of(partition.read(0, 1)) == [(0, b"x" * 20_000)]
    assert len(partition.read(0, 25_000)) == 25_000
    assert len(values_of(partition.read(0, 1 << 20))) == 2


def test_offsets_outside_the_log_are_refused(tmp_path: Path) -> None:
    """Before the first and after the last offset there is nothing to read; at the end there is nothing yet."""
    filled(tmp_path, 2)
    partition = opened(tmp_path)
    for offset in (-1, 5, 1 << 40):
        with pytest.raises(RefusedError) as error:
            partition.read(offset, 100)
        assert error.value.code is Code.OFFSET_OUT_OF_RANGE
    assert partition.read(4, 100) == b""


def test_first_record_of_a_time(tmp_path: Path) -> None:
    """A time leads to the first batch that reaches it, over segments and index entries."""
    partition = opened(tmp_path, segment_bytes=5 * EVERY)
    for number in range(200):
        partition.append(batch([b"x" * 1000], time_ms=number * 10))
    sync(partition)
    assert len(partition._segments) > 2
    for number in range(200):
        for wanted in (number * 10 - 9, number * 10):
            found = partition.find_time(wanted)
            assert found is not None
            assert found[0].base == number
    assert partition.find_time(1991) is None


def test_retention_deletes_whole_old_segments(tmp_path: Path) -> None:
    """Segments whose newest record is too old go, the active one only after it was closed for its age."""
    hour = 3_600_000
    partition = opened(tmp_path, segment_bytes=1024, retention_ms=4 * hour)
    for number in range(60):
        partition.append(batch([b"x" * 50], time_ms=number * hour // 10))
    sync(partition)
    assert partition.expire(6 * hour) > 0
    assert partition.start > 0
    found = contents(partition)
    assert found[0][0] == partition.start
    assert found[-1][0] == 59
    partition.expire(20 * hour)
    assert (partition.start, partition.durable, contents(partition)) == (60, 60, [])
    assert partition.append(batch(time_ms=20 * hour)).base == 60
    sync(partition)
    partition.close(checkpoint=True)
    again = opened(tmp_path)
    assert (again.start, again.durable) == (60, 61)


def test_without_retention_nothing_goes(tmp_path: Path) -> None:
    """A topic that keeps everything keeps it."""
    found = filled(tmp_path, 30, segment_bytes=1024)
    partition = opened(tmp_path, segment_bytes=1024)
    assert partition.expire(1 << 50) == 0
    assert contents(partition) == found
