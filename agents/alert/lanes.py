"""A lane for each endpoint: one attempt at a time, in order of due, and no endpoint waits for another.

What waits is the stage's state, and lanes hold no more than references to it: a restart offers it all again. An
attempt whose outcome was not stored before a kill is made again, with the same delivery id.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from tocsin.agents.alert.channels import Channel, Sent
from tocsin.agents.alert.deliver import MOST_RETRY_AFTER, Outcome, Work
from tocsin.streams import metrics

log = structlog.get_logger()

PATIENCE = 60.0
"""Seconds after which an attempt is ended: longer than any channel's own deadline."""
CLOSING = 3.0
"""Seconds that attempts under way are given at the end."""
UNSETTLED = 256
"""Outcomes that may wait to be settled; beyond that lanes hold back."""

Channels = Callable[[str], Channel | None]
"""The channel of an endpoint as it is set up now, or None where there is none."""

Try = tuple[str, int, int]
"""Delivery, its sequence, attempts before."""


def utc_now() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


class Lane:
    """The deliveries of one endpoint that wait, and the loop that sends them."""

    def __init__(self, endpoint: str, channels: Channels, report: Callable[[Outcome], Awaitable[None]]) -> None:
        self.endpoint = endpoint
        self.channels = channels
        self.report = report
        self.label = _label(channels(endpoint))
        self.waiting: dict[str, Work] = {}
        self.in_hand: Try | None = None
        """What is under way."""
        self.closing = False
        self.wake = asyncio.Event()
        self._heap: list[tuple[datetime, int, Try]] = []
        self._queued: set[Try] = set()
        """Attempts in the heap: the state may be offered again while they wait."""
        self._arrivals = 0
        self._paused_until = datetime.min.replace(tzinfo=UTC)

    def put(self, key: str, work: Work) -> None:
        """Let a delivery wait for its time. An attempt that is under way is not begun a second time."""
        if key not in self.waiting:
            metrics.DELIVERY_QUEUE.labels(self.label).inc()
        self.waiting[key] = work
        one = _try_of(key, work)
        if work.due is not None and one != self.in_hand and one not in self._queued:
            self._queued.add(one)
            self._arrivals += 1
            heapq.heappush(self._heap, (work.due, self._arrivals, one))
            self.wake.set()

    def remove(self, key: str) -> Work | None:
        """Forget a delivery and return it, if it waited here."""
        work = self.waiting.pop(key, None)
        if work is not None:
            metrics.DELIVERY_QUEUE.labels(self.label).dec()
        return work

    def clear(self) -> None:
        """Forget everything that waits."""
        for key in list(self.waiting):
            self.remove(key)

    async def run(self) -> None:
        """Send what is due until told to close."""
        while not self.closing:
            if not self._heap or (seconds := self._seconds()) > 0:
                self.wake.clear()
                await _wait(self.wake, seconds if self._heap else None)
                continue
            _, _, one = heapq.heappop(self._heap)
            self._queued.discard(one)
            work = self.waiting.get(one[0])
            # What was settled or replaced since is not sent.
            if work is not None and _try_of(one[0], work) == one:
                self.in_hand = one
                outcome = await self._attempt(one[0], work)
                if outcome.sent.outcome == "retry" and outcome.sent.retry_after:
                    pause = min(outcome.sent.retry_after, MOST_RETRY_AFTER)
                    self._paused_until = outcome.ended + timedelta(seconds=pause)
                await self.report(outcome)
                self.in_hand = None

    def _seconds(self) -> float:
        return (max(self._heap[0][0], self._paused_until) - utc_now()).total_seconds()

    async def _attempt(self, key: str, work: Work) -> Outcome:
        began = utc_now()
        channel = self.channels(self.endpoint)
        sent = await _send(channel, work, began)
        metrics.DELIVERY_ATTEMPTS.labels(_label(channel), sent.reason).inc()
        ended = utc_now()
        if sent.outcome == "accepted":
            _observe_latency(work, ended)
        return Outcome(
            delivery=key, sequence=work.sequence, attempt=work.attempt + 1, sent=sent, began=began, ended=ended
        )


