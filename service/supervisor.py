"""One process tree: the embedded broker here, every role a child, started again when it ends.

The broker shares this process, never an interpreter with the classifier. A child gets its settings as the first line
of its standard input and lives no longer than that pipe, so a `kill -9` of this process takes the tree along.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from tocsin.service.settings import Settings
from tocsin.streams import metrics

log = structlog.get_logger()

STOP_SECONDS = 4.6
"""A child that has not ended by then is killed."""
PAUSES = (0.1, 0.3, 1.0, 2.0, 5.0)
"""Seconds before the first, second ... start after an end; a child that lived for half a minute begins anew."""
SETTLED_SECONDS = 30.0


class RoleOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a child is told on its first line."""

    role: str
    index: int
    bootstrap: str
    settings: Settings


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What a child tells: where its metrics are, that it is ready, or something for the person at the terminal."""

    kind: str
    """`listening`, `page`, `ready`, `unreachable`, `failed`."""
    text: str = ""


class Child:
    """One role's process."""

    def __init__(self, role: str, index: int, name: str, on_status: Callable[[Child, Status], None]) -> None:
        self.role = role
        self.index = index
        """Place among the children: its metrics take that port after the first."""
        self.name = name
        self.on_status = on_status
        self.process: asyncio.subprocess.Process | None = None
        self.ready = False
        self.failed = ""
        """Why it must not be started again, such as a taken port."""
        self.ends = 0
        self.killed = False

    async def start(self) -> None:
        """Start the process; it waits for its order."""
        read, write = os.pipe()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tocsin.service.roles",
            self.role,
            str(write),
            stdin=asyncio.subprocess.PIPE,
            pass_fds=(write,),
            start_new_session=True,  # a Ctrl-C reaches the supervisor alone, which stops its children in order
        )
        os.close(write)
        self._reader = asyncio.create_task(self._read_status(read))

    async def order(self, order: RoleOrder) -> None:
        """Tell the child what to be."""
        assert self.process
        assert self.process.stdin
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            self.process.stdin.write(msgspec.json.encode(order) + b"\n")
            await self.process.stdin.drain()

    async def wait(self) -> int:
        """Wait for the end of the process and of what it says; return its exit code."""
        assert self.process
        code = await self.process.wait()
        await self._reader
        return code

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL for what does not end in time."""
        if self.process is None or self.process.returncode is not None:
            return
        if self.killed:
            await self.process.wait()
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        except TimeoutError:
            log.warning("role-killed", role=self.name, mend="it did not end in time; nothing is lost by that")
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    def kill(self) -> None:
        """SIGKILL, now and for good."""
        self.killed = True
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()

    async def _read_status(self, descriptor: int) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
        )
        try:
            while line := await reader.readline():
                status = msgspec.json.decode(line, type=Status)
                self.ready = self.ready or status.kind == "ready"
                if status.kind == "failed":
                    self.failed = status.text
                self.on_status(self, status)
        finally:
            transport.close()


def named(roles: Sequence[str]) -> list[str]:
    """Return a name for each role, numbered where there are several."""
    seen: dict[str, int] = {}
    names = []
    for role in roles:
        seen[role] = seen.get(role, 0) + 1
        names.append(f"{role}-{seen[role]}" if roles.count(role) > 1 else role)
    return names


class Supervisor:
    """Keeps the roles running until told to stop."""

    def __init__(
        self,
        settings: Settings,
        roles: Sequence[str],
        *,
        say: Callable[[str], None] = print,
        notify: Callable[[str, str], None] = lambda _what, _text: None,
    ) -> None:
        self.settings = settings
        self.say = say
        self.notify = notify
        self.stopping = asyncio.Event()
        self.children = [
            Child(role, index, name, self._told)
            for index, (role, name) in enumerate(zip(roles, named(roles), strict=True))
        ]
        self.bootstrap = ""
        self.failure = ""
        """Why the whole tree ends, in one line; empty for a stop that was asked for."""
        self.shown: dict[str, str] = {}
        self.hint = ""
        """What the person at the terminal is told once all is ready."""

    async def run(self, prepare: Callable[[], Any]) -> None:
        """Start children, `await prepare()` for the broker's address, then supervise until stopped."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        try:
            # The children's imports take most of a second: they run while the log is being prepared.
            await asyncio.gather(*(child.start() for child in self.children))
            if not await self._prepared(prepare):
                return
            async with asyncio.TaskGroup() as tasks:
                keepers = [tasks.create_task(self._keep(child)) for child in self.children]
                await self.stopping.wait()
                for keeper in keepers:
                    keeper.cancel()
        finally:
            # Pollers first: what they still publish finds its worker alive.
            await asyncio.gather(*(child.stop() for child in self.children))

    async def _prepared(self, prepare: Callable[[], Any]) -> bool:
        """Wait for the log, or for a stop: a broker that is away may be waited for without end."""
        preparing = asyncio.ensure_future(prepare())
        stopping = asyncio.create_task(self.stopping.wait())
        await asyncio.wait({preparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not preparing.done():
            preparing.cancel()
            await asyncio.wait({preparing})
            return False
        self.bootstrap = preparing.result()
        return True

    def stop(self, failure: str = "") -> None:
        """End the tree; `failure` in one line makes the exit code 1."""
        self.failure = self.failure or failure
        self.stopping.set()

    def abandon(self, failure: str) -> None:
        """End the tree because its log is gone: without it no child can end well, and none loses anything."""
        self.stop(failure)
        for child in self.children:
            child.kill()

    async def _keep(self, child: Child) -> None:
        began = time.monotonic()
        while True:
            await child.order(
                RoleOrder(role=child.role, index=child.index, bootstrap=self.bootstrap, settings=self.settings)
            )
            code = await child.wait()
            if self.stopping.is_set():
                return
            if child.failed:
                self.stop(child.failed)
                return
            if time.monotonic() - began > SETTLED_SECONDS:
                child.ends = 0
            pause = PAUSES[min(child.ends, len(PAUSES) - 1)]
            child.ends += 1
            child.ready = False
            metrics.ROLE_RESTARTS.labels(child.role).inc()
            log.warning("role-ended", role=child.name, code=code, again_in=pause)
            if child.ends == 3:
                self.notify("role-restarting", f"{child.name} ended {child.ends} times in a row with code {code}")
            await asyncio.sleep(pause)
            began = time.monotonic()
            await child.start()

    def _told(self, child: Child, status: Status) -> None:
        if status.kind in {"listening", "page"}:
            self.shown[f"{child.name} {status.kind}"] = status.text
            if status.kind == "page":
                self.say(f"page      {status.text}")
        elif status.kind == "unreachable":
            self.hint = status.text
        all_ready = all(one.ready for one in self.children)
        if status.kind == "ready" and all_ready:
            for what, where in sorted(self.shown.items()):
                if what.endswith(" listening"):
                    self.say(f"metrics   {where}/metrics ({what.removesuffix(' listening')})")
            self.say("ready")
        if self.hint and all_ready:
            self.say(self.hint)
            self.hint = ""
