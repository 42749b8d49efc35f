"""Logs: a broker that is away is no flood."""

from __future__ import annotations

import logging

from tocsin.service.logs import SPARING_SECONDS, Sparing


def record(name: str, at: float) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.ERROR, "x.py", 1, "away", (), None)
    made.created = at
    return made


def test_a_kafka_client_that_repeats_itself_is_heard_once_in_a_while() -> None:
    sparing = Sparing()
    at = 1_000_000.0
    assert sparing.filter(record("aiokafka.conn", at))
    assert not sparing.filter(record("aiokafka.client", at + 1))
    assert sparing.filter(record("kafka.net", at + 1)), "another library is another voice"
    assert sparing.filter(record("aiokafka.conn", at + SPARING_SECONDS))


def test_everybody_else_is_always_heard() -> None:
    sparing = Sparing()
    assert all(sparing.filter(record("asyncio", 1_000_000.0)) for _ in range(3))
