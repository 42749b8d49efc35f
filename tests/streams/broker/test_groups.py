"""A consumer group, step by step and without a clock: who belongs to it, who leads, who is told to come again."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.streams.broker.errors import Code
from tocsin.streams.broker.groups import Group, Join, Joined, State, Synced


class Hall:
    """A group and what it answered, by the name under which somebody asked."""

    def __init__(self) -> None:
        self.group = Group("g")
        self.joined: dict[str, list[Joined]] = {}
        self.synced: dict[str, list[Synced]] = {}

    def join(self, name: str, *, now: float = 0.0, member: str = "", **wish: Any) -> None:
        default: dict[str, Any] = {
            "instance": None,
            "client": "c",
            "host": "127.0.0.1",
            "session": 10.0,
            "rebalance": 30.0,
            "kind": "consumer",
            "protocols": (("range", b"meta"),),
            "connection": name,
        }
        asked = Join(**{**default, "new_member": name, "member": member, **wish})
        self.group.join(asked, self.joined.setdefault(name, []).append, now)

    def sync(self, name: str, generation: int, given: dict[str, bytes] | None = None, now: float = 0.0) -> None:
        instance = next((m.instance for m in self.group.members.values() if m.id == name), None)
        self.group.sync(name, instance, generation, given or {}, self.synced.setdefault(name, []).append, now)

    def last(self, name: str) -> Joined:
        return self.joined[name][-1]


def pair(instances: tuple[str | None, str | None] = (None, None)) -> Hall:
    """A stable group of a, who leads, and b, in generation 2."""
    hall = Hall()
    hall.join("a", instance=instances[0])
    hall.join("b", instance=instances[1])
    hall.join("a", member="a", instance=instances[0])
    hall.sync("b", 2)
    hall.sync("a", 2, {"a": b"for a", "b": b"for b"})
    assert hall.group.state is State.STABLE
    assert hall.group.generation == 2
    return hall


def test_first_member_leads_alone() -> None:
    """A newcomer to an empty group is its leader at once and is told the members."""
    hall = Hall()
    hall.join("a")
    answer = hall.last("a")
    assert (answer.code, answer.generation, answer.leader, answer.protocol) == (Code.NONE, 1, "a", "range")
    assert answer.members == (("a", None, b"meta"),)


def test_second_member_waits_for_the_first() -> None:
    """A group is complete when every member has joined again; only the leader is told who they are."""
    hall = Hall()
    hall.join("a")
    hall.sync("a", 1, {"a": b"all"})
    hall.join("b")
    assert hall.joined["b"] == []
    assert hall.group.heartbeat("a", None, 1, 0) is Code.REBALANCE_IN_PROGRESS
    hall.join("a", member="a")
    assert [one[0] for one in hall.last("a").members] == ["a", "b"]
    assert hall.last("b").members == ()
    assert hall.last("b").generation == hall.last("a").generation == 2


def test_assignment_reaches_everyone() -> None:
    """Whoever asks before the leader waits for it, whoever asks after it is told at once."""
    hall = pair()
    assert [one.assignment for one in hall.synced["b"]] == [b"for b"]
    hall.sync("b", 2)
    assert [one.assignment for one in hall.synced["b"]] == [b"for b", b"for b"]
    assert hall.group.heartbeat("b", None, 2, 0) is Code.NONE


def test_wrong_names_and_generations() -> None:
    """A stranger is unknown, an old generation is illegal, for every request."""
    hall = pair()
    hall.sync("x", 2)
    hall.sync("b", 1)
    assert hall.synced["x"][-1].code is Code.UNKNOWN_MEMBER_ID
    assert hall.synced["b"][-1].code is Code.ILLEGAL_GENERATION
    assert hall.group.heartbeat("x", None, 2, 0) is Code.UNKNOWN_MEMBER_ID
    assert hall.group.heartbeat("a", None, 1, 0) is Code.ILLEGAL_GENERATION
    assert hall.group.may_commit("x", None, 2, 0) is Code.UNKNOWN_MEMBER_ID
    assert hall.group.may_commit("a", None, 1, 0) is Code.ILLEGAL_GENERATION
    assert hall.group.may_commit("", None, -1, 0) is Code.UNKNOWN_MEMBER_ID
    assert hall.group.may_commit("a", None, 2, 0) is Code.NONE
    assert hall.group.leave("x", None, 0) is Code.UNKNOWN_MEMBER_ID
    hall.join("x", member="x")
    assert hall.last("x").code is Code.UNKNOWN_MEMBER_ID


def test_leader_that_joins_again_starts_a_rebalance() -> None:
    """The leader joins again when it wants another assignment; a follower that does so is told what holds."""
    hall = pair()
    hall.join("b", member="b")
    assert hall.last("b").generation == 2
    assert hall.group.state is State.STABLE
    hall.join("a", member="a")
    assert hall.group.state is State.PREPARING


def test_changed_subscription_starts_a_rebalance() -> None:
    """A member that says something new is not told the old assignment."""
    hall = pair()
    hall.join("b", member="b", protocols=(("range", b"other"),))
    assert hall.group.state is State.PREPARING
    assert hall.group.members["b"].joining is not None


def test_closed_connection_ends_a_dynamic_member() -> None:
    """A dead process is noticed by its socket, long before its session ends; the others take over."""
    hall = pair()
    hall.group.disconnected("b", 1.0)
    assert hall.group.heartbeat("a", None, 2, 1.0) is Code.REBALANCE_IN_PROGRESS
    hall.join("a", member="a", now=1.0)
    assert [one[0] for one in hall.last("a").members] == ["a"]


def test_closed_connection_leaves_a_static_member() -> None:
    """A member with a static name has its session's time to come back."""
    hall = pair(("i1", "i2"))
    hall.group.disconnected("b", 1.0)
    assert hall.group.state is State.STABLE
    hall.group.heartbeat("a", "i1", 2, 9.0)
    assert hall.group.deadline() == 10.0
    hall.group.expire(10.0)
    assert list(hall.group.members) == ["a"]
    assert hall.group.state is State.PREPARING


