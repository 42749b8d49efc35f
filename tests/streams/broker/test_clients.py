"""Clients on a running broker: aiokafka and kafka-python, alone and in groups, each through its whole life."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from kafka import KafkaConsumer, KafkaProducer
from kafka import TopicPartition as Place
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from kafka.errors import InvalidConfigurationError, TopicAlreadyExistsError

from tocsin.streams.broker.catalogue import design
from tocsin.streams.broker.server import Broker

Make = Callable[..., Any]


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker with a topic `t` of six partitions."""
    broker = Broker(tmp_path / "log")
    await broker.start()
    await broker._store.create(design("t", 6, {}))
    yield broker
    await broker.stop()


@pytest.fixture
async def make(broker: Broker) -> AsyncIterator[Make]:
    """Started aiokafka clients that are stopped with the test."""
    clients: list[Any] = []

    async def started(kind: Any, *args: Any, **settings: Any) -> Any:
        client = kind(*args, bootstrap_servers=f"127.0.0.1:{broker.port}", **settings)
        await client.start()
        clients.append(client)
        return client

    async def producer(**settings: Any) -> AIOKafkaProducer:
        return await started(
            AIOKafkaProducer, **{"acks": "all", "enable_idempotence": True, "linger_ms": 0, **settings}
        )

    async def consumer(*topics: str, **settings: Any) -> AIOKafkaConsumer:
        default = {"auto_offset_reset": "earliest", "enable_auto_commit": False, "heartbeat_interval_ms": 100}
        return await started(AIOKafkaConsumer, *topics, **{**default, **settings})

    yield lambda kind, *args, **settings: {"producer": producer, "consumer": consumer}[kind](*args, **settings)
    await asyncio.gather(*(client.stop() for client in clients), return_exceptions=True)


async def until(true: Callable[[], bool | Awaitable[bool]], work: Callable[[], Awaitable[Any]] | None = None) -> None:
    """Wait for something that will come; the test's own time limit ends what never does."""
    while True:
        found = true()
        if await found if isinstance(found, Awaitable) else found:
            return
        await (work() if work else asyncio.sleep(0.02))


async def read(consumer: AIOKafkaConsumer, count: int) -> list[bytes]:
    found: list[bytes] = []

    async def more() -> None:
        for messages in (await consumer.getmany(timeout_ms=200)).values():
            found.extend(message.value for message in messages)

    await until(lambda: len(found) >= count, more)
    return found


async def test_produce_and_consume_in_a_group(make: Make) -> None:
    """What a producer was confirmed, a group reads; a second reader of the group goes on at the commit."""
    producer = await make("producer")
    sent = await asyncio.gather(*[await producer.send("t", b"%d" % n, key=b"%d" % n) for n in range(300)])
    assert len({(one.partition, one.offset) for one in sent}) == 300
    consumer = await make("consumer", "t", group_id="g")
    assert sorted(await read(consumer, 300)) == sorted(b"%d" % n for n in range(300))
    await consumer.commit()
    await consumer.stop()
    await producer.send_and_wait("t", b"later")
    again = await make("consumer", "t", group_id="g")
    assert await read(again, 1) == [b"later"]


async def test_batch_to_an_explicit_partition(make: Make) -> None:
    """A batch lands whole at consecutive offsets, and its answer is its first offset."""
    producer = await make("producer")
    for start in (0, 3):
        batch = producer.create_batch()
        for _ in range(3):
            batch.append(key=b"k", value=b"v", timestamp=None)
        batch.close()
        answer = await (await producer.send_batch(batch, "t", partition=4))
        assert (answer.partition, answer.offset) == (4, start)


