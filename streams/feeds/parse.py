"""A feed's bytes -> entries in one form, whatever the format: RSS 0.9 to 2.0, RDF, Atom, CDF, JSON Feed. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import msgspec

from tocsin.streams.feeds.encoding import decode_feed
from tocsin.streams.feeds.json_feed import JsonItem, read_json_feed
from tocsin.streams.feeds.markup import html_to_text, looks_like_html, one_line

MAX_BYTES = 20_000_000
MAX_ENTRIES = 5_000
MAX_ELEMENTS = 150_000
MAX_REFERENCES = 1_000_000
MAX_PREFIXES = 200
MAX_ATTRIBUTES = 500
MAX_FIELD = 200_000
"""Characters of one text; what is longer is cut there and said in the warnings."""
MAX_TITLE = 2_000
MAX_AUTHORS = 20

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PROLOG = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_NOT_MARKUP = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_ENTRY = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ROOT = re.compile(
    r"(?:\s|<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>)*<(?:rss|rdf:RDF|feed|atom:feed|channel)[\s>]",
    re.DOTALL | re.IGNORECASE,
)
_PREFIX = re.compile(r"xmlns:([\w.-]+)")
_LONG_TAG = re.compile(r"<[^<>]{2000,}")
_ALTERNATE = re.compile(r"<link\b[^>]{0,2000}>", re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss|atom|feed)\+(?:xml|json)", re.IGNORECASE)
_MINUTES = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}


class FeedError(Exception):
    """The bytes are no feed, or one that would cost too much to read: one line with the reason."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. Empty strings and None where the feed says nothing."""

    id: str
    """As the feed gives it; unique only if the publisher cares."""
    url: str
    """Absolute http(s) address, or empty. Relative only where the caller gave no address to resolve it against."""
    origin: str = ""
    """The publisher's own address where `url` is one of a relay that counts clicks."""
    title: str
    """Plain text on one line."""
    text: str
    """Plain text, paragraphs apart by blank lines."""
    published: datetime | None
    """Aware UTC. The date of the last change where the feed gives only that."""
    updated: datetime | None
    authors: tuple[str, ...] = ()
    language: str | None = None


