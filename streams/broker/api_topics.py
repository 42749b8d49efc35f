"""Requests about topics and about the broker itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tocsin.streams.broker.catalogue import SETTINGS, Topic, design
from tocsin.streams.broker.errors import Code, RefusedError
from tocsin.streams.broker.store import Store
from tocsin.streams.broker.wire import APIS, Fields, Request

HOST = "127.0.0.1"
NODE = 1
"""The one node's id."""
_TOPIC, _BROKER = 2, 4
_SET, _DEFAULT = 1, 5
_GROUP_KEY = 0
_NO_TOPIC = uuid.UUID(int=0)


class TopicApi:
    """Answers for topics. `port` is known when the broker listens; `broken(error)` as in the other apis."""

    def __init__(self, store: Store, broken: Callable[[OSError], None]) -> None:
        self.port = 0
        self._store = store
        self._broken = broken

    def versions(self, request: Request) -> Fields:
        """Say which requests are served, in which versions."""
        code = Code.NONE if request.body is not None else Code.UNSUPPORTED_VERSION
        keys = [{"api_key": api.key, "min_version": api.first, "max_version": api.last} for api in APIS.values()]
        return {"error_code": code, "api_keys": keys}

    def metadata(self, request: Request) -> Fields:
        """Describe topics, all or those asked for; none is made by asking."""
        asked = request.body.topics
        if asked is None or (request.version == 0 and not asked):
            topics = [self._topic(topic) for topic in self._store.catalogue.topics.values()]
        else:
            topics = [self._asked(one) for one in asked]
        return {
            "brokers": [{"node_id": NODE, "host": HOST, "port": self.port}],
            "cluster_id": self._store.catalogue.cluster,
            "controller_id": NODE,
            "topics": topics,
            "authorized_operations": None,
        }

    def cluster(self, request: Request) -> Fields:  # noqa: ARG002 - every handler takes the request
        """Describe the cluster: this node."""
        return {
            "error_code": Code.NONE,
            "cluster_id": self._store.catalogue.cluster,
            "controller_id": NODE,
            "brokers": [{"broker_id": NODE, "host": HOST, "port": self.port}],
        }

    def coordinator(self, request: Request) -> Fields:
        """Name the coordinator of groups: this node. There is none for transactions."""
        body = request.body
        # The one answer to a transactional producer that every client takes as final instead of trying for ever.
        code = Code.NONE if body.key_type == _GROUP_KEY else Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        why = None if code is Code.NONE else "the embedded broker has no transactions"
        place = {"error_code": code, "error_message": why, "node_id": NODE, "host": HOST, "port": self.port}
        if request.version < 4:
            return place
        return {"coordinators": [{"key": key, **place} for key in body.coordinator_keys]}

    async def create(self, request: Request) -> Fields:
        """Make topics, durably."""
        results = []
        for one in request.body.topics:
            answer: dict[str, Any] = {"name": one.name, "error_code": Code.NONE, "error_message": None}
            try:
                topic = await self._create(one, request.body.validate_only)
                answer |= {"topic_id": topic.uuid, "num_partitions": topic.partitions, "replication_factor": 1}
                answer["configs"] = [_setting(topic, name) for name in SETTINGS if _value(topic, name) is not None]
            except RefusedError as error:
                answer |= {"error_code": error.code, "error_message": error.why}
            except OSError as error:
                answer["error_code"] = self._disk(error)
            results.append(answer)
        return {"topics": results}

    async def delete(self, request: Request) -> Fields:
        """Delete topics by name, from version 6 on also by id."""
        body = request.body
        wanted = [(name, _NO_TOPIC) for name in body.topic_names]
        if request.version >= 6:
            wanted = [(one.name, one.topic_id or _NO_TOPIC) for one in body.topics]
        return {"responses": [await self._delete(name, key) for name, key in wanted]}

    def configs(self, request: Request) -> Fields:
        """Say how topics are set, and what holds where nothing was said."""
        return {"results": [self._config(one) for one in request.body.resources]}

    async def _create(self, one: Any, check_only: bool) -> Topic:
        if one.assignments:
            raise RefusedError(
                Code.INVALID_REPLICA_ASSIGNMENT, "there is one node: name a number of partitions instead"
            )
        if one.replication_factor not in {-1, 1}:
            raise RefusedError(Code.INVALID_REPLICATION_FACTOR, "there is one node: the replication factor is 1")
        topic = design(one.name, one.num_partitions, {setting.name: setting.value for setting in one.configs})
        if one.name in self._store.catalogue.topics:
            raise RefusedError(Code.TOPIC_ALREADY_EXISTS, f"topic {one.name} exists")
        if not check_only:
            await self._store.create(topic)
        return topic

    async def _delete(self, name: str | None, key: uuid.UUID) -> dict[str, Any]:
        topic = self._store.catalogue.by_id(key)
        if name is None and topic is not None:
            name = topic.name
        answer: dict[str, Any] = {"name": name, "topic_id": key, "error_code": Code.NONE}
        if name is None:
            return answer | {"error_code": Code.UNKNOWN_TOPIC_ID}
        try:
            await self._store.delete(name)
        except RefusedError as error:
            answer["error_code"] = error.code
        except OSError as error:
            answer["error_code"] = self._disk(error)
        return answer

    def _asked(self, one: Any) -> dict[str, Any]:
        by_id = one.name is None
        known = self._store.catalogue
        topic = known.by_id(one.topic_id or _NO_TOPIC) if by_id else known.topics.get(str(one.name))
        if topic is not None:
            return self._topic(topic)
        code = Code.UNKNOWN_TOPIC_ID if by_id else Code.UNKNOWN_TOPIC_OR_PARTITION
        return {"error_code": code, "name": one.name, "topic_id": one.topic_id or _NO_TOPIC, "partitions": []}

    def _topic(self, topic: Topic) -> dict[str, Any]:
        return {
            "error_code": Code.NONE,
            "name": topic.name,
            "topic_id": topic.uuid,
            "partitions": [
                {
                    "error_code": Code.NONE,
                    "partition_index": number,
                    "leader_id": NODE,
                    "replica_nodes": [NODE],
                    "isr_nodes": [NODE],
                }
                for number in range(topic.partitions)
            ],
        }

    def _config(self, one: Any) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "error_code": Code.NONE,
            "error_message": None,
            "resource_type": one.resource_type,
            "resource_name": one.resource_name,
            "configs": [],
        }
        if one.resource_type == _TOPIC:
            topic = self._store.catalogue.topics.get(one.resource_name)
            if topic is None:
                return answer | {"error_code": Code.UNKNOWN_TOPIC_OR_PARTITION}
            wanted = SETTINGS if one.configuration_keys is None else one.configuration_keys
            answer["configs"] = [_setting(topic, name) for name in SETTINGS if name in wanted and _value(topic, name)]
        elif one.resource_type != _BROKER:
            return answer | {"error_code": Code.INVALID_REQUEST, "error_message": "topics and the broker have settings"}
        return answer

    def _disk(self, error: OSError) -> Code:
        self._broken(error)
        return Code.KAFKA_STORAGE_ERROR


def _value(topic: Topic, name: str) -> str | None:
    limits = topic.limits
    defaults = {
        "cleanup.policy": "delete",
        "retention.ms": str(limits.retention_ms),
        "segment.bytes": str(limits.segment_bytes),
        "max.message.bytes": str(limits.batch_bytes),
    }
    return topic.config.get(name, defaults.get(name))


def _setting(topic: Topic, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": _value(topic, name),
        "read_only": True,
        "config_source": _SET if name in topic.config else _DEFAULT,
        "is_sensitive": False,
    }
