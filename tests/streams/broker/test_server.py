"""The running broker: where it listens, how it ends, and that no client can harm another."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.streams.broker.making import batch, values_of
from tocsin.streams.broker import wire
from tocsin.streams.broker.catalogue import design
from tocsin.streams.broker.errors import BrokerError, Code
from tocsin.streams.broker.server import Broker

ENOUGH = 10.0
"""Seconds that a test waits for what comes at once."""


class Client:
    """A client that speaks any version of any request, and can misbehave."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.number = 0

    @classmethod
    async def connect(cls, broker: Broker) -> Client:
        return cls(*await asyncio.open_connection("127.0.0.1", broker.port))

    def send(self, name: str, version: int, **fields: Any) -> None:
        api = next(api for api in wire.APIS.values() if api.name == name)
        self.number += 1
        request = wire._shape(api.request, version, fields)
        request.with_header(self.number, "test")
        self.writer.write(request.encode(header=True, framed=True))

    async def receive(self, name: str, version: int) -> Any:
        api = next(api for api in wire.APIS.values() if api.name == name)
        async with asyncio.timeout(ENOUGH):
            size = int.from_bytes(await self.reader.readexactly(4), "big")
            data = await self.reader.readexactly(size)
        return api.response.decode(data, version=version, header=True)

    async def ask(self, name: str, version: int, **fields: Any) -> Any:
        self.send(name, version, **fields)
        return await self.receive(name, version)

    async def produce(self, data: bytes, partition: int = 0, *, acks: int = -1) -> Any:
        return (
            (await self.ask("Produce", 8, **produced(data, partition, acks=acks))).responses[0].partition_responses[0]
        )

    async def closed(self) -> None:
        async with asyncio.timeout(ENOUGH):
            assert await self.reader.read() == b""


def produced(data: bytes, partition: int = 0, *, acks: int = -1) -> dict[str, Any]:
    part = {"index": partition, "records": data}
    return {"acks": acks, "timeout_ms": 1000, "topic_data": [{"name": "t", "partition_data": [part]}]}


