"""The live page over HTTP: what it says, to whom, and that nothing from outside becomes markup."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from html.parser import HTMLParser

import aiohttp
import msgspec
import pytest

from tests.service.web_samples import AT, source, tell_alert, tell_story
from tocsin.service.health import serve
from tocsin.service.web import page as page_module
from tocsin.service.web.page import host_allowed, page_app

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">"\'&'


@contextlib.asynccontextmanager
async def shown(live, **options):
    """Serve a source's page; yields a session to it."""
    runner, port = await serve(page_app(live, **options), "127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield session
    finally:
        await runner.cleanup()


class Tags(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


async def told(answer, wanted):
    """Read so many events of a stream (comments too) as (id, name, data)."""
    found = []
    block = {}
    while len(found) < wanted:
        line = (await asyncio.wait_for(answer.content.readline(), 5)).decode().rstrip("\n")
        if line.startswith(":"):
            found.append(("", "comment", line))
        elif line:
            name, _, value = line.partition(": ")
            block[name] = value
        elif "event" in block:
            found.append((block.get("id", ""), block["event"], msgspec.json.decode(block["data"])))
            block = {}
        else:
            block = {}
    return found


async def test_the_page_shows_alerts_and_stories_without_any_script():
    live = source()
    tell_alert(live)
    tell_story(live)
    live.hub.tick(AT, "live")
    async with shown(live) as session, session.get("/") as answer:
        assert answer.status == 200
        text = await answer.text()
    words = " ".join("".join(Tags(text).words).split())
    for part in (
        "Oslo acts after embassy affair",
        "NOR expels IRN: 4 diplomats (happened)",
        "topic:expulsion",
        "Fjord Times",
        "1 source",
        "Expulsions",
        "high",
        "live",
    ):
        assert part in words
    assert "<mark>to leave the country</mark>" in text
    links = [attrs for tag, attrs in Tags(text).tags if tag == "a" and attrs["href"].startswith("http")]
    assert len(links) == 2
    assert all(link["rel"] == "noopener noreferrer" and link["target"] == "_blank" for link in links)


async def test_an_empty_page_says_that_it_waits():
    async with shown(source()) as session, session.get("/") as answer:
        text = await answer.text()
    assert "No alert yet" in text
    assert 'class="state starting"' in text


async def test_everything_from_outside_is_text_on_the_page_and_in_events():
    live = source()
    async with shown(live) as session:
        seen = live.hub.cursor
        tell_alert(
            live,
            "a1",
            headline=EVIL,
            facts=(EVIL,),
            sources=(EVIL,),
            subscription_name=EVIL,
            reasons=(EVIL,),
            url="javascript:alert(3)",
            language=EVIL,
        )
        tell_story(live, 't"><b>', headline=EVIL, topics=(EVIL,), sources=(EVIL,), url='https://example.org/"><b>')
        async with session.get("/") as answer:
            page = await answer.text()
        async with session.get("/events", params={"after": seen}) as answer:
            rows = [data["html"] for _, _, data in await told(answer, 2)]
    before = Tags(page[: page.index('id="alerts"')])
    for text in (page, *rows):
        tags = Tags(text).tags
        assert not [tag for tag, _ in tags if tag in {"b", "iframe"}]
        assert not [attrs for _, attrs in tags if any(name.startswith("on") or name == "style" for name in attrs)]
        assert not [attrs for _, attrs in tags if (attrs.get("href") or "").startswith("javascript")]
    assert [tag for tag, _ in Tags(page).tags].count("script") == [tag for tag, _ in before.tags].count("script") == 1
    assert [tag for tag, _ in Tags(rows[0]).tags].count("script") == 0
    assert EVIL in "".join(Tags(rows[0]).words)


async def test_every_answer_forbids_what_the_page_does_not_need():
    async with shown(source()) as session:
        for path in ("/", "/api/recent", "/static/page.js", "/events", "/nowhere", "/static/nothing"):
            async with session.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert policy.startswith(
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
                )
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_page_needs_nothing_that_its_policy_forbids():
    live = source()
    tell_alert(live)
    tell_story(live)
    async with shown(live) as session:
        async with session.get("/") as answer:
            tags = Tags(await answer.text()).tags
        asked = [attrs.get("src") or attrs["href"] for tag, attrs in tags if tag in {"script", "img", "link"}]
        assert asked
        for path in asked:
            async with session.get(path) as answer:
                assert answer.status == 200, path
                etag = answer.headers["ETag"]
            async with session.get(path, headers={"If-None-Match": etag}) as answer:
                assert answer.status == 304
    assert all(path.startswith("/static/") for path in asked)
    assert not [attrs for tag, attrs in tags if "style" in attrs or tag == "style"]


@pytest.mark.parametrize(
    ("header", "configured", "good"),
    [
        ("127.0.0.1:8010", "127.0.0.1", True),
        ("[::1]:8010", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("LOCALHOST:1", "127.0.0.1", True),
        ("news.example.org", "news.example.org", True),
        ("evil.example", "127.0.0.1", False),
        ("127.0.0.1.evil.example", "127.0.0.1", False),
        ("evil.example:8010", "0.0.0.0", False),
        ("10.1.2.3:8010", "0.0.0.0", True),
        ("[fd00::1]:8010", "::", True),
        ("10.1.2.3:8010", "127.0.0.1", False),
        ("user@127.0.0.1@evil.example", "127.0.0.1", False),
        ("[::1", "127.0.0.1", False),
        ("", "127.0.0.1", False),
    ],
)
def test_only_this_machine_and_the_configured_host_are_answered(header, configured, good):
    assert host_allowed(header, configured) is good


@pytest.mark.parametrize("path", ["/", "/events", "/api/recent", "/static/page.js"])
async def test_a_foreign_name_pointed_here_reads_nothing(path):
    live = source()
    tell_alert(live)
    async with shown(live) as session, session.get(path, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 421
        assert "Oslo" not in await answer.text()


async def test_recent_is_the_same_in_json_newest_first():
    live = source()
    for id_ in ("a1", "a2"):
        tell_alert(live, id_)
    tell_story(live)
    async with shown(live) as session, session.get("/api/recent") as answer:
        found = await answer.json()
    assert [one["id"] for one in found["alerts"]] == ["a2", "a1"]
    assert found["stories"][0]["countries"] == ["NOR", "IRN"]
    assert found["cursor"] == live.hub.cursor
    assert found["status"]["state"] == "starting"


async def test_events_come_as_they_happen_with_ids_to_come_back_with():
    live = source()
    async with shown(live) as session:
        async with session.get("/events") as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            assert [name for _, name, _ in await told(answer, 1)] == ["status"]
            tell_alert(live, "a1")
            tell_story(live, "t1")
            first, second = await told(answer, 2)
        assert (first[1], first[2]["row"], first[2]["item"]["severity"]) == ("alert", "alert-a1", "high")
        assert (second[1], second[2]["row"]) == ("story", "story-t1")
        async with session.get("/events?after=ignored", headers={"Last-Event-ID": first[0]}) as answer:
            assert (await told(answer, 1))[0] == second


async def test_a_gap_is_said_and_carries_the_cursor_to_go_on_from():
    live = source()
    tell_alert(live)
    async with shown(live) as session:
        async with session.get("/events", headers={"Last-Event-ID": "0000-3"}) as answer:
            gap, status = await told(answer, 2)
        assert gap[:2] == (live.hub.cursor, "gap")
        assert status[1] == "status"
        async with session.get("/events", headers={"Last-Event-ID": gap[0]}) as answer:
            assert (await told(answer, 1))[0][1] == "status"


async def test_an_idle_stream_has_a_heartbeat():
    async with shown(source(), heartbeat=0.05) as session, session.get("/events") as answer:
        assert [name for _, name, _ in await told(answer, 3)] == ["status", "comment", "comment"]


async def test_a_merge_tells_which_row_is_gone():
    live = source()
    async with shown(live) as session, session.get("/events") as answer:
        await told(answer, 1)
        tell_story(live, "t1", merged_into="t2")
        _, _, data = (await told(answer, 1))[0]
    assert (data["row"], data["gone"]) == ("story-t2", "story-t1")


async def test_a_page_that_takes_nothing_is_dropped_and_others_go_on(monkeypatch):
    monkeypatch.setattr(page_module, "WRITE_SECONDS", 0.3)
    live = source()
    async with shown(live) as session:
        with socket.socket() as stuck:
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stuck.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(stuck, ("127.0.0.1", session._base_url.port))
            await loop.sock_sendall(stuck, b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            while not live.hub._clients:
                await asyncio.sleep(0.01)
            async with session.get("/events") as answer:
                await told(answer, 1)
                number = 0
                while len(live.hub._clients) > 1:
                    number += 1
                    tell_story(live, f"t{number}", headline="long " * 2000)
                    await told(answer, 1)
                    assert number < 5000
                tell_alert(live, "last")
                assert (await told(answer, 1))[0][2]["row"] == "alert-last"


async def test_too_many_pages_are_told_to_wait(monkeypatch):
    live = source()
    monkeypatch.setattr("tocsin.service.web.hub.CLIENTS", 0)
    async with shown(live) as session, session.get("/events") as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"]


async def test_stopping_ends_open_streams():
    live = source()
    runner, port = await serve(page_app(live), "127.0.0.1", 0)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/events") as answer:
        await told(answer, 1)
        await asyncio.gather(runner.cleanup(), answer.content.read())
        assert answer.content.at_eof()


async def test_the_shown_colours_hold_their_contrast():
    """Every text colour has 4.5:1 on every ground it stands on, in light and in dark (WCAG 2.2, 1.4.3)."""
    async with shown(source()) as session, session.get("/static/page.css") as answer:
        css = await answer.text()
    blocks = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    assert len(blocks) == 2
    pairs = [(ink, ground) for ink in ("ink", "soft") for ground in ("ground", "paper")]
    pairs += [(tone, "paper") for tone in ("info", "low", "medium", "high", "critical", "good", "wait", "accent")]
    pairs += [
        ("ink", "chip"),
        ("accent", "accent-wash"),
        ("ink", "accent-wash"),
        ("soft", "accent-wash"),
        ("mark-ink", "mark"),
    ]
    for colours in blocks:
        for ink, ground in pairs:
            lighter, darker = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)


def _luminance(colour):
    """Return the relative luminance of a colour (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
