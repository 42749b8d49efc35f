"""The poller's side of the log: what it publishes and saves, and the feed list that it follows, by kafka-python.

kafka-python's calls block, so each runs in a thread. Where the broker is away they wait for it, say so once, and go on.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import msgspec
import structlog
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError
from kafka.structs import TopicPartition

from tocsin.streams.codec import decode, encode, headers
from tocsin.streams.records import Article, Feed, FeedState, Record
from tocsin.streams.topics import ARTICLES, FEED_STATE, FEEDS, Topic

log = structlog.get_logger()
T = TypeVar("T")

BATCH_BYTES = 128 * 1024
LINGER_MS = 5
MAX_BYTES = 1024 * 1024
"""Largest record: Kafka's own default limit."""
CONFIRM_SECONDS = 30.0
CLOSE_SECONDS = 0.5
"""A wait for the log looks as often whether it should end."""
_CLIENT: dict[str, Any] = {"client_id": "tocsin-poller", "bootstrap_timeout_ms": 5_000}
KNOCK_SECONDS = 2.0
PAUSE_SECONDS = 0.5
THREADS = 8
FOLLOW_MS = 200
"""How long the follower waits for a change before it looks whether it should stop."""

Change = Callable[[str, Feed | None], None]


class Log(Protocol):
    """What the poller needs of the log. Both return only once the log has confirmed everything."""

    async def publish(self, articles: Sequence[Article]) -> None:
        """Publish articles in their order."""
        ...

    async def save(self, feed: str, state: FeedState | None) -> None:
        """Store a feed's state; None deletes it."""
        ...


class ClosedError(Exception):
    """The log was closed while it was waited for."""


class KafkaLog:
    """The log as it is. Its producer is idempotent: its own retries double nothing."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: Any = None
        self._making = threading.Lock()
        self._closed = threading.Event()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="log")

    async def publish(self, articles: Sequence[Article]) -> None:
        """Publish articles; after a failure all of them again, since a repeat harms nobody and a loss would."""
        await self._send([(ARTICLES, article.id, article) for article in articles])

    async def save(self, feed: str, state: FeedState | None) -> None:
        """Store a feed's state."""
        await self._send([(FEED_STATE, feed, state)])

    async def close(self) -> None:
        """Give up what waits, and close the producer."""
        self._closed.set()
        await asyncio.to_thread(self._close)

    async def _send(self, records: Sequence[tuple[Topic, str, Record | None]]) -> None:
        if records:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._send_until_confirmed, records)

    def _send_until_confirmed(self, records: Sequence[tuple[Topic, str, Record | None]]) -> None:
        until_reached("publish", lambda: self._try(records), self._closed)

    def _try(self, records: Sequence[tuple[Topic, str, Record | None]]) -> None:
        producer = self._open()
        try:
            waiting = [
                producer.send(
                    topic.name,
                    key=key.encode(),
                    value=None if record is None else encode(record),
                    headers=[*headers(topic, None), ("traceparent", traceparent().encode())],
                )
                for topic, key, record in records
            ]
            for sent in waiting:
                self._confirm(sent)
        except KafkaError:
            self._discard(producer)
            raise

    def _confirm(self, sent: Any) -> None:
        """Wait for a confirmation; the producer itself gives up after its delivery time-out."""
        while not sent.is_done:
            if self._closed.is_set():
                raise ClosedError("closed before the log confirmed")
            with suppress(KafkaTimeoutError):
                sent.get(CLOSE_SECONDS)
        sent.get(0)

    def _open(self) -> Any:
        with self._making:
            if self._producer is None:
                knock(self._bootstrap)
                self._producer = KafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    acks="all",
                    enable_idempotence=True,
                    batch_size=BATCH_BYTES,
                    linger_ms=LINGER_MS,
                    max_request_size=MAX_BYTES,
                    max_block_ms=5_000,
                    delivery_timeout_ms=int(CONFIRM_SECONDS * 1000),
                    request_timeout_ms=10_000,
                    **_CLIENT,
                )
            return self._producer

    def _discard(self, producer: Any) -> None:
        """Let go of a producer that failed: after some errors an idempotent one refuses everything."""
        with self._making:
            if self._producer is not producer:
                return
            self._producer = None
        producer.close(timeout=0)

    def _close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self._producer is not None:
            self._producer.close(timeout=2)