def fetched(offset: int = 0, partition: int = 0, *, wait_ms: int = 0, min_bytes: int = 1) -> dict[str, Any]:
    part = {"partition": partition, "fetch_offset": offset, "partition_max_bytes": 1 << 20}
    topics = [{"topic": "t", "partitions": [part]}]
    return {"max_wait_ms": wait_ms, "min_bytes": min_bytes, "max_bytes": 1 << 20, "topics": topics}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker with a topic `t` of two partitions."""
    broker = Broker(tmp_path / "log")
    await broker.start()
    await broker._store.create(design("t", 2, {}))
    yield broker
    await broker.stop()


@pytest.fixture
async def client(broker: Broker) -> AsyncIterator[Client]:
    client = await Client.connect(broker)
    yield client
    client.writer.close()


EVERY_VERSION = [(api.name, n) for api in wire.APIS.values() for n in range(api.first, api.last + 1)]


@pytest.mark.parametrize(("name", "version"), EVERY_VERSION)
async def test_every_offered_version_is_answered(client: Client, name: str, version: int) -> None:
    """Whatever ApiVersions offers is served: the answer reads back in the same version."""
    group = {"group_id": "g"}
    topics = {"topics": [{"name": "t", "partitions": [{"partition_index": 0, "timestamp": -1}]}]}
    fields: dict[str, dict[str, Any]] = {
        "Produce": produced(batch()),
        "Fetch": fetched(),
        "ListOffsets": topics,
        "Metadata": {"topics": [{"name": "t"}]},
        "OffsetCommit": group
        | {"topics": [{"name": "t", "partitions": [{"partition_index": 0, "committed_offset": 4}]}]},
        "OffsetFetch": {"groups": [{**group, "topics": None}]} if version >= 8 else group | {"topics": []},
        "FindCoordinator": {"coordinator_keys": ["g"]} if version >= 4 else {"key": "g"},
        "JoinGroup": group
        | {"session_timeout_ms": 9000, "protocol_type": "p", "protocols": [{"name": "x", "metadata": b"m"}]},
        "LeaveGroup": group | ({"members": [{"member_id": "m"}]} if version >= 3 else {"member_id": "m"}),
        "DescribeGroups": {"groups": ["g"]},
        "CreateTopics": {"topics": [{"name": "new", "num_partitions": 1, "replication_factor": 1}]},
        "DeleteTopics": {"topics": [{"name": "t"}]} if version >= 6 else {"topic_names": ["t"]},
        "DescribeConfigs": {"resources": [{"resource_type": 2, "resource_name": "t", "configuration_keys": None}]},
        "DeleteGroups": {"groups_names": ["g"]},
        "InitProducerId": {"transactional_id": None},
    }
    given = fields.get(name, group if name in {"Heartbeat", "SyncGroup"} else {})
    answer = await client.ask(name, version, **given)
    expected = {"Heartbeat": Code.UNKNOWN_MEMBER_ID, "SyncGroup": Code.UNKNOWN_MEMBER_ID}
    if "error_code" in answer.fields and not (name == "LeaveGroup" and version < 3):
        assert answer.error_code == expected.get(name, Code.NONE)


async def test_unknown_version_of_api_versions_is_answered(client: Client) -> None:
    """A client from the future hears, in version 0, what is served (KIP-511), and may go on."""
    client.writer.write(struct.pack(">ihhih", 10, 18, 99, 7, -1))
    answer = await client.receive("ApiVersions", 0)
    assert answer.error_code == Code.UNSUPPORTED_VERSION
    assert {one.api_key for one in answer.api_keys} == set(wire.APIS)
    assert (await client.ask("ApiVersions", 3)).error_code == Code.NONE


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600),
        struct.pack(">i", -1),
        struct.pack(">i", 3) + b"abc",
        struct.pack(">i", wire.FRAME_BYTES + 1),
        struct.pack(">ihhih", 10, 999, 0, 1, -1),
        struct.pack(">ihhih", 10, 1, 3, 1, -1),
        struct.pack(">ihhih", 10, 0, 8, 1, -1),
        struct.pack(">ihhihB", 11, 3, 12, 1, -1, 0xFF),
        struct.pack(">ihhih", 20, 8, 5, 1, 32000) + b"\xff" * 10,
    ],
    ids=["http", "tls", "negative", "short", "long", "api", "version", "empty", "tags", "client"],
)
async def test_garbage_closes_its_own_connection_only(broker: Broker, client: Client, garbage: bytes) -> None:
    """Who speaks no Kafka is closed; everyone else is served as before."""
    stranger = await Client.connect(broker)
    stranger.writer.write(garbage)
    await stranger.closed()
    stranger.writer.close()
    assert (await client.produce(batch())).error_code == Code.NONE


async def test_frame_in_single_bytes(client: Client) -> None:
    """A request may arrive in any pieces."""
    frame = struct.pack(">ihhih", 10, 18, 0, 1, -1)
    for at in range(len(frame)):
        client.writer.write(frame[at : at + 1])
        await client.writer.drain()
        await asyncio.sleep(0)
    assert (await client.receive("ApiVersions", 0)).error_code == Code.NONE


async def test_answers_keep_the_order_of_requests(client: Client) -> None:
    """A quick request behind a slow one is answered after it."""
    client.send("Fetch", 11, **fetched(wait_ms=200))
    client.send("ApiVersions", 0)
    client.send("Produce", 8, **produced(batch()))
    fetch = await client.receive("Fetch", 11)
    assert len(fetch.responses) == 1
    assert (await client.receive("ApiVersions", 0)).error_code == Code.NONE
    assert (await client.receive("Produce", 8)).responses[0].partition_responses[0].error_code == Code.NONE


async def test_many_requests_at_once(client: Client) -> None:
    """More requests than may be under way are answered all the same, one after the other."""
    for number in range(500):
        client.send("Produce", 8, **produced(batch([b"%d" % number])))
    for number in range(500):
        answer = await client.receive("Produce", 8)
        assert answer.responses[0].partition_responses[0].base_offset == number


async def test_long_poll_wakes_when_records_come(broker: Broker, client: Client) -> None:
    """A fetch that waits is answered by the next durable record, long before its time is over."""
    waiting = await Client.connect(broker)
    waiting.send("Fetch", 11, **fetched(wait_ms=600_000))
    await asyncio.sleep(0.05)
    assert (await client.produce(batch([b"new"]))).base_offset == 0
    answer = (await waiting.receive("Fetch", 11)).responses[0].partitions[0]
    assert values_of(bytes(answer.records)) == [(0, b"new")]
    assert answer.high_watermark == 1
    waiting.send("Fetch", 11, **fetched(1, wait_ms=600_000, min_bytes=300))
    for _ in range(10):
        await client.produce(batch([b"x" * 20]))
    answer = (await waiting.receive("Fetch", 11)).responses[0].partitions[0]
    assert len(answer.records) >= 300
    waiting.writer.close()


async def test_long_poll_ends_with_its_topic(broker: Broker, client: Client) -> None:
    """Who waits for a topic that is deleted hears of it."""
    waiting = await Client.connect(broker)
    waiting.send("Fetch", 11, **fetched(wait_ms=600_000))
    await asyncio.sleep(0.05)
    await client.ask("DeleteTopics", 1, topic_names=["t"])
    answer = (await waiting.receive("Fetch", 11)).responses[0].partitions[0]
    assert answer.error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
    waiting.writer.close()


async def test_slow_reader_holds_nobody_up(broker: Broker, client: Client) -> None:
    """A client that asks and never reads is not read from any more; the others are served."""
    for _ in range(20):
        await client.produce(batch([b"x" * 50_000]))
    greedy = await Client.connect(broker)
    for _ in range(200):
        greedy.send("Fetch", 11, **fetched())
    for _ in range(20):
        assert (await client.produce(batch())).error_code == Code.NONE
    (connection,) = [one for one in broker._connections if one._full]
    assert connection._transport is not None
    assert connection._transport.get_write_buffer_size() < 3 << 20
    for _ in range(200):
        answer = await greedy.receive("Fetch", 11)
        assert len(answer.responses[0].partitions[0].records) > 900_000
    greedy.writer.close()


async def test_acks_0_and_1(client: Client) -> None:
    """Without acks nothing is answered; with one the answer says where the record stands."""
    client.send("Produce", 8, **produced(batch([b"a"]), acks=0))
    assert (await client.produce(batch([b"b"]), acks=1)).base_offset == 1
    assert (await client.produce(batch([b"c"]))).base_offset == 2
    assert (await client.produce(batch(), acks=2)).error_code == Code.INVALID_REQUIRED_ACKS


async def test_transactions_are_refused_in_words(client: Client) -> None:
    """There are no transactions here, and a producer that wants one hears so."""
    answer = await client.ask("FindCoordinator", 2, key="x", key_type=1)
    assert answer.error_code == Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    assert "no transactions" in answer.error_message
    answer = await client.ask("InitProducerId", 4, transactional_id="x", transaction_timeout_ms=1000)
    assert answer.error_code == Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


async def test_only_the_loopback_is_listened_on(broker: Broker) -> None:
    """The broker has one socket, on 127.0.0.1; another address of this machine finds nobody."""
    assert broker._server is not None
    assert [one.getsockname()[0] for one in broker._server.sockets] == ["127.0.0.1"]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", broker.port), timeout=1)


async def test_taken_port_is_said(tmp_path: Path, broker: Broker) -> None:
    """A port in use is named with the mend, and the directory is free again."""
    other = Broker(tmp_path / "other", port=broker.port)
    with pytest.raises(BrokerError, match=f"port {broker.port} of 127.0.0.1 is taken: stop what uses it"):
        await other.start()
    free = Broker(tmp_path / "other")
    await free.start()
    await free.stop()


async def test_stop_is_quick_whatever_waits(tmp_path: Path) -> None:
    """Open long polls, joins that wait and greedy readers don't hold up the end."""
    broker = Broker(tmp_path / "log")
    await broker.start()
    await broker._store.create(design("t", 2, {}))
    clients = [await Client.connect(broker) for _ in range(5)]
    await clients[0].produce(batch([b"x" * 900_000]))
    clients[0].send("Fetch", 11, **fetched(5, wait_ms=600_000))
    clients[1].send("Fetch", 11, **fetched(0, 1, wait_ms=600_000))
    wish = {"group_id": "g", "session_timeout_ms": 60_000, "rebalance_timeout_ms": 60_000, "protocol_type": "p"}
    wish["protocols"] = [{"name": "x", "metadata": b""}]
    clients[2].send("JoinGroup", 5, **wish)
    await clients[2].receive("JoinGroup", 5)
    clients[3].send("JoinGroup", 5, **wish)
    for _ in range(50):
        clients[4].send("Fetch", 11, **fetched())
    await asyncio.sleep(0.1)
    begun = time.monotonic()
    await broker.stop()
    assert time.monotonic() - begun < 1.0, "the promise of stop()"
    assert broker.failure.cancelled()
    for client in clients:
        client.writer.close()


