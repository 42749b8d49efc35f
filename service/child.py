"""A child process as such: its order from the supervisor, what it tells it, and its health page."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

from tocsin.service.health import health_app, serve
from tocsin.service.settings import address
from tocsin.service.supervisor import RoleOrder, Status

log = structlog.get_logger()


class Parent:
    """The supervisor as the child sees it."""

    def __init__(self, descriptor: int) -> None:
        self._out = os.fdopen(descriptor, "wb", buffering=0)

    def tell(self, kind: str, text: str = "") -> None:
        """Send a status line; a supervisor that is gone no longer listens."""
        try:
            self._out.write(msgspec.json.encode(Status(kind=kind, text=text)) + b"\n")
        except OSError:
            log.debug("supervisor-gone")

    def order(self) -> RoleOrder:
        """Wait for the order; end quietly where the supervisor never gives one."""
        line = b""
        while not line.endswith(b"\n"):
            # Unbuffered: a thread that waits in a buffered read holds a lock that the interpreter wants at its end.
            part = os.read(0, 65536)
            if not part:
                raise SystemExit(0)
            line += part
        threading.Thread(target=self._end_with_parent, name="parent", daemon=True).start()
        return msgspec.json.decode(line, type=RoleOrder)

    def _end_with_parent(self) -> None:
        while os.read(0, 65536):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        os._exit(1)


def metrics_port(order: RoleOrder) -> tuple[str, int]:
    """Return where a child shows its metrics: the settings' port, plus its index."""
    host, port = address(order.settings.metrics)
    return host, port + order.index if port else 0


async def serve_health(
    order: RoleOrder,
    parent: Parent,
    live: Callable[[], tuple[bool, str]],
    ready: Callable[[], tuple[bool, str]],
) -> Any:
    """Serve metrics and health, and tell the supervisor where, and once ready."""
    host, port = metrics_port(order)
    runner, port = await serve(health_app(role=order.role, live=live, ready=ready), host, port)
    parent.tell("listening", f"http://{host}:{port}")
    return runner


async def tell_when_ready(parent: Parent, ready: Callable[[], tuple[bool, str]]) -> None:
    """Tell the supervisor once, as soon as the role is ready."""
    while not ready()[0]:
        await asyncio.sleep(0.02)
    parent.tell("ready")
