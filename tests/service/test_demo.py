"""The demonstration's feeds, and the set of what is watched at first."""

from __future__ import annotations

import html
import io
from collections import Counter
from urllib.parse import urlsplit

import aiohttp
import feedparser
import pytest

from tocsin.service.demo import DemoFeeds, demo_set
from tocsin.service.starter import starter

TOPICS = ("expulsion", "sanctions", "summit")


class Demo:
    """The feeds with a clock that a test sets."""

    def __init__(self, speed=1.0):
        self.now = 100.0
        self.feeds = DemoFeeds(clock=lambda: self.now, speed=speed)

    async def __aenter__(self):
        self.urls = await self.feeds.start()
        self.session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_):
        await self.session.close()
        await self.feeds.stop()

    async def read(self, url):
        async with self.session.get(url) as answer:
            assert answer.status == 200
            found = feedparser.parse(io.BytesIO(await answer.read()))
        assert not found.bozo, found.get("bozo_exception")
        return found

    async def titles(self):
        return Counter([entry.title for url in self.urls for entry in (await self.read(url)).entries])


async def test_articles_appear_as_time_passes_and_all_of_them_in_the_end():
    every = demo_set().articles
    async with Demo() as demo:
        assert await demo.titles() == Counter()
        demo.now += 10
        assert await demo.titles() == Counter(one.title for one in every if one.at <= 10)
        demo.now += 50
        assert await demo.titles() == Counter(one.title for one in every)


async def test_speed_ten_tells_the_minute_in_six_seconds():
    async with Demo(speed=10.0) as demo:
        demo.now += 6
        assert sum((await demo.titles()).values()) == len(demo_set().articles)


@pytest.mark.parametrize("speed", [0.0, -1.0])
def test_a_speed_that_is_not_above_zero_is_refused(speed):
    with pytest.raises(ValueError, match="speed"):
        DemoFeeds(speed=speed)


async def test_feeds_are_rss_and_atom_by_their_publishers_newest_first():
    async with Demo() as demo:
        demo.now += 60
        found = [await demo.read(url) for url in demo.urls]
    assert {one.version for one in found} == {"rss20", "atom10"}
    assert [one.feed.title for one in found] == [publisher.name for publisher in demo_set().publishers]
    for one in found:
        times = [entry.published_parsed for entry in one.entries]
        assert times == sorted(times, reverse=True)
        assert all("<p>" in (entry.content[0].value if "content" in entry else entry.summary) for entry in one.entries)
    links = [entry.link for one in found for entry in one.entries]
    assert len(set(links)) == len(links)


async def test_an_unchanged_feed_answers_304_and_a_changed_one_does_not():
    async with Demo() as demo:
        async with demo.session.get(demo.urls[0]) as answer:
            etag = answer.headers["ETag"]
        async with demo.session.get(demo.urls[0], headers={"If-None-Match": etag}) as answer:
            assert answer.status == 304
            assert await answer.read() == b""
        demo.now += 60
        async with demo.session.get(demo.urls[0], headers={"If-None-Match": etag}) as answer:
            assert answer.status == 200
            assert answer.headers["ETag"] != etag


async def test_a_link_leads_to_the_article_and_only_once_it_is_published():
    async with Demo() as demo:
        demo.now += 60
        entry = (await demo.read(demo.urls[0])).entries[0]
        async with demo.session.get(entry.link) as answer:
            assert answer.status == 200
            assert entry.title in html.unescape(await answer.text())
        demo.now -= 60
        async with demo.session.get(entry.link) as answer:
            assert answer.status == 404


async def test_an_unknown_publisher_is_not_found():
    async with Demo() as demo:
        url = urlsplit(demo.urls[0])._replace(path="/nobody/feed.xml").geturl()
        async with demo.session.get(url) as answer:
            assert answer.status == 404


def test_expected_counts_each_story_once_and_names_the_three_topics():
    expected = DemoFeeds().expected
    assert tuple(one.topic for one in expected) == TOPICS
    stories = {story.id for story in demo_set().stories}
    for one in expected:
        assert one.alerts == len(set(one.stories)) > 0
        assert set(one.stories) <= stories


def test_the_set_is_consistent_and_has_what_it_is_to_show():
    known = demo_set()
    stories = {story.id: story for story in known.stories}
    publishers = {publisher.id for publisher in known.publishers}
    assert len({one.id for one in known.articles}) == len(known.articles) >= 24
    assert {one.story for one in known.articles} == set(stories)
    assert {one.publisher for one in known.articles} == publishers
    assert all(0 < one.at < 60 for one in known.articles)
    outlets = {}
    for one in known.articles:
        outlets.setdefault(one.story, set()).add(one.publisher)
    assert len(outlets["portugal-expels"]) == len(outlets["belarus-expels"]) == 3
    lookalikes = [
        one
        for one in known.articles
        if not stories[one.story].alerts and any(word in one.text for word in ("expel", "sanction", "summit"))
    ]
    assert len(lookalikes) >= 5


def test_the_starter_set_names_feeds_and_one_query_for_each_topic():
    found = starter()
    assert len(found.feeds) >= 25
    assert len({feed.url for feed in found.feeds}) == len({feed.name for feed in found.feeds}) == len(found.feeds)
    for feed in found.feeds:
        parts = urlsplit(feed.url)
        assert parts.scheme == "https"
        assert parts.hostname
        assert parts.username is None
        assert feed.language
    assert sorted(one.query for one in found.subscriptions) == [f"topic:{topic}" for topic in TOPICS]
    assert all(one.name for one in found.subscriptions)
