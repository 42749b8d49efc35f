"""The broker's directory: one owner at a time, one version, and everything in it opened.

LOCK VERSION topics.json ids                     the owner, the form of the directory, the topics, producer ids
offsets-<n>.journal                              committed offsets
topics/<name>.<id>/<partition>-<offset>.log      segments, with `.index` checkpoints beside them
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections import defaultdict
from pathlib import Path

import msgspec
import structlog

from tocsin.streams.broker.catalogue import Catalogue, Topic
from tocsin.streams.broker.errors import BrokerError, Code, RefusedError
from tocsin.streams.broker.files import FULL, reason, replace, sync_directory
from tocsin.streams.broker.log import Partition
from tocsin.streams.broker.offsets import Offsets
from tocsin.streams.broker.sync import Syncer, durable

VERSION = 1
"""Form of the directory. An older one would be converted; a newer one is refused."""
_ID_BLOCK = 1000
"""Producer ids taken from the file at once: a crash skips some, and none is ever issued twice."""

log = structlog.get_logger()


class Store:
    """Everything that is kept. Opened by `open`; changes are made from the event loop alone."""

    def __init__(self, directory: Path, syncer: Syncer) -> None:
        self.directory = directory
        self.syncer = syncer
        self.topics: dict[str, list[Partition]] = {}
        self.catalogue: Catalogue
        self.offsets: Offsets
        self._lock = -1
        self._next_id = 0
        self._reserved = 0
        self._changing = asyncio.Lock()

    def open(self) -> None:
        """Take the directory and open all that is in it. BrokerError says what is in the way."""
        try:
            self._own()
            self._check_version()
            self.catalogue = Catalogue(self.directory / "topics.json")
            self._open_topics()
            self.offsets = Offsets(self.directory)
            ids = self.directory / "ids"
            self._next_id = self._reserved = int(ids.read_text()) if ids.exists() else 0
        except BrokerError:
            self.close(checkpoint=False)
            raise
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            self.close(checkpoint=False)
            raise BrokerError(self._trouble(error)) from error

    def close(self, *, checkpoint: bool) -> None:
        """Close every file and leave the directory to the next owner."""
        for partitions in self.topics.values():
            for partition in partitions:
                partition.close(checkpoint=checkpoint)
        if hasattr(self, "offsets"):
            self.offsets.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def partition(self, topic: str, number: int) -> Partition:
        """Return a partition; RefusedError where there is none."""
        partitions = self.topics.get(topic)
        if partitions is None or not 0 <= number < len(partitions):
            raise RefusedError(Code.UNKNOWN_TOPIC_OR_PARTITION)
        return partitions[number]

    async def create(self, topic: Topic) -> None:
        """Make a topic, durably. RefusedError where the name is taken, OSError where the disk refuses."""
        async with self._changing:
            if topic.name in self.catalogue.topics:
                raise RefusedError(Code.TOPIC_ALREADY_EXISTS, f"topic {topic.name} exists")
            folder = self.directory / "topics" / topic.folder
            folder.mkdir(parents=True, mode=0o700)
            self.catalogue.topics[topic.name] = topic
            try:
                await asyncio.to_thread(self._save_new)
            except OSError:
                del self.catalogue.topics[topic.name]
                folder.rmdir()
                raise
            self.topics[topic.name] = [Partition(folder, n, topic.limits) for n in range(topic.partitions)]

    async def delete(self, name: str) -> None:
        """Delete a topic and what groups committed of it. RefusedError where there is none, OSError as `create`."""
        async with self._changing:
            topic = self.catalogue.topics.pop(name, None)
            if topic is None:
                raise RefusedError(Code.UNKNOWN_TOPIC_OR_PARTITION)
            try:
                await asyncio.to_thread(self.catalogue.save)
            except OSError:
                self.catalogue.topics[name] = topic
                raise
            partitions = self.topics.pop(name)
            for partition in partitions:
                partition.gone = True
                partition.notify()
            self.offsets.forget_topic(name)
            # The round that runs now may still hold their files.
            await durable(self.syncer.request(self.offsets))
            for partition in partitions:
                partition.close(checkpoint=False)
            await asyncio.to_thread(shutil.rmtree, self.directory / "topics" / topic.folder, ignore_errors=True)

    async def producer_id(self) -> int:
        """Return an id that no producer ever had. OSError where the disk refuses."""
        async with self._changing:
            if self._next_id >= self._reserved:
                wanted = self._next_id + _ID_BLOCK
                await asyncio.to_thread(replace, self.directory / "ids", str(wanted).encode())
                self._reserved = wanted
            self._next_id += 1
            return self._next_id - 1

    def expire(self, now_ms: int) -> int:
        """Delete segments that are past their topic's retention; return how many."""
        return sum(partition.expire(now_ms) for partitions in self.topics.values() for partition in partitions)

    def _own(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = os.open(self.directory / "LOCK", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BrokerError(
                f"{self.directory} is in use by another broker: stop that one, or choose another directory"
            ) from None

    def _check_version(self) -> None:
        path = self.directory / "VERSION"
        if not path.exists():
            if (self.directory / "topics.json").exists():
                raise BrokerError(f"{path} is missing: restore it from a backup of the directory")
            replace(path, f"{VERSION}\n".encode())
            return
        found = path.read_text().strip()
        if not found.isdecimal():
            raise BrokerError(f"{path} says {found[:20]!r} and should say {VERSION}: restore it from a backup")
        if int(found) > VERSION:
            raise BrokerError(
                f"{self.directory} was written by a newer Tocsin (form {found}, this one knows {VERSION}): "
                "install that version, or choose another directory"
            )

    def _open_topics(self) -> None:
        root = self.directory / "topics"
        if not self.catalogue.known:
            if root.exists() and any(root.iterdir()):
                raise BrokerError(
                    f"{self.directory / 'topics.json'} is missing although there are topics: restore it from a backup"
                )
            root.mkdir(exist_ok=True, mode=0o700)
            self.catalogue.save()
        folders = {topic.folder for topic in self.catalogue.topics.values()}
        for path in root.iterdir():
            if path.name not in folders:  # a deletion that a crash cut short
                shutil.rmtree(path, ignore_errors=True)
        for topic in self.catalogue.topics.values():
            self.topics[topic.name] = self._open_topic(topic, root / topic.folder)

    def _open_topic(self, topic: Topic, folder: Path) -> list[Partition]:
        folder.mkdir(exist_ok=True, mode=0o700)
        files: defaultdict[int, list[Path]] = defaultdict(list)
        for path in folder.glob("*-*.log"):
            files[int(path.name.split("-", 1)[0])].append(path)
        partitions = []
        for number in range(topic.partitions):
            partition = Partition(folder, number, topic.limits)
            for cut in partition.open(files[number]):
                log.warning(
                    "log-cut", topic=topic.name, file=cut.file, position=cut.position, bytes=cut.size, kept=cut.kept
                )
            partitions.append(partition)
        return partitions

    def _save_new(self) -> None:
        sync_directory(self.directory / "topics")
        self.catalogue.save()

    def _trouble(self, error: Exception) -> str:
        place = getattr(error, "filename", None) or self.directory
        if isinstance(error, OSError) and error.errno in FULL:
            return f"{self.directory}: the disk is full: make room, then start again"
        if isinstance(error, PermissionError):
            return f"{place}: not allowed: give this user the right to read and write it"
        with contextlib.suppress(OSError):
            if not self.directory.is_dir():
                return f"{self.directory} is no directory: choose another"
        return f"{place}: can't be opened ({reason(error)}): restore it from a backup, or choose another directory"
