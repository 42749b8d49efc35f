"""Which feeds are due: a heap of times, one request at a time for each host. No clock: time is an argument."""

from __future__ import annotations

import heapq
from collections import deque
from datetime import datetime

import msgspec


class _Slot(msgspec.Struct):
    host: str
    at: datetime
    state: str = "waiting"
    """`waiting` in the heap, `queued` behind its host, or `running`."""


class Due:
    """Feeds by the time of their next poll. A feed that runs comes back only by `add`."""

    def __init__(self) -> None:
        self._slots: dict[str, _Slot] = {}
        self._heap: list[tuple[datetime, str]] = []
        self._busy: dict[str, deque[str]] = {}
        """Hosts that are asked right now, and the feeds that wait for them."""

    def __contains__(self, feed: str) -> bool:
        return feed in self._slots

    def add(self, feed: str, host: str, at: datetime) -> None:
        """Put a feed in, or move it."""
        self._slots[feed] = _Slot(host, at)
        heapq.heappush(self._heap, (at, feed))

    def remove(self, feed: str) -> None:
        """Take a feed out; a poll that runs is not stopped."""
        self._slots.pop(feed, None)

    def next_time(self) -> datetime | None:
        """Return when the next feed is due, None without any that waits."""
        while self._heap and not self._holds(*self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: datetime) -> tuple[str, str] | None:
        """Return a feed that is due and whose host is free, with the host, which is busy until `free`."""
        while (at := self.next_time()) is not None and at <= now:
            _, feed = heapq.heappop(self._heap)
            slot = self._slots[feed]
            if slot.host in self._busy:
                slot.state = "queued"
                self._busy[slot.host].append(feed)
                continue
            slot.state = "running"
            self._busy[slot.host] = deque()
            return feed, slot.host
        return None

    def free(self, host: str) -> None:
        """Say that a host's request has ended; the feeds that waited for it are due at once, in their order."""
        for feed in self._busy.pop(host, ()):
            slot = self._slots.get(feed)
            if slot is not None and slot.state == "queued":
                slot.state = "waiting"
                heapq.heappush(self._heap, (slot.at, feed))

    def _holds(self, at: datetime, feed: str) -> bool:
        slot = self._slots.get(feed)
        return slot is not None and slot.state == "waiting" and slot.at == at
