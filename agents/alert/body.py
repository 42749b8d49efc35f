"""The body of a webhook, as its receivers may rely on it: only additions within `schema` 1. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from tocsin.streams.records import Severity, Span

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
AlertType = Literal["alert.created", "alert.updated", "alert.test"]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything in a body: every field is always there."""


class StoryData(Body, frozen=True, kw_only=True):
    """The story an alert is about; `sequence` counts the alerts on it, from 0."""

    id: str
    sequence: int


class SubscriptionData(Body, frozen=True, kw_only=True):
    """The subscription an alert answers."""

    id: str
    name: str
    query: str


class EvidenceData(Body, frozen=True, kw_only=True):
    """One clause of the query and the sentence that satisfies it.

    Offsets count code points of title, blank line and text; the end is exclusive.
    """

    clause: str
    sentence: str
    start: int
    end: int
    matched: str
    spans: tuple[Span, ...]
    score: float | None
    rules: tuple[str, ...]


class StampsData(Body, frozen=True, kw_only=True):
    """When the alert passed each stage; null where that is not known."""

    published: Moment | None
    received: Moment | None
    matched: Moment | None
    decided: Moment | None
    queued: Moment | None


class AlertData(Body, frozen=True, kw_only=True):
    """What a subscriber is told: never the body of the article, always the evidence."""

    id: str
    """The same for every endpoint it goes to; `webhook-id` differs by endpoint."""
    test: bool
    severity: Severity
    headline: str
    url: str
    language: str
    article: str
    story: StoryData
    subscription: SubscriptionData
    facts: tuple[str, ...]
    evidence: tuple[EvidenceData, ...]
    reasons: tuple[str, ...]
    sources: tuple[str, ...]
    stamps: StampsData


class AlertBody(Body, frozen=True, kw_only=True):
    """An alert."""

    type: AlertType
    schema: Literal[1]
    timestamp: Moment
    """When it came to be; the same on every try."""
    data: AlertData


class NoticeData(Body, frozen=True, kw_only=True):
    """Something the operator must know; `id` is the same for the same incident."""

    id: str
    what: str
    text: str


class NoticeBody(Body, frozen=True, kw_only=True):
    """A notice to the operator."""

    type: Literal["operator.notice"]
    schema: Literal[1]
    timestamp: Moment
    data: NoticeData


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of every body."""
    bodies, components = msgspec.json.schema_components([AlertBody, NoticeBody], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tocsin webhook body, version 1",
        "oneOf": list(bodies),
        "$defs": dict(sorted(components.items())),
    }
