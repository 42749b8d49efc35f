"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) -> the values a feed is made of. Pure.

Read leniently: a field of another type than the specification's counts as absent, a number as its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

VERSION = "jsonfeed.org/version/1"


class JsonItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item, as it stands; the content is HTML or plain text."""

    id: str
    url: str
    title: str
    html: str
    text: str
    summary: str
    published: datetime | None
    updated: datetime | None
    authors: tuple[str, ...]
    language: str | None


class JsonFeed(msgspec.Struct, frozen=True, kw_only=True):
    """The feed and its items in order."""

    format: str
    title: str
    link: str
    language: str | None
    items: tuple[JsonItem, ...]


def read_json_feed(text: str) -> JsonFeed:
    """Read a JSON Feed; ValueError in one line where the text is none."""
    try:
        whole = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"JSON that can't be read: {error}") from None
    items = whole.get("items") if isinstance(whole, dict) else None
    if items is None or not isinstance(items, list):
        raise ValueError("JSON, but no JSON Feed: it has no list of items")
    version = _text(whole, "version")
    if VERSION not in version:
        raise ValueError("JSON, but no JSON Feed: its version does not name jsonfeed.org")
    authors = _authors(whole)
    language = _text(whole, "language") or None
    return JsonFeed(
        format="json11" if version.endswith("1.1") else "json1",
        title=_text(whole, "title"),
        link=_text(whole, "home_page_url"),
        language=language,
        items=tuple(_item(item, authors, language) for item in items if isinstance(item, dict)),
    )


def read_date(text: str) -> datetime | None:
    """Read an RFC 3339 date; None where it is none. A date without an offset counts as UTC."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _item(item: Mapping[str, Any], authors: tuple[str, ...], language: str | None) -> JsonItem:
    return JsonItem(
        id=_text(item, "id"),
        url=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        html=_text(item, "content_html"),
        text=_text(item, "content_text"),
        summary=_text(item, "summary"),
        published=read_date(_text(item, "date_published")),
        updated=read_date(_text(item, "date_modified")),
        authors=_authors(item) or authors,
        language=_text(item, "language") or language,
    )


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _authors(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names: `authors` of version 1.1, the single `author` of 1.0."""
    listed = values.get("authors")
    people: Sequence[Any] = listed if isinstance(listed, list) else [values.get("author")]
    return tuple(name for person in people if isinstance(person, dict) and (name := _text(person, "name")))
