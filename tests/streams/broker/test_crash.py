"""The broker is killed while clients write: everything that it confirmed is there afterwards, in order, once."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from tocsin.streams.broker.catalogue import design
from tocsin.streams.broker.server import Broker

CODE = """
import asyncio, pathlib, sys
from tocsin.streams.broker.server import Broker

async def main():
    broker = Broker(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]))
    await broker.start()
    print(broker.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
KILLS = 4
PARTITIONS = 3


async def start(directory: Path, port: int) -> tuple[asyncio.subprocess.Process, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CODE, str(directory), str(port), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = await process.stdout.readline()
    return process, int(line)


async def write(port: int, confirmed: list[dict[int, int]], stop: asyncio.Event) -> None:
    """Write numbers to each partition, one after the other, and note where each was confirmed."""
    producer = AIOKafkaProducer(
        bootstrap_servers=f"127.0.0.1:{port}", acks="all", enable_idempotence=True, linger_ms=0, retry_backoff_ms=20
    )
    await producer.start()

    async def one(partition: int) -> None:
        number = 0
        while not stop.is_set():
            try:
                sent = await producer.send_and_wait("t", b"%d" % number, partition=partition)
            except KafkaError:
                return
            confirmed[partition][number] = sent.offset
            number += 1

    await asyncio.gather(*(one(partition) for partition in range(PARTITIONS)))
    await producer.stop()


async def test_kill_9_under_load(tmp_path: Path) -> None:
    """After each of several kills every confirmed record stands at its offset, none twice, and offsets go on."""
    directory = tmp_path / "log"
    prepared = Broker(directory)
    await prepared.start()
    await prepared._store.create(design("t", PARTITIONS, {"segment.bytes": "20000"}))
    port = prepared.port
    await prepared.stop()
    confirmed: list[dict[int, int]] = [{} for _ in range(PARTITIONS)]
    chance = random.Random(11)
    process, port = await start(directory, port)
    stop = asyncio.Event()
    writing = asyncio.create_task(write(port, confirmed, stop))
    for _ in range(KILLS):
        goal = len(confirmed[0]) + 40 + chance.randrange(100)
        while len(confirmed[0]) < goal and not writing.done():
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await process.wait()
        process, _ = await start(directory, port)
    stop.set()
    await writing
    consumer = AIOKafkaConsumer(bootstrap_servers=f"127.0.0.1:{port}", group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    places = [TopicPartition("t", number) for number in range(PARTITIONS)]
    consumer.assign(places)
    ends = await consumer.end_offsets(places)
    found: list[dict[int, int]] = [{} for _ in range(PARTITIONS)]
    while any(sum(1 for _ in found[place.partition]) < ends[place] for place in places):
        for place, messages in (await consumer.getmany(timeout_ms=500)).items():
            found[place.partition].update({message.offset: int(message.value) for message in messages})
    await consumer.stop()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    for partition in range(PARTITIONS):
        assert len(confirmed[partition]) >= KILLS * 40 or partition
        for number, offset in confirmed[partition].items():
            assert found[partition][offset] == number
        values = [found[partition][offset] for offset in sorted(found[partition])]
        assert values == sorted(set(values)), "written twice, or out of order"
