"""Polls feeds and publishes what is new.

The order is the contract: entries are published and confirmed, only then the feed's state is saved, its validators
with it. A kill between the two repeats articles, under the same ids; it never loses one.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
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
        self._kafka: KafkaLog | None = None
        if log_to is None:
            log_to = self._kafka = KafkaLog(bootstrap)
        self._log: Log = log_to
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
        self._untold: dict[str, dict[str, Any]] = {}
        """Failures by feed that are told once any feed answers: without a network they all fail for one reason."""
        self._quiet: set[str] = set()
        self._aside: set[asyncio.Task[None]] = set()

    @property
    def unreachable(self) -> bool:
        """Whether the first round has ended and not one feed gave any answer, so far."""
        return self._tried and not self._reached and not self._first_round

    @property
    def why_unreachable(self) -> str:
        """Return why a feed that was not reached was not."""
        return next((str(said["mend"]) for said in self._untold.values()), "")

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
        log.debug("poller-ready", feeds=len(self._feeds))

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
            at = min(at, state.last_poll + timedelta(seconds=feed.every))
        self._due.add(feed.id, urlsplit(feed.url).hostname or "", at)

    def _start_due(self) -> None:
        now = self._now()
        while len(self._running) < CONCURRENT and (taken := self._due.take(now)) is not None:
            feed, host = taken
            task = asyncio.create_task(self._poll_or_fail(self._feeds[feed]))
            self._running[task] = feed
            task.add_done_callback(functools.partial(self._ended, host))

    def _ended(self, host: str, task: asyncio.Task[None]) -> None:
        key = self._running.pop(task)
        self._due.free(host)
        if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, ClosedError):
            log.error("poll-lost", feed=key, error=repr(error))
        if (feed := self._feeds.get(key)) is not None:
            self._schedule(feed)
        self._first_round.discard(key)
        self._tried = True
        self._wake.set()

    async def _finish(self) -> None:
        tasks = {*self._running, *self._aside}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _forget(self, key: str) -> None:
        """Drop a feed that was taken off the list, with its state: put back, it begins with a baseline again."""
        self._due.remove(key)
        self._quiet.discard(key)
        if self._feeds.pop(key, None) is None:
            return
        for gauge in (metrics.FEED_FAILURES, metrics.FEED_LAST_SUCCESS, metrics.FEED_LAST_NEW):
            with suppress(KeyError):
                gauge.remove(key)
        # A poll under way deletes it at its end, so that it can't bring it back.
        if self._states.pop(key, None) is not None and key not in self._running.values():
            task = asyncio.create_task(self._log.save(key, None))
            self._aside.add(task)
            task.add_done_callback(self._aside.discard)

    async def _poll_or_fail(self, feed: Feed) -> None:
        try:
            await self._poll(feed)
        except ClosedError:
            raise
        except Exception as error:
            # A fault of ours in one feed must not end the others; it counts as a failure, is shown, and retried.
            log.exception("poll-crashed", feed=feed.id, error=type(error).__name__)
            await self._settle(feed, self._state(feed), Answer(outcome="failed", reason="crashed"), "see Tocsin's log")

    async def _poll(self, feed: Feed) -> None:
        state = self._state(feed)
        fetched = await fetch(self._outbound, feed, state)
        self._reached = self._reached or fetched.answered
        if fetched.outcome != "fetched":
            answer = Answer(outcome=fetched.outcome, reason=fetched.reason, headers=fetched.headers)
            await self._settle(feed, state, answer, fetched.mend)
            return
        digest = hashlib.sha256(fetched.body).hexdigest()[:32]
        if digest == state.body_hash and state.polls:
            answer = Answer(outcome="unchanged", reason="same-body", headers=fetched.headers)
            await self._settle(feed, state, answer, "")
            return
        now = self._now()
        try:
            parsed, intake = await asyncio.get_running_loop().run_in_executor(
                self._parsers, _read, feed, state, fetched, now
            )
        except FeedError as error:
            answer = Answer(outcome="failed", reason="not-a-feed", headers=fetched.headers)
            await self._settle(feed, state, answer, str(error))
            return
        await self._log.publish(intake.articles)
        _count(intake)
        answer = Answer(
            outcome="fetched",
            reason="fetched",
            headers=fetched.headers,
            body_hash=digest,
            new=len(intake.articles),
            pace=pace(usable_dates(parsed.entries, now), now),
            hint=parsed.ttl,
        )
        await self._settle(feed, msgspec.structs.replace(state, seen=intake.seen), answer, "")

    def _state(self, feed: Feed) -> FeedState:
        return self._states.get(feed.id) or FeedState(feed=feed.id)

    async def _settle(self, feed: Feed, before: FeedState, answer: Answer, mend: str) -> None:
        """Save what a poll changed in the feed's state, count it, and say what the operator must know."""
        now = self._now()
        metrics.FEED_POLLS.labels(answer.reason).inc()
        current = self._feeds.get(feed.id)
        if current is None or current.url != feed.url:
            await self._log.save(feed.id, None)
            return
        after = advance(before, answer, current, now, random.random())  # noqa: S311 it spreads polls, no secret
        await self._log.save(feed.id, after)
        self._states[feed.id] = after
        metrics.FEED_FAILURES.labels(feed.id).set(after.failures)
        if after.last_success is not None:
            metrics.FEED_LAST_SUCCESS.labels(feed.id).set(after.last_success.timestamp())
        if after.last_new is not None:
            metrics.FEED_LAST_NEW.labels(feed.id).set(after.last_new.timestamp())
        log.debug("feed-polled", feed=feed.id, reason=answer.reason, new=answer.new, next=after.next_poll)
        self._tell(feed, before, after, mend)

    def _tell(self, feed: Feed, before: FeedState, after: FeedState, mend: str) -> None:
        """Notify of what began or ended with this poll; a restart repeats a notice at most under the same id."""
        name = feed.name or urlsplit(feed.url).hostname or feed.id
        since = before.last_success.isoformat() if before.last_success else "never"
        self._untold.pop(feed.id, None)
        if after.failures and after.failures <= FAILING_AFTER:
            said = {"name": name, "reason": after.reason, "mend": mend, "times": after.failures}
            self._untold[feed.id] = said
        if self._reached:
            for key, said in self._untold.items():
                log.warning("feed-failed", feed=key, **said)
            self._untold.clear()
        if after.failures == FAILING_AFTER > before.failures:
            text = f"{name}: {after.reason}, {FAILING_AFTER} times in a row: {mend}"
            self._send_notice("feed-failing", text, feed.id, since)
        if before.failures >= FAILING_AFTER and not after.failures:
            self._send_notice("feed-recovered", f"{name}: answers again", feed.id, since)
        if not is_quiet(after, self._now()):
            self._quiet.discard(feed.id)
        elif feed.id not in self._quiet:
            self._quiet.add(feed.id)
            new = after.last_new.isoformat(timespec="minutes") if after.last_new else "ever"
            text = f"{name}: answers, but brought nothing new since {new}: look whether the site moved its feed"
            self._send_notice("feed-quiet", text, feed.id, new)

    def _send_notice(self, what: str, text: str, *incident: str) -> None:
        self._notify(Notice(id=content_id(what, *incident), what=what, text=text, at=self._now()))


def _read(feed: Feed, state: FeedState, fetched: Fetched, now: datetime) -> tuple[ParsedFeed, Intake]:
    """Parse and compare, in a thread: a large feed takes a second."""
    content_type = fetched.headers.get("content-type", "")
    parsed = parse_feed(fetched.body, url=fetched.url, content_type=content_type)
    return parsed, take_in(feed, state, parsed, now)


def _count(intake: Intake) -> None:
    for article in intake.articles:
        outcome = "revision" if article.revision else "baseline" if article.baseline else "new"
        metrics.ARTICLES.labels(outcome).inc()
    metrics.ARTICLES.labels("known").inc(intake.known)
    metrics.ARTICLES.labels("nameless").inc(intake.nameless)
