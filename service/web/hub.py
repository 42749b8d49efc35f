"""What the page holds in memory, all of it bounded: the newest rows, a ring of events to replay, and who listens."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.service.web.view import AlertItem, Item, StoryItem

ROWS = 100
"""Alerts and stories shown on a fresh page, of each."""
RING = 500
"""Events that can be replayed to a page that comes back."""
QUEUE = 256
"""Events that may wait for one page; a slower one is dropped, comes back by itself, and is replayed what it missed."""
CLIENTS = 200
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
METERED = 50_000
"""Articles of the last minute that are counted one by one: past 800 a second the rate shown is too low."""
SOURCES = 10_000


class Entry(msgspec.Struct, kw_only=True):
    """An event of the ring; `html` is the row, once somebody needed it."""

    cursor: int
    item: Item
    html: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What the page's header says."""

    state: Literal["starting", "live", "reconnecting"] = "starting"
    reason: str = ""
    articles: int = 0
    """Articles in the last minute."""
    alerts: int = 0
    """Alerts in the last minute."""
    sources: int = 0
    """Publishers heard in the last hour."""


class Client:
    """One listening page."""

    def __init__(self, waiting: list[Entry], gap: bool) -> None:
        self.gap = gap
        """Whether something was missed that can't be replayed: the page must be read anew."""
        self.waiting = waiting
        """What is to be replayed first."""
        self._queue: asyncio.Queue[Entry | Status | None] = asyncio.Queue(QUEUE)
        self.open = True

    def offer(self, event: Entry | Status) -> None:
        """Queue an event; a client whose queue is full is closed."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.close()

    def close(self) -> None:
        """End the client: what still waits for it is dropped."""
        self.open = False
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def events(self) -> list[Entry | Status]:
        """Wait for events and return all that wait; an empty list is the end."""
        found = [await self._queue.get()]
        while not self._queue.empty():
            found.append(self._queue.get_nowait())
        return [event for event in found if event is not None] if self.open else []


class Hub:
    """The newest alerts and stories, and the pages that are told of each new one."""

    def __init__(self) -> None:
        self.status = Status()
        self.alerts: OrderedDict[str, Entry] = OrderedDict()
        """By alert id, the newest last."""
        self.stories: OrderedDict[str, Entry] = OrderedDict()
        """By story id, the one with the newest article last."""
        self._ring: deque[Entry] = deque(maxlen=RING)
        self._last = 0
        # A cursor of an earlier process must not be taken for one of this.
        self._epoch = secrets.token_hex(4)
        self._clients: set[Client] = set()
        self._article_times: deque[datetime] = deque(maxlen=METERED)
        self._alert_times: deque[datetime] = deque(maxlen=METERED)
        self._heard: OrderedDict[str, datetime] = OrderedDict()

    # -- what comes in ------------------------------------------------------------------------------------------------

    def story(self, id_: str) -> StoryItem | None:
        """Return how a story is shown at present."""
        entry = self.stories.get(id_)
        return entry.item if entry is not None and isinstance(entry.item, StoryItem) else None

    def publish(self, item: Item, source: str = "") -> None:
        """Take over an item, newest last, and tell every page. An alert that is there already was only sent again."""
        if isinstance(item, AlertItem):
            if item.id in self.alerts:
                return
            rows = self.alerts
            self._alert_times.append(item.at)
        else:
            rows = self.stories
            rows.pop(item.merged, None)
            rows.pop(item.id, None)
            if not item.merged:
                self._article_times.append(item.at)
        if source:
            self._hear(source, item.at)
        self._last += 1
        entry = Entry(cursor=self._last, item=item)
        rows[item.id] = entry
        if len(rows) > ROWS:
            rows.popitem(last=False)
        self._ring.append(entry)
        self._tell(entry)

    def _hear(self, source: str, at: datetime) -> None:
        self._heard[source] = at
        self._heard.move_to_end(source)
        if len(self._heard) > SOURCES:
            self._heard.popitem(last=False)

    def tick(self, now: datetime, state: Literal["starting", "live", "reconnecting"], reason: str = "") -> None:
        """Bring the header up to date, and tell every page where it changed."""
        status = Status(
            state=state,
            reason=reason,
            articles=_within(self._article_times, now),
            alerts=_within(self._alert_times, now),
            sources=sum(1 for at in self._heard.values() if at > now - HOUR),
        )
        if status != self.status:
            self.status = status
            self._tell(status)

    def _tell(self, event: Entry | Status) -> None:
        for client in self._clients:
            if client.open:
                client.offer(event)

    # -- what goes out ------------------------------------------------------------------------------------------------

    @property
    def cursor(self) -> str:
        """Return the id of the newest event, as pages know it."""
        return self.event_id(self._last)

    def event_id(self, cursor: int) -> str:
        """Return the id of an event, as pages know it."""
        return f"{self._epoch}-{cursor}"

    def join(self, seen: str) -> Client | None:
        """Return a new client that saw everything up to an event id; None where there are too many."""
        if len(self._clients) >= CLIENTS:
            return None
        waiting, gap = self._missed(seen)
        client = Client(waiting, gap)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget a client."""
        self._clients.discard(client)

    def close(self) -> None:
        """End every client."""
        for client in self._clients:
            client.close()

    def _missed(self, seen: str) -> tuple[list[Entry], bool]:
        if not seen:
            return [], False
        epoch, _, number = seen.partition("-")
        if epoch != self._epoch or not (number.isascii() and number.isdigit()) or len(number) > 15:
            return [], True
        missed = [entry for entry in self._ring if entry.cursor > int(number)]
        oldest = self._ring[0].cursor if self._ring else 1
        gap = int(number) + 1 < oldest or int(number) > self._last
        return ([], True) if gap else (missed, False)


def _within(times: deque[datetime], now: datetime) -> int:
    # Times of the log are in order but for a little, so what is too old stands at the left.
    while times and times[0] <= now - MINUTE:
        times.popleft()
    return len(times)
