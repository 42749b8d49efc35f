"""A readable block on this process's standard output, for a first look and for pipes.

At least once: a process that dies between writing and remembering it writes the block again.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import ClassVar, TextIO

import msgspec

from tocsin.agents.alert.channels import Sent
from tocsin.agents.alert.render import terminal_text
from tocsin.streams.outbound import Outbound
from tocsin.streams.records import Delivery


class TerminalSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a terminal needs to know."""

    stream: str = "stdout"
    """`stdout` or `stderr`."""


class Terminal:
    """Writes to a standard stream; in colour where somebody looks at it."""

    name: ClassVar[str] = "terminal"
    settings: ClassVar[type[msgspec.Struct]] = TerminalSettings

    def __init__(self, settings: TerminalSettings, _outbound: Outbound) -> None:
        if settings.stream not in {"stdout", "stderr"}:
            raise ValueError("`stream` is `stdout` or `stderr`")
        self._stream = settings.stream

    async def send(self, delivery: Delivery, _now: datetime) -> Sent:
        """Write the block. A stream that is closed may be opened again by a restart, so a retry is sensible."""
        # Looked up on each send: a test or a daemon may have put another stream in its place.
        stream: TextIO = getattr(sys, self._stream)
        try:
            stream.write(terminal_text(delivery, color=stream.isatty()))
            stream.flush()
        except (OSError, ValueError):
            return Sent(outcome="retry", reason="stream-closed")
        return Sent(outcome="accepted", reason="ok")
