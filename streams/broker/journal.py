"""A file of entries, each with its length and checksum: what was written last is there, and what was torn is not."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import crc32c

from tocsin.streams.broker.files import write_all

_FRAME = struct.Struct(">II")


class Journal:
    """Append-only entries. OSError where the disk refuses; an entry that did not fit leaves the file as it was."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.size = os.fstat(self._fd).st_size

    def entries(self) -> Iterator[bytes]:
        """Read all entries; then the file ends after the last whole one."""
        data = self.path.read_bytes()
        at = 0
        while at + _FRAME.size <= len(data):
            length, crc = _FRAME.unpack_from(data, at)
            body = data[at + _FRAME.size : at + _FRAME.size + length]
            if len(body) < length or crc32c.crc32c(body) != crc:
                break
            yield body
            at += _FRAME.size + length
        if at < len(data):
            os.ftruncate(self._fd, at)
        self.size = at

    def append(self, body: bytes) -> None:
        """Write an entry; it is durable after the next sync."""
        frame = _FRAME.pack(len(body), crc32c.crc32c(body)) + body
        try:
            write_all(self._fd, frame)
        except OSError:
            os.ftruncate(self._fd, self.size)
            raise
        self.size += len(frame)

    def sync(self) -> None:
        """Make all entries durable."""
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)
