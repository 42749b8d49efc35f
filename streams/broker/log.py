"""One partition: its segments, what of it is durable, and who waits for more.

Only what an fdatasync has covered is shown to consumers (`durable` is the high watermark), so a loss of power never
takes back what somebody has read.
"""

from __future__ import annotations

import bisect
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from tocsin.streams.broker.batch import HEADER, Batch, Buffer, accept, header, placed
from tocsin.streams.broker.errors import Code, RefusedError
from tocsin.streams.broker.files import sync_directory
from tocsin.streams.broker.index import save
from tocsin.streams.broker.producers import Producers
from tocsin.streams.broker.recover import Cut, recover
from tocsin.streams.broker.segment import Segment

SEGMENT_BYTES = 64 * 1024 * 1024
BATCH_BYTES = 1_048_588
"""Largest batch, Kafka's own default of `max.message.bytes`."""
CHECKPOINT_BYTES = 8 * 1024 * 1024
"""A start reads at most about so much of each partition."""
_STOP_CHECKPOINT_BYTES = 64 * 1024
WEEK_MS = 7 * 86_400_000
FOREVER = -1


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a topic's settings mean for a partition."""

    segment_bytes: int = SEGMENT_BYTES
    batch_bytes: int = BATCH_BYTES
    retention_ms: int = FOREVER
    """Age at which whole segments are deleted; -1 keeps all."""


class Appended(NamedTuple):
    """Where a batch stands. A repeated one was there before."""

    base: int
    repeated: bool


