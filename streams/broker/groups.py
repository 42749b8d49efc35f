"""A consumer group as a state machine: who belongs to it, who leads it, who reads what.

Nothing here waits, sends or looks at a clock: time is an argument, and an answer that must wait is given through the
`reply` that came with its request. The rules are those of Kafka's classic group protocol (KIP-62, KIP-345).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tocsin.streams.broker.errors import Code

Protocols = tuple[tuple[str, bytes], ...]
"""Assignors that a member can follow, dearest first, each with its metadata."""


class State(enum.StrEnum):
    """Kafka's names for the states of a group."""

    EMPTY = "Empty"
    PREPARING = "PreparingRebalance"
    COMPLETING = "CompletingRebalance"
    STABLE = "Stable"


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to belong to a group. Times are in seconds."""

    member: str
    """Empty for a newcomer."""
    instance: str | None
    """Static name, unique for each process and the same after its restart."""
    new_member: str
    """Id for a newcomer, made by the caller: never one that was used before."""
    client: str
    host: str
    session: float
    rebalance: float
    kind: str
    """Protocol type; `consumer` for consumers."""
    protocols: Protocols
    connection: Any
    """What `disconnected` will name."""


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a join. Only the leader is told who the members are."""

    code: Code
    member: str
    generation: int = -1
    kind: str = ""
    protocol: str = ""
    leader: str = ""
    members: tuple[tuple[str, str | None, bytes], ...] = ()
    """Member, static name, metadata."""


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a sync: what a member reads."""

    code: Code
    kind: str = ""
    protocol: str = ""
    assignment: bytes = b""


class Member(msgspec.Struct, kw_only=True):
    """One that belongs to a group."""

    id: str
    instance: str | None
    client: str
    host: str
    session: float
    rebalance: float
    protocols: Protocols
    connection: Any
    expires: float
    """When it is thought dead, unless it is heard of."""
    assignment: bytes = b""
    joining: Callable[[Joined], None] | None = None
    syncing: Callable[[Synced], None] | None = None
    synced: bool = False

    def metadata(self, protocol: str) -> bytes:
        """Return what it said for a protocol."""
        return dict(self.protocols).get(protocol, b"")


class Group:
    """One group. Every method that takes `now` takes seconds of one clock that never goes back."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = State.EMPTY
        self.generation = 0
        self.kind = ""
        self.protocol = ""
        self.leader = ""
        self.members: dict[str, Member] = {}
        self._instances: dict[str, str] = {}
        self._until = 0.0

    def join(self, wish: Join, reply: Callable[[Joined], None], now: float) -> None:
        """Let a member in; `reply` is called when the group is complete, or at once with an error."""
        code = self._refusal(wish)
        if code:
            reply(Joined(code=code, member=wish.member))
            return
        self.kind = wish.kind
        if not wish.member:
            self._newcomer(wish, reply, now)
            return
        member = self.members[wish.member]
        changed = member.protocols != wish.protocols
        self._update(member, wish, now)
        if self.state is State.PREPARING:
            self._wait(member, reply)
            self._complete_if_all(now)
        elif changed or (self.state is State.STABLE and member.id == self.leader):
            self._wait(member, reply)
            self._prepare(now)
        else:  # it asks again for what it was told
            reply(self._joined(member))

    def sync(
        self,
        member: str,
        instance: str | None,
        generation: int,
        assignments: Mapping[str, bytes],
        reply: Callable[[Synced], None],
        now: float,
    ) -> None:
        """Take the leader's assignment, give each member its own; `reply` as in `join`."""
        code = self._stale(member, instance, generation)
        if not code and self.state is State.PREPARING:
            code = Code.REBALANCE_IN_PROGRESS
        if code:
            reply(Synced(code=code))
            return
        found = self.members[member]
        found.expires = now + found.session
        found.synced = True
        if self.state is State.STABLE:
            reply(self._synced(found))
            return
        if found.syncing:
            found.syncing(Synced(code=Code.REBALANCE_IN_PROGRESS))
        found.syncing = reply
        if member == self.leader:
            self.state = State.STABLE
            for one in self.members.values():
                one.assignment = assignments.get(one.id, b"")
                one.expires = now + one.session
                if one.syncing:
                    one.syncing(self._synced(one))
                    one.syncing = None

    def heartbeat(self, member: str, instance: str | None, generation: int, now: float) -> Code:
        """Hear that a member lives; the answer tells it to join again when it must."""
        code = self._stale(member, instance, generation)
        if code:
            return code
        found = self.members[member]
        found.expires = now + found.session
        return Code.REBALANCE_IN_PROGRESS if self.state is State.PREPARING else Code.NONE

    def leave(self, member: str, instance: str | None, now: float) -> Code:
        """Let a member go, by its id or by its static name."""
        if not member and instance is not None:
            member = self._instances.get(instance, "")
        elif instance is not None and self._instances.get(instance, member) != member:
            return Code.FENCED_INSTANCE_ID
        if member not in self.members:
            return Code.UNKNOWN_MEMBER_ID
        self._remove([self.members[member]], now)
        return Code.NONE

    def may_commit(self, member: str, instance: str | None, generation: int, now: float) -> Code:
        """Whether a member may commit offsets; without a member only while the group is empty."""
        if generation < 0 and not member and not instance:
            return Code.NONE if self.state is State.EMPTY else Code.UNKNOWN_MEMBER_ID
        code = self._stale(member, instance, generation)
        if code:
            return code
        if self.state is State.COMPLETING:
            return Code.REBALANCE_IN_PROGRESS
        found = self.members[member]
        found.expires = now + found.session
        return Code.NONE

    def disconnected(self, connection: Any, now: float) -> None:
        """Let members go whose connection closed; static ones are given their session's time to come back."""
        gone = [m for m in self.members.values() if m.connection is connection and m.instance is None]
        if gone:
            self._remove(gone, now)

    def deadline(self) -> float | None:
        """Return when `expire` has something to do, or None."""
        times = [m.expires for m in self.members.values() if not (m.joining or m.syncing)]
        if self.state in {State.PREPARING, State.COMPLETING}:
            times.append(self._until)
        return min(times, default=None)

    def expire(self, now: float) -> None:
        """Let members go that were not heard of, and end what has waited long enough."""
        if self.state is State.PREPARING and now >= self._until:
            late = [m for m in self.members.values() if not m.joining and m.instance is None]
            self._drop(late)
            self._complete(now)
        elif self.state is State.COMPLETING and now >= self._until:
            late = [m for m in self.members.values() if not m.synced]
            self._remove(late, now)
        dead = [m for m in self.members.values() if now >= m.expires and not (m.joining or m.syncing)]
        if dead:
            self._remove(dead, now)

    def _refusal(self, wish: Join) -> Code:
        same = wish.member or (self._instances.get(wish.instance, "") if wish.instance is not None else "")
        others = [m for m in self.members.values() if m.id != same]
        if others:
            shared = set.intersection(*({name for name, _ in m.protocols} for m in others))
            if wish.kind != self.kind or not shared & {name for name, _ in wish.protocols}:
                return Code.INCONSISTENT_GROUP_PROTOCOL
        if not wish.kind or not wish.protocols:
            return Code.INCONSISTENT_GROUP_PROTOCOL
        if wish.member:
            return self._unknown(wish.member, wish.instance)
        return Code.NONE

    def _unknown(self, member: str, instance: str | None) -> Code:
        if instance is not None:
            known = self._instances.get(instance)
            if known is None:
                return Code.UNKNOWN_MEMBER_ID
            if known != member:
                return Code.FENCED_INSTANCE_ID
        return Code.NONE if member in self.members else Code.UNKNOWN_MEMBER_ID

    def _stale(self, member: str, instance: str | None, generation: int) -> Code:
        code = self._unknown(member, instance)
        if not code and generation != self.generation:
            return Code.ILLEGAL_GENERATION
        return code

    def _newcomer(self, wish: Join, reply: Callable[[Joined], None], now: float) -> None:
        old = self.members.get(self._instances.get(wish.instance, "")) if wish.instance is not None else None
        member = Member(
            id=wish.new_member,
            instance=wish.instance,
            client=wish.client,
            host=wish.host,
            session=wish.session,
            rebalance=wish.rebalance,
            protocols=wish.protocols,
            connection=wish.connection,
            expires=now + wish.session,
        )
        if old is not None:
            self._replace(old, member)
            if self.state is State.STABLE and old.metadata(self.protocol) == member.metadata(self.protocol):
                # A restarted process goes on where it was. Told the old leader's name, it leaves the assignment alone.
                reply(self._joined(member, leader=old.id if self.leader == member.id else self.leader))
                return
        self.members[member.id] = member
        if member.instance is not None:
            self._instances[member.instance] = member.id
        self._wait(member, reply)
        if self.state is State.PREPARING:
            self._complete_if_all(now)
        else:
            self._prepare(now)

    def _replace(self, old: Member, member: Member) -> None:
        fenced = Code.FENCED_INSTANCE_ID
        if old.joining:
            old.joining(Joined(code=fenced, member=old.id))
        if old.syncing:
            old.syncing(Synced(code=fenced))
        member.assignment, member.synced = old.assignment, old.synced
        # Same place in the order: assignors go by it.
        self.members = {(member.id if m is old else m.id): (member if m is old else m) for m in self.members.values()}
        if member.instance is not None:
            self._instances[member.instance] = member.id
        if self.leader == old.id:
            self.leader = member.id

    def _update(self, member: Member, wish: Join, now: float) -> None:
        member.protocols, member.session, member.rebalance = wish.protocols, wish.session, wish.rebalance
        member.connection, member.client, member.host = wish.connection, wish.client, wish.host
        member.expires = now + wish.session

    def _wait(self, member: Member, reply: Callable[[Joined], None]) -> None:
        if member.joining:
            member.joining(Joined(code=Code.REBALANCE_IN_PROGRESS, member=member.id))
        member.joining = reply

    def _prepare(self, now: float) -> None:
        for member in self.members.values():
            if member.syncing:
                member.syncing(Synced(code=Code.REBALANCE_IN_PROGRESS))
                member.syncing = None
                member.expires = now + member.session  # who waited could send nothing
            member.assignment = b""
        self.state = State.PREPARING
        self._until = now + max(m.rebalance for m in self.members.values())
        self._complete_if_all(now)

    def _complete_if_all(self, now: float) -> None:
        if all(m.joining for m in self.members.values()):
            self._complete(now)

    def _complete(self, now: float) -> None:
        joined = [m for m in self.members.values() if m.joining]
        if not joined:
            if self.members:  # static ones that may come back: their sessions decide
                self._until = now + max(m.rebalance for m in self.members.values())
            else:
                self._empty()
            return
        if self.leader not in self.members or not self.members[self.leader].joining:
            self.leader = joined[0].id
        self.generation += 1
        self.protocol = self._choose()
        self.state = State.COMPLETING
        self._until = now + max(m.rebalance for m in self.members.values())
        for member in self.members.values():
            member.synced = False
        for member in joined:
            reply, member.joining = member.joining, None
            member.expires = now + member.session
            if reply:
                reply(self._joined(member))

    def _choose(self) -> str:
        members = list(self.members.values())
        shared = set.intersection(*({name for name, _ in m.protocols} for m in members))
        votes: dict[str, int] = {}
        for member in members:
            choice = next(name for name, _ in member.protocols if name in shared)
            votes[choice] = votes.get(choice, 0) + 1
        return max(votes, key=lambda name: votes[name])

    def _joined(self, member: Member, leader: str | None = None) -> Joined:
        leader = self.leader if leader is None else leader
        told: Sequence[Member] = tuple(self.members.values()) if leader == member.id else ()
        return Joined(
            code=Code.NONE,
            member=member.id,
            generation=self.generation,
            kind=self.kind,
            protocol=self.protocol,
            leader=leader,
            members=tuple((m.id, m.instance, m.metadata(self.protocol)) for m in told),
        )

    def _synced(self, member: Member) -> Synced:
        return Synced(code=Code.NONE, kind=self.kind, protocol=self.protocol, assignment=member.assignment)

    def _drop(self, members: Sequence[Member]) -> None:
        for member in members:
            del self.members[member.id]
            if member.instance is not None and self._instances.get(member.instance) == member.id:
                del self._instances[member.instance]
            if member.joining:
                member.joining(Joined(code=Code.UNKNOWN_MEMBER_ID, member=member.id))
            if member.syncing:
                member.syncing(Synced(code=Code.UNKNOWN_MEMBER_ID))

    def _remove(self, members: Sequence[Member], now: float) -> None:
        self._drop(members)
        if not self.members:
            self._empty()
        elif self.state is State.PREPARING:
            self._complete_if_all(now)
        else:
            self._prepare(now)

    def _empty(self) -> None:
        self.state = State.EMPTY
        self.generation += 1
        self.leader = self.protocol = ""
