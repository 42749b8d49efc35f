"""One client's connection: frames in, frames out, in the same order.

A request begins when it arrives, so that writes sent one after the other share a flush; answers leave in the order of
the requests. A client that doesn't read its answers, or has too many requests under way, is not read from.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import cast

from tocsin.streams.broker import wire

Answer = bytearray | None
"""A frame, or None where a request wants no answer."""
MOST_UNDERWAY = 64
"""Requests of one connection that may be under way at once."""


class Connection(asyncio.Protocol):
    """Reads requests and hands them to `serve`, which answers at once or later."""

    def __init__(
        self,
        serve: Callable[[Connection, wire.Request], Answer | Awaitable[Answer]],
        closed: Callable[[Connection], None],
        failed: Callable[[Connection, Exception], None],
    ) -> None:
        self.host = ""
        """The client's address."""
        self._serve = serve
        self._closed = closed
        self._failed = failed
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answers: deque[asyncio.Future[Answer]] = deque()
        self._full = False
        self._paused = False
        self._stopping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.host = peer[0] if peer else ""

    def data_received(self, data: bytes) -> None:
        """Take bytes; whole frames become requests."""
        self._buffer += data
        self._take()

    def pause_writing(self) -> None:
        """Stop reading: the client doesn't read."""
        self._full = True

    def resume_writing(self) -> None:
        """Go on: the client reads again."""
        self._full = False
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        """End: nobody waits for the answers any more."""
        self._transport = None
        for answer in self._answers:
            answer.cancel()
        self._answers.clear()
        self._buffer.clear()
        self._closed(self)

    def hold(self) -> None:
        """Take no more requests."""
        self._stopping = True
        self._pace()

    def finish(self) -> None:
        """Let the answers leave that are ready, and close. What still waits, such as a long poll, is not answered."""
        self._stopping = True
        self._send()
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport:
            self._transport.abort()

    def _take(self) -> None:
        start = 0
        while not self._busy() and len(self._buffer) - start >= 4:
            size = int.from_bytes(self._buffer[start : start + 4], "big", signed=True)
            if not 8 <= size <= wire.FRAME_BYTES:
                self._refuse(wire.GarbageError(f"a frame of {size} bytes; at most {wire.FRAME_BYTES} are taken"))
                return
            if len(self._buffer) - start - 4 < size:
                break
            frame = bytes(memoryview(self._buffer)[start + 4 : start + 4 + size])
            start += 4 + size
            try:
                self._begin(wire.read(frame))
            except wire.GarbageError as error:
                self._refuse(error)
                return
        if start:
            del self._buffer[:start]
        self._pace()

    def _begin(self, request: wire.Request) -> None:
        try:
            answer = self._serve(self, request)
        # Whatever a request makes go wrong ends its own connection, not the broker.
        except Exception as error:
            self._refuse(error)
            return
        if isinstance(answer, Awaitable):
            future: asyncio.Future[Answer] = asyncio.ensure_future(answer)
            future.add_done_callback(self._ready)
        elif not self._answers and not self._full:
            if answer is not None and self._transport:
                self._transport.write(answer)
            return
        else:
            future = asyncio.get_running_loop().create_future()
            future.set_result(answer)
        self._answers.append(future)

    def _ready(self, answer: asyncio.Future[Answer]) -> None:
        if not answer.cancelled() and (error := answer.exception()) is not None:
            self._refuse(cast("Exception", error))
            return
        if self._transport:
            self._send()

    def _send(self) -> None:
        while self._answers and self._answers[0].done() and not self._full and self._transport:
            answer = self._answers.popleft()
            frame = None if answer.cancelled() or answer.exception() else answer.result()
            if frame is not None:
                self._transport.write(frame)
        if self._transport and self._buffer:
            self._take()
        else:
            self._pace()

    def _busy(self) -> bool:
        return self._stopping or self._full or len(self._answers) >= MOST_UNDERWAY or self._transport is None

    def _pace(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._busy() and not self._paused:
            self._transport.pause_reading()
            self._paused = True
        elif not self._busy() and self._paused:
            self._transport.resume_reading()
            self._paused = False

    def _refuse(self, error: Exception) -> None:
        self._failed(self, error)
        self._buffer.clear()
        self.abort()
