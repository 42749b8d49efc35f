"""The audit: it finds what was lost, and only that; dead letters are listed and replayed once."""

from __future__ import annotations

from datetime import UTC, datetime

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from tocsin.streams.admin import dead_letters, ensure_topics, lags, read_all, reader, replay_dead_letters
from tocsin.streams.audit import audit
from tocsin.streams.codec import encode, headers
from tocsin.streams.contract import Cause, Origin
from tocsin.streams.records import Annotated, Article, Note
from tocsin.streams.topics import ANNOTATED, ARTICLES, DEAD_LETTERS, NOTES


def article(number: int) -> Article:
    return Article(id=str(number), url="", source="test", first_seen=datetime(2026, 1, 1, tzinfo=UTC))


def commit(bootstrap: str, partition: int, offset: int) -> None:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id="tocsin.annotate", enable_auto_commit=False)
    tp = TopicPartition(ARTICLES.name, partition)
    consumer.assign([tp])
    consumer.commit({tp: OffsetAndMetadata(offset, "", -1)})
    consumer.close(autocommit=False)


def test_an_input_without_outcome_is_named_and_one_with_any_outcome_is_not(fresh_broker: str) -> None:
    ensure_topics(fresh_broker)
    producer = KafkaProducer(bootstrap_servers=fresh_broker, acks="all")
    for number in range(5):
        producer.send(ARTICLES.name, value=encode(article(number)), partition=0).get(10)

    def cause(offset: int) -> Cause:
        return Cause(origin=Origin(ARTICLES.name, 0, offset))

    annotated = Annotated(article=article(0), language="en")
    producer.send(ANNOTATED.name, key=b"all", value=encode(annotated), headers=headers(ANNOTATED, cause(0)))
    note = Note(stage="annotate", reason="test")
    producer.send(NOTES.name, key=b"x", value=encode(note), headers=headers(NOTES, cause(1)))
    origin = str(Origin(ARTICLES.name, 0, 3))
    dead = [("origin", origin.encode()), ("stage", b"annotate"), ("reason", b"test"), ("key", b"k3")]
    producer.send(DEAD_LETTERS.name, key=b"x", value=b"not json", headers=dead)
    producer.flush()
    commit(fresh_broker, 0, 4)

    stage = audit(fresh_broker).stages[0]
    assert (stage.stage, stage.committed, stage.waiting) == ("annotate", 4, 1)
    assert stage.missing_origins == (str(Origin(ARTICLES.name, 0, 2)),), "offset 2 has no outcome, 4 is not committed"
    assert not audit(fresh_broker).balanced
    assert next(lag for lag in lags(fresh_broker) if lag.stage == "annotate").waiting == 1

    letters = dead_letters(fresh_broker)
    assert [(one.origin, one.reason, one.value, one.replayed) for one in letters] == [
        (origin, "test", b"not json", False)
    ]
    assert replay_dead_letters(fresh_broker, letters) == 1
    assert [one.replayed for one in dead_letters(fresh_broker)] == [True]
    with reader(fresh_broker) as consumer:
        again = [m for m in read_all(consumer, ARTICLES) if m.value == b"not json"]
    assert [m.key for m in again] == [b"k3"], "it is back where it came from, under its own key"
    producer.close()
