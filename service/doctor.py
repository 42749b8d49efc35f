"""`tocsin doctor`: look at everything a run depends on, and say the mend of what is wrong."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import msgspec

from tocsin.service import configure
from tocsin.service.run import BROKER_FILE
from tocsin.service.settings import Settings, SettingsError
from tocsin.streams.admin import LogError, admin_client
from tocsin.streams.feeds.parse import FeedError, parse_feed
from tocsin.streams.outbound import Outbound, OutboundError

ENOUGH_BYTES = 1 << 30


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    what: str
    ok: bool
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """Return what was found, in the order in which a run needs it."""
    found = [_python(), _disk(settings.directory), await asyncio.to_thread(_broker, settings)]
    outbound = Outbound(allow=settings.allow_net)
    try:
        found += _queries(settings)
        found += _channels(settings, outbound)
        limit = asyncio.Semaphore(8)
        found += await asyncio.gather(*(_feed(outbound, feed.url, limit) for feed in configure.feeds(settings)))
    finally:
        await outbound.close()
    return found


def _python() -> Finding:
    shown = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), f"{shown} (3.11 or later is needed)")


def _disk(directory: Path) -> Finding:
    place = directory
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    try:
        probe = place / ".tocsin-doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Finding("data", False, f"{place} can't be written ({error.strerror}); choose another with --data")
    if free < ENOUGH_BYTES:
        return Finding("data", False, f"{free >> 20} MiB free at {place}; make room for 1 GiB at least")
    return Finding("data", True, f"{directory}, {free >> 30} GiB free")


def _broker(settings: Settings) -> Finding:
    if not settings.broker:
        address = settings.directory / BROKER_FILE
        if address.exists():
            return Finding("broker", True, f"embedded, running at {address.read_text().strip()}")
        return Finding("broker", True, "embedded; it starts with 'tocsin run'")
    try:
        with admin_client(settings.broker) as client:
            topics = [name for name in client.list_topics() if name.startswith("tocsin.")]
    except LogError as error:
        return Finding("broker", False, str(error))
    return Finding("broker", True, f"{settings.broker} answers; {len(topics)} topics of Tocsin")


def _queries(settings: Settings) -> list[Finding]:
    from tocsin.service.knowledge import check, topic_names
    from tocsin.service.names import query_names

    try:
        check(settings)
        subscriptions = configure.subscriptions(settings, topic_names(settings), query_names())
    except SettingsError as error:
        return [Finding("query", False, str(error))]
    return [Finding("query", True, one.query) for one in subscriptions]


def _channels(settings: Settings, outbound: Outbound) -> list[Finding]:
    from tocsin.service.wiring import channels

    try:
        built = channels(settings, outbound)
    except SettingsError as error:
        return [Finding("channel", False, str(error))]
    return [Finding("channel", True, f"{name} is set up") for name in built]


async def _feed(outbound: Outbound, url: str, limit: asyncio.Semaphore) -> Finding:
    async with limit:
        try:
            answer = await outbound.request("GET", url, deadline=15, redirects=5, purpose="doctor")
        except OutboundError as error:
            mend = (
                "allow its network with --allow-net"
                if error.reason == "refused-address"
                else "check the address and the network"
            )
            return Finding("feed", False, f"{url}: {error.reason}; {mend}")
    if answer.status != 200:
        return Finding("feed", False, f"{url}: answered {answer.status}; check the address in a browser")
    try:
        feed = parse_feed(answer.body, url=answer.url, content_type=answer.headers.get("content-type", ""))
    except FeedError as error:
        return Finding("feed", False, f"{url}: {error}")
    return Finding("feed", True, f"{url}: {feed.format}, {len(feed.entries)} entries")