class FeedList:
    """Follows the list of feeds: `on_change` is called in the event loop for each change, in the order of the log.

    It runs in a thread of its own from `start` to `close`. Without a group, so every reader has the whole list.
    """

    def __init__(self, bootstrap: str, on_change: Change) -> None:
        self._bootstrap = bootstrap
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.states: dict[str, FeedState] = {}
        """The saved states as they were at start; whole once `start` has returned."""

    async def start(self) -> None:
        """Return once the states and the present end of the list have been read; ClosedError after `close`."""
        loop = asyncio.get_running_loop()
        whole = loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(loop, whole), name="feed-list", daemon=True)
        self._thread.start()
        await whole

    async def close(self) -> None:
        """Stop following."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 3.0)

    def _run(self, loop: asyncio.AbstractEventLoop, whole: asyncio.Future[None]) -> None:
        def call(function: Callable[..., object], *arguments: object) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(function, *arguments)

        def settle(error: Exception | None) -> None:
            if not whole.done():
                whole.set_exception(error) if error else whole.set_result(None)

        try:
            self.states = until_reached("read feed states", self._read_states, self._stop)
            until_reached("read feeds", lambda: self._follow(call, lambda: call(settle, None)), self._stop)
        except Exception as error:
            call(settle, error)
        else:
            call(settle, ClosedError("the feed list was closed"))

    def _read_states(self) -> dict[str, FeedState]:
        states: dict[str, FeedState] = {}
        consumer = self._consumer()
        try:
            place, mark = _from_start(consumer, FEED_STATE)
            while consumer.position(place) < mark and not self._stop.is_set():
                for key, state in _records(consumer, FEED_STATE):
                    if state is None:
                        states.pop(key, None)
                    else:
                        states[key] = state
        finally:
            consumer.close(autocommit=False)
        return states

    def _follow(self, call: Callable[..., None], reached: Callable[[], None]) -> None:
        consumer = self._consumer()
        try:
            place, mark = _from_start(consumer, FEEDS)
            whole = False
            while not self._stop.is_set():
                if not whole and consumer.position(place) >= mark:
                    whole = True
                    reached()
                for key, feed in _records(consumer, FEEDS):
                    call(self._on_change, key, feed)
        finally:
            consumer.close(autocommit=False)

    def _consumer(self) -> Any:
        knock(self._bootstrap)
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **_CLIENT,
        )


def until_reached(what: str, action: Callable[[], T], stop: threading.Event) -> T:
    """Call until it succeeds, for as long as the log can't be reached; ClosedError once `stop` is set."""
    told = False
    while not stop.is_set():
        try:
            result = action()
        except (KafkaError, OSError) as error:
            if isinstance(error, MessageSizeTooLargeError):  # waiting would not make it smaller
                raise
            if not told:
                log.warning("log-unreachable", doing=what, error=type(error).__name__, mend="waiting until it is back")
                told = True
            stop.wait(PAUSE_SECONDS)
        else:
            if told:
                log.info("log-reachable", doing=what)
            return result
    raise ClosedError(f"closed while waiting to {what}")


def knock(bootstrap: str) -> None:
    """Return if anybody listens at one of the addresses; OSError if not.

    Asked before a client is made: kafka-python leaves a thread and its sockets behind for each client that finds no
    broker, and a broker may be away for long.
    """
    failure: OSError = ConnectionRefusedError(f"no address in {bootstrap!r}")
    for one in filter(None, (part.strip() for part in bootstrap.split(","))):
        host, _, port = one.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), KNOCK_SECONDS).close()
        except OSError as error:
            failure = error
        else:
            return
    raise failure


def traceparent() -> str:
    """Return a fresh W3C trace context: every article begins a trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _from_start(consumer: Any, topic: Topic) -> tuple[TopicPartition, int]:
    place = TopicPartition(topic.name, 0)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    return place, consumer.end_offsets([place])[place]


def _records(consumer: Any, topic: Topic) -> list[tuple[str, Any]]:
    """Return what came, keys and records (None: deleted). What can't be decoded keeps its last good value in force."""
    found = []
    for messages in consumer.poll(timeout_ms=FOLLOW_MS).values():
        for message in messages:
            key = (message.key or b"").decode("utf-8", "replace")
            try:
                value = None if message.value is None else decode(topic.record or msgspec.Raw, message.value)
            except msgspec.DecodeError as error:
                log.warning("record-undecodable", topic=topic.name, offset=message.offset, error=str(error))
                continue
            found.append((key, value))
    return found