class Lanes:
    """The work in the world of the stage `deliver`: implements `tocsin.streams.contract.Effects`."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._lanes: dict[tuple[int, str], tuple[Lane, asyncio.Task[None]]] = {}
        self._outcomes: asyncio.Queue[tuple[int, Outcome]] = asyncio.Queue(UNSETTLED)
        self._settled = asyncio.Event()
        """Set while every outcome handed out has been settled: the stage asks for more only then."""
        self._settled.set()
        self._closing = False

    def offer(self, partition: int, changes: Mapping[str, Work | None]) -> None:
        """Take notice of a partition's new state."""
        for key, work in changes.items():
            if work is None or work.status == "failing":
                continue
            if work.status == "pending":
                self._lane(partition, work.endpoint).put(key, work)
            elif (known := self._lanes.get((partition, work.endpoint))) and known[0].remove(key):
                metrics.DELIVERIES.labels(known[0].label, work.status).inc()

    async def results(self) -> Sequence[tuple[int, Outcome]]:
        """Wait for attempts that ended, and return all there are."""
        if self._outcomes.empty():
            self._settled.set()
        found = [await self._outcomes.get()]
        while not self._outcomes.empty():
            found.append(self._outcomes.get_nowait())
        return found

    def drop(self, partition: int) -> None:
        """Forget a partition: another worker sends what waits there."""
        for number, endpoint in list(self._lanes):
            if number == partition:
                lane, task = self._lanes.pop((number, endpoint))
                task.cancel()
                lane.clear()

    async def close(self) -> None:
        """Begin nothing more; give attempts under way, and the settling of their outcomes, 3 seconds in all."""
        self._closing = True
        for lane, _ in self._lanes.values():
            lane.closing = True
            lane.wake.set()
        tasks = [task for _, task in self._lanes.values()]
        try:
            async with asyncio.timeout(CLOSING):
                if tasks:
                    await asyncio.wait(tasks)
                await self._settled.wait()
        except TimeoutError:
            log.warning("lanes-closed-early", under_way=sum(not task.done() for task in tasks))
        for task in tasks:
            task.cancel()
        for lane, _ in self._lanes.values():
            lane.clear()
        self._lanes.clear()

    def _lane(self, partition: int, endpoint: str) -> Lane:
        known = self._lanes.get((partition, endpoint))
        if known is None:

            async def report(outcome: Outcome) -> None:
                self._settled.clear()
                await self._outcomes.put((partition, outcome))

            lane = Lane(endpoint, self._channels, report)
            lane.closing = self._closing
            task = asyncio.get_running_loop().create_task(lane.run(), name=f"lane-{endpoint}")
            known = self._lanes[partition, endpoint] = (lane, task)
        return known[0]


async def _send(channel: Channel | None, work: Work, now: datetime) -> Sent:
    """Make one attempt; whatever a channel does, its lane goes on."""
    if channel is None or work.delivery is None:
        # Tried again, since settings that lost an endpoint by mistake are mended within the time of all tries.
        return Sent(outcome="retry", reason="unknown-endpoint")
    try:
        async with asyncio.timeout(PATIENCE):
            return await channel.send(work.delivery, now)
    except TimeoutError:
        return Sent(outcome="retry", reason="timeout")
    except Exception as error:  # a fault of one channel must not end the others
        # Neither text nor trace: they may hold the address.
        log.error("channel-raised", channel=channel.name, endpoint=work.endpoint, error=type(error).__name__)  # noqa: TRY400 - see above
        return Sent(outcome="retry", reason="channel-raised")


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


def _try_of(key: str, work: Work) -> Try:
    return key, work.sequence, work.attempt


def _label(channel: Channel | None) -> str:
    return channel.name if channel else "none"


def _observe_latency(work: Work, accepted: datetime) -> None:
    alert = work.delivery.alert if work.delivery else None
    if alert and alert.kind != "test" and alert.stamps.received:
        seconds = max(0.0, (accepted - alert.stamps.received).total_seconds())
        metrics.ALERT_LATENCY.labels(alert.severity).observe(seconds)
