"""A loopback newsroom for tests: it serves feeds, and receives webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

import msgspec

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 32 bytes!").decode()


class Received(msgspec.Struct):
    """One webhook request as it came in."""

    id: str
    body: dict[str, Any]
    signed: bool
    at: float
    path: str = "/hook"


def item(title: str, text: str, link: str, published: str = "Mon, 12 Jan 2026 10:00:00 GMT") -> str:
    """Return one RSS item."""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><guid>{escape(link)}</guid>"
        f"<pubDate>{published}</pubDate><description>{escape(text)}</description></item>"
    )


class Newsroom:
    """Feeds by path, and every request to `/hook`."""

    def __init__(self) -> None:
        self.feeds: dict[str, list[str]] = {}
        self.received: list[Received] = []
        self.polled: dict[str, float] = {}
        self.refuse = 0
        """How many of the next webhook requests are answered with 503."""
        self.raw: dict[str, bytes] = {}
        """Paths that are answered with these bytes."""
        self.mute: set[str] = set()
        """Paths that are not answered before the newsroom closes."""
        self.closing = threading.Event()
        self.tries: list[str] = []
        """The id of every webhook request, answered well or not."""
        room = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                if self.path in room.mute:
                    room.closing.wait(120)
                    return
                if self.path in room.raw:
                    self._answer(200, room.raw[self.path])
                    return
                items = room.feeds.get(self.path)
                if items is None:
                    self._answer(404, b"")
                    return
                body = (
                    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
                    f"<title>Feed {escape(self.path)}</title><link>http://127.0.0.1/</link><description/>"
                    f"<language>en</language>{''.join(items)}</channel></rss>"
                ).encode()
                etag = hashlib.sha256(body).hexdigest()[:16]
                room.polled[self.path] = time.time()
                if self.headers.get("If-None-Match") == f'"{etag}"':
                    self._answer(304, b"", etag)
                else:
                    self._answer(200, body, etag)

            def _answer(self, status: int, body: bytes, etag: str = "") -> None:
                self.send_response(status)
                if etag:
                    self.send_header("ETag", f'"{etag}"')
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                room.tries.append(self.headers.get("webhook-id", ""))
                if self.path in room.mute:
                    room.closing.wait(120)
                    return
                if room.refuse > 0:
                    room.refuse -= 1
                    self._answer(503, b"")
                    return
                room.received.append(
                    Received(
                        id=self.headers.get("webhook-id", ""),
                        body=json.loads(body),
                        signed=_signed(self.headers, body),
                        at=time.time(),
                        path=self.path,
                    )
                )
                self._answer(200, b"{}")

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    def created(self) -> dict[str, list[Received]]:
        """Return first alerts by their webhook id."""
        found: dict[str, list[Received]] = {}
        for one in self.received:
            if one.body["type"] == "alert.created":
                found.setdefault(one.id, []).append(one)
        return found

    def wait_for(self, count: int, seconds: float) -> None:
        """Wait until so many different first alerts have come."""
        deadline = time.monotonic() + seconds
        while len(self.created()) < count and time.monotonic() < deadline:
            time.sleep(0.05)


def _signed(headers: Any, body: bytes) -> bool:
    content = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return wanted in (headers.get("webhook-signature") or "").split()
