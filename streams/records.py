"""Every record that travels: frozen, keyword-only, made by one stage and read by the next.

The walk is `Article -> Annotated -> StoryUpdate -> Matched -> Alert -> Delivery -> Receipt`.
Ids are made from content, times are aware UTC, and every offset counts code points of the article's
`reading_text`, end exclusive. Within a topic's major version only fields with defaults are added.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

Span = tuple[int, int]
"""Start and end in code points of the reading text, end exclusive."""

Severity = Literal["info", "low", "medium", "high", "critical"]
EventStatus = Literal["threatened", "planned", "announced", "happened", "denied", "reversed"]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything that is written to the log."""


def content_id(*parts: str) -> str:
    """Return 24 hex digits that are the same for the same parts, on every try and every machine."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


class Article(Record, frozen=True, kw_only=True):
    """One report in normal form; nobody downstream knows what a feed is."""

    id: str
    """Hash of the canonical identity."""
    revision: int = 0
    """0 at first sight, one more each time the publisher changed title or text."""
    url: str
    source: str
    """Name of the publisher as a reader would say it."""
    feed: str = ""
    """Id of the feed it came by, empty when pushed."""
    title: str = ""
    text: str = ""
    furniture: tuple[Span, ...] = ()
    """Parts that belong to the page and not to the report: never matched, shown in explain."""
    language: str | None = None
    """BCP 47 tag as the feed states it, if it does."""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    first_seen: datetime
    baseline: bool = False
    """Found by a feed's first poll: it is annotated and joins stories, and alerts nobody."""

    @property
    def reading_text(self) -> str:
        """Title, blank line, text: the one string in which every offset counts."""
        return f"{self.title}\n\n{self.text}" if self.title else self.text


class Label(Record, frozen=True, kw_only=True):
    """A topic of an article; `score` is 0 to 1."""

    topic: str
    score: float
    spans: tuple[Span, ...] = ()
    rules: tuple[str, ...] = ()


class Mention(Record, frozen=True, kw_only=True):
    """An entity named at one place; `kind` is one of country, nationality, government, person, org, city, watch."""

    id: str
    kind: str
    surface: str
    start: int
    end: int
    role: Literal["about", "mentioned"] = "mentioned"
    score: float = 1.0
    salience: float = 0.0
    """How much the article is about it, by place and frequency: 0 to 1."""


class Event(Record, frozen=True, kw_only=True):
    """Who did what to whom; a field that the text does not state is null. `spans[0]` is the evidence clause."""

    type: str
    actor: str | None = None
    target: str | None = None
    actor_person: str | None = None
    target_person: str | None = None
    object: str | None = None
    count: int | None = None
    place: str | None = None
    date: str | None = None
    status: EventStatus = "happened"
    background: bool = False
    attributed_to: str | None = None
    spans: tuple[Span, ...] = ()
    rules: tuple[str, ...] = ()
    score: float = 1.0


class Annotated(Record, frozen=True, kw_only=True):
    """An article and what was understood of it; each result points at its evidence."""

    article: Article
    language: str
    sentences: tuple[Span, ...] = ()
    """Sentence spans, in order, none of them inside furniture: what an alert quotes from."""
    labels: tuple[Label, ...] = ()
    mentions: tuple[Mention, ...] = ()
    events: tuple[Event, ...] = ()


class Change(Record, frozen=True, kw_only=True):
    """A fact that an article adds to its story, by name, with where it is said."""

    name: str
    spans: tuple[Span, ...] = ()


class StoryUpdate(Record, frozen=True, kw_only=True):
    """An article in its story: it begins it, copies what was there, or joins it with something of its own."""

    annotated: Annotated
    story: str
    relation: Literal["first", "copy", "joins"]
    headline: str
    sources: tuple[str, ...] = ()
    """Every publisher of the story so far, the first one first."""
    changes: tuple[Change, ...] = ()
    merged_into: str | None = None


class Matched(Record, frozen=True, kw_only=True):
    """The groups of equal queries that an article matches; reasons are computed when an alert is built."""

    article: str
    story: str
    update: StoryUpdate
    groups: tuple[str, ...]
    """Ids of groups; a group is all subscriptions of one canonical query."""


