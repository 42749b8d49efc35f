"""What each child process does: `python -m tocsin.service.roles ROLE STATUS_FD`, started by the supervisor only.

Its first line of standard input says what it is to be; when that pipe closes, its supervisor is gone and it ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from aiohttp import web
from mode import Service

from tocsin.service.health import ServeError, health_app, serve
from tocsin.service.logs import configure_logs
from tocsin.service.settings import SettingsError, address
from tocsin.service.supervisor import RoleOrder, Status

log = structlog.get_logger()

STALLED_SECONDS = 60.0
"""A loop without a round for so long is not live."""


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


async def run_poller(order: RoleOrder, parent: Parent) -> None:
    """Poll feeds until SIGTERM."""
    from tocsin.service.notices import Notifier
    from tocsin.streams.feeds.poller import Poller

    stop = _stop_on_signal()
    notifier = Notifier(order.bootstrap, order.settings.operator.endpoint)
    poller = Poller(bootstrap=order.bootstrap, allow=order.settings.allow_net, notify=notifier)

    def live() -> tuple[bool, str]:
        stalled = poller.progress and time.monotonic() - poller.progress > STALLED_SECONDS
        return (False, "the poller's loop stands still") if stalled else (True, "polling")

    def ready() -> tuple[bool, str]:
        return poller.ready.is_set(), "feeds read" if poller.ready.is_set() else "reading the feeds"

    runner = await serve_health(order, parent, live, ready)
    watchers = [
        asyncio.create_task(tell_when_ready(parent, ready)),
        asyncio.create_task(_tell_unreachable(parent, poller)),
    ]
    try:
        await poller.run(stop)
    finally:
        for watcher in watchers:
            watcher.cancel()
        await runner.cleanup()


async def _tell_unreachable(parent: Parent, poller: Any) -> None:
    while not poller.unreachable:
        await asyncio.sleep(0.2)
    parent.tell(
        "unreachable", "no feed could be reached: check the network, or see the whole chain at work with: tocsin demo"
    )


async def run_web(order: RoleOrder, parent: Parent) -> None:
    """Serve the live page until SIGTERM."""
    from tocsin.service.web.page import page_app
    from tocsin.service.web.source import LiveSource
    from tocsin.streams.kafka import Kafka

    stop = _stop_on_signal()
    source = LiveSource(Kafka(bootstrap=order.bootstrap))
    host, port = address(order.settings.listen)
    await source.start()
    page, port = await serve(page_app(source, host=host), host, port)
    shown = f"[{host}]" if ":" in host else host
    parent.tell("page", f"http://{shown}:{port}/")
    runner = await serve_health(order, parent, source.live, source.ready)
    telling = asyncio.create_task(tell_when_ready(parent, source.ready))
    try:
        await stop.wait()
    finally:
        telling.cancel()
        await source.stop()
        await page.cleanup()
        await runner.cleanup()


class _Health(Service):
    """Metrics and health of a worker, beside its stages."""

    def __init__(self, order: RoleOrder, parent: Parent, worker: Any) -> None:
        super().__init__()
        self.order = order
        self.parent = parent
        self.worker = worker
        self.runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        self.runner = await serve_health(self.order, self.parent, self.worker.live, self.worker.ready)

    @Service.task
    async def _tell(self) -> None:
        await tell_when_ready(self.parent, self.worker.ready)

    async def on_stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()


def run_worker(order: RoleOrder, parent: Parent) -> None:
    """Run the chain's stages until SIGTERM."""
    from tocsin.service.wiring import build_worker

    worker = build_worker(order.bootstrap, order.settings)
    worker.also(_Health(order, parent, worker))
    worker.run()


def _stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def main(role: str, descriptor: int) -> None:
    """Be one role; exit code 1 on a fault."""
    configure_logs(role)
    if role == "worker":
        import tocsin.service.wiring  # noqa: F401 - imports take long: do it while the log is being prepared
    parent = Parent(descriptor)
    order = parent.order()
    try:
        if role == "worker":
            run_worker(order, parent)
        else:
            asyncio.run({"poller": run_poller, "web": run_web}[role](order, parent))
    except (ServeError, SettingsError) as error:
        # Another try would fail the same way: say why, and let the supervisor end the tree.
        parent.tell("failed", str(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