async def test_groupless_reader_reads_to_the_end(make: Make) -> None:
    """Ends and beginnings are told, also by time, and a seek leads to any record."""
    producer = await make("producer")
    for n in range(20):
        await producer.send_and_wait("t", b"%d" % n, partition=1, timestamp_ms=1000 + 10 * n)
    place = TopicPartition("t", 1)
    reader = await make("consumer", group_id=None)
    reader.assign([place])
    assert await reader.end_offsets([place]) == {place: 20}
    assert await reader.beginning_offsets([place]) == {place: 0}
    found = await reader.offsets_for_times({place: 1101})
    assert found[place].offset == 11
    assert (await reader.offsets_for_times({place: 5000}))[place] is None
    reader.seek(place, 15)
    assert await read(reader, 5) == [b"%d" % n for n in range(15, 20)]


async def test_three_consumers_share_and_take_over(make: Make) -> None:
    """Every partition has one reader while members come and go, and none is forgotten."""
    members = [await make("consumer", "t", group_id="g") for _ in range(3)]

    def shared(of: list[Any], count: int) -> bool:
        held = [place for member in of for place in member.assignment()]
        return len(held) == len(set(held)) == 6 and all(len(member.assignment()) == count for member in of)

    async def poll() -> None:
        await asyncio.gather(*(member.getmany(timeout_ms=20) for member in members))

    await until(lambda: shared(members, 2), poll)
    await members.pop().stop()
    await until(lambda: shared(members, 3), poll)
    # A crash, as the broker sees it: the socket closes and nobody says goodbye.
    crashed = members.pop()
    crashed._coordinator._coordination_task.cancel()
    crashed._coordinator._heartbeat_task.cancel()
    for connection in list(crashed._client._conns.values()):
        connection.close()
    await until(lambda: shared(members, 6), poll)


async def test_records_flow_on_through_rebalances(make: Make) -> None:
    """Each record is read at least once by a group whose members change while records come."""
    producer = await make("producer")
    members = [await make("consumer", "t", group_id="g")]
    found: set[bytes] = set()

    async def poll() -> None:
        for member in members:
            batches = await member.getmany(timeout_ms=20)
            for place, messages in batches.items():
                found.update(message.value for message in messages)
                try:
                    await member.commit({place: messages[-1].offset + 1})
                except CommitFailedError:
                    continue  # its reader is another by now, and reads it again

    for n in range(150):
        await producer.send("t", b"%d" % n)
        if n in {30, 60}:
            members.append(await make("consumer", "t", group_id="g"))
        if n == 100:
            await members.pop(0).stop()
        if n % 10 == 0:
            await poll()
    await producer.flush()
    await until(lambda: len(found) == 150, poll)


async def test_static_member_takes_its_predecessors_place(make: Make, broker: Broker) -> None:
    """A process that comes back under its static name moves nobody; the one before it is fenced."""
    first = await make("consumer", "t", group_id="g", group_instance_id="one")
    other = await make("consumer", "t", group_id="g", group_instance_id="two")

    async def poll() -> None:
        await asyncio.gather(first.getmany(timeout_ms=20), other.getmany(timeout_ms=20))

    await until(lambda: len(first.assignment()) == len(other.assignment()) == 3, poll)
    group = broker._coordinator.groups["g"]
    generation, held = group.generation, first.assignment()
    again = await make("consumer", "t", group_id="g", group_instance_id="one")
    assert again.assignment() == held
    assert group.generation == generation
    with pytest.raises(KafkaError):
        await first.commit({next(iter(held)): 1})
    await again.commit({next(iter(held)): OffsetAndMetadata(1, "said")})
    assert (await again.committed(next(iter(held)))) == 1


async def test_restart_keeps_records_offsets_and_groups(tmp_path: Path) -> None:
    """A broker that stops and starts again has everything that it confirmed; clients go on by themselves."""
    broker = Broker(tmp_path / "log")
    await broker.start()
    await broker._store.create(design("t", 2, {}))
    where = {"bootstrap_servers": f"127.0.0.1:{broker.port}"}
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **where)
    await producer.start()
    consumer = AIOKafkaConsumer(
        "t", group_id="g", auto_offset_reset="earliest", enable_auto_commit=False, metadata_max_age_ms=500, **where
    )
    await consumer.start()
    await asyncio.gather(*[await producer.send("t", b"%d" % n) for n in range(50)])
    await read(consumer, 50)
    await consumer.commit()
    await broker.stop()
    broker = Broker(tmp_path / "log", port=broker.port)
    await broker.start()
    await producer.send_and_wait("t", b"after")
    assert await read(consumer, 1) == [b"after"]
    ends = await consumer.end_offsets([TopicPartition("t", n) for n in range(2)])
    assert sum(ends.values()) == 51
    await consumer.stop()
    await producer.stop()
    await broker.stop()


