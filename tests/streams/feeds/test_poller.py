"""Polling against a site on this machine; the log is a list."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from tocsin.streams.feeds.poller import Poller
from tocsin.streams.records import Article, Feed, FeedState, Notice


class Site:
    """Answers each path with what a test put there: a body, a status or a function."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.asked: list[web.Request] = []
        self.base = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        answer = self.answers.get(request.path, 404)
        if callable(answer):
            return await answer(request)
        if isinstance(answer, int):
            return web.Response(status=answer)
        return web.Response(body=answer, content_type="application/rss+xml")


class Log:
    """What the poller did, in order; `hold` stops it before a confirmation, `fail` breaks it."""

    def __init__(self) -> None:
        self.done: list[tuple[str, object]] = []
        self.states: dict[str, FeedState | None] = {}
        self.hold = asyncio.Event()
        self.hold.set()
        self.fail: Exception | None = None

    async def publish(self, articles: Sequence[Article]) -> None:
        await self.hold.wait()
        if self.fail:
            raise self.fail
        self.done += [("article", article) for article in articles]

    async def save(self, feed: str, state: FeedState | None) -> None:
        self.done.append(("state", feed))
        self.states[feed] = state

    @property
    def articles(self) -> list[Article]:
        return [what for kind, what in self.done if kind == "article"]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


def rss(*titles: str) -> bytes:
    items = "".join(
        f"<item><guid>{t}</guid><title>{t}</title><link>https://x.example/{t}</link></item>" for t in titles
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


@asynccontextmanager
async def polling(
    log: Log, feeds: list[Feed], states: dict[str, FeedState] | None = None, notices: list[Notice] | None = None
) -> AsyncIterator[Poller]:
    told = [] if notices is None else notices
    poller = Poller(bootstrap="", allow=["127.0.0.0/8"], log_to=log, notify=told.append)
    for feed in feeds:
        poller.change(feed.id, feed)
    poller.begin(states or {})
    stop = asyncio.Event()
    task = asyncio.create_task(poller.poll_until(stop))
    try:
        yield poller
    finally:
        stop.set()
        await task
        await poller.close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def feed(site: Site, path: str = "/f", **more) -> Feed:
    return Feed(**{"id": path, "url": site.base + path, "every": 0.02} | more)


async def test_new_entries_are_published_before_the_state_is_saved(site: Site) -> None:
    site.answers["/f"] = rss("b", "a")
    log = Log()
    async with polling(log, [feed(site)]):
        await until(lambda: log.states)
    assert [kind for kind, _ in log.done[:3]] == ["article", "article", "state"]
    assert [article.title for article in log.articles] == ["a", "b"]


async def test_validators_do_not_advance_until_the_log_has_confirmed(site: Site) -> None:
    """A kill before the confirmation repeats the entry, and loses none."""
    site.answers["/f"] = rss("a")
    log = Log()
    log.hold.clear()
    async with polling(log, [feed(site)]):
        await until(lambda: site.asked)
        await asyncio.sleep(0.1)
        assert (log.done, len(site.asked)) == ([], 1)
        log.hold.set()
        await until(lambda: log.states)
    assert len(log.articles) == 1


async def test_a_restart_goes_on_where_the_saved_state_stands(site: Site) -> None:
    site.answers["/f"] = rss("a")
    log = Log()
    async with polling(log, [feed(site)]):
        await until(lambda: log.states)
    site.answers["/f"] = rss("b", "a")
    async with polling(log, [feed(site)], dict(log.states)):
        await until(lambda: len(log.articles) == 2)
    assert [(article.title, article.baseline) for article in log.articles] == [("a", True), ("b", False)]


async def test_a_feed_that_answers_304_is_asked_with_its_validators(site: Site) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("if-none-match") == '"1"':
            return web.Response(status=304)
        return web.Response(body=rss("a"), headers={"etag": '"1"'})

    site.answers["/f"] = answer
    log = Log()
    async with polling(log, [feed(site)]):
        await until(lambda: len(site.asked) > 3)
    assert [request.headers.get("if-none-match") for request in site.asked[:3]] == [None, '"1"', '"1"']
    assert log.states["/f"].reason == "not-modified"
    assert len(log.articles) == 1


async def test_the_operators_pace_is_kept(site: Site) -> None:
    """A feed that is to be asked each hour is asked once, not again at once."""
    site.answers |= {"/f": rss("a"), "/g": rss("b")}
    log = Log()
    async with polling(log, [feed(site, every=3600), feed(site, "/g")]):
        await until(lambda: len(site.asked) > 5)
    assert [request.path for request in site.asked].count("/f") == 1


async def test_failing_and_recovering_is_said_once_each(site: Site) -> None:
    site.answers["/f"] = 500
    log, notices = Log(), []
    async with polling(log, [feed(site, url=f"{site.base}/f?key=T0KEN")], notices=notices):
        await until(lambda: len(site.asked) > 5)
        assert [notice.what for notice in notices] == ["feed-failing"]
        site.answers["/f"] = rss("a")
        await until(lambda: log.articles)
        await until(lambda: len(notices) > 1)
    assert [notice.what for notice in notices] == ["feed-failing", "feed-recovered"]
    assert "T0KEN" not in repr(notices)


async def test_what_is_no_feed_is_a_failure_by_name(site: Site) -> None:
    site.answers["/f"] = b"<html><body>Welcome</body></html>"
    log = Log()
    async with polling(log, [feed(site)]):
        await until(lambda: log.states)
    assert (log.states["/f"].reason, log.states["/f"].etag) == ("not-a-feed", None)


async def test_a_quiet_feed_is_said_once(site: Site) -> None:
    site.answers["/f"] = 304

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=304)

    site.answers["/f"] = answer
    old = datetime(2020, 1, 1, tzinfo=UTC)
    state = FeedState(feed="/f", etag='"1"', polls=2, interval=200.0, last_new=old, last_success=old)
    log, notices = Log(), []
    async with polling(log, [feed(site)], {"/f": state}, notices):
        await until(lambda: len(site.asked) > 4)
    assert [notice.what for notice in notices] == ["feed-quiet"]


