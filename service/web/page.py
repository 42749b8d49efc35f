"""The live page: rendered here once, then told of what is new by server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import jinja2
import msgspec
from aiohttp import web

from tocsin.service.web.hub import Client, Entry, Hub, Status
from tocsin.service.web.source import LiveSource
from tocsin.service.web.view import AlertItem, ago

HEARTBEAT_SECONDS = 15.0
"""A comment that often keeps an idle stream from being taken for dead on the way."""
WRITE_SECONDS = 10.0
"""A page that takes nothing for so long is dropped."""
RETRY_MS = 2000

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page_app(source: LiveSource, *, host: str = "127.0.0.1", heartbeat: float = HEARTBEAT_SECONDS) -> web.Application:
    """Return the page's application: `/`, `/events`, `/api/recent`, `/static/...`.

    `host` is where it listens: requests that name another host are refused with 421, so that a foreign site can't
    read the page by pointing its own name here (DNS rebinding). `heartbeat` is in seconds.
    """
    page = _Page(source.hub, heartbeat)
    app = web.Application(middlewares=[_guard(host)])
    app.router.add_get("/", page.index)
    app.router.add_get("/events", page.events)
    app.router.add_get("/api/recent", page.recent)
    app.router.add_get("/static/{name}", page.static)

    async def end_streams(_app: web.Application) -> None:
        source.hub.close()

    app.on_shutdown.append(end_streams)
    return app


def _guard(host: str) -> Any:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not host_allowed(request.headers.get("Host", ""), host):
            text = f"this page answers to 127.0.0.1, [::1], localhost and {host} only\n"
            return web.Response(status=421, text=text, headers=HEADERS)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return guard


def host_allowed(header: str, configured: str) -> bool:
    """Tell whether a Host header names this machine's loopback or the configured host.

    Listening on every address (0.0.0.0, ::) allows any literal address: only a name can be pointed elsewhere.
    """
    try:
        name = (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if not name:
        return False
    if name in {"127.0.0.1", "::1", "localhost", configured.strip("[]").lower()}:
        return True
    return configured in {"0.0.0.0", "::"} and _is_address(name)  # noqa: S104 - compared, not listened on


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class _Page:
    def __init__(self, hub: Hub, heartbeat: float) -> None:
        self._hub = hub
        self._heartbeat = heartbeat
        here = resources.files("tocsin.service.web")
        templates = {
            entry.name: entry.read_text(encoding="utf-8")
            for entry in here.joinpath("templates").iterdir()
            if entry.name.endswith(".html")
        }
        self._static = {name: here.joinpath("static", name).read_bytes() for name in STATIC}
        self._jinja = jinja2.Environment(
            loader=jinja2.DictLoader(templates),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters["ago"] = lambda at: ago(at, datetime.now(UTC))
        self._jinja.filters["moment"] = lambda at: at.isoformat(timespec="seconds").replace("+00:00", "Z")
        self._jinja.filters["clock"] = lambda at: at.strftime("%Y-%m-%d %H:%M:%S UTC")
        self._row = {"alert": self._jinja.get_template("alert.html"), "story": self._jinja.get_template("story.html")}
        self._index = self._jinja.get_template("page.html")

    def _html(self, entry: Entry) -> str:
        if not entry.html:
            entry.html = self._row[entry.item.kind].render(item=entry.item)
        return entry.html

    async def index(self, _request: web.Request) -> web.Response:
        text = self._index.render(
            status=self._hub.status,
            cursor=self._hub.cursor,
            alerts=[entry.item for entry in reversed(self._hub.alerts.values())],
            stories=[entry.item for entry in reversed(self._hub.stories.values())],
        )
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers={"Cache-Control": "no-store"})

    async def recent(self, _request: web.Request) -> web.Response:
        found = {
            "cursor": self._hub.cursor,
            "status": self._hub.status,
            "alerts": [entry.item for entry in reversed(self._hub.alerts.values())],
            "stories": [entry.item for entry in reversed(self._hub.stories.values())],
        }
        return web.Response(
            body=msgspec.json.encode(found), content_type="application/json", headers={"Cache-Control": "no-store"}
        )

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        body = self._static.get(name)
        if body is None:
            raise web.HTTPNotFound
        etag = hashlib.blake2b(body, digest_size=8).hexdigest()
        headers = {"ETag": f'"{etag}"', "Cache-Control": "no-cache"}
        if any(one.value == etag for one in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=STATIC[name], charset="utf-8", headers=headers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        # A browser that comes back sends the header; the query is what the page was rendered with.
        client = self._hub.join(request.headers.get("Last-Event-ID") or request.query.get("after", ""))
        if client is None:
            return web.Response(status=503, text="too many pages are open\n", headers={"Retry-After": "30"})
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
                **HEADERS,
            }
        )
        try:
            await response.prepare(request)
            await self._stream(response, client)
        except (ConnectionError, TimeoutError):
            # The page is gone or takes nothing: it comes back by itself and is replayed what it missed.
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._hub.leave(client)
        return response

    async def _stream(self, response: web.StreamResponse, client: Client) -> None:
        first = [f"retry: {RETRY_MS}\n\n"]
        if client.gap:
            first.append(_event("gap", {"reload": "/api/recent"}, self._hub.cursor))
        first += [self._told(entry) for entry in client.waiting]
        first.append(self._told(self._hub.status))
        client.waiting = []
        await _write(response, first)
        while True:
            try:
                async with asyncio.timeout(self._heartbeat):
                    events = await client.events()
            except TimeoutError:
                await _write(response, [": still here\n\n"])
                continue
            if not events:
                return
            await _write(response, [self._told(event) for event in events])

    def _told(self, event: Entry | Status) -> str:
        if isinstance(event, Status):
            return _event("status", event)
        item = event.item
        merged = "" if isinstance(item, AlertItem) or not item.merged else f"story-{item.merged}"
        told = {"row": item.row, "gone": merged, "item": item, "html": self._html(event)}
        return _event(item.kind, told, self._hub.event_id(event.cursor))


def _event(name: str, data: Any, id_: str = "") -> str:
    # JSON holds no raw line break, so the data is one line, whatever it says.
    line = f"id: {id_}\n" if id_ else ""
    return f"{line}event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n"


async def _write(response: web.StreamResponse, parts: list[str]) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write("".join(parts).encode())
