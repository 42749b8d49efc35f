"""Which feeds are due: in time order, one at a time for each host."""

from datetime import UTC, datetime, timedelta

from tocsin.streams.feeds.due import Due

NOW = datetime(2022, 5, 4, 12, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_feeds_come_when_due_the_longest_due_first() -> None:
    due = Due()
    due.add("late", "a", at(5))
    due.add("soon", "b", at(-1))
    due.add("sooner", "c", at(-2))
    assert [due.take(NOW), due.take(NOW), due.take(NOW)] == [("sooner", "c"), ("soon", "b"), None]
    assert due.next_time() == at(5)


def test_a_host_is_asked_once_at_a_time_and_its_feeds_keep_their_order() -> None:
    due = Due()
    for number in range(3):
        due.add(f"f{number}", "host", at(-3 + number))
    due.add("other", "elsewhere", at(0))
    assert due.take(NOW) == ("f0", "host")
    assert due.take(NOW) == ("other", "elsewhere")
    assert due.take(NOW) is None
    due.free("host")
    assert due.take(NOW) == ("f1", "host")


def test_a_feed_that_is_moved_or_removed_does_not_come_at_its_old_time() -> None:
    due = Due()
    due.add("moved", "a", at(-1))
    due.add("moved", "a", at(9))
    due.add("gone", "b", at(-1))
    due.remove("gone")
    assert due.take(NOW) is None
    assert due.next_time() == at(9)


def test_a_feed_removed_while_it_waits_for_its_host_does_not_come() -> None:
    due = Due()
    due.add("one", "host", at(-2))
    due.add("two", "host", at(-1))
    due.take(NOW)
    due.take(NOW)
    due.remove("two")
    due.free("host")
    assert due.take(NOW) is None
