"""State that is forgotten after a while. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from tocsin.streams.contract import Memory, Result
from tocsin.streams.records import Record

S = TypeVar("S", bound=Record)

AT_ONCE = 500
"""Keys forgotten in one go at most: all changes of one go have to fit into one batch of the log."""


class Expiring(Memory[S]):
    """Memory with an index of what is to be forgotten when, by whole hours so that many go together."""

    def __init__(self, forget_at: Callable[[S], datetime | None]) -> None:
        super().__init__()
        self._forget_at = forget_at
        self._hours: dict[datetime, dict[str, None]] = {}

    def apply(self, changes: Mapping[str, S | None]) -> None:
        """Take over changes and keep the index in step."""
        for key, value in changes.items():
            self._unindex(key)
            if value is not None and (moment := self._forget_at(value)):
                self._hours.setdefault(_next_hour(moment), {})[key] = None
        super().apply(changes)

    def _unindex(self, key: str) -> None:
        old = self.get(key)
        moment = self._forget_at(old) if old is not None else None
        if moment is None:
            return
        hour = _next_hour(moment)
        self._hours[hour].pop(key, None)
        if not self._hours[hour]:
            del self._hours[hour]

    def due(self) -> datetime | None:
        """Return the earliest hour at which something is to be forgotten."""
        return min(self._hours, default=None)

    def expired(self, due: datetime) -> list[str]:
        """Return the keys to be forgotten by then, the oldest first, at most `AT_ONCE`."""
        keys = [key for hour in sorted(self._hours) if hour <= due for key in self._hours[hour]]
        return keys[:AT_ONCE]


def _next_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def due(state: Expiring[S]) -> datetime | None:
    """Return when the state wants `forget`; fits `Agent.due`."""
    return state.due()


def forget(state: Expiring[S], due: datetime) -> Result:
    """Delete what is due; fits `Agent.on_time`. What is left over is due still, so the next call takes it."""
    return Result(changes=dict.fromkeys(state.expired(due)))
