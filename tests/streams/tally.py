"""What the tests of the stage share: publish numbered articles, run workers, read back what came of them."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.streams.tally_worker import source, stage_name
from tocsin.streams.admin import dead_letters, ensure_topics, read_all, reader
from tocsin.streams.codec import encode
from tocsin.streams.records import Article
from tocsin.streams.topics import DEAD_LETTERS, NOTES, state_topic

WORKER = Path(__file__).with_name("tally_worker.py")


class Books(msgspec.Struct):
    """What the log holds at the end."""

    noted: dict[str, int]
    """Origin -> how often it was noted."""
    details: dict[str, set[str]]
    """Origin -> the different things that were said of it: more than one means that a repeat differed."""
    state: int
    """Sum of all counters."""
    dead: dict[str, str]
    """Article id -> reason."""


class Run:
    """One test's own topics and group on a broker."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.name = uuid.uuid4().hex[:8]
        self.source = source(self.name)
        self.state = state_topic(stage_name(self.name), self.source)
        ensure_topics(bootstrap, (self.source, NOTES, DEAD_LETTERS, self.state))

    def publish(self, count: int, titles: dict[int, str] | None = None, *, first: int = 0, text: str = "") -> None:
        """Publish numbered articles, each under its own key."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        at = datetime.now(UTC)
        for number in range(first, first + count):
            article = Article(
                id=str(number), url="", source="test", title=(titles or {}).get(number, ""), text=text, first_seen=at
            )
            producer.send(self.source.name, key=str(number).encode(), value=encode(article))
        producer.flush()
        producer.close()

    def start_worker(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start one worker process."""
        command = [sys.executable, str(WORKER), self.bootstrap, json.dumps({"run": self.name, **options})]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @contextlib.contextmanager
    def workers(self, count: int, **options: Any) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Run several workers, each started again when it ends, as a supervisor does."""
        processes = [self.start_worker(**options) for _ in range(count)]
        stopped = threading.Event()

        def keep() -> None:
            while not stopped.wait(0.1):
                for place, process in enumerate(processes):
                    if process.poll() is not None:
                        processes[place] = self.start_worker(**options)

        keeper = threading.Thread(target=keep)
        keeper.start()
        try:
            yield processes
        finally:
            stopped.set()
            keeper.join()
            for process in processes:
                process.kill()
                process.wait()

    @contextlib.contextmanager
    def worker(self, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Run one worker; it is killed at the end if it still runs."""
        process = self.start_worker(**options)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()

    def waiting(self) -> int:
        """Return how many articles are not committed yet."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=f"tocsin.{stage_name(self.name)}", enable_auto_commit=False
        )
        try:
            tps = [TopicPartition(self.source.name, number) for number in range(self.source.partitions)]
            ends = consumer.end_offsets(tps)
            return sum(ends[tp] - (consumer.committed(tp) or 0) for tp in tps)
        finally:
            consumer.close(autocommit=False)

    def wait_until_done(self, seconds: float = 60) -> None:
        """Wait until everything is committed."""
        deadline = time.monotonic() + seconds
        while (left := self.waiting()) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == 0, f"{left} records were never committed"

    def work_off(self, seconds: float = 60, starts: int = 20, **options: Any) -> int:
        """Run workers one after the other until everything is committed; return how many it took."""
        deadline = time.monotonic() + seconds
        for start in range(1, starts + 1):
            with self.worker(**options) as process:
                while process.poll() is None and time.monotonic() < deadline:
                    if self.waiting() == 0:
                        process.send_signal(signal.SIGTERM)
                        assert process.wait(10) == 0, "a clean stop has exit code 0"
                        return start
                    time.sleep(0.2)
        raise AssertionError(f"{self.waiting()} records left after {starts} starts")

    def books(self) -> Books:
        """Read what came of everything."""
        noted: dict[str, int] = {}
        details: dict[str, set[str]] = {}
        counters: dict[tuple[int, bytes], tuple[int, int]] = {}
        with reader(self.bootstrap) as consumer:
            for message in read_all(consumer, NOTES):
                origin = dict(message.headers)["origin"].decode()
                if not origin.startswith(f"{self.source.name}/"):
                    continue
                noted[origin] = noted.get(origin, 0) + 1
                details.setdefault(origin, set()).add(message.value.decode())
            for message in read_all(consumer, self.state):
                if message.key.startswith(b"\0"):
                    continue
                order = int(dict(message.headers)["o"])
                slot = (message.partition, message.key)
                if order >= counters.get(slot, (-1, 0))[0]:
                    counters[slot] = (order, json.loads(message.value)["n"])
        letters = [one for one in dead_letters(self.bootstrap) if one.origin.startswith(f"{self.source.name}/")]
        dead = {json.loads(letter.value)["id"]: letter.reason for letter in letters}
        return Books(noted=noted, details=details, state=sum(n for _, n in counters.values()), dead=dead)
