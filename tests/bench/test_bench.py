"""Runs the measurements: they print, and assert nothing about time."""

from __future__ import annotations

import pytest

from tests.bench import chain, entities, stages

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]


def test_cpu_of_each_stage() -> None:
    stages.measure(230)
    stages.measure(500)


def test_cpu_memory_and_load_of_the_entity_layer() -> None:
    entities.main()


def test_the_chain_on_the_embedded_broker() -> None:
    chain.main()
