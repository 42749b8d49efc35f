"""What of a feed is new, what is a revision, and what alerts nobody."""

from datetime import UTC, datetime, timedelta

import msgspec

from tocsin.streams.codec import encode
from tocsin.streams.feeds.intake import take_in
from tocsin.streams.feeds.parse import Entry, ParsedFeed
from tocsin.streams.records import Feed, FeedState

NOW = datetime(2022, 5, 4, 12, tzinfo=UTC)
FEED = Feed(id="f", url="https://f.example/feed", name="Hill News")
LATER = FeedState(feed="f", polls=3, last_success=NOW - timedelta(hours=1))


def entry(number: int, **more) -> Entry:
    known = {
        "id": f"g{number}",
        "url": f"https://f.example/{number}",
        "title": f"Title {number}",
        "text": "Text.",
        "published": NOW - timedelta(days=1),
        "updated": None,
    }
    return Entry(**known | more)


def take(*entries: Entry, state: FeedState = LATER, feed: Feed = FEED):
    parsed = ParsedFeed(format="rss20", title="F", link="", language="en", ttl=None, entries=entries, warnings=())
    return take_in(feed, state, parsed, NOW)


def again(*entries: Entry, before, **state):
    return take(*entries, state=msgspec.structs.replace(LATER, seen=before.seen, **state))


def test_entries_of_the_first_poll_are_baseline_and_later_ones_never() -> None:
    first = take(entry(1), state=FeedState(feed="f"))
    assert [article.baseline for article in first.articles] == [True]
    assert [article.baseline for article in again(entry(2), before=first).articles] == [False]


def test_since_a_day_old_entries_are_baseline_and_undated_ones_are_not() -> None:
    feed = msgspec.structs.replace(FEED, since=NOW - timedelta(hours=2))
    dates = [NOW - timedelta(hours=3), NOW - timedelta(hours=1), feed.since, None]
    found = take(
        *(entry(number, published=date) for number, date in enumerate(dates)), state=FeedState(feed="f"), feed=feed
    )
    assert [article.baseline for article in reversed(found.articles)] == [True, False, False, False]


def test_an_entry_seen_before_is_not_published_again() -> None:
    before = take(entry(1), entry(2))
    found = again(entry(2), entry(1, title="Title  1 "), before=before)
    assert (found.articles, found.known) == ((), 2)


def test_an_edit_is_the_same_article_with_the_next_revision() -> None:
    before = take(entry(1))
    found = again(entry(1, title="New title"), before=before)
    (first,), (second,) = before.articles, found.articles
    assert (second.id, second.revision, second.title) == (first.id, first.revision + 1, "New title")
    assert again(entry(1, title="New title"), before=found).articles == ()


def test_an_entry_is_known_again_by_its_id_or_by_its_address() -> None:
    before = take(entry(1))
    assert again(entry(1, id="other"), before=before).articles == ()
    assert again(entry(1, url="https://f.example/moved"), before=before).articles == ()


def test_an_edited_old_entry_stays_baseline_unless_the_publisher_dates_it_anew() -> None:
    before = take(entry(1), state=FeedState(feed="f"))
    assert [a.baseline for a in again(entry(1, text="12 views"), before=before).articles] == [True]
    updated = entry(1, text="Much more.", updated=NOW - timedelta(minutes=1))
    assert [a.baseline for a in again(updated, before=before).articles] == [False]


def test_an_entry_listed_twice_with_two_texts_does_not_flap() -> None:
    both = (entry(1, text="One."), entry(1, text="Two."))
    before = take(*both)
    assert len(before.articles) == 1
    assert again(*both, before=before).articles == ()


def test_articles_are_published_oldest_first_with_source_language_and_marks() -> None:
    feed = msgspec.structs.replace(FEED, language="fr")
    found = take(entry(2, text="Words.\nREAD MORE: Other"), entry(1, language="de"), feed=feed)
    assert [article.title for article in found.articles] == ["Title 1", "Title 2"]
    last = found.articles[-1]
    assert (last.source, last.feed, last.language, last.first_seen) == ("Hill News", "f", "fr", NOW)
    assert [last.reading_text[start:end] for start, end in last.furniture] == ["READ MORE: Other"]


def test_letters_and_marks_sent_apart_are_put_together() -> None:
    (article,) = take(entry(1, title="Sa\u0303o Paulo", text="Bogota\u0301.")).articles
    assert (article.title, article.text) == ("S\u00e3o Paulo", "Bogot\u00e1.")


def test_a_date_more_than_an_hour_ahead_is_no_date() -> None:
    found = take(entry(1, published=NOW + timedelta(hours=2)), entry(2, published=NOW + timedelta(minutes=30)))
    assert [article.published is None for article in found.articles] == [False, True]


def test_an_entry_without_any_name_is_counted_and_left_out() -> None:
    found = take(entry(1, id="", url="", title=""))
    assert (found.articles, found.nameless) == ((), 1)


def test_memory_is_bounded_and_drops_the_oldest() -> None:
    """However long a feed runs, its state stays a small record, and the present window is all in it."""
    state = LATER
    for day in range(30):
        window = [entry(day * 100 + number) for number in reversed(range(100))]
        state = msgspec.structs.replace(state, seen=take(*window, state=state).seen)
        assert take(*window, state=state).articles == ()
    assert len(state.seen) <= 500
    assert len(encode(state)) < 100_000
    assert take(entry(0), state=state).articles


def test_the_state_given_is_left_as_it_is() -> None:
    take(entry(1), state=LATER)
    assert LATER.seen == {}
