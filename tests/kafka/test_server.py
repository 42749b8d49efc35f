"""The real Kafka that other tests stand on."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.kafka.server import KafkaServer

pytestmark = pytest.mark.kafka


def _write(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for sent in [producer.send(topic, value) for value in values]:
        sent.get(30)
    producer.close()


def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=20000)
    consumer.assign([TopicPartition(topic, 0)])
    found = []
    for record in consumer:
        found.append(record.value)
        if len(found) == count:
            break
    consumer.close()
    return found


def test_what_is_written_is_read_again(real_kafka: str) -> None:
    _write(real_kafka, "server-smoke", [b"one", b"two"])
    assert _read(real_kafka, "server-smoke", 2) == [b"one", b"two"]


def test_confirmed_records_outlive_a_kill_and_a_stop_on_the_same_address(kafka_node) -> None:
    node = kafka_node()
    before = node.bootstrap
    _write(before, "kept", [b"before the kill"])
    node.kill()
    node.start()
    _write(before, "kept", [b"before the stop"])
    node.stop()
    node.start()
    assert node.bootstrap == before
    assert _read(before, "kept", 2) == [b"before the kill", b"before the stop"]


def test_a_second_start_of_a_running_node_is_refused(kafka_node) -> None:
    node = kafka_node()
    with pytest.raises(RuntimeError, match="running already"):
        node.start()


@pytest.mark.usefixtures("real_kafka")
def test_a_taken_port_is_told_with_kafkas_own_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        node = KafkaServer(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(RuntimeError, match="ended while it started"):
            node.start()
    assert node.pid is None
