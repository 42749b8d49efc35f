"""Small files that are there wholly or not at all, and flushes that reach the disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Errors that end when somebody makes room: what was asked is refused, and nothing else is touched."""


def write_all(fd: int, data: bytes | bytearray | memoryview) -> None:
    """Append all bytes; OSError where the disk takes fewer."""
    done = os.write(fd, data)
    while done < len(data):
        with memoryview(data) as view:
            done += os.write(fd, view[done:])


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def replace(path: Path, data: bytes | bytearray | memoryview, *, sync: bool = True) -> None:
    """Write a file in one step: after a crash the old one or the new one is there. OSError where the disk refuses."""
    fresh = path.with_name(path.name + ".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(fd, data)
        if sync:
            os.fsync(fd)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)
    fresh.replace(path)
    if sync:
        sync_directory(path.parent)


def reason(error: BaseException) -> str:
    """Return what the system says of an error, in its own short words."""
    return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
