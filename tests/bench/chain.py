"""The whole chain on the embedded broker: start-up, memory, throughput, latency. Prints; asserts nothing.

Throughput is printed beside a floor of the same run: one plain aiokafka loop that copies the same articles from one
topic of the same broker to another.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from kafka import KafkaProducer

from tests.bench.corpus import COUNTRIES, articles, queries
from tests.chain.newsroom import SECRET, Newsroom
from tests.chain.tree import Tree
from tocsin.streams.admin import ensure_topics, lags
from tocsin.streams.codec import encode
from tocsin.streams.kafka import Kafka
from tocsin.streams.records import Article, content_id
from tocsin.streams.topics import ARTICLES, Topic

COPY = Topic(name="bench.copy.v1", key="article id", record=Article)
SECONDS_PER_TICK = 1 / os.sysconf("SC_CLK_TCK")


def processes(tree: Tree) -> dict[str, int]:
    return {"supervisor+broker": tree.process.pid, **{role: pid for pid, role in tree.children().items()}}


def memory(pid: int) -> tuple[float, float]:
    """Return a process's resident and proportional memory in MB."""
    found = {"Rss": 0, "Pss": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in found:
            found[name] = int(rest.split()[0])
    return found["Rss"] / 1024, found["Pss"] / 1024


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * SECONDS_PER_TICK


def publish(bootstrap: str, made: list[Article], pause: float = 0.0) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5, batch_size=131072)
    for article in made:
        fresh = msgspec.structs.replace(article, first_seen=datetime.now(UTC))
        producer.send(ARTICLES.name, key=fresh.id.encode(), value=encode(fresh))
        if pause:
            producer.flush()
            time.sleep(pause)
    producer.flush()
    producer.close()


def drained(bootstrap: str) -> None:
    while any(lag.waiting for lag in lags(bootstrap)):
        time.sleep(0.1)


def settings(directory: Path, room: Newsroom, count: int) -> Path:
    lines = [f'[endpoint.hook]\nchannel = "webhook"\nurl = "{room.url}/hook"\nsecrets = ["{SECRET}"]\n']
    lines += [f'[[feed]]\nurl = "{room.url}/none.xml"\nevery = 3600.0\n']
    for query in ["topic:expulsion", *queries(count - 1)]:
        escaped = query.replace('"', '\\"')
        lines.append(f'[[subscription]]\nquery = "{escaped}"\nseverity = "high"\n')
    path = directory / "tocsin.toml"
    path.write_text("\n".join(lines))
    return path


async def plain_copy(bootstrap: str, count: int) -> float:
    """Copy the articles with a plain aiokafka loop; return articles per second."""
    kafka = Kafka(bootstrap=bootstrap)
    consumer, producer = kafka.group_consumer("bench"), kafka.producer()
    consumer.subscribe([ARTICLES.name])
    await consumer.start()
    await producer.start()
    began = time.monotonic()
    done = 0
    while done < count:
        for messages in (await consumer.getmany(timeout_ms=500, max_records=256)).values():
            sent = [await producer.send(COPY.name, key=m.key, value=m.value) for m in messages]
            await asyncio.gather(*sent)
            await consumer.commit()
            done += len(messages)
    seconds = time.monotonic() - began
    await consumer.stop()
    await producer.stop()
    return count / seconds


def throughput(bootstrap: str, tree: Tree, words: int, count: int, seed: int) -> None:
    made = articles(count, words, seed=seed)
    before = {role: cpu(pid) for role, pid in processes(tree).items()}
    began = time.monotonic()
    publish(bootstrap, made)
    drained(bootstrap)
    seconds = time.monotonic() - began
    spent = {role: cpu(pid) - before[role] for role, pid in processes(tree).items()}
    parts = ", ".join(f"{role} {used:.1f}" for role, used in spent.items())
    print(f"throughput, {words} words: {count / seconds:,.0f} articles/s end to end; "
          f"{count / sum(spent.values()):,.0f} per CPU-second ({parts} CPU-s)")  # fmt: skip


def latency(bootstrap: str, room: Newsroom, seconds: int, rate: int) -> None:
    """Publish matching articles at a rate, each a story of its own; measure from receipt to the webhook."""
    base = articles(seconds * rate, 500, matching=0.0, seed=77)
    made = []
    for number, article in enumerate(base):
        first, second = divmod(number, 30)
        title = f"Russia expels {number + 2} {COUNTRIES[second]} diplomats, {first + 1}"
        lead = f"Russia expelled {number + 2} diplomats of {COUNTRIES[second]} on day {number}, officials said."
        fresh = msgspec.structs.replace(article, title=title, text=f"{lead}\n\n{article.text}", id=content_id(title))
        made.append(fresh)
    room.received.clear()
    sent: dict[str, float] = {}
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for article in made:
        at = datetime.now(UTC)
        sent[article.title] = at.timestamp()
        value = encode(msgspec.structs.replace(article, first_seen=at))
        producer.send(ARTICLES.name, key=article.id.encode(), value=value)
        producer.flush()
        time.sleep(max(0.0, 1 / rate - (time.time() - at.timestamp())))
    producer.close()
    drained(bootstrap)
    time.sleep(2)
    took = sorted(
        one.at - sent[one.body["data"]["headline"]] for one in room.received if one.body["data"]["headline"] in sent
    )
    if not took:
        print("latency: no alert came")
        return
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    print(f"latency received to accepted at {rate}/s, {len(took)} alerts of {len(made)} articles: "
          f"p50 {statistics.median(took):.3f} s, p99 {p99:.3f} s, worst {took[-1]:.3f} s")  # fmt: skip


def main(workers: str = "1") -> None:
    room = Newsroom()
    room.feeds["/none.xml"] = []
    with tempfile.TemporaryDirectory() as name, contextlib.closing(room):
        directory = Path(name)
        config = settings(directory, room, 1000)
        began = time.monotonic()
        tree = Tree("run", "--config", str(config), "--data", str(directory / "data"), "--listen", "127.0.0.1:0",
                    "--allow-net", "127.0.0.0/8", "--workers", workers)  # fmt: skip
        try:
            tree.wait_for("ready", 60)
            print(f"start-up to ready, 1,000 subscriptions: {time.monotonic() - began:.2f} s")
            bootstrap = (directory / "data" / "broker").read_text()
            ensure_topics(bootstrap, [COPY])
            throughput(bootstrap, tree, 230, 2000, 3)
            throughput(bootstrap, tree, 500, 2000, 4)
            print(
                f"floor, plain aiokafka copy of the same articles: {asyncio.run(plain_copy(bootstrap, 4000)):,.0f} articles/s"
            )
            latency(bootstrap, room, 30, 20)
            rss, pss = 0.0, 0.0
            for role, pid in processes(tree).items():
                resident, proportional = memory(pid)
                rss, pss = rss + resident, pss + proportional
                print(f"memory {role}: {resident:.0f} MB resident, {proportional:.0f} MB proportional")
            print(f"memory in all: {rss:.0f} MB resident, {pss:.0f} MB proportional")
        finally:
            tree.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
