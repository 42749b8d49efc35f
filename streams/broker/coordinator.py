"""The groups at work: a clock, timers, and answers that wait."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tocsin.streams.broker.errors import Code
from tocsin.streams.broker.groups import Group, Join, Joined, State, Synced

SHORTEST_SESSION = 0.1
LONGEST_SESSION = 1800.0
"""Seconds between which a session's time-out lies."""


class Coordinator:
    """All groups of this broker. They live in memory: after a restart members join anew, committed offsets stay."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._at = 0.0

    def group(self, name: str) -> Group:
        """Return a group, made when it is first named."""
        found = self.groups.get(name)
        if found is None:
            found = self.groups[name] = Group(name)
        return found

    async def join(self, name: str, wish: Join) -> Joined:
        """Join a group; waits until it is complete."""
        if not name:
            return Joined(code=Code.INVALID_GROUP_ID, member=wish.member)
        if not SHORTEST_SESSION <= wish.session <= LONGEST_SESSION:
            return Joined(code=Code.INVALID_SESSION_TIMEOUT, member=wish.member)
        base = wish.instance or wish.client or "member"
        named = msgspec.structs.replace(wish, new_member=f"{base}-{uuid.uuid4()}")
        answer: asyncio.Future[Joined] = asyncio.get_running_loop().create_future()
        self.group(name).join(named, _teller(answer), self._now())
        self._arm()
        return await answer

    async def sync(
        self, name: str, member: str, instance: str | None, generation: int, assignments: Mapping[str, bytes]
    ) -> Synced:
        """Exchange assignments; waits for the leader's."""
        answer: asyncio.Future[Synced] = asyncio.get_running_loop().create_future()
        group = self.groups.get(name)
        if group is None:
            return Synced(code=Code.UNKNOWN_MEMBER_ID)
        group.sync(member, instance, generation, assignments, _teller(answer), self._now())
        self._arm()
        return await answer

    def heartbeat(self, name: str, member: str, instance: str | None, generation: int) -> Code:
        """Hear that a member lives."""
        group = self.groups.get(name)
        return group.heartbeat(member, instance, generation, self._now()) if group else Code.UNKNOWN_MEMBER_ID

    def leave(self, name: str, member: str, instance: str | None) -> Code:
        """Let a member go."""
        group = self.groups.get(name)
        if group is None:
            return Code.UNKNOWN_MEMBER_ID
        code = group.leave(member, instance, self._now())
        self._arm()
        return code

    def may_commit(self, name: str, member: str, instance: str | None, generation: int) -> Code:
        """Whether offsets may be committed so."""
        if not name:
            return Code.INVALID_GROUP_ID
        group = self.groups.get(name)
        if group is None:
            return Code.NONE if generation < 0 else Code.ILLEGAL_GENERATION
        return group.may_commit(member, instance, generation, self._now())

    def delete(self, name: str) -> Code:
        """Forget a group that nobody belongs to; GROUP_ID_NOT_FOUND where none ever had a member."""
        group = self.groups.get(name)
        if group is None:
            return Code.GROUP_ID_NOT_FOUND
        if group.state is not State.EMPTY:
            return Code.NON_EMPTY_GROUP
        del self.groups[name]
        return Code.NONE

    def disconnected(self, connection: Any) -> None:
        """Hear that a client's connection closed."""
        now = self._now()
        for group in self.groups.values():
            group.disconnected(connection, now)
        self._arm()

    def close(self) -> None:
        """Stop the timer."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _arm(self) -> None:
        # A group without members is what its offsets say, and they are kept elsewhere. Heartbeats only push deadlines
        # back, so the timer is set by what may bring one forward; a call that comes too early sets the next.
        self.groups = {name: group for name, group in self.groups.items() if group.members}
        earliest = min((d for group in self.groups.values() if (d := group.deadline()) is not None), default=None)
        if self._timer is not None and (earliest is None or earliest < self._at):
            self._timer.cancel()
            self._timer = None
        if earliest is not None and self._timer is None:
            self._at = earliest
            self._timer = asyncio.get_running_loop().call_at(earliest, self._expire)

    def _expire(self) -> None:
        self._timer = None
        now = self._now()
        for group in self.groups.values():
            group.expire(now)
        self._arm()


def _teller(answer: asyncio.Future[Any]) -> Callable[[Any], None]:
    def tell(result: Any) -> None:
        if not answer.done():
            answer.set_result(result)

    return tell
