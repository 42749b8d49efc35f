"""`tocsin demo`: the main job seen offline, on fictional feeds that this machine serves itself."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import click
import msgspec

from tocsin.service.demo import DemoFeeds
from tocsin.service.settings import FeedSettings, Settings

LOOPBACK = "127.0.0.0/8"


def run_demo(settings: Settings, speed: float) -> None:
    """Run the whole chain on the demo's feeds in a fresh directory until a signal."""
    from tocsin.service.logs import configure_logs
    from tocsin.service.run import check_addresses, run_roles

    @contextlib.asynccontextmanager
    async def with_feeds(before: Settings) -> AsyncIterator[Settings]:
        feeds = DemoFeeds(speed=speed)
        urls = await feeds.start()
        try:
            yield msgspec.structs.replace(
                before,
                feed=tuple(FeedSettings(url=url, every=1.0) for url in urls),
                since="2000-01-01",
                allow_net=(*before.allow_net, LOOPBACK),
            )
        finally:
            await feeds.stop()

    configure_logs("supervisor")
    roles = ["poller", "web", "worker"]
    check_addresses(settings, roles)
    click.echo("A demonstration: fictional news, served from this machine, told over a minute. Ctrl-C ends it.")
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as directory:
        own: dict[str, Any] = {"broker": "", "data": directory}
        run_roles(msgspec.structs.replace(settings, **own), roles, extra=with_feeds)
