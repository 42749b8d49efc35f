"""Feeds of every format become the same entries, and no bytes can hurt."""

import ast
import inspect
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest

from tocsin.streams.feeds import parse
from tocsin.streams.feeds.parse import FeedError, parse_feed

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour &amp;amp; Hill</title><link>https://hill.example/</link><language>en-gb</language><ttl>30</ttl>
<item><guid isPermaLink="false">n-1</guid><link>/news/1</link><title>Envoy &lt;b&gt;recalled&lt;/b&gt; &amp;amp; home</title>
<description>Short.</description>
<content:encoded><![CDATA[<p>The envoy left.</p><p>Talks &mdash; &amp; tea &mdash; go on.</p><script>x()</script>]]></content:encoded>
<dc:creator>Ann Lee</dc:creator><pubDate>Tue, 03 Mar 2020 10:00:00 +0200</pubDate></item>
<item><title>Undated</title><description>Plain text, 3 &lt; 4.</description><pubDate>some day</pubDate></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Kurz</title><link href="https://kurz.example/"/>
<entry><id>urn:1</id><title type="html">Eins &amp;amp; zwei</title><link rel="alternate" href="a/1"/>
<updated>2021-05-01T08:00:00Z</updated><summary>kurz</summary><content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>Ein Satz.</p><p>Noch einer.</p></div></content>
<author><name>B. Muster</name></author></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://r.example/"><title>R</title></channel>
<item rdf:about="https://r.example/9"><title>Nine</title><link>https://r.example/9</link><dc:date>2019-01-02</dc:date></item>
</rdf:RDF>"""

JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "home_page_url": "https://j.example/", "language": "en",
"items": [{"id": 7, "url": "https://j.example/7", "title": "Seven", "content_html": "<p>One.</p><p>Two.</p>",
"date_published": "2022-02-03T04:05:06+01:00", "authors": [{"name": "C"}]}, {"id": "8", "content_text": "No title."}, 5]}"""


def rss(items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


def test_an_rss_feed_is_read_whole() -> None:
    feed = parse_feed(RSS.encode(), url="https://hill.example/feed")
    assert (feed.format, feed.title, feed.link, feed.language, feed.ttl) == (
        "rss20", "Harbour & Hill", "https://hill.example/", "en-GB", 30,
    )  # fmt: skip
    first, second = feed.entries
    assert (first.id, first.url, first.title) == ("n-1", "https://hill.example/news/1", "Envoy recalled & home")
    assert first.text == "The envoy left.\n\nTalks — & tea — go on."
    assert first.published == datetime(2020, 3, 3, 8, tzinfo=UTC)
    assert first.authors == ("Ann Lee",)
    assert (second.url, second.published, second.text) == ("", None, "Plain text, 3 < 4.")


def test_an_atom_feed_gives_content_before_summary_and_the_only_date_it_has() -> None:
    entry = parse_feed(ATOM.encode(), url="https://kurz.example/feed.xml").entries[0]
    assert entry.text == "Ein Satz.\n\nNoch einer."
    assert entry.published == entry.updated == datetime(2021, 5, 1, 8, tzinfo=UTC)
    assert (entry.url, entry.title, entry.language, entry.authors) == (
        "https://kurz.example/a/1", "Eins & zwei", "de", ("B. Muster",),
    )  # fmt: skip


def test_an_rdf_feed_takes_its_date_from_dublin_core() -> None:
    feed = parse_feed(RDF.encode())
    assert (feed.format, feed.entries[0].url) == ("rss10", "https://r.example/9")
    assert feed.entries[0].published == datetime(2019, 1, 2, tzinfo=UTC)


def test_a_json_feed_is_read_and_what_is_no_item_is_left_out() -> None:
    feed = parse_feed(JSON.encode())
    first, second = feed.entries
    assert (feed.format, first.id, first.text, first.authors) == ("json11", "7", "One.\n\nTwo.", ("C",))
    assert first.published == datetime(2022, 2, 3, 3, 5, 6, tzinfo=UTC)
    assert (second.title, second.text, second.published, second.language) == ("", "No title.", None, "en")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  \n", b"hello", b"{}", b"[1]", b'{"items": []}', b'{"version": "jsonfeed.org/version/1"', b"\x00\x01",
        b"<html><body><p>news</p></body></html>", b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(FeedError) as caught:
        parse_feed(body)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_web_page_names_the_feeds_it_points_to() -> None:
    page = (
        b'<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/rss?a=1&amp;b=2"></head>'
    )
    with pytest.raises(FeedError, match=r"https://x\.example/rss\?a=1&b=2"):
        parse_feed(page, url="https://x.example/news")


@pytest.mark.parametrize("kind", ["path", "url"])
def test_a_body_is_never_opened_as_a_file_or_an_address(tmp_path: Path, kind: str) -> None:
    """A body that is the name of a feed's file must not become that feed's entries."""
    secret = tmp_path / "f.xml"
    secret.write_bytes(rss("<item><title>from the disk</title></item>"))
    body = str(secret) if kind == "path" else secret.as_uri()
    assert "from the disk" in str(feedparser.parse(body))  # the trap is real
    with pytest.raises(FeedError):
        parse_feed(body.encode())


def test_feedparser_is_given_a_stream_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []
    real = feedparser.parse
    monkeypatch.setattr(feedparser, "parse", lambda what, **more: given.append(what) or real(what, **more))
    parse_feed(RSS.encode())
    assert [type(what).__name__ for what in given] == ["BytesIO"]
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(parse))) if isinstance(node, ast.Call)]
    assert sum(ast.unparse(call.func) == "feedparser.parse" for call in calls) == 1


