"""What of a feed's entries is news to the log: new articles, new revisions, nothing. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from tocsin.streams.feeds.clean import furniture
from tocsin.streams.feeds.identity import Identity, content_hash, identify
from tocsin.streams.feeds.parse import Entry, ParsedFeed
from tocsin.streams.records import Article, Feed, FeedState

AHEAD = timedelta(hours=1)
"""A date further ahead than that is an error and counts as none."""
LEAST_KEYS = 500
MOST_KEYS = 8_000
"""Keys that a feed's state holds: enough for two windows of any feed, and the record stays below a megabyte."""
_BASELINE = "b"


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What to publish, oldest entry first, and what to remember once that is confirmed."""

    articles: tuple[Article, ...]
    seen: dict[str, str]
    known: int
    """Entries that were known and unchanged."""
    nameless: int
    """Entries with neither id nor address nor title: nobody could tell them from each other."""


class _Seen(msgspec.Struct, frozen=True):
    """A value of `FeedState.seen`: what was last published of an entry."""

    article: str
    revision: int
    digest: str
    baseline: bool

    def __str__(self) -> str:
        return f"{self.article}:{self.revision}{_BASELINE if self.baseline else ''}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> _Seen:
        article, revision, digest = text.split(":")
        return cls(article, int(revision.removesuffix(_BASELINE)), digest, revision.endswith(_BASELINE))


def take_in(feed: Feed, state: FeedState, parsed: ParsedFeed, now: datetime) -> Intake:
    """Compare a feed's entries with what its state remembers; `state.seen` is left as it is.

    The first poll is a baseline: what is there then alerts nobody, unless the feed has `since` and the entry has no
    earlier date. Later polls have no baseline. An edit of a baseline entry stays baseline too, unless the publisher
    dates it after the previous poll: counters and typing errors in old entries are no news, an update is.
    """
    fresh: dict[str, str] = {}
    articles: dict[str, Article] = {}
    known = nameless = 0
    taken: set[str] = set()
    for entry, identity in zip(parsed.entries, identify(parsed.entries, feed.url), strict=True):
        if identity is None:
            nameless += 1
            continue
        before = next((_Seen.parse(state.seen[key]) for key in identity.keys if key in state.seen), None)
        after = _after(before, identity, entry, feed, state, now)
        # Listed twice with two texts, an entry would be a new revision at each poll.
        if after.article in taken:
            continue
        taken.add(after.article)
        if after == before:
            known += 1
        else:
            articles[after.article] = _article(after, entry, feed, parsed, now)
        fresh |= {key: str(after) for key in identity.keys if key not in fresh}
    # Feeds list the newest first; the log wants them as they happened, and memory drops the oldest first.
    seen = {key: value for key, value in state.seen.items() if key not in fresh} | dict(reversed(fresh.items()))
    most = min(max(LEAST_KEYS, 4 * len(parsed.entries)), MOST_KEYS)
    return Intake(
        articles=tuple(reversed(articles.values())),
        seen=dict(list(seen.items())[-most:]),
        known=known,
        nameless=nameless,
    )


def usable_dates(entries: Sequence[Entry], now: datetime) -> list[datetime]:
    """Return the entries' dates without those that lie ahead."""
    return [date for entry in entries if (date := _published(entry, now)) is not None]


def _after(
    before: _Seen | None, identity: Identity, entry: Entry, feed: Feed, state: FeedState, now: datetime
) -> _Seen:
    digest = content_hash(entry.title, entry.text)
    if before is None:
        return _Seen(identity.article, 0, digest, _is_baseline(entry, feed, state, now))
    if before.digest == digest:
        return before
    dates = [date for date in (entry.published, entry.updated) if date is not None and date <= now + AHEAD]
    newer = state.last_success is not None and any(date > state.last_success for date in dates)
    return _Seen(before.article, before.revision + 1, digest, before.baseline and not newer)


def _is_baseline(entry: Entry, feed: Feed, state: FeedState, now: datetime) -> bool:
    if state.polls > 0:
        return False
    if feed.since is None:
        return True
    published = _published(entry, now)
    return published is not None and published < feed.since


def _published(entry: Entry, now: datetime) -> datetime | None:
    return entry.published if entry.published is not None and entry.published <= now + AHEAD else None


def _article(seen: _Seen, entry: Entry, feed: Feed, parsed: ParsedFeed, now: datetime) -> Article:
    url = entry.origin or entry.url or parsed.link or feed.url
    # Composed letters (NFC, Unicode UAX 15), as names are written: some pages send the letter and its mark apart.
    title, text = (unicodedata.normalize("NFC", part) for part in (entry.title, entry.text))
    return Article(
        id=seen.article,
        revision=seen.revision,
        url=url,
        source=feed.name or parsed.title or urlsplit(url).hostname or feed.id,
        feed=feed.id,
        title=title,
        text=text,
        furniture=furniture(title, text),
        # What the operator says of the feed counts more than what its software was set to.
        language=feed.language or entry.language or parsed.language,
        authors=entry.authors,
        published=_published(entry, now),
        first_seen=now,
        baseline=seen.baseline,
    )