async def test_a_host_has_one_request_at_a_time(site: Site) -> None:
    running, most = [], []

    async def answer(request: web.Request) -> web.Response:
        running.append(request)
        most.append(len(running))
        await asyncio.sleep(0.02)
        running.remove(request)
        return web.Response(body=rss("a"))

    paths = [f"/{number}" for number in range(5)]
    site.answers |= dict.fromkeys(paths, answer)
    log = Log()
    async with polling(log, [feed(site, path) for path in paths]):
        await until(lambda: len(log.states) == 5)
    assert max(most) == 1


async def test_a_slow_site_does_not_hold_up_another(site: Site) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    site.answers |= {"/slow": hang, "/f": rss("a")}
    log = Log()
    slow = Feed(id="slow", url=site.base.replace("127.0.0.1", "127.0.0.2") + "/slow")
    fast = feed(site)
    async with polling(log, [Feed(id="dead", url="http://127.0.0.3:1/"), slow, fast]):
        await until(lambda: "/f" in log.states)
    assert len(log.articles) == 1


async def test_a_feed_added_later_is_polled_and_one_taken_away_is_not(site: Site) -> None:
    site.answers |= {"/f": rss("a"), "/g": rss("b")}
    log = Log()
    async with polling(log, [feed(site)]) as poller:
        await until(lambda: log.states)
        poller.change("/g", feed(site, "/g"))
        await until(lambda: "/g" in log.states)
        poller.change("/f", None)
        await until(lambda: log.states["/f"] is None)
        asked = sum(request.path == "/f" for request in site.asked)
        count = len(site.asked)
        await until(lambda: len(site.asked) > count + 3)
    assert sum(request.path == "/f" for request in site.asked) <= asked + 1
    assert log.states["/f"] is None


async def test_another_address_under_the_same_id_begins_anew(site: Site) -> None:
    site.answers |= {"/f": rss("a"), "/g": rss("b")}
    log = Log()
    async with polling(log, [feed(site)]) as poller:
        await until(lambda: log.states)
        poller.change("/f", feed(site, url=f"{site.base}/g"))
        await until(lambda: len(log.articles) == 2)
    assert [article.baseline for article in log.articles] == [True, True]


async def test_a_fault_in_one_feed_does_not_stop_the_poller(site: Site) -> None:
    site.answers |= {"/f": rss("a"), "/g": 404}
    log = Log()
    log.fail = RuntimeError("broken")
    async with polling(log, [feed(site), feed(site, "/g", url=f"{site.base}/g")]):
        await until(lambda: len(log.states) == 2)
        assert log.states["/f"].reason == "crashed"
        log.fail = None
        await until(lambda: log.articles)


async def test_unreachable_means_that_no_feed_gave_any_answer(site: Site) -> None:
    log = Log()
    dead = Feed(id="d", url="http://127.0.0.1:1/", every=0.02)
    async with polling(log, [dead]) as poller:
        assert not poller.unreachable
        await until(lambda: poller.unreachable)
        poller.change("/f", feed(site))
        await until(lambda: not poller.unreachable)
    assert log.states["/f"].reason == "not-found"


async def test_a_poller_without_feeds_is_not_unreachable() -> None:
    async with polling(Log(), []) as poller:
        await asyncio.sleep(0.05)
        assert not poller.unreachable
        assert poller.progress > 0
