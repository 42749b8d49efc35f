"""What the page shows of a record: plain text, safe links, and sentences cut where words are to be marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from tocsin.streams.records import Alert, Evidence, Severity, Span, StoryUpdate

MOST_NAMES = 6
"""Topics, countries, sources and changes that are named in one row."""
COUNTRY_KINDS = ("country", "nationality", "government")

# Controls, and the marks that turn the direction of what follows: a headline must not rearrange the page around it.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


class Segment(msgspec.Struct, frozen=True):
    """A piece of text; `mark` where its words satisfied a clause."""

    text: str
    mark: bool = False


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of the article, and the clauses of the query that it satisfies."""

    clauses: tuple[str, ...]
    segments: tuple[Segment, ...]


class AlertItem(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as the page shows it; all text is plain, `url` is http(s) or empty."""

    kind: Literal["alert"] = "alert"
    id: str
    story: str
    form: str
    """first, update, digest or test."""
    severity: Severity
    headline: tuple[Segment, ...]
    url: str
    language: str
    subscription: str
    clauses: tuple[str, ...]
    quotes: tuple[Quote, ...]
    facts: tuple[str, ...]
    sources: tuple[str, ...]
    more_sources: int
    at: datetime

    @property
    def row(self) -> str:
        """Return the id of the item's row."""
        return f"alert-{self.id}"


class StoryItem(msgspec.Struct, frozen=True, kw_only=True):
    """A story as the page shows it, after its newest article."""

    kind: Literal["story"] = "story"
    id: str
    merged: str = ""
    """The story that went into this one, if one did."""
    relation: str
    headline: str
    url: str
    language: str
    sources: tuple[str, ...]
    count: int
    """All sources, named or not."""
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    changes: tuple[str, ...]
    at: datetime

    @property
    def row(self) -> str:
        """Return the id of the item's row."""
        return f"story-{self.id}"


Item = AlertItem | StoryItem


def plain(text: str) -> str:
    """Return text without control characters and marks of direction."""
    return _UNSEEN.sub("", text)


def safe_url(url: str) -> str:
    """Return an http(s) URL with a host and without user or password as it is, anything else as nothing."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return url if good and not re.search(r"[\s\x00-\x1f\x7f]", url) else ""


def language_tag(tag: str | None) -> str:
    """Return a BCP 47 tag, or nothing for what can't be one."""
    return tag if tag and _LANGUAGE.fullmatch(tag) else ""


def segments(evidence: Sequence[Evidence]) -> tuple[Segment, ...]:
    """Cut the one sentence that several pieces of evidence quote into marked and other text.

    Spans count in the reading text. Where a sentence was changed since, so that they no longer fit, the matched words
    are looked for in it.
    """
    sentence, start = evidence[0].sentence, evidence[0].start
    fits = len(sentence) == evidence[0].end - start
    spans: list[Span] = []
    for one in evidence:
        found = [(low - start, high - start) for low, high in one.spans] if fits else []
        found = [(max(low, 0), min(high, len(sentence))) for low, high in found if low < len(sentence) and high > 0]
        if not found and one.matched and (at := sentence.find(one.matched)) >= 0:
            found = [(at, at + len(one.matched))]
        spans += found
    return _cut(sentence, spans)


def _cut(text: str, spans: Iterable[Span]) -> tuple[Segment, ...]:
    pieces: list[Segment] = []
    done = 0
    for start, end in _joined(spans):
        pieces += [Segment(plain(text[done:start])), Segment(plain(text[start:end]), mark=True)]
        done = end
    pieces.append(Segment(plain(text[done:])))
    return tuple(piece for piece in pieces if piece.text)


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def quotes(evidence: Iterable[Evidence]) -> tuple[Quote, ...]:
    """Return each quoted sentence once, in the order of the clauses, with all clauses that it satisfies."""
    sentences: dict[tuple[int, str], list[Evidence]] = {}
    for one in evidence:
        if one.sentence:
            sentences.setdefault((one.start, one.sentence), []).append(one)
    return tuple(
        Quote(clauses=tuple(dict.fromkeys(plain(one.clause) for one in group)), segments=segments(group))
        for group in sentences.values()
    )


def alert_item(alert: Alert, at: datetime) -> AlertItem:
    """Return how an alert is shown; `at` is its time in the log. A quote that is the headline is marked there."""
    headline: tuple[Segment, ...] = (Segment(plain(alert.headline)),)
    shown: list[Quote] = []
    for quote in quotes(alert.evidence):
        if "".join(piece.text for piece in quote.segments) == headline[0].text and len(headline) == 1:
            headline = quote.segments
        else:
            shown.append(quote)
    clauses = alert.reasons or tuple(one.clause for one in alert.evidence)
    return AlertItem(
        id=alert.id,
        story=alert.story,
        form=alert.kind,
        severity=alert.severity,
        headline=headline,
        url=safe_url(alert.url),
        language=language_tag(alert.language),
        subscription=plain(alert.subscription_name or alert.query),
        clauses=tuple(dict.fromkeys(plain(clause) for clause in clauses)),
        quotes=tuple(shown),
        facts=tuple(plain(fact) for fact in alert.facts),
        sources=tuple(plain(source) for source in alert.sources[:MOST_NAMES]),
        more_sources=max(len(alert.sources) - MOST_NAMES, 0),
        at=at,
    )


def story_item(update: StoryUpdate, at: datetime, before: StoryItem | None = None) -> StoryItem:
    """Return how a story is shown; `before` is how it was shown last, whose topics and countries it keeps."""
    annotated = update.annotated
    article = annotated.article
    topics = [label.topic for label in annotated.labels]
    return StoryItem(
        id=update.merged_into or update.story,
        merged=update.story if update.merged_into else "",
        relation=update.relation,
        headline=plain(update.headline or article.title),
        url=safe_url(article.url),
        language=language_tag(annotated.language),
        sources=tuple(plain(source) for source in update.sources[:MOST_NAMES]),
        count=max(len(update.sources), 1),
        topics=_first((before.topics if before else ()), topics),
        countries=_first((before.countries if before else ()), _countries(update)),
        changes=tuple(plain(change.name) for change in update.changes[:MOST_NAMES]),
        at=at,
    )


def _countries(update: StoryUpdate) -> list[str]:
    """Return the countries named, those the article is about first."""
    found = [mention for mention in update.annotated.mentions if mention.kind in COUNTRY_KINDS]
    return [mention.id for mention in sorted(found, key=lambda mention: (mention.role != "about", mention.start))]


def _first(*names: Iterable[str]) -> tuple[str, ...]:
    every = dict.fromkeys(plain(name) for some in names for name in some)
    return tuple(every)[:MOST_NAMES]


def ago(at: datetime, now: datetime) -> str:
    """Return in words how long ago something was; what lies ahead is `now`."""
    seconds = int((now - at).total_seconds())
    if seconds < 5:
        return "now"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
