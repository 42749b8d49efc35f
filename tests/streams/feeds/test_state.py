"""The poller's side of the log, on the embedded broker."""

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from kafka import KafkaConsumer

from tocsin.streams.admin import ensure_topics, partitions_of, read_all
from tocsin.streams.broker.server import Broker
from tocsin.streams.codec import decode
from tocsin.streams.feeds.poller import Poller
from tocsin.streams.feeds.state import ClosedError, FeedList, KafkaLog
from tocsin.streams.records import Article, Feed, FeedState
from tocsin.streams.topics import ARTICLES, FEED_STATE, FEEDS, Topic

# kafka-python leaves the sockets of refused connections to the garbage collector.
LEAKY = pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
NOW = datetime(2022, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path / "log", port=0)
    await broker.start()
    await asyncio.to_thread(ensure_topics, f"127.0.0.1:{broker.port}", [ARTICLES, FEEDS, FEED_STATE])
    yield broker
    await broker.stop()


@pytest.fixture
def bootstrap(broker: Broker) -> str:
    return f"127.0.0.1:{broker.port}"


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.02)


async def whole(bootstrap: str, topic: Topic) -> list:
    def read() -> list:
        consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
        try:
            assert partitions_of(topic)
            return list(read_all(consumer, topic))
        finally:
            consumer.close(autocommit=False)

    return await asyncio.to_thread(read)


async def put_feed(bootstrap: str, key: str, feed: Feed | None) -> None:
    """Write to the list as a person's command does."""
    log = KafkaLog(bootstrap)
    await log._send([(FEEDS, key, feed)])
    await log.close()


def article(number: int) -> Article:
    return Article(id=f"a{number}", url="https://x.example/", source="X", title=f"T{number}", first_seen=NOW)


async def test_articles_are_keyed_by_id_with_schema_and_a_trace_of_their_own(bootstrap: str) -> None:
    log = KafkaLog(bootstrap)
    await log.publish([article(number) for number in range(20)])
    await log.close()
    found = await whole(bootstrap, ARTICLES)
    assert {message.key.decode(): decode(Article, message.value).title for message in found} == {
        f"a{number}": f"T{number}" for number in range(20)
    }
    headers = [dict(message.headers) for message in found]
    assert {header["schema"] for header in headers} == {b"Article/1"}
    assert len({header["traceparent"] for header in headers}) == 20
    assert all(len(header["traceparent"].split(b"-")) == 4 for header in headers)


async def test_states_come_back_as_they_were_saved_and_a_deleted_one_does_not(bootstrap: str) -> None:
    log = KafkaLog(bootstrap)
    await log.save("f", FeedState(feed="f", polls=1))
    await log.save("f", FeedState(feed="f", polls=2, seen={"k": "a:0:h"}))
    await log.save("g", FeedState(feed="g"))
    await log.save("g", None)
    await log.close()
    feeds = FeedList(bootstrap, lambda *_: None)
    await feeds.start()
    await feeds.close()
    assert feeds.states == {"f": FeedState(feed="f", polls=2, seen={"k": "a:0:h"})}


async def test_the_list_is_whole_at_start_and_changes_arrive_alive(bootstrap: str) -> None:
    first, second = Feed(id="f", url="https://f.example/"), Feed(id="g", url="https://g.example/")
    await put_feed(bootstrap, "f", first)
    changes: list = []
    feeds = FeedList(bootstrap, lambda *change: changes.append(change))
    await feeds.start()
    assert changes == [("f", first)]
    await put_feed(bootstrap, "g", second)
    await put_feed(bootstrap, "f", None)
    await until(lambda: len(changes) == 3)
    await feeds.close()
    assert changes[1:] == [("g", second), ("f", None)]


async def test_closing_ends_a_wait_for_a_broker_that_is_away() -> None:
    log = KafkaLog("127.0.0.1:1")
    feeds = FeedList("127.0.0.1:1", lambda *_: None)
    waiting = [asyncio.create_task(log.publish([article(1)])), asyncio.create_task(feeds.start())]
    await asyncio.sleep(0.1)
    # A client that finds no broker leaves a thread behind: none may be made at each try.
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("kafka-io")]
    await asyncio.gather(log.close(), feeds.close())
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [ClosedError, ClosedError]


@LEAKY
async def test_a_publish_waits_for_the_broker_to_come_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "kafka")  # a captured record would keep its sockets beyond this test
    first = Broker(tmp_path / "log", port=0)
    await first.start()
    port = first.port
    bootstrap = f"127.0.0.1:{port}"
    await asyncio.to_thread(ensure_topics, bootstrap, [ARTICLES])
    log = KafkaLog(bootstrap)
    await log.publish([article(1)])
    await first.stop()
    waiting = asyncio.create_task(log.publish([article(2)]))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    second = Broker(tmp_path / "log", port=port)
    await second.start()
    await waiting
    await log.close()
    assert {message.key for message in await whole(bootstrap, ARTICLES)} == {b"a1", b"a2"}
    await second.stop()
    del log, waiting
    gc.collect()


async def test_the_whole_poller_from_the_feed_list_to_the_articles(bootstrap: str) -> None:
    """A feed put on the list while the poller runs is polled, published, saved, and known after a restart."""
    titles = ["one"]

    async def answer(_: web.Request) -> web.Response:
        items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
        return web.Response(text=f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>")

    app = web.Application()
    app.router.add_get("/f", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    feed = Feed(id="f", url=f"http://127.0.0.1:{runner.addresses[0][1]}/f", every=0.1)
    for new in ("two", "three"):
        poller = Poller(bootstrap=bootstrap, allow=["127.0.0.0/8"])
        stop = asyncio.Event()
        running = asyncio.create_task(poller.run(stop))
        await asyncio.wait_for(poller.ready.wait(), 20)
        if new == "two":
            await put_feed(bootstrap, "f", feed)
        await until(lambda poller=poller: poller._states.get("f") is not None and poller._states["f"].polls)
        titles.append(new)
        await until(lambda poller=poller: len(poller._states["f"].seen) == len(titles))
        stop.set()
        await running
    await runner.cleanup()
    found = [decode(Article, message.value) for message in await whole(bootstrap, ARTICLES)]
    assert sorted((one.title, one.baseline, one.revision) for one in found) == [
        ("one", True, 0), ("three", False, 0), ("two", False, 0),
    ]  # fmt: skip