class ParsedFeed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed in normal form, entries in its own order."""

    format: str
    """Such as `rss20`, `atom10`, `rss10` (RDF), `json11`."""
    title: str
    link: str
    language: str | None
    ttl: int | None
    """Minutes that the publisher asks to wait between polls."""
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...]


def parse_feed(body: bytes, *, url: str = "", content_type: str = "") -> ParsedFeed:
    """Parse a feed; `url` resolves its relative links, `content_type` is the server's header.

    FeedError where the bytes are no feed or exceed a limit. What is odd but could be read is named in `warnings`.
    """
    if len(body) > MAX_BYTES:
        raise FeedError(f"larger than {MAX_BYTES} bytes")
    text, odd = decode_feed(body, content_type)
    warnings = [odd] if odd else []
    head = text.lstrip("\ufeff \t\r\n")
    if not head:
        raise FeedError("empty: there is nothing to read")
    if head[0] in "{[":
        return _from_json(head, url, warnings)
    text = _CONTROL.sub("", text)
    _check_costs(text)
    found = _feedparser(text)
    if not found.get("version") and not found.entries and not _ROOT.match(text):
        raise FeedError(_no_feed(text, url))
    if found.get("bozo"):
        warnings.append(f"not well formed: {_reason(found.get('bozo_exception'))}")
    if len(found.entries) > MAX_ENTRIES:
        raise FeedError(f"more than {MAX_ENTRIES} entries")
    feed = found.feed
    language = _language(feed.get("language"))
    entries = tuple(_entry(entry, url, language, warnings) for entry in found.entries)
    return ParsedFeed(
        format=found.get("version") or "unknown",
        title=one_line(_str(feed.get("title"))),
        link=_http(_str(feed.get("link")), url),
        language=language,
        ttl=_ttl(feed),
        entries=entries,
        warnings=tuple(warnings),
    )


def _check_costs(text: str) -> None:
    """Refuse what the parser would chew on for seconds: its time grows with these counts, in part as their square."""
    if text.count("<") > MAX_ELEMENTS and _NOT_MARKUP.sub("", text).count("<") > MAX_ELEMENTS:
        raise FeedError(f"more than {MAX_ELEMENTS} elements")
    if text.count("&") > MAX_REFERENCES:
        raise FeedError(f"more than {MAX_REFERENCES} ampersands")
    if sum(1 for _ in _ENTRY.finditer(text)) > MAX_ENTRIES:
        raise FeedError(f"more than {MAX_ENTRIES} entries")
    if len(set(_PREFIX.findall(text))) > MAX_PREFIXES:
        raise FeedError(f"more than {MAX_PREFIXES} namespaces")
    if any(tag[0].count("=") > MAX_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        raise FeedError(f"an element with more than {MAX_ATTRIBUTES} attributes")


def _feedparser(text: str) -> Any:
    # Always a stream: given bytes or text, feedparser opens a short body as a file name or fetches it as an address.
    stream = io.BytesIO(_PROLOG.sub("", text).lstrip("\ufeff \t\r\n").encode("utf-8", "replace"))
    # It is not told the address: it would make ids absolute too, and those must stay as the feed gives them.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        return feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:
        # It promises to raise nothing, and on some broken documents does all the same.
        raise FeedError(f"can't be read ({type(error).__name__})") from None


def _entry(entry: Mapping[str, Any], base: str, language: str | None, warnings: list[str]) -> Entry:
    published = _date(entry, "published_parsed") or _date(entry, "created_parsed")
    updated = _date(entry, "updated_parsed")
    name, link = _str(entry.get("id")).strip(), _str(entry.get("link")).strip()
    if entry.get("guidislink") and link == name and "://" not in name:
        link = ""  # a plain id that its feed forgot to call one
    return Entry(
        id=name,
        url=_http(link, base),
        origin=_http(_str(entry.get("feedburner_origlink")), base),
        title=one_line(_str(entry.get("title"))[:MAX_FIELD])[:MAX_TITLE],
        text=_cut(_entry_text(entry), warnings),
        published=published or updated,
        updated=updated,
        authors=_entry_authors(entry),
        language=_entry_language(entry) or language,
    )


def _entry_text(entry: Mapping[str, Any]) -> str:
    """Return the longest of contents and summary as plain text."""
    contents = entry.get("content")
    parts = [part for part in contents if isinstance(part, Mapping)] if isinstance(contents, Sequence) else []
    texts = [_plain(_str(part.get("value")), _str(part.get("type"))) for part in parts]
    detail = entry.get("summary_detail")
    kind = _str(detail.get("type")) if isinstance(detail, Mapping) else ""
    return max([*texts, _plain(_str(entry.get("summary")), kind)], key=len)


def _plain(value: str, kind: str) -> str:
    if kind.startswith(("image/", "audio/", "video/", "application/octet")):
        return ""
    if "html" in kind or looks_like_html(value):
        return html_to_text(value)
    return re.sub(r"[^\S\n]*\n[^\S\n]*", "\n", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _entry_authors(entry: Mapping[str, Any]) -> tuple[str, ...]:
    listed = entry.get("authors")
    names = [one_line(_str(author.get("name"))) for author in listed or () if isinstance(author, Mapping)]
    if not any(names):
        names = [one_line(_str(entry.get("author")))]
    return tuple(dict.fromkeys(name[:MAX_TITLE] for name in names if name))[:MAX_AUTHORS]


def _entry_language(entry: Mapping[str, Any]) -> str | None:
    for name in ("content", "title_detail", "summary_detail"):
        detail = entry.get(name)
        first = detail[0] if isinstance(detail, list) and detail else detail
        if isinstance(first, Mapping) and (found := _language(first.get("language"))):
            return found
    return None


def _from_json(text: str, url: str, warnings: list[str]) -> ParsedFeed:
    try:
        found = read_json_feed(text)
    except ValueError as error:
        raise FeedError(" ".join(str(error).split())) from None
    if len(found.items) > MAX_ENTRIES:
        raise FeedError(f"more than {MAX_ENTRIES} entries")
    return ParsedFeed(
        format=found.format,
        title=one_line(found.title),
        link=_http(found.link, url),
        language=_language(found.language),
        ttl=None,
        entries=tuple(_from_item(item, url, warnings) for item in found.items),
        warnings=tuple(warnings),
    )


def _from_item(item: JsonItem, base: str, warnings: list[str]) -> Entry:
    texts = [html_to_text(item.html), item.text, _plain(item.summary, "")]
    return Entry(
        id=item.id,
        url=_http(item.url, base) or (_http(item.id, "") if "://" in item.id else ""),
        title=one_line(item.title[:MAX_FIELD])[:MAX_TITLE],
        text=_cut(max(texts, key=len), warnings),
        published=item.published or item.updated,
        updated=item.updated,
        authors=tuple(one_line(name)[:MAX_TITLE] for name in item.authors[:MAX_AUTHORS]),
        language=_language(item.language),
    )


def _cut(text: str, warnings: list[str]) -> str:
    if len(text) <= MAX_FIELD:
        return text
    if len(warnings) < 20:
        warnings.append(f"a text of {len(text)} characters was cut to {MAX_FIELD}")
    return text[:MAX_FIELD]


def _http(link: str, base: str) -> str:
    """Return an http(s) address, or nothing: ids and `javascript:` are no places to go to."""
    link = link.strip()
    try:
        found = urljoin(base, link) if link else ""
        scheme = urlsplit(found).scheme
    except ValueError:
        return ""
    return found if scheme in ("http", "https") or (not base and not scheme) else ""


def _date(entry: Mapping[str, Any], name: str) -> datetime | None:
    # Asked of the plain dict: the library's own look-up would answer one date in place of another.
    parts = dict.get(entry, name) if isinstance(entry, dict) else None
    if parts is None:
        return None
    try:
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, TypeError):
        return None


def _ttl(feed: Mapping[str, Any]) -> int | None:
    """Return minutes from `ttl` or from the syndication module (web.resource.org/rss/1.0/modules/syndication)."""
    ttl = _str(feed.get("ttl")).strip()
    if ttl.isascii() and ttl.isdigit() and int(ttl[:9]) > 0:
        return int(ttl[:9])
    period = _MINUTES.get(_str(feed.get("sy_updateperiod")).strip().lower())
    if period is None:
        return None
    frequency = _str(feed.get("sy_updatefrequency")).strip()
    times = int(frequency[:6]) if frequency.isascii() and frequency.isdigit() else 1
    return max(1, period // max(1, times))


def _language(value: object) -> str | None:
    """Return a BCP 47 tag in its usual form (`en-US`), or None where the text is no tag."""
    tag = _str(value).strip().replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", tag):
        return None
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _str(value: object) -> str:
    return value if isinstance(value, str) else ""


def _reason(error: object) -> str:
    return " ".join(str(error or "unknown").split())[:160]


def _no_feed(text: str, base: str) -> str:
    head = text[:100_000]
    if "<html" not in head.lower() and "<!doctype html" not in head.lower():
        return "no feed: neither RSS, RDF, Atom nor JSON Feed"
    links = [tag[0] for tag in _ALTERNATE.finditer(head) if _FEED_TYPE.search(tag[0])]
    named = [_http(found[1].replace("&amp;", "&"), base) for link in links if (found := _HREF.search(link))]
    offered = ", ".join(list(filter(None, named))[:3])
    return f"a web page, no feed; it names {offered}" if offered else "a web page, no feed"
