"""Committed offsets of all groups: a journal that is written anew when it has grown.

Every journal begins with one entry that holds everything; what follows changes it. So a new journal replaces the old
one in one step, whenever a crash comes between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tocsin.streams.broker.files import sync_directory
from tocsin.streams.broker.journal import Journal

Place = tuple[str, int]
"""Topic and partition."""
_GROWN = 4 * 1024 * 1024
"""Bytes after which a journal is written anew, if most of it is old."""
METADATA_BYTES = 4096
"""Longest metadata of an offset, as in Kafka."""


class Committed(msgspec.Struct, frozen=True, array_like=True):
    """What a group said of a partition."""

    offset: int
    epoch: int = -1
    metadata: str = ""


class _Entry(msgspec.Struct, array_like=True):
    whole: bool
    """Whether it replaces everything before it."""
    group: str = ""
    commits: list[tuple[str, int, int, int, str]] = []
    """Topic, partition, offset, leader epoch, metadata; an offset of -1 forgets the partition."""
    everything: dict[str, list[tuple[str, int, int, int, str]]] = {}


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Entry)


class Offsets:
    """Offsets by group. A change is durable after the next sync."""

    def __init__(self, directory: Path) -> None:
        """Read what is there; OSError or msgspec.MsgspecError where that can't be."""
        self._directory = directory
        self._groups: dict[str, dict[Place, Committed]] = {}
        self._closing: list[Journal] = []
        self._old: list[Path] = sorted(directory.glob("offsets-*.journal"))
        last = 0
        for path in self._old:
            journal = Journal(path)
            for body in journal.entries():
                self._take(_decoder.decode(body))
            journal.close()
            last = int(path.stem.rsplit("-", 1)[1])
        self._begin(last + 1)

    def groups(self) -> Iterable[str]:
        """Return the names of all groups that committed."""
        return self._groups.keys()

    def of(self, group: str) -> Mapping[Place, Committed]:
        """Return what a group committed."""
        return self._groups.get(group, {})

    def commit(self, group: str, changes: Mapping[Place, Committed]) -> None:
        """Store offsets; OSError where the disk refuses, and nothing is changed."""
        self._write(group, [(t, p, c.offset, c.epoch, c.metadata) for (t, p), c in changes.items()])

    def forget_group(self, group: str) -> None:
        """Forget all of a group; OSError as `commit`."""
        self._write(group, [(t, p, -1, -1, "") for t, p in self.of(group)])

    def forget_topic(self, topic: str) -> None:
        """Forget a topic in every group; OSError as `commit`."""
        for group, places in list(self._groups.items()):
            gone = [(t, p, -1, -1, "") for t, p in places if t == topic]
            if gone:
                self._write(group, gone)

    def begin_sync(self) -> Callable[[], None]:
        """Return what makes all that is written by now durable."""
        if self._journal.size > max(_GROWN, 4 * self._whole):
            self._renew()
        journal, old, closing, directory = self._journal, self._old, self._closing, self._directory
        self._old, self._closing = [], []

        def flush() -> None:
            journal.sync()
            if old:
                sync_directory(directory)
                for path in old:
                    path.unlink(missing_ok=True)
            for one in closing:
                one.close()

        return flush

    def end_sync(self) -> None:
        """Take notice that it is."""

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _renew(self) -> None:
        grown = self._journal
        try:
            self._begin(int(grown.path.stem.rsplit("-", 1)[1]) + 1)
        except OSError:
            return  # no room for a second one: the grown one goes on
        self._old.append(grown.path)
        self._closing.append(grown)

    def _begin(self, number: int) -> None:
        self._journal = self._whole_journal(number)
        self._whole = self._journal.size

    def _whole_journal(self, number: int) -> Journal:
        journal = Journal(self._directory / f"offsets-{number:08d}.journal")
        everything = {
            group: [(t, p, c.offset, c.epoch, c.metadata) for (t, p), c in places.items()]
            for group, places in self._groups.items()
        }
        try:
            journal.append(_encoder.encode(_Entry(whole=True, everything=everything)))
        except OSError:
            journal.close()
            journal.path.unlink()
            raise
        return journal

    def _write(self, group: str, commits: list[tuple[str, int, int, int, str]]) -> None:
        entry = _Entry(whole=False, group=group, commits=commits)
        self._journal.append(_encoder.encode(entry))
        self._take(entry)

    def _take(self, entry: _Entry) -> None:
        if entry.whole:
            self._groups = {}
        changes: Iterable[tuple[str, Any]] = entry.everything.items() if entry.whole else [(entry.group, entry.commits)]
        for group, commits in changes:
            places = self._groups.setdefault(group, {})
            for topic, partition, offset, epoch, metadata in commits:
                if offset < 0:
                    places.pop((topic, partition), None)
                else:
                    places[topic, partition] = Committed(offset, epoch, metadata)
            if not places:
                del self._groups[group]