@pytest.mark.parametrize("who", ["a", "b"])
def test_restarted_static_member_goes_on_without_a_rebalance(who: str) -> None:
    """The new process reads what the old one read, leader or not; the old one is fenced whatever it asks."""
    hall = pair(("i-a", "i-b"))
    hall.join("new", instance=f"i-{who}", now=5.0)
    answer = hall.last("new")
    assert (answer.code, answer.generation) == (Code.NONE, 2)
    assert answer.leader != "new", "told that it leads, it would assign anew"
    hall.sync("new", 2)
    assert hall.synced["new"][-1].assignment == b"for " + who.encode()
    assert hall.group.state is State.STABLE
    group, instance = hall.group, f"i-{who}"
    assert group.heartbeat(who, instance, 2, 6.0) is Code.FENCED_INSTANCE_ID
    assert group.may_commit(who, instance, 2, 6.0) is Code.FENCED_INSTANCE_ID
    assert group.leave(who, instance, 6.0) is Code.FENCED_INSTANCE_ID
    hall.join("old", member=who, instance=instance, now=6.0)
    assert hall.last("old").code is Code.FENCED_INSTANCE_ID
    assert group.heartbeat("new", instance, 2, 6.0) is Code.NONE


def test_restarted_leader_still_leads() -> None:
    """The next generation is led by the process that took the leader's place."""
    hall = pair(("i-a", "i-b"))
    hall.join("new", instance="i-a")
    hall.join("c")
    hall.join("b", member="b", instance="i-b")
    hall.join("new", member="new", instance="i-a")
    assert hall.last("new").leader == "new"
    assert {one[0] for one in hall.last("new").members} == {"new", "b", "c"}


