"""Polls feeds and publishes what is new.

The order is the contract: entries are published and confirmed, only then the feed's state is saved, its validators
with it. A kill between the two repeats articles, under the same ids; it never loses one.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec
import structlog

from tocsin.streams import metrics
from tocsin.streams.feeds.due import Due
from tocsin.streams.feeds.fetch import Fetched, fetch
from tocsin.streams.feeds.intake import Intake, take_in, usable_dates
from tocsin.streams.feeds.parse import FeedError, ParsedFeed, parse_feed
from tocsin.streams.feeds.schedule import FAILING_AFTER, Answer, advance, is_quiet, pace
from tocsin.streams.feeds.state import ClosedError, FeedList, KafkaLog, Log
from tocsin.streams.outbound import Outbound
from tocsin.streams.records import Feed, FeedState, Notice, content_id

log = structlog.get_logger()

CONCURRENT = 20
ROUND_SECONDS = 1.0
"""Longest sleep of the loop."""
STOP_SECONDS = 3.0
"""Time that polls under way have to end at a stop."""
PARSERS = 2


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Poller:
    """Polls every feed of the list until told to stop. `log_to` stands in for the log in tests."""

    def __init__(
        self,
        *,
        bootstrap: str,
        allow: Sequence[str] = (),
        now: Callable[[], datetime] = _utc_now,
        notify: Callable[[Notice], None] | None = None,
        log_to: Log | None = None,
    ) -> None:
        self.ready = asyncio.Event()
        """Set once the list of feeds and their states have been read whole."""
        self.progress = 0.0
        """Monotonic time of the last round of the loop."""
        self._bootstrap = bootstrap
        self._kafka = None if log_to else KafkaLog(bootstrap)
        self._log: Log = log_to or self._kafka  # type: ignore[assignment]
        self._outbound = Outbound(allow=allow)
        self._now = now
        self._notify = notify or (lambda _: None)
        self._parsers = ThreadPoolExecutor(PARSERS, thread_name_prefix="parse")
        self._due = Due()
        self._feeds: dict[str, Feed] = {}
        self._states: dict[str, FeedState] = {}
        self._running: dict[asyncio.Task[None], str] = {}
        self._wake = asyncio.Event()
        self._first_round: set[str] = set()
        self._reached = False
        self._tried = False
        self._quiet: set[str] = set()

    @property
    def unreachable(self) -> bool:
        """Whether the first round has ended and not one feed gave any answer, so far."""
        return self._tried and not self._reached and not self._first_round

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the list of feeds and poll until `stop` is set; what is under way then has 3 seconds to end."""
        feeds = FeedList(self._bootstrap, self.change)
        reading = asyncio.create_task(feeds.start())
        waiting = asyncio.create_task(stop.wait())
        try:
            while not reading.done() and not stop.is_set():
                self.progress = time.monotonic()
                await asyncio.wait((reading, waiting), timeout=ROUND_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                await reading
                self.begin(feeds.states)
                await self.poll_until(stop)
        finally:
            await feeds.close()
            for task in (reading, waiting):
                task.cancel()
            with suppress(asyncio.CancelledError, ClosedError):
                await reading
            await self.close()

    def begin(self, states: dict[str, FeedState]) -> None:
        """Begin with the states that were saved: the feeds known so far are due as these say."""
        self._states = dict(states)
        self._first_round = set(self._feeds)
        for feed in self._feeds.values():
            self._schedule(feed)
        self.ready.set()
        log.info("poller-ready", feeds=len(self._feeds))

    def change(self, key: str, feed: Feed | None) -> None:
        """Take over one change of the list; a feed that is new or has another address is polled at once."""
        before = self._feeds.get(key)
        if feed is None:
            self._forget(key)
        elif feed != before:
            self._feeds[key] = feed
            if before is not None and before.url != feed.url:
                # Another address is another feed: its validators and its entries mean nothing there.
                self._states.pop(key, None)
            if self.ready.is_set() and key not in self._running.values():
                self._schedule(feed)
        self._wake.set()

    async def poll_until(self, stop: asyncio.Event) -> None:
        """Poll what is due, round by round."""
        stopping = asyncio.create_task(self._wake_on(stop))
        try:
            while not stop.is_set():
                self.progress = time.monotonic()
                self._wake.clear()
                self._start_due()
                self._look_for_quiet()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._until_next())
        finally:
            stopping.cancel()
            await self._finish()

    async def close(self) -> None:
        """Close connections and threads."""
        await self._outbound.close()
        if self._kafka is not None:
            await self._kafka.close()
        self._parsers.shutdown(wait=False, cancel_futures=True)

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    def _until_next(self) -> float:
        due = self._due.next_time() if len(self._running) < CONCURRENT else None
        if due is None:
            return ROUND_SECONDS
        return min(max((due - self._now()).total_seconds(), 0.0), ROUND_SECONDS)

    def _schedule(self, feed: Feed) -> None:
        state = self._states.get(feed.id)
        at = state.next_poll if state is not None and state.next_poll is not None else self._now()
        if feed.every is not None and state is not None and state.last_poll is not None and not state.failures:
            # The operator's wish may be newer than what was planned.
            at = min(at, max(self._now(), state.last_poll))
        self._due.add(feed.id, urlsplit(feed.url).hostname or "", at)

    def _start_due(self) -> None:
        now = self._now()
        while len(self._running) < CONCURRENT and (taken := self._due.take(now)) is not None:
            feed, host = taken
            task = asyncio.create_task(self._poll(self._feeds[feed]))
            self._running[task] = feed
            task.add_done_callback(lambda done, host=host: self._ended(done, host))

    def _ended(self, task: asyncio.Task[None], host: str) -> None:
        key = self._running.pop(task)
        self._due.free(host)
        feed = self._feeds.get(key)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, ClosedError):
            # A fault of ours in one feed must not end the others; it is counted, shown, and tried again later.
            log.error("poll-crashed", feed=key, error=repr(error), exc_info=error)
            metrics.FEED_POLLS.labels("crashed").inc()
            if feed is not None:
                answer = Answer(outcome="failed", reason="crashed")
                self._keep(feed, answer, "a fault in Tocsin: please report it with the log")
        if feed is not None:
            self._schedule(feed)
        self._first_round.discard(key)
        self._tried = True
        self._wake.set()

    async def _finish(self) -> None:
        if not self._running:
            return
        _, late = await asyncio.wait(list(self._running), timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
