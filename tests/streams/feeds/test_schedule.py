"""When a feed is asked again, and what its answers change."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest

from tocsin.streams.feeds.schedule import (
    Answer,
    advance,
    conditional_headers,
    fresh_for,
    is_quiet,
    pace,
    retry_after,
)
from tocsin.streams.records import Feed, FeedState

NOW = datetime(2022, 5, 4, 12, tzinfo=UTC)
FEED = Feed(id="f", url="https://f.example/")
FETCHED = Answer(outcome="fetched", reason="fetched")
MIDDLE = 0.5


def wait(state: FeedState) -> float:
    assert state.next_poll is not None
    return (state.next_poll - NOW).total_seconds()


def after(answer: Answer, state: FeedState | None = None, feed: Feed = FEED, chance: float = MIDDLE) -> FeedState:
    return advance(state or FeedState(feed="f"), answer, feed, NOW, chance)


def each(step: timedelta, count: int) -> list[datetime]:
    return [NOW - step * number for number in range(count)]


def test_the_pace_goes_with_the_square_root_of_the_rate() -> None:
    hourly, daily = pace(each(timedelta(hours=1), 40), NOW), pace(each(timedelta(days=1), 40), NOW)
    assert hourly is not None
    assert daily is not None
    assert daily / hourly == pytest.approx(24**0.5)


def test_no_entry_can_pass_by_between_two_polls() -> None:
    """Half of what the feed's entries span is the longest pause."""
    assert pace(each(timedelta(minutes=1), 6), NOW) <= 150


@pytest.mark.parametrize("dates", [[], [NOW], [NOW + timedelta(days=1)] * 3])
def test_dates_that_tell_nothing_give_no_pace(dates: list[datetime]) -> None:
    assert pace(dates, NOW) is None


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(days=400)])
def test_a_learnt_pace_stays_within_two_minutes_and_six_hours(step: timedelta) -> None:
    assert 120 <= pace(each(step, 50), NOW) <= 21_600


def test_polls_are_spread_by_ten_percent() -> None:
    answer = Answer(outcome="fetched", reason="fetched", pace=1000)
    assert [wait(after(answer, chance=chance)) for chance in (0.0, 1.0)] == [900, 1100]


def test_the_feeds_own_hint_counts_only_where_no_pace_is_known() -> None:
    assert wait(after(Answer(outcome="fetched", reason="fetched", hint=60))) == 3600
    assert wait(after(Answer(outcome="fetched", reason="fetched", hint=60, pace=600))) == 600
    assert wait(after(Answer(outcome="fetched", reason="fetched", hint=10_000))) == 7200


def test_freshness_is_waited_for_up_to_an_hour() -> None:
    fresh = {"cache-control": "public, max-age=1800"}
    assert wait(after(Answer(outcome="fetched", reason="fetched", pace=300, headers=fresh))) == 1800
    fresh = {"cache-control": "max-age=86400"}
    assert wait(after(Answer(outcome="fetched", reason="fetched", pace=300, headers=fresh))) == 3600


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=100", "age": "40"}, 60),
        ({"cache-control": "max-age=100, no-cache"}, 0),
        ({"cache-control": 'max-age="50"'}, 50),
        ({"cache-control": "max-age=soon"}, 0),
        ({"expires": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90),
        ({"expires": "0"}, 0),
        ({}, 0),
    ],
)
def test_freshness_is_read_from_cache_control_then_expires(headers: dict[str, str], seconds: float) -> None:
    assert fresh_for(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0),
        ("9999999", 86_400),
        ("-5", None),
        ("later", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_zero_is_a_value(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


def test_the_sites_retry_after_goes_before_the_operators_wish() -> None:
    feed = msgspec.structs.replace(FEED, every=1.0)
    answer = Answer(outcome="throttled", reason="throttled", headers={"retry-after": "600"})
    assert wait(after(answer, feed=feed)) == 600
    assert wait(after(FETCHED, feed=feed)) == 1


def test_a_retry_after_of_zero_replaces_the_guess() -> None:
    """Then the usual shortest pause holds, and not a quarter of an hour."""
    guess = wait(after(Answer(outcome="throttled", reason="throttled")))
    assert wait(after(Answer(outcome="throttled", reason="throttled", headers={"retry-after": "0"}))) == 120 < guess


def test_failures_are_waited_out_longer_and_longer_up_to_six_hours() -> None:
    state, waits = FeedState(feed="f"), []
    for _ in range(12):
        state = after(Answer(outcome="failed", reason="timeout"), state, chance=1.0)
        waits.append(wait(state))
    assert waits[:4] == [120, 240, 480, 960]
    assert waits[-1] == 21_600
    assert state.failures == 12
    assert after(FETCHED, state).failures == 0


def test_a_feed_that_is_gone_is_asked_once_a_week_after_its_third_410() -> None:
    gone = Answer(outcome="gone", reason="gone")
    state = after(gone, after(gone))
    assert wait(state) < 86_400
    assert wait(after(gone, state)) == 7 * 86_400


def test_a_200_replaces_both_validators_and_a_304_what_it_brings() -> None:
    state = FeedState(feed="f", etag='"a"', modified="Sun, 01 May 2022 00:00:00 GMT", polls=1)
    new = after(Answer(outcome="fetched", reason="fetched", headers={"etag": '"b"'}), state)
    assert (new.etag, new.modified) == ('"b"', None)
    kept = after(Answer(outcome="unchanged", reason="not-modified", headers={"etag": '"c"'}), state)
    assert (kept.etag, kept.modified) == ('"c"', state.modified)
    failed = after(Answer(outcome="failed", reason="timeout"), state)
    assert (failed.etag, failed.modified) == (state.etag, state.modified)


def test_a_date_ahead_is_no_validator() -> None:
    ahead = {"last-modified": "Tue, 01 Jan 2041 00:00:00 GMT"}
    assert after(Answer(outcome="fetched", reason="fetched", headers=ahead)).modified is None


def test_each_twentieth_poll_goes_without_validators() -> None:
    bare = [
        polls
        for polls in range(60)
        if not conditional_headers(FeedState(feed="f", etag='"a"', modified="x", polls=polls))
    ]
    assert bare == [19, 39, 59]


def test_a_feed_is_quiet_against_its_own_history_alone() -> None:
    busy = FeedState(feed="f", interval=190.0, last_new=NOW - timedelta(hours=13))
    slow = FeedState(feed="f", interval=2900.0, last_new=NOW - timedelta(days=10))
    assert is_quiet(busy, NOW)
    assert not is_quiet(slow, NOW)
    assert is_quiet(slow, NOW + timedelta(days=20))
    assert not is_quiet(msgspec.structs.replace(busy, interval=0.0), NOW)
    assert not is_quiet(msgspec.structs.replace(busy, failures=1), NOW)
