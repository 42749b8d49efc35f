"""The page's source on a real log: the embedded broker of the test run."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaProducer

from tests.service.web_samples import alert, update
from tocsin.service.web import source as source_module
from tocsin.service.web.source import LiveSource
from tocsin.streams.admin import ensure_topics
from tocsin.streams.broker.server import Broker
from tocsin.streams.codec import encode
from tocsin.streams.kafka import Kafka
from tocsin.streams.topics import ALERTS, STORIES


@dataclasses.dataclass
class Log:
    """A broker of this test's own, with the topics made."""

    broker: Broker
    producer: AIOKafkaProducer

    @property
    def address(self):
        return f"127.0.0.1:{self.broker.port}"

    async def put(self, topic, partition, value, at=None):
        milliseconds = int((at or datetime.now(UTC)).timestamp() * 1000)
        data = value if isinstance(value, bytes) else encode(value)
        await self.producer.send_and_wait(topic.name, data, partition=partition, timestamp_ms=milliseconds)


@contextlib.asynccontextmanager
async def log_at(path):
    broker = Broker(path, port=0)
    await broker.start()
    producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{broker.port}", acks="all")
    try:
        await asyncio.to_thread(ensure_topics, f"127.0.0.1:{broker.port}")
        await producer.start()
        yield Log(broker, producer)
    finally:
        await producer.stop()
        await broker.stop()


@contextlib.asynccontextmanager
async def reading(address):
    live = LiveSource(Kafka(bootstrap=address))
    await live.start()
    try:
        yield live
    finally:
        await live.stop()


async def until(check):
    """Wait until something holds (the test's own time limit ends a wait in vain)."""
    while not check():
        await asyncio.sleep(0.02)


async def test_what_came_before_is_shown_in_the_order_of_time_and_then_what_comes(tmp_path):
    began = datetime.now(UTC) - timedelta(minutes=5)
    async with log_at(tmp_path) as log:
        for number, partition in enumerate((7, 0, 11, 3)):
            await log.put(STORIES, partition, update(f"t{number}"), began + timedelta(seconds=number))
        await log.put(ALERTS, 5, alert("a1"), began)
        async with reading(log.address) as live:
            assert live.ready() == (False, "reading what came before")
            await until(lambda: live.ready()[0])
            assert list(live.hub.stories) == ["t0", "t1", "t2", "t3"]
            assert list(live.hub.alerts) == ["a1"]
            await log.put(ALERTS, 2, alert("a2"))
            await log.put(STORIES, 7, update("t0", sources=("Fjord Times", "Blue Wire")))
            await until(lambda: "a2" in live.hub.alerts and list(live.hub.stories)[-1] == "t0")
            assert live.hub.story("t0").count == 2
            await until(lambda: live.hub.status.state == "live" and live.hub.status.alerts == 1)


async def test_the_look_back_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "LOOK_BACK", 3)
    async with log_at(tmp_path) as log:
        for number in range(6):
            await log.put(ALERTS, 1, alert(f"a{number}"))
        async with reading(log.address) as live:
            await until(lambda: live.ready()[0])
            assert list(live.hub.alerts) == ["a3", "a4", "a5"]


async def test_a_record_that_is_none_is_left_out_and_the_next_one_shown(tmp_path):
    async with log_at(tmp_path) as log:
        await log.put(ALERTS, 0, b"{not json")
        await log.put(ALERTS, 0, b'{"id": 5}')
        await log.put(ALERTS, 0, alert("a1"))
        async with reading(log.address) as live:
            await until(lambda: live.ready()[0])
            assert list(live.hub.alerts) == ["a1"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_log_that_goes_away_is_said_and_reading_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(source_module, "TICK_SECONDS", 0.05)
    async with contextlib.AsyncExitStack() as stack:
        async with log_at(tmp_path) as log:
            port = log.broker.port
            await log.put(ALERTS, 0, alert("a1"))
            live = await stack.enter_async_context(reading(log.address))
            await until(lambda: live.ready()[0])
        await until(lambda: live.hub.status.state == "reconnecting")
        assert not live.ready()[0]
        assert live.live()[0]
        broker = Broker(tmp_path, port=port)
        await broker.start()
        stack.push_async_callback(broker.stop)
        producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{port}", acks="all")
        await producer.start()
        stack.push_async_callback(producer.stop)
        await Log(broker, producer).put(ALERTS, 0, alert("a2"))
        await until(lambda: live.hub.status.state == "live" and "a2" in live.hub.alerts)
        assert list(live.hub.alerts) == ["a1", "a2"]
        assert live.hub.cursor.endswith("-2")


async def test_a_log_that_is_not_there_yet_is_waited_for_and_can_be_stopped(monkeypatch):
    monkeypatch.setattr(source_module, "ANSWER_SECONDS", 0.1)
    async with reading("127.0.0.1:1") as live:
        await until(lambda: live._state == "reconnecting")
        assert live.live()[0]
        assert not live.ready()[0]
    assert not live.live()[0]
