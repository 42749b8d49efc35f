"""Looking after the log with kafka-python: topics, lag, dead letters. Every call blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.structs import TopicPartition

from tocsin.streams.codec import encode, schema_name
from tocsin.streams.contract import Origin
from tocsin.streams.feeds.state import knock
from tocsin.streams.records import Note
from tocsin.streams.topics import DEAD_LETTERS, EVERY_TOPIC, NOTES, STAGES, Topic

REPLAYED = "replayed"
_CLIENT: dict[str, Any] = {"bootstrap_timeout_ms": 5_000}
"""Somebody who listens and does not answer as a broker is given up after that."""
_DEAD_LETTER_HEADERS = {"origin", "stage", "reason", "error", "attempts", "key"}


class LogError(Exception):
    """The log can't be used as it is: one line with the mend."""


class LogAwayError(LogError):
    """No broker answers: it may be back later."""

    def __init__(self, bootstrap: str, error: Exception) -> None:
        super().__init__(f"no broker answers at {bootstrap} ({type(error).__name__}): start it, or mend --broker")


@contextmanager
def admin_client(bootstrap: str) -> Iterator[Any]:
    """Open an admin client for a while; LogError where no broker answers."""
    try:
        knock(bootstrap)
        client = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="tocsin-admin", **_CLIENT)
    except (KafkaError, OSError, ValueError) as error:
        raise LogAwayError(bootstrap, error) from None
    try:
        yield client
    finally:
        client.close()


@contextmanager
def reader(bootstrap: str) -> Iterator[Any]:
    """Open a consumer without a group for a while; LogError where no broker answers."""
    try:
        knock(bootstrap)
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            client_id="tocsin-reader",
            **_CLIENT,
        )
    except (KafkaError, OSError, ValueError) as error:
        raise LogAwayError(bootstrap, error) from None
    try:
        yield consumer
    finally:
        consumer.close(autocommit=False)


def partitions_of(topic: Topic) -> list[TopicPartition]:
    """Return a topic's partitions as the catalogue has them."""
    return [TopicPartition(topic.name, number) for number in range(topic.partitions)]


def ensure_topics(bootstrap: str, topics: Sequence[Topic] = EVERY_TOPIC, *, replication: int = 1) -> list[str]:
    """Create what is missing; return the names made. LogError where a topic has another number of partitions."""
    with admin_client(bootstrap) as client:
        present = set(client.list_topics())
        missing = [topic for topic in topics if topic.name not in present]
        for topic in missing:
            new = NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.config)
            try:
                client.create_topics([new])
            except TopicAlreadyExistsError:  # another process came first
                continue
        if missing:
            client.wait_for_topics([topic.name for topic in missing])
        wanted = {topic.name: topic.partitions for topic in topics}
        for found in client.describe_topics(list(wanted)):
            name, count = found["name"], len(found["partitions"])
            if count != wanted[name]:
                raise LogError(
                    f"topic {name} has {count} partitions and needs {wanted[name]}: "
                    "keys would change partition; use another broker or remove the topic"
                )
    return [topic.name for topic in missing]


class Lag(msgspec.Struct, frozen=True, kw_only=True):
    """How far a stage is behind."""

    stage: str
    topic: str
    end: int
    committed: int
    waiting: int


def committed_offsets(client: Any, stage: str, topic: Topic) -> dict[int, int]:
    """Return the committed offset of each partition, 0 where there is none."""
    group = f"tocsin.{stage}"
    found = client.list_group_offsets(group).get(group, {})
    known = {tp.partition: int(meta.offset) for tp, meta in found.items() if tp.topic == topic.name}
    return {number: max(0, known.get(number, 0)) for number in range(topic.partitions)}


def lags(bootstrap: str) -> list[Lag]:
    """Return every stage's lag in records."""
    found = []
    with admin_client(bootstrap) as client, reader(bootstrap) as consumer:
        for stage, topic in STAGES.items():
            tps = partitions_of(topic)
            ends = consumer.end_offsets(tps)
            starts = consumer.beginning_offsets(tps)
            committed = committed_offsets(client, stage, topic)
            done = {tp: max(committed[tp.partition], starts[tp]) for tp in tps}
            found.append(
                Lag(
                    stage=stage,
                    topic=topic.name,
                    end=sum(ends.values()),
                    committed=sum(done.values()),
                    waiting=sum(ends[tp] - done[tp] for tp in tps),
                )
            )
    return found


def read_all(consumer: Any, topic: Topic) -> Iterator[Any]:
    """Read a topic from its start to its present end."""
    tps = partitions_of(topic)
    consumer.assign(tps)
    ends = consumer.end_offsets(tps)
    consumer.seek_to_beginning(*tps)
    while any(consumer.position(tp) < ends[tp] for tp in tps):
        for messages in consumer.poll(timeout_ms=500).values():
            yield from messages


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A record that could not be processed. `value` is what the log held, byte for byte."""

    origin: str
    stage: str
    reason: str
    error: str
    attempts: int
    at: datetime
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    replayed: bool = False


def dead_letters(bootstrap: str) -> list[DeadLetter]:
    """Return every dead letter, oldest first, one for each origin and reason."""
    with reader(bootstrap) as consumer:
        replayed = {
            _header(message, "origin"): message.timestamp
            for message in read_all(consumer, NOTES)
            if b'"reason":"replayed"' in message.value and b'"stage":"deadletters"' in message.value
        }
        found = {}
        for message in read_all(consumer, DEAD_LETTERS):
            origin = _header(message, "origin")
            found[origin, _header(message, "reason")] = DeadLetter(
                origin=origin,
                stage=_header(message, "stage"),
                reason=_header(message, "reason"),
                error=_header(message, "error"),
                attempts=int(_header(message, "attempts") or 1),
                at=datetime.fromtimestamp(message.timestamp / 1000, UTC),
                key=_header(message, "key"),
                value=message.value or b"",
                headers=tuple(h for h in message.headers if h[0] not in _DEAD_LETTER_HEADERS),
                replayed=replayed.get(origin, -1) >= message.timestamp,
            )
    return sorted(found.values(), key=lambda letter: letter.at)


def replay_dead_letters(bootstrap: str, letters: Iterable[DeadLetter]) -> int:
    """Put dead letters back where they came from, and note it; return how many."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    count = 0
    try:
        for letter in letters:
            origin = Origin.parse(letter.origin)
            headers = [*letter.headers, ("attempts", str(letter.attempts).encode())]
            producer.send(origin.topic, key=letter.key.encode(), value=letter.value, headers=headers).get(30)
            note = Note(stage="deadletters", reason=REPLAYED)
            producer.send(
                NOTES.name,
                key=letter.origin.encode(),
                value=encode(note),
                headers=[("schema", schema_name(NOTES).encode()), ("origin", letter.origin.encode())],
            ).get(30)
            count += 1
    finally:
        producer.close(timeout=5)
    return count


def _header(message: Any, name: str) -> str:
    return str(dict(message.headers).get(name, b""), "utf-8", "replace")
