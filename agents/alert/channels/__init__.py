"""Ways to reach people and programs. One file a channel, one line in the entry-point group `tocsin.channels`.

A channel answers two things: did it work, and is a retry sensible. When to try again, and whether, is not its business.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any, ClassVar, Literal, Protocol

import msgspec

from tocsin.streams.outbound import Outbound
from tocsin.streams.records import Delivery
from tocsin.streams.secret import read_settings

GROUP = "tocsin.channels"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended."""

    outcome: Literal["accepted", "retry", "failed"]
    reason: str
    """One of a small set of names: it is a metric's label. Never text that came from outside, never an address."""
    status: int | None = None
    """HTTP status, where there is one."""
    retry_after: float | None = None
    """Seconds the receiver asks to be left alone for."""


class Channel(Protocol):
    """A way to reach somebody, set up for one endpoint.

    Built as `Class(settings, outbound)`, where `settings` is an instance of the class's own `settings` type;
    ValueError with the place and the mend where they make no sense. A channel holds no state between sends.
    """

    name: ClassVar[str]
    """What an endpoint's settings call it, and the label in metrics."""
    settings: ClassVar[type[msgspec.Struct]]
    """What it needs to know; what must not be shown is a `Secret`."""

    def __init__(self, settings: Any, outbound: Outbound) -> None: ...

    async def send(self, delivery: Delivery, now: datetime) -> Sent:
        """Make one attempt. The delivery's id is the same on every try, and receivers drop repeats by it."""
        ...


def load_channels() -> dict[str, type[Channel]]:
    """Return every installed channel by name.

    Raises ImportError where a registered one cannot be imported, ValueError where its name is not the registered one.
    """
    found: dict[str, type[Channel]] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        channel = entry.load()
        if channel.name != entry.name:
            raise ValueError(f"channel {entry.name!r} ({entry.value}) calls itself {channel.name!r}: use one name")
        found[entry.name] = channel
    return found


def build_channel(channel: type[Channel], values: Mapping[str, Any], outbound: Outbound) -> Channel:
    """Set a channel up for one endpoint from plain values.

    Raises ValueError with the place and the mend; the text holds none of the values.
    """
    try:
        return channel(read_settings(channel.settings, dict(values)), outbound)
    except ValueError as error:
        raise ValueError(f"channel {channel.name}: {error}") from None
