"""The topics that exist: name, id, number of partitions and settings, in one small file."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import msgspec

from tocsin.streams.broker.errors import BrokerError, Code, RefusedError
from tocsin.streams.broker.files import reason, replace
from tocsin.streams.broker.log import BATCH_BYTES, FOREVER, SEGMENT_BYTES, Limits

NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")
"""What Kafka takes as a topic's name."""
MOST_PARTITIONS = 1000
DEFAULT_PARTITIONS = 12
DEFAULT_RETENTION_MS = 7 * 86_400_000
"""Kafka's own default for a topic that doesn't say."""

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBERS = {
    "retention.ms": -1,
    "segment.bytes": 1024,
    "max.message.bytes": 1024,
    "delete.retention.ms": 0,
    "min.compaction.lag.ms": 0,
    "max.compaction.lag.ms": 1,
}
_POLICIES = {"delete", "compact"}
SETTINGS = ("cleanup.policy", *_NUMBERS)
"""Topic settings that are taken; any other is refused, so that nobody trusts one without effect."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic as it was asked for."""

    name: str
    id: str
    """Hexadecimal UUID: a topic that is made again under the same name has another."""
    partitions: int
    config: dict[str, str] = {}

    @property
    def uuid(self) -> uuid.UUID:
        """The id as clients see it."""
        return uuid.UUID(self.id)

    @property
    def folder(self) -> str:
        """Name of the directory that holds its partitions."""
        return f"{self.name}.{self.id[:12]}"

    @property
    def policies(self) -> set[str]:
        """`delete`, `compact`, or both."""
        return set(self.config.get("cleanup.policy", "delete").replace(" ", "").split(","))

    @property
    def limits(self) -> Limits:
        """What its settings mean for a partition."""
        keeps = FOREVER if "delete" not in self.policies else DEFAULT_RETENTION_MS
        if "delete" in self.policies and "retention.ms" in self.config:
            keeps = int(self.config["retention.ms"])
        return Limits(
            segment_bytes=int(self.config.get("segment.bytes", SEGMENT_BYTES)),
            batch_bytes=int(self.config.get("max.message.bytes", BATCH_BYTES)),
            retention_ms=keeps,
        )


class _File(msgspec.Struct, kw_only=True):
    cluster: str
    topics: list[Topic] = []


class Catalogue:
    """All topics. `save` is the only call that touches the disk; a change counts once it returned."""

    def __init__(self, path: Path) -> None:
        """Read the file; BrokerError where it can't be understood."""
        self._path = path
        try:
            found = msgspec.json.decode(path.read_bytes(), type=_File) if path.exists() else None
        except (OSError, msgspec.MsgspecError) as error:
            raise BrokerError(
                f"{path}: the list of topics can't be read ({reason(error)}); restore it from a backup of the directory"
            ) from None
        self.known = found is not None
        """Whether there was a file."""
        self.cluster = found.cluster if found else uuid.uuid4().hex
        self.topics: dict[str, Topic] = {topic.name: topic for topic in found.topics} if found else {}

    def save(self) -> None:
        """Write it down, durably. OSError where the disk refuses."""
        body = msgspec.json.encode(_File(cluster=self.cluster, topics=list(self.topics.values())))
        replace(self._path, msgspec.json.format(body, indent=1))

    def by_id(self, key: uuid.UUID) -> Topic | None:
        """Return the topic with an id."""
        return next((topic for topic in self.topics.values() if topic.id == key.hex), None)


def design(name: str, partitions: int, config: dict[str, str | None]) -> Topic:
    """Return a topic as it was asked for, with a new id; RefusedError says what is wrong with it."""
    if not NAME.fullmatch(name) or name in {".", ".."}:
        raise RefusedError(Code.INVALID_TOPIC_EXCEPTION, "a name has 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'")
    if partitions == -1:
        partitions = DEFAULT_PARTITIONS
    if not 1 <= partitions <= MOST_PARTITIONS:
        raise RefusedError(Code.INVALID_PARTITIONS, f"a topic has 1 to {MOST_PARTITIONS} partitions")
    wanted = {key: value for key, value in config.items() if value is not None}
    for key, value in wanted.items():
        _check_setting(key, value)
    return Topic(name=name, id=uuid.uuid4().hex, partitions=partitions, config=wanted)


def _check_setting(key: str, value: str) -> None:
    if key == "cleanup.policy":
        if not value or not set(value.replace(" ", "").split(",")) <= _POLICIES:
            raise RefusedError(Code.INVALID_CONFIG, "cleanup.policy is delete, compact, or both joined by a comma")
    elif key not in _NUMBERS:
        raise RefusedError(
            Code.INVALID_CONFIG, f"the embedded broker doesn't know {key}; it takes {', '.join(SETTINGS)}"
        )
    elif not _WHOLE.fullmatch(value) or int(value) < _NUMBERS[key]:
        raise RefusedError(Code.INVALID_CONFIG, f"{key} is a whole number of at least {_NUMBERS[key]}")
