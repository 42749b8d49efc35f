"""Durability for many at once: one round of fdatasync for all writes that wait for one.

A write asks for a round and waits for it; the round that answers it begins after the write. While a round runs, the
next one gathers, so the disk is asked as often as it can answer and never once for each request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

_THREADS = 4
"""File systems join flushes that come together; more threads than this gained nothing."""


class Syncable(Protocol):
    """Files that grow. Both calls come from the event loop; what `begin_sync` returns runs in a thread."""

    def begin_sync(self) -> Callable[[], None]:
        """Return what makes all that is written by now durable; it may raise OSError."""
        ...

    def end_sync(self) -> None:
        """Take notice that it is."""
        ...


class Syncer:
    """Runs the rounds. `failed(error)` is called once, when a round fails; no round follows."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._waiting: dict[Syncable, None] = {}
        self._next: asyncio.Future[bool] | None = None
        self._running: asyncio.Task[None] | None = None
        self._pool = ThreadPoolExecutor(_THREADS, "tocsin-sync")
        self._broken = False

    def request(self, item: Syncable) -> asyncio.Future[bool]:
        """Ask for a round that covers an item. Await `durable` of the answer, not the future itself: it is shared."""
        loop = asyncio.get_running_loop()
        if self._next is None:
            self._next = loop.create_future()
        found = self._next
        if self._broken:
            self._next = None
            found.set_result(False)
            return found
        self._waiting[item] = None
        if self._running is None:
            self._running = loop.create_task(self._rounds())
        return found

    async def idle(self) -> None:
        """Wait until no round runs and nothing waits for one."""
        while self._running is not None:
            await asyncio.shield(self._running)

    async def close(self) -> None:
        """Let the last rounds end; what is asked for later is answered with no."""
        await self.idle()
        self._broken = True
        self._pool.shutdown(wait=False)

    async def _rounds(self) -> None:
        try:
            while self._next is not None:
                # One turn of the loop: requests that arrived together go into one round.
                await asyncio.sleep(0)
                items, self._waiting = list(self._waiting), {}
                answer, self._next = self._next, None
                error = await self._round(items)
                if error is not None and not self._broken:
                    self._broken = True
                    self._failed(error)
                answer.set_result(error is None)
        finally:
            self._running = None

    async def _round(self, items: Sequence[Syncable]) -> Exception | None:
        if self._broken:
            return OSError("an earlier flush failed")
        try:
            flushes = [item.begin_sync() for item in items]
            loop = asyncio.get_running_loop()
            parts = [flushes[start::_THREADS] for start in range(min(_THREADS, len(flushes)))]
            running = [loop.run_in_executor(self._pool, _flush, part) for part in parts]
            ended = await asyncio.gather(*running, return_exceptions=True)
            for result in ended:
                if isinstance(result, BaseException):
                    raise result  # noqa: TRY301 - after all of them ended: no thread still uses a file
            for item in items:
                item.end_sync()
        # Whatever went wrong, nobody may be left waiting, and nothing may be called durable.
        except Exception as error:
            return error
        return None


async def durable(answer: asyncio.Future[bool]) -> bool:
    """Wait for a round; whether it reached the disk."""
    return await asyncio.shield(answer)


def _flush(flushes: Sequence[Callable[[], None]]) -> None:
    for flush in flushes:
        flush()