def test_static_member_that_waits_is_fenced_too() -> None:
    """Two processes under one static name: the later one stays, the earlier one hears of it."""
    hall = pair(("i-a", "i-b"))
    hall.join("c", instance="i-c")
    hall.join("c2", instance="i-c")
    assert hall.last("c").code is Code.FENCED_INSTANCE_ID
    for name in ("a", "b"):
        hall.join(name, member=name, instance=f"i-{name}")
    assert hall.last("c2").code is Code.NONE
    assert set(hall.group.members) == {"a", "b", "c2"}


def test_silent_member_is_let_go() -> None:
    """Without a heartbeat for a session's time a member is gone; one that is heard of stays."""
    hall = pair()
    hall.group.heartbeat("a", None, 2, 8.0)
    hall.group.expire(9.9)
    assert len(hall.group.members) == 2
    hall.group.expire(10.0)
    assert list(hall.group.members) == ["a"]


def test_rebalance_does_not_wait_for_ever() -> None:
    """A member that doesn't join again in the rebalance time is left out."""
    hall = pair()
    hall.join("c", now=1.0)
    for moment in (5.0, 10.0, 15.0, 20.0, 25.0, 30.0):
        hall.group.heartbeat("b", None, 2, moment)
    hall.join("a", member="a", now=6.0)
    hall.group.expire(30.9)
    assert hall.joined["c"] == []
    hall.group.expire(31.0)
    assert hall.last("c").code is Code.NONE
    assert set(hall.group.members) == {"a", "c"}


def test_leader_that_does_not_assign_is_let_go() -> None:
    """If the leader keeps silent after a join, the others are told to come again, without it."""
    hall = Hall()
    hall.join("a")
    hall.join("b")
    hall.join("a", member="a")
    hall.sync("b", 2, now=1.0)
    hall.group.expire(30.0)
    assert hall.synced["b"][-1].code is Code.REBALANCE_IN_PROGRESS
    hall.join("b", member="b", now=31.0)
    assert hall.last("b").leader == "b"


def test_join_during_sync_starts_again() -> None:
    """Who waits for an assignment when somebody else comes is told to join again."""
    hall = Hall()
    hall.join("a")
    hall.join("b")
    hall.join("a", member="a")
    hall.sync("b", 2)
    hall.join("c")
    assert hall.synced["b"][-1].code is Code.REBALANCE_IN_PROGRESS
    hall.sync("a", 2)
    assert hall.synced["a"][-1].code is Code.REBALANCE_IN_PROGRESS
    for name in ("a", "b"):
        hall.join(name, member=name)
    assert hall.last("c").generation == 3


def test_offsets_are_not_taken_while_assigning() -> None:
    """Between join and assignment nobody knows who reads what."""
    hall = Hall()
    hall.join("a")
    assert hall.group.may_commit("a", None, 1, 0) is Code.REBALANCE_IN_PROGRESS


def test_last_one_out_leaves_an_empty_group() -> None:
    """An empty group takes offsets from who is no member, as admin tools do."""
    hall = pair(("i-a", None))
    assert hall.group.leave("", "i-a", 0) is Code.NONE
    assert hall.group.leave("b", None, 0) is Code.NONE
    assert hall.group.state is State.EMPTY
    assert hall.group.deadline() is None
    assert hall.group.may_commit("", None, -1, 0) is Code.NONE


def test_assignors_must_have_one_in_common() -> None:
    """A member that follows none of the group's assignors, or is of another kind, is refused; most votes win."""
    hall = Hall()
    hall.join("a", protocols=(("range", b"1"), ("round", b"2")))
    hall.join("x", protocols=(("sticky", b""),))
    hall.join("y", kind="connect")
    hall.join("z", protocols=())
    assert [hall.last(name).code for name in "xyz"] == [Code.INCONSISTENT_GROUP_PROTOCOL] * 3
    hall.join("b", protocols=(("round", b"3"),))
    hall.join("a", member="a", protocols=(("range", b"1"), ("round", b"2")))
    assert hall.last("a").protocol == "round"
    assert hall.last("a").members == (("a", None, b"2"), ("b", None, b"3"))
