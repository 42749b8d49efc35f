"""Opening a segment again: checks what a checkpoint doesn't cover, cuts a torn tail, steps over damage.

After a crash the last batches may be there in part: what was never confirmed is cut. Damage with intact batches behind
it is another thing: they are kept, and the damaged bytes are set aside in a file, so that nothing goes silently.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import NamedTuple

from tocsin.streams.broker.batch import HEADER, Batch, header, intact
from tocsin.streams.broker.files import replace
from tocsin.streams.broker.producers import Producers
from tocsin.streams.broker.segment import Segment

_MAGIC_AT = 16
_MAGIC = b"\x02"


class Cut(NamedTuple):
    """Bytes of a segment that are no batches."""

    file: str
    position: int
    size: int
    kept: str
    """File that holds them now; empty for a torn tail, which was never confirmed."""


def recover(segment: Segment, producers: Producers) -> tuple[Producers, list[Cut]]:
    """Open a segment: its producers at its end and what had to be cut.

    Args:
        segment: a fresh one over an existing file; index, size and end are filled in.
        producers: those of the segment before; they are replaced where a checkpoint knows better.

    Raises:
        OSError: the file can't be read or mended.

    """
    producers = segment.resume() or producers
    length = segment.path.stat().st_size
    if length == segment.size:
        return producers, []
    start = segment.size
    with mmap.mmap(segment.fd(), length, access=mmap.ACCESS_READ) as data:
        good: list[tuple[int, int]] = [(0, start)]
        bad: list[tuple[int, int]] = []
        reached = start
        for position, batch in _batches(data, start, segment.end):
            if position > reached:
                bad.append((reached, position))
                good.append((position, position))
            segment.note(batch)
            producers.note(batch)
            reached = position + batch.size
            good[-1] = (good[-1][0], reached)
        if not bad:
            torn = length - reached
            found = [Cut(segment.path.name, reached, torn, "")] if torn else []
            fresh = None
        else:
            found = [_keep(segment, data, begin, stop) for begin, stop in bad]
            fresh = b"".join(data[begin:stop] for begin, stop in good)
    if fresh is not None:
        segment.close()
        replace(segment.path, fresh)
        segment.checkpoint_path.unlink(missing_ok=True)
    elif found:
        _truncate(segment)
    return producers, found


def _batches(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, Batch]]:
    with memoryview(data) as view:
        position: int | None = start
        while position is not None and position < len(view):
            found = _fitting(view, position, end)
            if found is not None:
                yield position, found
                position, end = position + found.size, found.end
            else:
                position = _next(data, view, position + 1, end)


def _next(data: mmap.mmap, view: memoryview, position: int, end: int) -> int | None:
    # A batch can begin wherever its magic byte stands; the checksum decides.
    while True:
        at = data.find(_MAGIC, position + _MAGIC_AT)
        if at < 0 or at - _MAGIC_AT + HEADER.size > len(view):
            return None
        position = at - _MAGIC_AT
        if _fitting(view, position, end) is not None:
            return position
        position += 1


def _fitting(view: memoryview, position: int, end: int) -> Batch | None:
    found = intact(view, position)
    if found is None or found.base < end:
        return None
    if found.base > end:
        # The checksum does not cover the base offset. One that contradicts the batch behind it is damage, not a gap.
        following = header(view, position + found.size)
        if following is not None and following.base < found.end:
            return None
    return found


def _keep(segment: Segment, data: mmap.mmap, begin: int, stop: int) -> Cut:
    kept = segment.path.with_suffix(f".damaged-{begin}")
    replace(kept, data[begin:stop])
    return Cut(segment.path.name, begin, stop - begin, kept.name)


def _truncate(segment: Segment) -> None:
    os.ftruncate(segment.fd(), segment.size)
    os.fsync(segment.fd())
