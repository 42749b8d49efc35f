"""When to ask a feed again, and what its answer changes in its state. Pure: time and chance are arguments.

The pace goes with the square root of how often a feed brings something, which spends a given number of requests with
the least delay. The site's own word comes first: Retry-After always, max-age and Expires where they allow a delay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

from tocsin.streams.records import Feed, FeedState

SHORTEST = 120.0
LONGEST = 21_600.0
"""Seconds between polls, at least and at most, unless the operator or the site says otherwise."""
PACE = 10.0
"""Square root of seconds: one entry an hour is asked for each 10 minutes, one a day each 49."""
FRESH_LIMIT = 3_600.0
"""Seconds of max-age or Expires that are heeded; publishers' caches are often set for pictures, not for news."""
RETRY_LIMIT = 86_400.0
UNKNOWN = 900.0
"""Seconds between polls where neither dates nor a hint tell a pace."""
HINT_LIMIT = 7_200.0
GONE = 604_800.0
"""Seconds between polls of a feed that is gone for good: one that answered 410 as often in a row as"""
GONE_AFTER = 3
THROTTLED = 900.0
"""Seconds of the first wait after 429 without a Retry-After."""
UNCONDITIONAL_EACH = 20
"""Each so many polls the validators are left out: a server that answers 304 for ever would go unnoticed."""
FAILING_AFTER = 3
QUIET_GAPS = 20.0
"""Gaps of usual length without anything new that make a feed quiet,"""
QUIET_LEAST = 43_200.0
"""but no less than these seconds: nights are no incident."""

Outcome = Literal["fetched", "unchanged", "throttled", "gone", "failed"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll brought, as far as the schedule cares."""

    outcome: Outcome
    """`unchanged` is a 304 or the same body again."""
    reason: str
    """How it ended, by name: kept in the state and shown."""
    headers: Mapping[str, str] = {}
    body_hash: str = ""
    new: int = 0
    """Entries that were new or changed."""
    pace: float | None = None
    """Seconds as `pace` gives them; None where nothing could be learnt."""
    hint: int | None = None
    """Minutes that the feed itself asks for: they stand in where no pace is known, since most are mere defaults."""


def pace(dates: Sequence[datetime], now: datetime) -> float | None:
    """Return seconds between polls for a feed whose entries have these dates; None where they tell nothing.

    Never longer than half the time that the entries span, so that none passes by between two polls.
    """
    known = sorted(date for date in dates if date <= now)
    if len(known) < 2:
        return None
    whole = max(1.0, (now - known[0]).total_seconds())
    span = (known[-1] - known[0]).total_seconds()
    return min(max(min(PACE / math.sqrt(len(known) / whole), span / 2), SHORTEST), LONGEST)


def conditional_headers(state: FeedState) -> dict[str, str]:
    """Return the validators to send (RFC 9110, 13.1)."""
    if state.polls % UNCONDITIONAL_EACH == UNCONDITIONAL_EACH - 1:
        return {}
    found = {}
    if state.etag:
        found["if-none-match"] = state.etag
    if state.modified:
        found["if-modified-since"] = state.modified
    return found


def advance(state: FeedState, answer: Answer, feed: Feed, now: datetime, chance: float) -> FeedState:
    """Return the state after a poll that ended at `now`. `chance` is 0 to 1 and spreads the polls."""
    if answer.outcome in ("fetched", "unchanged"):
        return _answered(state, answer, feed, now, chance)
    failures = state.failures + 1
    wait = _wait_after_failure(answer, failures, feed, now, chance)
    return msgspec.structs.replace(
        state, failures=failures, reason=answer.reason, last_poll=now, next_poll=now + timedelta(seconds=wait)
    )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds of a Retry-After in either form (RFC 9110, 10.2.3), one day at most; None without one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_LIMIT)
    date = http_date(text)
    return None if date is None else min(max(0.0, (date - now).total_seconds()), RETRY_LIMIT)


def fresh_for(headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds for which the answer stays fresh (RFC 9111, 4.2), 0 where it does not say."""
    control = _directives(headers.get("cache-control", ""))
    if "no-cache" in control or "no-store" in control:
        return 0.0
    age = headers.get("age", "").strip()
    old = float(age[:9]) if age.isascii() and age.isdigit() else 0.0
    if "max-age" in control:
        text = control["max-age"]
        return max(0.0, float(text[:9]) - old) if text.isascii() and text.isdigit() else 0.0
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return 0.0
    return max(0.0, (expires - (http_date(headers.get("date", "")) or now)).total_seconds() - old)


def is_quiet(state: FeedState, now: datetime) -> bool:
    """Tell whether a feed has brought nothing for far longer than its own history leads to expect."""
    if state.last_new is None or not state.interval or state.failures:
        return False
    gap = (state.interval / PACE) ** 2
    return (now - state.last_new).total_seconds() > max(QUIET_LEAST, QUIET_GAPS * gap)


def http_date(text: str) -> datetime | None:
    """Read a date of a header; None where it is none."""
    try:
        found = parsedate_to_datetime(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _answered(state: FeedState, answer: Answer, feed: Feed, now: datetime, chance: float) -> FeedState:
    learnt = answer.pace or state.interval
    if feed.every is not None:
        wait = feed.every
    else:
        usual = learnt or (min(max(answer.hint * 60.0, SHORTEST), HINT_LIMIT) if answer.hint else UNKNOWN)
        wait = max(usual, min(fresh_for(answer.headers, now), FRESH_LIMIT)) * (0.9 + 0.2 * chance)
    # A 304 may leave validators out (RFC 9110, 15.4.5); a 200 without them has none.
    kept = state if answer.reason == "not-modified" else FeedState(feed=state.feed)
    return msgspec.structs.replace(
        state,
        etag=answer.headers.get("etag") or kept.etag,
        modified=_modified(answer.headers, now) or kept.modified,
        body_hash=answer.body_hash or state.body_hash,
        polls=state.polls + 1,
        failures=0,
        reason=answer.reason,
        last_poll=now,
        last_success=now,
        last_new=now if answer.new or state.last_new is None else state.last_new,
        next_poll=now + timedelta(seconds=wait),
        interval=learnt,
    )


def _wait_after_failure(answer: Answer, failures: int, feed: Feed, now: datetime, chance: float) -> float:
    usual = SHORTEST if feed.every is None else feed.every
    asked = retry_after(answer.headers, now)
    if answer.outcome == "gone" and failures >= GONE_AFTER:
        return max(GONE, asked or 0.0)
    if asked is not None:
        # The site's own word, 0 too, replaces the guess; nobody overrides it, not even the operator.
        return max(asked, usual)
    base = THROTTLED if answer.outcome == "throttled" and feed.every is None else usual
    return min(base * 2.0 ** min(failures - 1, 20), LONGEST) * (0.5 + 0.5 * chance)


def _modified(headers: Mapping[str, str], now: datetime) -> str | None:
    """Return Last-Modified, unless it lies ahead: sent back, such a date would bring 304 for years."""
    text = headers.get("last-modified")
    date = http_date(text) if text else None
    return text if date is not None and date <= now + timedelta(days=1) else None


def _directives(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.lower().split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in parts}
