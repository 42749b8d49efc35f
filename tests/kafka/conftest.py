"""Fixtures over a real Apache Kafka: one node for the whole run, and fresh nodes for tests that kill theirs."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():
    # kafka-python loads its schemas, when it is imported, in a way that Python 3.11 and 3.12 call deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tests.kafka.server import KafkaServer, missing


def _need_kafka() -> None:
    if (reason := missing()) is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def real_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of one real Kafka for the whole run; each test uses topics and groups of its own names."""
    _need_kafka()
    node = KafkaServer(tmp_path_factory.mktemp("kafka"))
    node.start()
    yield node.bootstrap
    node.stop()


@pytest.fixture
def kafka_node(tmp_path: Path) -> Iterator[Callable[[], KafkaServer]]:
    """A maker of own nodes, started, for tests that stop or kill theirs; whatever still runs is ended afterwards."""
    _need_kafka()
    nodes = []

    def make() -> KafkaServer:
        node = KafkaServer(tmp_path / f"kafka-{len(nodes)}")
        nodes.append(node)
        node.start()
        return node

    yield make
    for node in nodes:
        node.kill()