class Evidence(Record, frozen=True, kw_only=True):
    """One clause of the query and the sentence that satisfies it."""

    clause: str
    """The clause as the subscriber wrote it, such as `topic:expulsion`."""
    sentence: str
    start: int
    end: int
    """Where the sentence stands in the reading text."""
    matched: str = ""
    """The words in the sentence that satisfied the clause."""
    spans: tuple[Span, ...] = ()
    """Where those words stand in the reading text."""
    score: float | None = None
    rules: tuple[str, ...] = ()


class Stamps(Record, frozen=True, kw_only=True):
    """When an alert passed each stage, from the log's own times."""

    published: datetime | None = None
    received: datetime | None = None
    annotated: datetime | None = None
    matched: datetime | None = None
    decided: datetime | None = None
    queued: datetime | None = None
    accepted: datetime | None = None


class Alert(Record, frozen=True, kw_only=True):
    """What a subscriber is told: never the body, always the evidence."""

    id: str
    """Hash of subscription, story and sequence: the same on every try."""
    subscription: str
    subscription_name: str = ""
    query: str = ""
    endpoints: tuple[str, ...] = ()
    story: str
    sequence: int = 0
    kind: Literal["first", "update", "digest", "test"] = "first"
    severity: Severity = "medium"
    headline: str
    url: str = ""
    article: str = ""
    language: str = ""
    facts: tuple[str, ...] = ()
    """What the article says happened, in short words, such as `USA expels RUS: 10 diplomats (happened)`."""
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    stamps: Stamps = Stamps()


class Notice(Record, frozen=True, kw_only=True):
    """Something the operator must know; `id` is the same for the same incident."""

    id: str
    what: str
    """Named kind, such as `feed-failing`, `worker-restarting`, `endpoint-failing`."""
    text: str
    """One line: what is wrong and the mend."""
    at: datetime


class Delivery(Record, frozen=True, kw_only=True):
    """One alert (or one notice) on its way to one endpoint."""

    id: str
    """Hash of alert and endpoint."""
    endpoint: str
    sequence: int = 0
    alert: Alert | None = None
    notice: Notice | None = None


class Receipt(Record, frozen=True, kw_only=True):
    """One step of a delivery. `queued` is written when the lane has it durably, attempt 0."""

    delivery: str
    alert: str
    endpoint: str
    sequence: int = 0
    attempt: int = 0
    outcome: Literal["queued", "repeat", "accepted", "retry", "failed"]
    reason: str = ""
    status: int | None = None
    milliseconds: int | None = None
    at: datetime
    next_try: datetime | None = None


class Feed(Record, frozen=True, kw_only=True):
    """A feed somebody asked for."""

    id: str
    url: str
    name: str = ""
    language: str | None = None
    since: datetime | None = None
    """Entries from that day on alert, even at the first poll; without it the first poll is a baseline."""
    every: float | None = None
    """Seconds between polls as the operator wishes, instead of the learnt pace."""
    revision: int = 0
    author: str = ""


class FeedState(Record, frozen=True, kw_only=True):
    """What a poller remembers of a feed between polls and restarts."""

    feed: str
    etag: str | None = None
    modified: str | None = None
    body_hash: str = ""
    polls: int = 0
    """Polls answered with a feed or 304 so far; 0 means the next one is the baseline."""
    failures: int = 0
    """Failures in a row."""
    reason: str = ""
    """How the last poll ended, by name."""
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    next_poll: datetime | None = None
    interval: float = 0.0
    """Seconds."""
    seen: dict[str, str] = {}
    """Identity key of an entry -> `article id:revision:content hash`, newest last, bounded; a `b` after the revision
    marks what was there before the baseline."""


class Subscription(Record, frozen=True, kw_only=True):
    """A standing query and where its alerts go."""

    id: str
    name: str = ""
    query: str
    group: str
    """Id of the canonical query: equal queries share it."""
    endpoints: tuple[str, ...] = ()
    severity: Severity = "medium"
    revision: int = 0
    author: str = ""


class Endpoint(Record, frozen=True, kw_only=True):
    """Where alerts can be sent. Addresses and secrets stay in the settings: the log keeps none."""

    id: str
    channel: str
    name: str = ""
    revision: int = 0
    author: str = ""


class Note(Record, frozen=True, kw_only=True):
    """Why a record's way ended without an output, by name."""

    stage: str
    reason: str
    article: str = ""
    subscription: str = ""
    detail: str = ""