CYRILLIC = "Посол отозван из столицы"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xef\xbb\xbf" + rss("<item><title>%s</title></item>").replace(b"%s", CYRILLIC.encode()), ""),
        (rss("<item><title>%s</title></item>").replace(b"%s", CYRILLIC.encode()), "text/xml; charset=iso-8859-1"),
        (rss("<item><title>%s</title></item>").replace(b"%s", CYRILLIC.encode("koi8-r")), "text/xml; charset=KOI8-R"),
        (
            b"<?xml version='1.0' encoding='windows-1251'?>"
            + rss("<item><title>%s</title></item>").replace(b"%s", CYRILLIC.encode("cp1251")),
            "application/rss+xml",
        ),
        (rss("<item><title>%s</title></item>").replace(b"%s", CYRILLIC.encode("cp1251")), "text/xml; charset=utf-8"),
        (rss("<item><title>%s</title></item>").replace(b"%s", CYRILLIC.encode("koi8-r")), ""),
        (rss(f"<item><title>{CYRILLIC}</title></item>").decode().encode("utf-16"), ""),
        (rss(f"<item><title>{CYRILLIC}</title></item>").decode().encode("utf-16-be"), ""),
    ],
    ids=["bom", "utf-8-wins", "http", "prolog", "lies", "guessed", "utf-16", "utf-16-bare"],
)
def test_titles_are_decoded_whatever_the_feed_says_of_itself(body: bytes, content_type: str) -> None:
    assert parse_feed(body, content_type=content_type).entries[0].title == CYRILLIC


def test_japanese_without_a_declaration_is_not_taken_for_korean() -> None:
    title = "大使が本国に召還されました"
    body = rss("<item><title>%s</title></item>").replace(b"%s", title.encode("cp932"))
    feed = parse_feed(body)
    assert feed.entries[0].title == title
    assert any("encoding" in warning for warning in feed.warnings)


def test_windows_quotes_in_a_latin_1_feed_are_quotes() -> None:
    body = b"<?xml version='1.0' encoding='iso-8859-1'?>" + rss("<item><title>\x93Yes\x94</title></item>").replace(
        b"\xc2", b""
    )
    assert parse_feed(body).entries[0].title == "“Yes”"


