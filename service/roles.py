"""What each child process does: `python -m tocsin.service.roles ROLE STATUS_FD`, started by the supervisor only.

Its first line of standard input says what it is to be; when that pipe closes, its supervisor is gone and it ends.
Each role imports only what it needs: four processes that each load everything would need half as much memory again.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from typing import Any

from tocsin.service.child import Parent, serve_health, tell_when_ready
from tocsin.service.health import ServeError, serve
from tocsin.service.logs import configure_logs
from tocsin.service.settings import SettingsError, address
from tocsin.service.supervisor import RoleOrder

STALLED_SECONDS = 60.0
"""A loop without a round for so long is not live."""


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
    why = f" ({poller.why_unreachable})" if poller.why_unreachable else ""
    parent.tell(
        "unreachable",
        f"no feed could be reached{why}: they are tried again; check the network, "
        "or see the whole chain at work offline with: tocsin demo",
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


def _stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def main(role: str, descriptor: int) -> None:
    """Be one role; exit code 1 on a fault."""
    configure_logs(role)
    if role == "worker":
        # Its imports take longest: done here, they go on while the log is being prepared.
        from tocsin.service.worker_role import run_worker
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
