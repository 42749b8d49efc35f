"""Ends a process that makes no progress, even one stuck inside a C call that never lets go of the interpreter.

`faulthandler` arms a timer in a C thread; a task of the event loop puts it off while all is well. Once a batch has
been in hand for longer than the limit, or the loop itself stands still, nobody puts it off: every thread's stack is
written and the process exits with 1.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Watchdog:
    """One for a process, since faulthandler has one timer. `limit` in seconds."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._in_hand: dict[str, float] = {}
        # A descriptor of our own, taken before anybody redirects the streams: a redirected stream has no
        # descriptor, and arming on it would fail.
        self._out = os.dup(2)
        self._stopping = False

    @contextmanager
    def in_hand(self, stage: str) -> Iterator[None]:
        """Mark that a stage works on something that must end within the limit."""
        self._in_hand[stage] = time.monotonic()
        try:
            yield
        finally:
            self._in_hand.pop(stage, None)

    def stuck(self) -> bool:
        """Tell whether any stage has held its batch for longer than the limit."""
        oldest = min(self._in_hand.values(), default=None)
        return oldest is not None and time.monotonic() - oldest > self.limit

    async def run(self) -> None:
        """Put the timer off for as long as there is progress."""
        while not self._stopping:
            if not self.stuck():
                self._arm(self.limit)
            await asyncio.sleep(self.limit / 4)

    def stop_within(self, seconds: float) -> None:
        """Let the process live for so long and no longer: a stop must end."""
        self._stopping = True
        self._arm(seconds)

    def close(self) -> None:
        """Disarm: the process ends by itself."""
        self._stopping = True
        faulthandler.cancel_dump_traceback_later()
        with suppress(OSError):
            os.close(self._out)

    def _arm(self, seconds: float) -> None:
        faulthandler.dump_traceback_later(seconds, exit=True, file=self._out)