async def test_kafka_python_producer_and_consumers(broker: Broker) -> None:
    """kafka-python's own clients work in a group of two, with idempotence and compression."""
    where = f"127.0.0.1:{broker.port}"

    def run() -> None:
        producer = KafkaProducer(bootstrap_servers=where, acks="all", compression_type="gzip")
        sent = [producer.send("t", b"%d" % n, key=b"%d" % n, headers=[("h", b"1")]) for n in range(500)]
        producer.flush(20)
        assert len({(one.get(1).partition, one.get(1).offset) for one in sent}) == 500
        producer.close()
        consumers = [
            KafkaConsumer(
                "t", bootstrap_servers=where, group_id="kp", auto_offset_reset="earliest", enable_auto_commit=False
            )
            for _ in range(2)
        ]
        found: set[bytes] = set()
        while len(found) < 500 or any(len(one.assignment()) != 3 for one in consumers):
            for consumer in consumers:
                for messages in consumer.poll(timeout_ms=50).values():
                    found |= {message.value for message in messages}
        for consumer in consumers:
            consumer.commit()
            consumer.close()

    await asyncio.to_thread(run)
    await until(lambda: sum(one.offset for one in broker._store.offsets.of("kp").values()) == 500)


async def test_admin(broker: Broker, make: Make) -> None:
    """kafka-python's admin makes, describes and deletes topics and groups, and hears clear refusals."""
    member = await make("consumer", "t", group_id="busy")
    await member.commit({TopicPartition("t", 0): 0})

    def run() -> None:
        admin = KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{broker.port}")
        admin.create_topics([NewTopic("made", 3, 1, topic_configs={"retention.ms": "1000"})])
        with pytest.raises(TopicAlreadyExistsError):
            admin.create_topics([NewTopic("made", 3, 1)])
        with pytest.raises(InvalidConfigurationError):
            admin.create_topics([NewTopic("other", 3, 1, topic_configs={"retention.weeks": "1"})])
        assert set(admin.list_topics()) == {"t", "made"}
        (described,) = admin.describe_topics(["made"])
        assert len(described["partitions"]) == 3
        configs = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "made")])
        assert "'value': '1000'" in str(configs)
        assert admin.describe_cluster()["brokers"]
        (group,) = admin.list_groups()
        assert group["group_id"] == "busy"
        assert admin.describe_groups(["busy"])["busy"]["group_state"] == "Stable"
        assert admin.list_group_offsets("busy")["busy"][Place("t", 0)].offset == 0
        refused = dict(admin.delete_groups(["busy", "never"]))
        assert "NonEmptyGroup" in str(refused["busy"])
        assert "GroupIdNotFound" in str(refused["never"])
        admin.delete_topics(["made"])
        assert admin.list_topics() == ["t"]
        admin.close()

    await asyncio.to_thread(run)
    await member.stop()

    def afterwards() -> None:
        admin = KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{broker.port}")
        assert admin.list_group_offsets("busy")["busy"][Place("t", 0)].offset == 0
        admin.delete_groups(["busy"])
        assert admin.list_groups() == []
        admin.close()

    await asyncio.to_thread(afterwards)


async def test_unknown_topic_is_not_made_by_asking(broker: Broker) -> None:
    """A misspelt topic is an error, not a new topic."""
    reader = AIOKafkaConsumer(bootstrap_servers=f"127.0.0.1:{broker.port}", group_id=None)
    await reader.start()
    reader.subscribe(["mispelt"])
    await asyncio.sleep(0.2)
    assert await reader.topics() == {"t"}
    await reader.stop()
    assert list(broker._store.topics) == ["t"]
