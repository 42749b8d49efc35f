"""Requests about consumer groups and their offsets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tocsin.streams.broker.coordinator import Coordinator
from tocsin.streams.broker.errors import Code
from tocsin.streams.broker.groups import Group, Join
from tocsin.streams.broker.offsets import METADATA_BYTES, Committed, Place
from tocsin.streams.broker.store import Store
from tocsin.streams.broker.sync import Syncer, durable
from tocsin.streams.broker.wire import Fields, Request

_NOBODY = "Dead"
_CLASSIC = "classic"
_EMPTY = "Empty"


class GroupApi:
    """Answers for groups. `broken(error)` hears of a disk that fails otherwise than by being full."""

    def __init__(
        self, store: Store, syncer: Syncer, coordinator: Coordinator, broken: Callable[[OSError], None]
    ) -> None:
        self._store = store
        self._syncer = syncer
        self._coordinator = coordinator
        self._broken = broken

    async def join(self, request: Request, connection: Any) -> Fields:
        """Let a member in; answered when its group is complete."""
        body = request.body
        session = body.session_timeout_ms / 1000
        wish = Join(
            member=body.member_id,
            instance=body.group_instance_id,
            new_member="",
            client=request.client,
            host=connection.host,
            session=session,
            rebalance=body.rebalance_timeout_ms / 1000 if body.rebalance_timeout_ms > 0 else session,
            kind=body.protocol_type,
            protocols=tuple((one.name, bytes(one.metadata)) for one in body.protocols),
            connection=connection,
        )
        found = await self._coordinator.join(body.group_id, wish)
        return {
            "error_code": found.code,
            "generation_id": found.generation,
            "protocol_type": found.kind,
            "protocol_name": found.protocol,
            "leader": found.leader,
            "member_id": found.member,
            "members": [
                {"member_id": member, "group_instance_id": instance, "metadata": metadata}
                for member, instance, metadata in found.members
            ],
        }

    async def sync(self, request: Request) -> Fields:
        """Give each member what the leader assigned to it."""
        body = request.body
        found = await self._coordinator.sync(
            body.group_id,
            body.member_id,
            body.group_instance_id,
            body.generation_id,
            {one.member_id: bytes(one.assignment) for one in body.assignments},
        )
        return {
            "error_code": found.code,
            "protocol_type": found.kind,
            "protocol_name": found.protocol,
            "assignment": found.assignment,
        }

    def heartbeat(self, request: Request) -> Fields:
        """Hear that a member lives."""
        body = request.body
        code = self._coordinator.heartbeat(body.group_id, body.member_id, body.group_instance_id, body.generation_id)
        return {"error_code": code}

    def leave(self, request: Request) -> Fields:
        """Let members go, one before version 3, several from it on."""
        body = request.body
        if request.version < 3:
            return {"error_code": self._coordinator.leave(body.group_id, body.member_id, None)}
        return {
            "error_code": Code.NONE,
            "members": [
                {
                    "member_id": one.member_id,
                    "group_instance_id": one.group_instance_id,
                    "error_code": self._coordinator.leave(body.group_id, one.member_id, one.group_instance_id),
                }
                for one in body.members
            ],
        }

    def commit(self, request: Request) -> Fields | Awaitable[Fields]:
        """Store offsets; answered when they are durable."""
        body = request.body
        refused = self._coordinator.may_commit(
            body.group_id, body.member_id, body.group_instance_id, body.generation_id_or_member_epoch
        )
        changes: dict[Place, Committed] = {}
        answers: list[dict[str, Any]] = []
        topics = []
        for topic in body.topics:
            partitions = []
            for part in topic.partitions:
                code = refused or self._check(topic.name, part)
                partitions.append({"partition_index": part.partition_index, "error_code": code})
                if not code:
                    answers.append(partitions[-1])
                    changes[topic.name, part.partition_index] = Committed(
                        part.committed_offset, part.committed_leader_epoch, part.committed_metadata or ""
                    )
            topics.append({"name": topic.name, "partitions": partitions})
        response = {"topics": topics}
        if not changes:
            return response
        try:
            self._store.offsets.commit(body.group_id, changes)
        except OSError as error:
            code = self._disk(error)
            for answer in answers:
                answer["error_code"] = code
            return response
        return _confirmed(response, answers, self._syncer.request(self._store.offsets))

    def fetch(self, request: Request) -> Fields:
        """Answer with committed offsets, -1 where there is none."""
        body = request.body
        if request.version < 8:
            return {"error_code": Code.NONE, "topics": self._committed(body.group_id, body.topics)}
        return {
            "groups": [
                {
                    "group_id": one.group_id,
                    "error_code": Code.NONE,
                    "topics": self._committed(one.group_id, one.topics),
                }
                for one in body.groups
            ]
        }

    def known(self, request: Request) -> Fields:
        """Name all groups that have members or committed offsets."""
        wanted_states = {state.lower() for state in request.body.states_filter or ()}
        wanted_types = {kind.lower() for kind in request.body.types_filter or ()}
        groups = []
        for name in sorted({*self._coordinator.groups, *self._store.offsets.groups()}):
            group = self._coordinator.groups.get(name)
            state = str(group.state) if group else _EMPTY
            if wanted_states and state.lower() not in wanted_states:
                continue
            if wanted_types and _CLASSIC not in wanted_types:
                continue
            kind = group.kind if group else ""
            groups.append({"group_id": name, "protocol_type": kind, "group_state": state, "group_type": _CLASSIC})
        return {"error_code": Code.NONE, "groups": groups}

    def describe(self, request: Request) -> Fields:
        """Say who belongs to groups and what each member reads."""
        return {"groups": [self._describe(name) for name in request.body.groups]}

    async def delete(self, request: Request) -> Fields:
        """Forget groups that nobody belongs to, with their offsets."""
        results = [{"group_id": name, "error_code": await self._delete(name)} for name in request.body.groups_names]
        return {"results": results}

    async def _delete(self, name: str) -> Code:
        code = self._coordinator.delete(name)
        if code is Code.NON_EMPTY_GROUP or not self._store.offsets.of(name):
            return code
        try:
            self._store.offsets.forget_group(name)
        except OSError as error:
            return self._disk(error)
        return Code.NONE if await durable(self._syncer.request(self._store.offsets)) else Code.NOT_COORDINATOR

    def _describe(self, name: str) -> dict[str, Any]:
        group: Group | None = self._coordinator.groups.get(name)
        if group is None:
            state = _EMPTY if self._store.offsets.of(name) else _NOBODY
            return {"error_code": Code.NONE, "group_id": name, "group_state": state, "members": []}
        return {
            "error_code": Code.NONE,
            "group_id": name,
            "group_state": str(group.state),
            "protocol_type": group.kind,
            "protocol_data": group.protocol,
            "members": [
                {
                    "member_id": member.id,
                    "group_instance_id": member.instance,
                    "client_id": member.client,
                    "client_host": f"/{member.host}",
                    "member_metadata": member.metadata(group.protocol),
                    "member_assignment": member.assignment,
                }
                for member in group.members.values()
            ],
        }

    def _check(self, topic: str, part: Any) -> Code:
        partitions = self._store.topics.get(topic)
        if partitions is None or not 0 <= part.partition_index < len(partitions):
            return Code.UNKNOWN_TOPIC_OR_PARTITION
        if part.committed_offset < 0:
            return Code.OFFSET_OUT_OF_RANGE
        if len((part.committed_metadata or "").encode()) > METADATA_BYTES:
            return Code.OFFSET_METADATA_TOO_LARGE
        return Code.NONE

    def _committed(self, group: str, topics: Any) -> list[dict[str, Any]]:
        found = self._store.offsets.of(group)
        if topics is None:
            wanted: dict[str, list[int]] = {}
            for topic, partition in found:
                wanted.setdefault(topic, []).append(partition)
        else:
            wanted = {topic.name: topic.partition_indexes for topic in topics}
        return [
            {"name": topic, "partitions": [_told(found.get((topic, number)), number) for number in numbers]}
            for topic, numbers in wanted.items()
        ]

    def _disk(self, error: OSError) -> Code:
        self._broken(error)
        return Code.NOT_COORDINATOR  # clients look for the coordinator again and repeat


def _told(found: Committed | None, number: int) -> dict[str, Any]:
    if found is None:
        return {"partition_index": number, "committed_offset": -1, "metadata": "", "error_code": Code.NONE}
    return {
        "partition_index": number,
        "committed_offset": found.offset,
        "committed_leader_epoch": found.epoch,
        "metadata": found.metadata,
        "error_code": Code.NONE,
    }


async def _confirmed(response: Fields, answers: list[dict[str, Any]], round_ended: asyncio.Future[bool]) -> Fields:
    if not await durable(round_ended):
        for answer in answers:
            answer["error_code"] = Code.NOT_COORDINATOR
    return response
