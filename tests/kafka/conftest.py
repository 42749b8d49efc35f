"""Fixtures over a real Apache Kafka: one node for the whole run, and fresh nodes for tests that kill theirs."""

from __future__ import annotations

import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

with warnings.catch_warnings():
    # kafka-python loads its schemas, when it is imported, in a way that Python 3.11 and 3.12 call deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    import kafka  # noqa: F401


def _server_module() -> ModuleType:
    # Loaded by its path: the tests' folder is no package and is not on the import path.
    name = "tocsin_tests_kafka_server"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("server.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def _need_kafka() -> ModuleType:
    server = _server_module()
    if (reason := server.missing()) is not None:
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return server


@pytest.fixture(scope="session")
def real_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of one real Kafka for the whole run; each test uses topics and groups of its own names."""
    node = _need_kafka().KafkaServer(tmp_path_factory.mktemp("kafka"))
    node.start()
    yield node.bootstrap
    node.stop()


@pytest.fixture
def kafka_node(tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """A maker of own nodes, started, for tests that stop or kill theirs; whatever still runs is ended afterwards."""
    server = _need_kafka()
    nodes = []

    def make() -> Any:
        node = server.KafkaServer(tmp_path / f"kafka-{len(nodes)}")
        nodes.append(node)
        node.start()
        return node

    yield make
    for node in nodes:
        node.kill()
