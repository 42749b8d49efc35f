"""What the page holds in memory: bounded, replayable, fair to every listener."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.service.web_samples import AT, source, tell_alert, tell_story
from tocsin.service.web.hub import CLIENTS, QUEUE, RING, ROWS, Status


def rows(entries):
    return [entry.item.id for entry in entries]


def test_a_page_that_comes_back_is_replayed_exactly_what_it_missed():
    live = source()
    tell_alert(live, "a1")
    seen = live.hub.cursor
    tell_alert(live, "a2")
    tell_story(live, "t1")
    client = live.hub.join(seen)
    assert rows(client.waiting) == ["a2", "t1"]
    assert not client.gap
    assert live.hub.join(live.hub.cursor).waiting == []


def test_what_is_no_longer_held_is_a_gap_and_never_a_silent_hole():
    live = source()
    tell_alert(live, "first")
    seen = live.hub.cursor
    for number in range(RING):
        tell_story(live, f"t{number}")
    assert not live.hub.join(seen).gap
    assert len(live.hub.join(seen).waiting) == RING
    tell_story(live, "one-more")
    assert live.hub.join(seen).gap
    assert live.hub.join(seen).waiting == []


def test_a_cursor_of_another_process_or_of_nobody_is_a_gap():
    live, other = source(), source()
    tell_alert(live)
    tell_alert(other)
    ahead = live.hub.event_id(99)
    for seen in (other.hub.cursor, ahead, "nonsense", live.hub.cursor + "x", live.hub.cursor + "٣", "-" * 50):
        assert live.hub.join(seen).gap, seen


def test_an_alert_that_was_only_sent_again_is_shown_once():
    live = source()
    tell_alert(live, "a1")
    tell_alert(live, "a1")
    assert live.hub.cursor.endswith("-1")


def test_a_story_stands_once_and_moves_up_with_each_article():
    live = source()
    for story in ("t1", "t2", "t1"):
        tell_story(live, story)
    assert list(live.hub.stories) == ["t2", "t1"]


def test_a_merged_story_leaves_its_row():
    live = source()
    tell_story(live, "t1")
    tell_story(live, "t2")
    tell_story(live, "t1", merged_into="t2")
    assert list(live.hub.stories) == ["t2"]


def test_rows_are_bounded():
    live = source()
    for number in range(ROWS + 5):
        tell_story(live, f"t{number}")
        tell_alert(live, f"a{number}")
    assert len(live.hub.stories) == len(live.hub.alerts) == ROWS
    assert "a4" not in live.hub.alerts


async def test_a_slow_page_is_dropped_and_the_others_hear_everything():
    live = source()
    slow, quick = live.hub.join(""), live.hub.join("")
    heard = []
    for number in range(QUEUE + 1):
        tell_story(live, f"t{number}")
        heard += await quick.events()
    assert await asyncio.wait_for(slow.events(), 1) == []
    assert len(heard) == QUEUE + 1
    assert quick.open


async def test_closing_ends_every_page():
    live = source()
    client = live.hub.join("")
    tell_alert(live)
    live.hub.close()
    assert await asyncio.wait_for(client.events(), 1) == []


def test_the_number_of_pages_is_bounded():
    live = source()
    clients = [live.hub.join("") for _ in range(CLIENTS)]
    assert live.hub.join("") is None
    live.hub.leave(clients[0])
    assert live.hub.join("") is not None


async def test_the_header_counts_the_last_minute_and_is_told_only_when_it_changes():
    live = source()
    tell_story(live, "t1", at=AT)
    tell_alert(live, "a1", at=AT)
    client = live.hub.join("")
    live.hub.tick(AT + timedelta(seconds=30), "live")
    live.hub.tick(AT + timedelta(seconds=31), "live")
    assert await client.events() == [Status(state="live", articles=1, alerts=1, sources=1)]
    live.hub.tick(AT + timedelta(seconds=90), "reconnecting", "away")
    assert await client.events() == [Status(state="reconnecting", reason="away", sources=1)]
    live.hub.tick(AT + timedelta(hours=2), "live")
    assert live.hub.status.sources == 0