class Partition:
    """The log of one partition. Everything but what `begin_sync` returns runs in the event loop."""

    def __init__(self, directory: Path, number: int, limits: Limits) -> None:
        self.number = number
        self.limits = limits
        self.durable = 0
        """The high watermark: the offset after the last durable record."""
        self.watchers: set[Callable[[], None]] = set()
        """Called when `durable` grows or the partition goes."""
        self.gone = False
        """Its topic was deleted."""
        self._directory = directory
        self._segments: list[Segment] = []
        self._producers = Producers()
        self._mark: tuple[int, int] = (0, 0)  # base of the segment where `durable` stands, and its position there
        self._unsynced: list[Segment] = []
        self._fresh_name = False
        self._due: dict[Path, bytes] = {}  # checkpoints to write
        self._target: tuple[int, tuple[int, int]] = (0, (0, 0))

    @property
    def start(self) -> int:
        """The first offset that is still there."""
        return self._segments[0].base if self._segments else 0

    @property
    def end(self) -> int:
        """The offset of the next record, durable or not."""
        return self._segments[-1].end if self._segments else 0

    def open(self, files: list[Path]) -> list[Cut]:
        """Take over its segment files, in any order; what had to be cut. OSError where the disk refuses."""
        cuts = []
        for path in sorted(files):
            segment = Segment(path, int(path.stem.rsplit("-", 1)[1]))
            self._producers, found = recover(segment, self._producers)
            cuts += found
            if self._segments:
                self._segments[-1].close()
            self._segments.append(segment)
        if self._segments:
            last = self._segments[-1]
            os.fdatasync(last.fd())  # what a killed broker left in the page cache is shown from now on
            last.close()
            self.durable, self._mark = last.end, (last.base, last.size)
        return cuts

    def append(self, data: Buffer) -> Appended:
        """Write a producer's batch; it is durable after the next sync.

        Raises:
            RefusedError: the batch is wrong, out of sequence or too large.
            OSError: the disk refuses; nothing was written.

        """
        batch = accept(data, self.limits.batch_bytes)
        repeated = self._producers.check(batch)
        if repeated is not None:
            return Appended(repeated, True)
        segment = self._active(batch.size)
        batch = batch._replace(base=segment.end)
        segment.append(placed(data, batch.base), batch)
        self._producers.note(batch)
        if not self._unsynced or self._unsynced[-1] is not segment:
            self._unsynced.append(segment)
        return Appended(batch.base, False)

    def read(self, offset: int, size: int) -> bytes:
        """Return durable batches from the one that holds an offset, up to `size` bytes but at least one whole batch.

        The last one may be cut short, as Kafka does it. Empty at the high watermark.

        Raises:
            RefusedError: the offset is outside the log.
            OSError: the disk refuses.

        """
        if not self.start <= offset <= self.end:
            raise RefusedError(Code.OFFSET_OUT_OF_RANGE, f"offset {offset} is outside {self.start} to {self.end}")
        if offset >= self.durable:
            return b""
        at = max(0, bisect.bisect_right(self._segments, offset, key=lambda segment: segment.base) - 1)
        for segment in self._segments[at:]:
            stop = self._stop(segment)
            position = segment.find(offset, stop)
            if position is None:
                continue
            found = segment.read(position, min(max(size, HEADER.size), stop - position))
            first = header(found)
            if first is not None and first.size > len(found):
                found = segment.read(position, first.size)
            self._rest(segment)
            return found
        return b""

    def find_time(self, time_ms: int) -> tuple[Batch, bytes] | None:
        """Return the first durable batch that reaches a time, header and bytes, or None. OSError as `read`."""
        for segment in self._segments:
            stop = self._stop(segment)
            position = segment.find_time(time_ms, stop)
            if position is not None:
                batch = header(segment.read(position, HEADER.size))
                if batch is not None:
                    data = segment.read(position, batch.size)
                    self._rest(segment)
                    return batch, data
        return None

    def begin_sync(self) -> Callable[[], None]:
        """Return what makes all that is written by now durable."""
        segments, self._unsynced = self._unsynced, []
        if self.gone or not self._segments:
            return lambda: None
        last = self._segments[-1]
        if last.size - last.saved >= CHECKPOINT_BYTES:
            self._due[last.checkpoint_path] = last.checkpoint(self._producers)
        due, self._due = self._due, {}
        fds = [segment.fd() for segment in segments]
        named, self._fresh_name = self._fresh_name, False
        self._target = (last.end, (last.base, last.size))

        def flush() -> None:
            for fd in fds:
                os.fdatasync(fd)
            if named:
                sync_directory(self._directory)
            for path, packed in due.items():
                save(path, packed)

        return flush

    def end_sync(self) -> None:
        """Show what the sync covered."""
        if self.gone:
            return
        grown = self._target[0] > self.durable
        self.durable, self._mark = self._target
        for segment in self._segments[:-1]:
            self._rest(segment)
        if grown:
            self.notify()

    def notify(self) -> None:
        """Call everyone who waits."""
        for watcher in list(self.watchers):
            watcher()

    def expire(self, now_ms: int) -> int:
        """Delete whole segments that are past the retention time; return how many.

        The active segment is closed before it spans too much time, else a quiet topic would never lose anything.
        """
        self._producers.forget(now_ms)
        keep = self.limits.retention_ms
        if keep < 0 or not self._segments:
            return 0
        last = self._segments[-1]
        if last.size and now_ms - last.first_time > min(WEEK_MS, keep // 4) and last.end == self.durable:
            self._roll()
        count = 0
        while len(self._segments) > 1 and _newest_ms(self._segments[0]) < now_ms - keep:
            if self._segments[1].base > self.durable or self._segments[0] in self._unsynced:
                break
            self._remove(self._segments.pop(0))
            count += 1
        return count

    def close(self, *, checkpoint: bool) -> None:
        """Close its files; with `checkpoint` also write down what the next start would have to read again."""
        last = self._segments[-1] if self._segments else None
        if last and checkpoint and last.end == self.durable and last.size - last.saved >= _STOP_CHECKPOINT_BYTES:
            save(last.checkpoint_path, last.checkpoint(self._producers))
        for segment in self._segments:
            segment.close()

    def _active(self, size: int) -> Segment:
        if not self._segments:
            self._add(0)
        elif (filled := self._segments[-1].size) and filled + size > self.limits.segment_bytes:
            self._roll()
        return self._segments[-1]

    def _roll(self) -> None:
        last = self._segments[-1]
        # Taken before the next batch: a checkpoint that knew of later batches would call a lost one a repeat.
        self._due[last.checkpoint_path] = last.checkpoint(self._producers)
        self._add(last.end)

    def _add(self, base: int) -> None:
        segment = Segment(self._directory / f"{self.number}-{base:020d}.log", base)
        segment.fd()
        self._fresh_name = True
        self._segments.append(segment)
        if len(self._segments) == 1:
            self._mark = (base, 0)

    def _stop(self, segment: Segment) -> int:
        base, position = self._mark
        return segment.size if segment.base < base else position if segment.base == base else 0

    def _rest(self, segment: Segment) -> None:
        # Of a partition only the active segment stays open.
        if segment is not self._segments[-1] and segment not in self._unsynced and segment.base < self._mark[0]:
            segment.close()

    def _remove(self, segment: Segment) -> None:
        segment.close()
        segment.path.unlink(missing_ok=True)
        segment.checkpoint_path.unlink(missing_ok=True)


def _newest_ms(segment: Segment) -> float:
    # Records may come without a time; then the file's own counts.
    return segment.index.max_time if segment.index.max_time >= 0 else segment.path.stat().st_mtime * 1000
