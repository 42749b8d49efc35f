"""The line form of `tocsin annotate`: an article from a line of JSON, and its annotation as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from tocsin.streams.records import Annotated, Article, Span, content_id

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for `first_seen` of a line, since the clock never stands in for a date."""

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?\Z")


def published_of(value: str) -> datetime | None:
    """Read YYYY, YYYY-MM, YYYY-MM-DD or RFC 3339 as an aware UTC time; empty is None, else ValueError."""
    value = value.strip()
    if not value:
        return None
    partial = _PARTIAL.match(value)
    try:
        if partial:
            year, month, day = (int(part or 1) for part in partial.groups())
            return datetime(year, month, day, tzinfo=UTC)
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"published: {value!r} is no date; write YYYY, YYYY-MM, YYYY-MM-DD or RFC 3339") from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def article_of(line: Mapping[str, Any], *, furniture: Iterable[Span] = ()) -> Article:
    """Return the article of a line with title and text exactly as given; ValueError names the field at fault.

    `furniture` counts in the reading text, as `tocsin.streams.feeds.clean.furniture(title, text)` returns it.
    """
    for field in ("id", "title", "text", "url", "lang", "published"):
        if line.get(field) is not None and not isinstance(line[field], str):
            raise ValueError(f"{field}: must be a string, got {type(line[field]).__name__}")
    url = line.get("url") or ""
    return Article(
        id=content_id(line.get("id") or "", url),
        url=url,
        source="",
        title=line.get("title") or "",
        text=line.get("text") or "",
        furniture=tuple(furniture),
        language=line.get("lang") or None,
        published=published_of(line.get("published") or ""),
        first_seen=UNDATED,
    )


def to_line(annotated: Annotated, id: str) -> dict[str, Any]:  # noqa: A002 (the name that the line has)
    """Return the annotation as one JSON object: id, lang, topics, entities, events, furniture; spans as lists."""
    return {
        "id": id,
        "lang": annotated.language,
        "topics": [
            {"topic": label.topic, "score": label.score, "spans": _lists(label.spans), "rules": list(label.rules)}
            for label in annotated.labels
        ],
        "entities": [
            {
                "id": mention.id,
                "kind": mention.kind,
                "surface": mention.surface,
                "start": mention.start,
                "end": mention.end,
                "role": mention.role,
                "score": mention.score,
                "salience": mention.salience,
            }
            for mention in annotated.mentions
        ],
        "events": [
            {
                "type": event.type,
                "actor": event.actor,
                "target": event.target,
                "actor_person": event.actor_person,
                "target_person": event.target_person,
                "object": event.object,
                "count": event.count,
                "place": event.place,
                "date": event.date,
                "status": event.status,
                "background": event.background,
                "attributed_to": event.attributed_to,
                "spans": _lists(event.spans),
                "rules": list(event.rules),
                "score": event.score,
            }
            for event in annotated.events
        ],
        "furniture": _lists(annotated.article.furniture),
    }


def _lists(spans: Iterable[Span]) -> list[list[int]]:
    return [list(span) for span in spans]
