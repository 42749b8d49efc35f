"""One file of a partition: batches one after the other, appended at its end and read from anywhere."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from tocsin.streams.broker import index as indexes
from tocsin.streams.broker.batch import HEADER, Batch, header
from tocsin.streams.broker.files import write_all
from tocsin.streams.broker.index import Index
from tocsin.streams.broker.producers import Producers

_WINDOW = 16_384
"""Bytes read at once when headers are walked."""


class Segment:
    """A file of batches whose first offset is `base`. It is opened when it is first needed."""

    def __init__(self, path: Path, base: int) -> None:
        self.path = path
        self.base = base
        self.end = base
        self.size = 0
        self.last = 0
        """Position of the last batch."""
        self.first_time = -1
        """Greatest time of the first batch, in milliseconds."""
        self.index = Index()
        self.saved = 0
        """Size that the checkpoint on disk covers."""
        self._fd = -1

    @property
    def checkpoint_path(self) -> Path:
        """Where its checkpoint stands."""
        return self.path.with_suffix(".index")

    def fd(self) -> int:
        """Return the open file; OSError where it can't be opened."""
        if self._fd < 0:
            self._fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        return self._fd

    def close(self) -> None:
        """Close the file; it opens again when it is needed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def append(self, data: bytearray, batch: Batch) -> None:
        """Write one batch at the end. OSError where the disk refuses: then the file is as it was before."""
        try:
            write_all(self.fd(), data)
        except OSError:
            self._cut_back()
            raise
        self.note(batch)

    def note(self, batch: Batch) -> None:
        """Take notice of a batch that stands at the end of the file."""
        if self.first_time < 0:
            self.first_time = batch.max_time
        self.index.note(batch, self.size)
        self.last = self.size
        self.size += batch.size
        self.end = batch.end

    def _cut_back(self) -> None:
        if self._fd < 0:
            return
        try:
            os.ftruncate(self._fd, self.size)
        except OSError as error:
            # Half a batch in the middle of the log is worse than no broker, whatever the first error was.
            raise OSError(errno.EIO, f"a broken write can't be undone ({error.strerror})", str(self.path)) from error

    def read(self, position: int, size: int) -> bytes:
        """Return up to `size` bytes from a position; OSError where the disk refuses."""
        return os.pread(self.fd(), size, position)

    def headers(self, position: int, stop: int) -> Iterator[tuple[int, Batch]]:
        """Walk over (position, header) of the batches between a batch's position and `stop`."""
        start, window = position, b""
        while position < stop:
            found = header(window, position - start)
            if found is None:
                start, window = position, self.read(position, _WINDOW)
                found = header(window)
            if found is None:
                return
            yield position, found
            position += found.size

    def find(self, offset: int, stop: int) -> int | None:
        """Return the position of the first batch that reaches an offset, or None before `stop`."""
        for position, batch in self.headers(self.index.position(offset), stop):
            if batch.end > offset:
                return position
        return None

    def find_time(self, time_ms: int, stop: int) -> int | None:
        """Return the position of the first batch that reaches a time, or None before `stop`."""
        if self.index.max_time < time_ms:
            return None
        for position, batch in self.headers(self.index.position_of_time(time_ms), stop):
            if batch.max_time >= time_ms:
                return position
        return None

    def checkpoint(self, producers: Producers) -> bytes:
        """Return the checkpoint of all that is in it; `producers` as they are at its end."""
        self.saved = self.size
        return indexes.pack(
            self.index, producers, size=self.size, end=self.end, last=self.last, first_time=self.first_time
        )

    def resume(self) -> Producers | None:
        """Take over a checkpoint that fits the file; the producers as they were at its end, or None."""
        found = indexes.load(self.checkpoint_path)
        if found is None or found.size == 0 or self.path.stat().st_size < found.size:
            return None
        last = header(self.read(found.last, HEADER.size))
        if last is None or last.end != found.end or found.last + last.size != found.size:
            return None
        try:
            index, producers = found.index(), Producers.restore(found.producers)
        except (ValueError, TypeError):
            return None
        self.index, self.size, self.end, self.last = index, found.size, found.end, found.last
        self.first_time, self.saved = found.first_time, found.size
        return producers