def test_a_broken_feed_gives_what_can_be_read_and_a_warning() -> None:
    feed = parse_feed(rss("<item><title>Fish & Chips</title></item><item><title>cut"))
    assert feed.entries[0].title == "Fish & Chips"
    assert any(warning.startswith("not well formed") for warning in feed.warnings)


def test_control_characters_do_not_stop_a_feed() -> None:
    assert parse_feed(rss("<item><title>a\x00b\x08c</title></item>")).entries[0].title == "abc"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "urn:x:1", "mailto:a@b.example", "http://[broken"])
def test_a_link_that_is_no_web_address_is_left_out(link: str) -> None:
    assert (
        parse_feed(rss(f"<item><title>a</title><link>{link}</link></item>"), url="https://f.example/").entries[0].url
        == ""
    )


def test_a_plain_id_is_neither_an_address_nor_made_absolute() -> None:
    """`isPermaLink` is true by default (RSS 2.0), and many feeds leave it out for ids that are no addresses."""
    feed = parse_feed(
        rss("<item><guid>n1</guid></item><item><guid>http://a.example/2</guid></item>"), url="https://f.example/x"
    )
    assert [(entry.id, entry.url) for entry in feed.entries] == [("n1", ""), ("http://a.example/2",) * 2]


def test_an_entity_bomb_stays_small() -> None:
    body = (
        b'<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "' + b"&a;" * 1000 + b'"><!ENTITY c "' + b"&b;" * 1000 + b'">]>'
    ) + rss("<item><title>&c;</title></item>")
    assert len(parse_feed(body).entries[0].title) < 10_000


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("hidden words")
    body = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "s").as_uri()}">]>'.encode() + rss(
        "<item><title>a&e;</title></item>"
    )
    assert "hidden" not in str(parse_feed(body))


@pytest.mark.parametrize(
    ("items", "what"),
    [
        ("<item><title>x</title></item>" * 5001, "entries"),
        ("<a>" * 150_001, "elements"),
        ("<item " + " ".join(f'a{n}="1"' for n in range(2000)) + "/>", "attributes"),
        ("".join(f'<item xmlns:n{n}="http://x/{n}"/>' for n in range(300)), "namespaces"),
        ("&" * 1_000_001, "ampersands"),
    ],
    ids=["entries", "elements", "attributes", "namespaces", "ampersands"],
)
def test_what_would_cost_too_much_is_refused_before_it_is_parsed(items: str, what: str) -> None:
    with pytest.raises(FeedError, match=what):
        parse_feed(rss(items))


def test_a_feed_too_large_is_refused() -> None:
    with pytest.raises(FeedError, match="larger"):
        parse_feed(b" " * 20_000_001)


def test_a_text_beyond_all_measure_is_cut_and_said() -> None:
    feed = parse_feed(rss(f"<item><title>a</title><description>{'word ' * 60_000}</description></item>"))
    assert len(feed.entries[0].text) == 200_000
    assert any("cut" in warning for warning in feed.warnings)


def test_the_relays_address_and_the_publishers_are_both_kept() -> None:
    body = (
        b"<rss version='2.0' xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'><channel><item>"
        b"<link>http://relay.example/~r/1</link><feedburner:origLink>https://own.example/1</feedburner:origLink>"
        b"</item></channel></rss>"
    )
    entry = parse_feed(body).entries[0]
    assert (entry.url, entry.origin) == ("http://relay.example/~r/1", "https://own.example/1")


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("<ttl>15</ttl>", 15), ("<ttl>0</ttl>", None), ("<ttl>soon</ttl>", None), ("<ttl>²</ttl>", None), ("", None)],
)
def test_a_ttl_is_minutes_or_nothing(said: str, minutes: int | None) -> None:
    assert parse_feed(rss(said + "<item/>")).ttl == minutes
