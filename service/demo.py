"""The demonstration's publishers: invented news, served as RSS and Atom from this machine while time passes.

The set and what it must lead to stand in `demo_articles.toml`.
"""

from __future__ import annotations

import html
import time
import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib import resources
from typing import Literal
from xml.sax.saxutils import escape

import msgspec
from aiohttp import web

from tocsin.service.health import serve
from tocsin.streams.records import content_id

HOST = "127.0.0.1"


class Publisher(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One newsroom and the form of its feed."""

    id: str
    name: str
    format: Literal["rss", "atom"]


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is reported; `alerts` holds the topics whose subscribers must be told, once."""

    id: str
    alerts: tuple[str, ...] = ()


class DemoArticle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One report; `at` is in seconds after the start, at speed 1."""

    id: str
    publisher: str
    story: str
    at: float
    title: str
    text: str


class DemoSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    publishers: tuple[Publisher, ...] = msgspec.field(name="publisher")
    stories: tuple[Story, ...] = msgspec.field(name="story")
    articles: tuple[DemoArticle, ...] = msgspec.field(name="article")


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """How many first alerts the subscription to a topic must get in all, and for which stories."""

    topic: str
    stories: tuple[str, ...]

    @property
    def alerts(self) -> int:
        """One alert a story, however many articles report it."""
        return len(self.stories)


def demo_set() -> DemoSet:
    """Read the set from the package; msgspec.ValidationError names the place of a fault."""
    text = resources.files("tocsin.service").joinpath("demo_articles.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), DemoSet)


def expected_of(known: DemoSet) -> tuple[Expected, ...]:
    """Return what a set must lead to, by topic, in the order of the alphabet."""
    topics = sorted({topic for story in known.stories for topic in story.alerts})
    return tuple(
        Expected(topic=topic, stories=tuple(story.id for story in known.stories if topic in story.alerts))
        for topic in topics
    )


class DemoFeeds:
    """Serves the feeds on a free port of the loopback address. `speed` 2 tells the minute in half of one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"speed {speed:g} is not above 0; 1 tells the story in a minute, 10 in six seconds")
        self._clock = clock
        self._speed = speed
        self._set = demo_set()
        self.expected: tuple[Expected, ...] = expected_of(self._set)
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._began = 0.0
        self._day = datetime.now(UTC)

    async def start(self) -> list[str]:
        """Begin to listen and to count time; return the feeds' URLs."""
        app = web.Application()
        app.router.add_get("/{publisher}/feed.xml", self._feed)
        app.router.add_get("/{publisher}/{article}.html", self._page)
        self._runner, self._port = await serve(app, HOST, 0)
        self._began = self._clock()
        self._day = datetime.now(UTC).replace(microsecond=0)
        return [f"{self._home(publisher)}/feed.xml" for publisher in self._set.publishers]

    async def stop(self) -> None:
        """Stop to listen."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _home(self, publisher: Publisher) -> str:
        return f"http://{HOST}:{self._port}/{publisher.id}"

    def _told(self, publisher: Publisher) -> list[DemoArticle]:
        """Return what a publisher has published so far, the newest first."""
        passed = (self._clock() - self._began) * self._speed
        told = [one for one in self._set.articles if one.publisher == publisher.id and one.at <= passed]
        return sorted(told, key=lambda one: -one.at)

    def _publisher(self, request: web.Request) -> Publisher:
        wanted = request.match_info["publisher"]
        for publisher in self._set.publishers:
            if publisher.id == wanted:
                return publisher
        raise web.HTTPNotFound

    def _published(self, article: DemoArticle) -> datetime:
        return self._day + timedelta(seconds=int(article.at / self._speed))

    async def _feed(self, request: web.Request) -> web.Response:
        publisher = self._publisher(request)
        told = self._told(publisher)
        etag = content_id(publisher.id, *(one.id for one in told))
        if any(one.value in {etag, "*"} for one in request.if_none_match or ()):
            return web.Response(status=304, headers={"ETag": f'"{etag}"'})
        if publisher.format == "atom":
            body, content_type = self._atom(publisher, told), "application/atom+xml"
        else:
            body, content_type = self._rss(publisher, told), "application/rss+xml"
        return web.Response(text=body, content_type=content_type, charset="utf-8", headers={"ETag": f'"{etag}"'})

    async def _page(self, request: web.Request) -> web.Response:
        publisher = self._publisher(request)
        for article in self._told(publisher):
            if article.id == request.match_info["article"]:
                return web.Response(text=_html(publisher, article), content_type="text/html", charset="utf-8")
        raise web.HTTPNotFound

    def _rss(self, publisher: Publisher, told: Sequence[DemoArticle]) -> str:
        home = self._home(publisher)
        items = "".join(
            f"<item><title>{escape(one.title)}</title><link>{home}/{one.id}.html</link>"
            f'<guid isPermaLink="false">{one.id}</guid><pubDate>{format_datetime(self._published(one))}</pubDate>'
            f"<description>{escape(_paragraphs(one))}</description></item>\n"
            for one in told
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
            f"<title>{escape(publisher.name)}</title><link>{home}/</link>"
            f"<description>Invented news of {escape(publisher.name)}</description><language>en</language>\n"
            f"{items}</channel></rss>\n"
        )

    def _atom(self, publisher: Publisher, told: Sequence[DemoArticle]) -> str:
        home = self._home(publisher)
        newest = self._published(told[0]) if told else self._day
        entries = "".join(
            f"<entry><title>{escape(one.title)}</title>"
            f'<link rel="alternate" href="{home}/{one.id}.html"/><id>tag:{publisher.id}.invalid,2026:{one.id}</id>'
            f"<published>{self._published(one).isoformat()}</published>"
            f"<updated>{self._published(one).isoformat()}</updated>"
            f'<content type="html">{escape(_paragraphs(one))}</content></entry>\n'
            for one in told
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
            f"<title>{escape(publisher.name)}</title><id>tag:{publisher.id}.invalid,2026:feed</id>"
            f'<link rel="self" href="{home}/feed.xml"/><author><name>{escape(publisher.name)}</name></author>'
            f"<updated>{newest.isoformat()}</updated>\n{entries}</feed>\n"
        )


def _paragraphs(article: DemoArticle) -> str:
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in article.text.strip().split("\n\n"))


def _html(publisher: Publisher, article: DemoArticle) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{html.escape(article.title)} - {html.escape(publisher.name)}</title>"
        f"<p>{html.escape(publisher.name)} (invented news)</p><h1>{html.escape(article.title)}</h1>"
        f"{_paragraphs(article)}</html>\n"
    )
