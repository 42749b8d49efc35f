"""The live page in a real browser: rows come by themselves, and it can be read in every shape."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from tests.service.web_samples import source, tell_alert, tell_story
from tocsin.service.health import serve
from tocsin.service.web.page import page_app

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


class Tab:
    """A browser's tab, driven by the DevTools protocol."""

    def __init__(self, socket):
        self._socket = socket
        self._number = 0
        self.complaints = []

    async def call(self, method, **params):
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json(timeout=20)
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            if message.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(message["params"]["exceptionDetails"])
            elif message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
                self.complaints.append(message["params"]["entry"]["text"])

    async def ask(self, expression):
        """Evaluate JavaScript in the page and return its value."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def until(self, expression):
        """Wait until JavaScript says true (the test's own time limit ends a wait in vain)."""
        while not await self.ask(expression):
            await asyncio.sleep(0.05)

    async def open(self, url, width=1400, height=900, scripts=True):
        await self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.call("Page.navigate", url=url)
        await self.until(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'")


@contextlib.asynccontextmanager
async def browser(directory):
    """Start Chromium; yields a tab."""
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM), *FLAGS, f"--user-data-dir={directory}", "about:blank", stderr=asyncio.subprocess.PIPE
    )
    try:
        line = b""
        while b"DevTools listening on" not in line:
            line = await asyncio.wait_for(process.stderr.readline(), 30)
            assert line, "chromium ended before it listened"
        port = line.decode().split("ws://", 1)[1].split("/", 1)[0].rsplit(":", 1)[1]
        reading = asyncio.create_task(process.stderr.read())
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await tab.call(f"{domain}.enable")
                yield tab
        reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def shown(live, port=0):
    live.hub.tick(datetime.now(UTC), "live")
    runner, port = await serve(page_app(live), "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        await runner.cleanup()


def rows(list_id):
    return f"[...document.querySelectorAll('#{list_id} > .row:not([hidden])')].map((row) => row.id).join()"


async def test_rows_come_by_themselves_and_a_story_keeps_one_row(tmp_path):
    live = source()
    now = datetime.now(UTC)
    tell_alert(live, "a1", at=now)
    tell_story(live, "t1", at=now)
    async with shown(live) as url, browser(tmp_path) as tab:
        await tab.open(url)
        assert await tab.ask(rows("alerts")) == "alert-a1"
        await tab.until("stream.readyState === EventSource.OPEN")
        tell_alert(live, "a2", at=now, headline="<b>Told</b> to leave")
        tell_story(live, "t2", at=now)
        tell_story(live, "t1", at=now, sources=("Fjord Times", "Blue Wire"))
        await tab.until(f"{rows('stories')} === 'story-t1,story-t2'")
        assert await tab.ask(rows("alerts")) == "alert-a2,alert-a1"
        assert await tab.ask("document.querySelector('#alert-a2 h3').textContent") == "<b>Told</b> to leave"
        assert await tab.ask("document.querySelector('#alerts-count').textContent") == "2"
        live.hub.tick(now, "reconnecting", "the log is away")
        await tab.until("document.querySelector('#state .word').textContent === 'reconnecting'")
        assert tab.complaints == []


async def test_a_page_whose_server_was_replaced_reads_itself_anew(tmp_path):
    old = source()
    now = datetime.now(UTC)
    tell_alert(old, "gone", at=now)
    async with browser(tmp_path) as tab:
        async with shown(old) as url:
            await tab.open(url)
            await tab.until("stream.readyState === EventSource.OPEN")
        await tab.until("document.querySelector('#state .word').textContent === 'reconnecting'")
        new = source()
        tell_alert(new, "kept", at=now)
        async with shown(new, int(url.rstrip("/").rsplit(":", 1)[1])):
            await tab.until(f"{rows('alerts')} === 'alert-kept'")
            await tab.until("document.querySelector('#state .word').textContent === 'live'")
            tell_alert(new, "next", at=now)
            await tab.until(f"{rows('alerts')} === 'alert-next,alert-kept'")


async def test_pause_holds_what_comes_and_resume_shows_it(tmp_path):
    live = source()
    now = datetime.now(UTC)
    async with shown(live) as url, browser(tmp_path) as tab:
        await tab.open(url)
        await tab.until("stream.readyState === EventSource.OPEN")
        await tab.ask("pause.click()")
        tell_alert(live, "a1", at=now)
        await tab.until("pause.textContent === 'Resume (1)'")
        assert await tab.ask(rows("alerts")) == ""
        await tab.ask("pause.click()")
        assert await tab.ask(rows("alerts")) == "alert-a1"
        await tab.ask("pause.click()")
        for number in range(230):
            tell_story(live, f"t{number}", at=now)
            await asyncio.sleep(0)
        await tab.until("stale")
        await tab.ask("pause.click()")
        await tab.until("document.querySelector('#stories > .row')?.id === 'story-t229'")
        assert await tab.ask("document.querySelectorAll('#stories > .row').length") == 100
        assert tab.complaints == []


async def test_the_filter_and_the_topics_box_hide_rows_and_new_ones_obey(tmp_path):
    live = source()
    now = datetime.now(UTC)
    tell_story(live, "t1", at=now, headline="Harvest begins", topics=())
    tell_story(live, "t2", at=now, headline="Envoys leave Oslo")
    async with shown(live) as url, browser(tmp_path) as tab:
        await tab.open(url)
        await tab.ask("topical.click()")
        assert await tab.ask(rows("stories")) == "story-t2"
        await tab.ask("words.value = 'harvest'; words.dispatchEvent(new Event('input')); topical.click()")
        assert await tab.ask(rows("stories")) == "story-t1"
        await tab.until("stream.readyState === EventSource.OPEN")
        tell_story(live, "t3", at=now, headline="Rain")
        tell_story(live, "t4", at=now, headline="Late harvest")
        await tab.until(f"{rows('stories')} === 'story-t4,story-t1'")
        assert await tab.ask("document.querySelector('#stories-count').textContent") == "2 of 4"


@pytest.mark.parametrize("width", [320, 400, 700, 960, 1400])
async def test_nothing_is_cut_off_at_any_width(tmp_path, width):
    live = source()
    now = datetime.now(UTC)
    tell_alert(live, at=now, headline="Unbreakable" * 20, facts=("x" * 200,), reasons=("topic:" + "y" * 120,))
    tell_story(live, at=now, headline="Unbreakable" * 20, sources=("z" * 150,))
    async with shown(live) as url, browser(tmp_path) as tab:
        await tab.open(url, width=width)
        assert await tab.ask("document.documentElement.scrollWidth") <= width
        wide = "[...document.querySelectorAll('.row, .row *')].filter((one) => one.getBoundingClientRect().right > innerWidth)"
        assert await tab.ask(f"{wide}.length") == 0


async def test_everything_is_reached_by_the_keyboard_in_order(tmp_path):
    live = source()
    now = datetime.now(UTC)
    tell_alert(live, at=now)
    tell_story(live, at=now)
    async with shown(live) as url, browser(tmp_path) as tab:
        await tab.open(url)
        reached = []
        for _ in range(8):
            for kind in ("keyDown", "keyUp"):
                await tab.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
            reached.append(
                await tab.ask(
                    "(document.activeElement.id || document.activeElement.className || document.activeElement.href)"
                )
            )
        assert reached == [
            "skip",
            "filter",
            "pause",
            "scroll",
            "https://example.org/oslo",
            "topical",
            "scroll",
            "https://example.org/t1",
        ]


async def test_without_scripts_the_page_shows_all_and_offers_no_dead_control(tmp_path):
    live = source()
    tell_alert(live, at=datetime.now(UTC))
    tell_story(live, at=datetime.now(UTC))
    async with shown(live) as url, browser(tmp_path) as tab:
        await tab.open(url, scripts=False)
        assert await tab.ask("document.querySelectorAll('.row').length") == 2
        seen = "[...document.querySelectorAll('button, input')].filter((one) => one.offsetParent !== null).length"
        assert await tab.ask(seen) == 0