async def test_confirmed_before_the_end(tmp_path: Path) -> None:
    """What is under way when the broker stops is either confirmed and there, or not confirmed."""
    broker = Broker(tmp_path / "log")
    await broker.start()
    await broker._store.create(design("t", 2, {}))
    client = await Client.connect(broker)
    for number in range(30):
        client.send("Produce", 8, **produced(batch([b"%d" % number])))
    await client.writer.drain()
    await asyncio.sleep(0)
    await broker.stop()
    confirmed = 0
    while True:
        try:
            answer = await client.receive("Produce", 8)
        except (asyncio.IncompleteReadError, ConnectionError):
            break
        part = answer.responses[0].partition_responses[0]
        confirmed = max(confirmed, part.base_offset + 1)
    again = Broker(tmp_path / "log")
    await again.start()
    assert again._store.partition("t", 0).durable >= confirmed
    await again.stop()
    client.writer.close()


async def test_full_disk_refuses_and_keeps(broker: Broker, client: Client, full_disk) -> None:
    """A record that doesn't fit is refused as a storage error; what was accepted stays, and room mends it."""
    assert (await client.produce(batch([b"kept"]))).error_code == Code.NONE
    with full_disk(1000):
        answer = await client.produce(batch([b"x" * 5000]))
        assert answer.error_code == Code.KAFKA_STORAGE_ERROR
        assert (await client.produce(batch([b"small"]))).error_code == Code.NONE
        part = {"partition_index": 0, "committed_offset": 1, "committed_metadata": "m" * 3000}
        commit = await client.ask("OffsetCommit", 5, group_id="g", topics=[{"name": "t", "partitions": [part]}])
        assert commit.topics[0].partitions[0].error_code == Code.NOT_COORDINATOR
    assert (await client.produce(batch([b"after"]))).base_offset == 2
    found = (await client.ask("Fetch", 11, **fetched())).responses[0].partitions[0]
    assert values_of(bytes(found.records)) == [(0, b"kept"), (1, b"small"), (2, b"after")]
    assert not broker.failure.done()


async def test_failing_disk_ends_the_service(tmp_path: Path, monkeypatch) -> None:
    """When a flush fails nothing is confirmed any more: `failure` says so, and clients are let go."""
    import os

    broker = Broker(tmp_path / "log")
    await broker.start()
    await broker._store.create(design("t", 2, {}))
    client = await Client.connect(broker)
    assert (await client.produce(batch())).error_code == Code.NONE

    def fails(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fails)
    client.send("Produce", 8, **produced(batch()))
    with pytest.raises(BrokerError, match=r"the disk failed \(Input/output error\): look at the disk"):
        await asyncio.wait_for(asyncio.shield(broker.failure), ENOUGH)
    data = await client.reader.read()
    assert data == b"" or struct.unpack_from(">h", data, 4 + 4 + 4 + 2 + 1 + 4 + 4)[0] == Code.KAFKA_STORAGE_ERROR
    client.writer.close()
    monkeypatch.undo()
    await broker.stop()
