"""The same article has the same id, by whichever address, id or feed it came."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.streams.feeds.identity import canonical_url, content_hash, identify
from tocsin.streams.feeds.parse import Entry

FEED = "https://hill.example/feed"


def entry(title: str = "T", **more) -> Entry:
    return Entry(**{"id": "", "url": "", "title": title, "text": "", "published": None, "updated": None} | more)


def ids(*entries: Entry, feed: str = FEED) -> list[str]:
    return [found.article for found in identify(entries, feed) if found]


@pytest.mark.parametrize(
    "url",
    [
        "http://hill.example/news/1?id=5", "https://www.hill.example/news/1?id=5", "https://HILL.example:443/news/1/?id=5",
        "https://hill.example/news/1?utm_source=rss&id=5&utm_medium=feed", "https://hill.example/news/1?id=5#comments",
        "https://user:pw@hill.example/news/1?id=5", "https://hill.example/news/1;jsessionid=0A1B2C3D4E5F?id=5",
        "https://hill.example/news/1?PHPSESSID=0123456789abcdef01&id=5", "https://hill.example/news/%31?id=5",
        "https://hill.example/news/1?fbclid=x&id=5&ref=rss", "https://hill.example./news/1?id=5&source=twitter",
    ],
)  # fmt: skip
def test_what_does_not_select_content_does_not_tell_articles_apart(url: str) -> None:
    assert canonical_url(url) == "https://hill.example/news/1?id=5"


@pytest.mark.parametrize(
    "url",
    [
        "https://hill.example/news/1?id=6", "https://hill.example/News/1?id=5", "https://hill.example:8080/news/1?id=5",
        "https://m.hill.example/news/1?id=5", "https://hill.example/news/1?id=5&page=2",
        "https://hill.example/news/1?id=5&sid=77", "https://hill.example/news/1?id=5&source=ministry",
    ],
)  # fmt: skip
def test_what_may_select_content_stays(url: str) -> None:
    assert canonical_url(url) not in ("", "https://hill.example/news/1?id=5")


@pytest.mark.parametrize("url", ["", "urn:x", "ftp://a.example/x", "http://", "http://[x", "http://a:port/", "/news"])
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    assert canonical_url(url) == ""


@given(st.text(alphabet="abc/?&=#%;:.2+ é", max_size=40))
def test_a_canonical_address_is_its_own_canonical_form(rest: str) -> None:
    once = canonical_url("https://hill.example/" + rest)
    assert canonical_url(once) == once


def test_the_article_id_is_the_same_by_every_feed_where_the_address_is() -> None:
    first = ids(entry(id="a", url="https://hill.example/1"))
    other = ids(
        entry(id="b", url="http://www.hill.example/1?utm_source=x", title="U"), feed="https://hill.example/world"
    )
    assert first == other


def test_an_address_that_all_entries_share_is_no_identity() -> None:
    one, two = ids(
        entry("A", id="a", url="https://hill.example/live"), entry("B", id="b", url="https://hill.example/live")
    )
    assert one != two


def test_an_id_that_all_entries_share_is_no_identity() -> None:
    found = identify(
        [entry("A", id="x", url="https://hill.example/1"), entry("B", id="x", url="https://hill.example/2")], FEED
    )
    assert found[0]
    assert found[1]
    assert not set(found[0].keys) & set(found[1].keys)


def test_a_front_page_is_no_articles_address() -> None:
    one, two = ids(entry("A", url="https://hill.example/")), ids(entry("B", url="https://hill.example/"))
    assert one != two


def test_an_id_that_is_an_address_may_change_its_scheme() -> None:
    assert ids(entry(id="http://hill.example/?p=1")) == ids(entry(id="https://hill.example/?p=1"))


def test_ids_of_different_sites_do_not_meet() -> None:
    assert ids(entry(id="1")) != ids(entry(id="1"), feed="https://other.example/feed")


def test_without_id_and_address_title_and_date_are_the_identity() -> None:
    day = datetime(2020, 1, 1, tzinfo=UTC)
    assert ids(entry("A", published=day)) != ids(entry("A"))
    assert ids(entry("A", published=day)) == ids(entry("A", published=day))
    assert identify([entry("")], FEED) == (None,)


def test_a_plain_repetition_does_not_spoil_an_identity() -> None:
    same = entry("A", id="a", url="https://hill.example/1")
    assert ids(same, same) == ids(same) * 2


def test_spacing_is_no_edit() -> None:
    assert content_hash("A  b", "c\n\nd") == content_hash("A b ", "c d")
    assert content_hash("A", "b") != content_hash("A b", "")
