"""The embedded broker: opens the directory, listens on the loopback, and hands each request to who answers it.

It runs in the event loop that starts it. What a broker confirmed is on the disk; what it shows to consumers is too.
"""

from __future__ import annotations

import asyncio
import errno
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from tocsin.streams.broker import wire
from tocsin.streams.broker.api_groups import GroupApi
from tocsin.streams.broker.api_log import LogApi
from tocsin.streams.broker.api_topics import HOST, TopicApi
from tocsin.streams.broker.connection import Answer, Connection
from tocsin.streams.broker.coordinator import Coordinator
from tocsin.streams.broker.errors import BrokerError
from tocsin.streams.broker.files import FULL, reason
from tocsin.streams.broker.store import Store
from tocsin.streams.broker.sync import Syncer, durable

EXPIRE_SECONDS = 300.0
"""Between two looks for segments that are past their retention."""
_DRAIN_SECONDS = 0.5

log = structlog.get_logger()

Handler = Callable[[wire.Request, Connection], wire.Fields | Awaitable[wire.Fields] | None]


class Broker:
    """A Kafka-protocol server over a directory, on 127.0.0.1 and on nothing else.

    Start it once. `failure` ends with a BrokerError when it can no longer serve; it is cancelled by `stop`. `full` is
    set when the disk had no room for something: that was refused, and all else is served as before.
    """

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        """Prepare a broker; nothing is touched before `start`. Port 0 takes a free one."""
        self.directory = directory
        self.port = port
        """Where it listens, once it is started."""
        self.failure: asyncio.Future[None]
        self.full = asyncio.Event()
        self._syncer = Syncer(self._break)
        self._store = Store(directory, self._syncer)
        self._coordinator = Coordinator()
        self._topics = TopicApi(self._store, self._refused)
        self._handlers = self._table()
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._expiry: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Open the directory and listen.

        Raises:
            BrokerError: the directory or the port can't be had; the text says why, and the mend.

        """
        loop = asyncio.get_running_loop()
        self.failure = loop.create_future()
        await asyncio.to_thread(self._store.open)
        try:
            await durable(self._syncer.request(self._store.offsets))
            self._server = await loop.create_server(self._connection, HOST, self.port)
        except OSError as error:
            self._store.close(checkpoint=False)
            why = "is taken" if error.errno == errno.EADDRINUSE else f"can't be had ({reason(error)})"
            raise BrokerError(
                f"port {self.port} of {HOST} {why}: stop what uses it, or choose another (0 takes a free one)"
            ) from None
        self.port = self._topics.port = self._server.sockets[0].getsockname()[1]
        self._expire()

    async def stop(self) -> None:
        """End within a second: confirm what is written, end what waits, close everything."""
        if self._server is None:
            return
        self._server.close()
        if self._expiry:
            self._expiry.cancel()
        self._coordinator.close()
        for connection in self._connections:
            connection.hold()
        await self._syncer.close()
        for connection in list(self._connections):
            connection.finish()
        until = time.monotonic() + _DRAIN_SECONDS
        while self._connections and time.monotonic() < until:
            await asyncio.sleep(0.005)
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)
        self._server = None
        await asyncio.to_thread(self._store.close, checkpoint=not self.failure.done())
        self.failure.cancel()

    def _table(self) -> dict[str, Handler]:
        logs = LogApi(self._store, self._syncer, self._refused)
        groups = GroupApi(self._store, self._syncer, self._coordinator, self._refused)
        topics = self._topics
        plain: dict[str, Callable[[wire.Request], Any]] = {
            "Produce": logs.produce,
            "Fetch": logs.fetch,
            "ListOffsets": logs.list_offsets,
            "InitProducerId": logs.init_producer_id,
            "Metadata": topics.metadata,
            "ApiVersions": topics.versions,
            "FindCoordinator": topics.coordinator,
            "CreateTopics": topics.create,
            "DeleteTopics": topics.delete,
            "DescribeConfigs": topics.configs,
            "DescribeCluster": topics.cluster,
            "SyncGroup": groups.sync,
            "Heartbeat": groups.heartbeat,
            "LeaveGroup": groups.leave,
            "OffsetCommit": groups.commit,
            "OffsetFetch": groups.fetch,
            "ListGroups": groups.known,
            "DescribeGroups": groups.describe,
            "DeleteGroups": groups.delete,
        }
        table: dict[str, Handler] = {name: _without_connection(handler) for name, handler in plain.items()}
        return table | {"JoinGroup": groups.join}

    def _connection(self) -> Connection:
        connection = Connection(self._serve, self._closed, self._failed)
        self._connections.add(connection)
        return connection

    def _serve(self, connection: Connection, request: wire.Request) -> Answer | Awaitable[Answer]:
        found = self._handlers[request.api.name](request, connection)
        if found is None:
            return None
        if isinstance(found, Awaitable):
            return _later(request, found)
        return wire.write(request, found)

    def _closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._coordinator.disconnected(connection)

    def _failed(self, connection: Connection, error: Exception) -> None:
        if isinstance(error, wire.GarbageError):
            log.info("client-refused", client=connection.host, reason=str(error))
        else:
            # The place and no more: a traceback with values could show what a record holds.
            place = traceback.extract_tb(error.__traceback__)[-1:]
            at = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in place)
            log.error("request-failed", client=connection.host, error=type(error).__name__, at=at)

    def _refused(self, error: OSError) -> None:
        """Take note of what the disk refused: no room is mended by whoever makes room, anything else is the end."""
        if error.errno in FULL:
            self.full.set()
        else:
            self._break(error)

    def _break(self, error: Exception) -> None:
        if self.failure.done():
            return
        text = f"{self.directory}: the disk failed ({reason(error)}): look at the disk, then start again"
        self.failure.set_exception(BrokerError(text))
        # Somebody may wait for it or not; what is said here must not be said twice.
        self.failure.exception()
        log.error("broker-failed", reason=reason(error))
        asyncio.get_running_loop().call_soon(self._shut)

    def _shut(self) -> None:
        # Nothing more is promised: clients see a broker that is gone and wait for the next one.
        if self._server:
            self._server.close()
        for connection in list(self._connections):
            connection.abort()

    def _expire(self) -> None:
        try:
            count = self._store.expire(int(time.time() * 1000))
        except OSError as error:
            log.warning("retention-failed", reason=reason(error), mend="look at the disk")
        else:
            if count:
                log.info("segments-deleted", count=count)
        self._expiry = asyncio.get_running_loop().call_later(EXPIRE_SECONDS, self._expire)


def _without_connection(handler: Callable[[wire.Request], Any]) -> Handler:
    return lambda request, _: handler(request)


async def _later(request: wire.Request, found: Awaitable[wire.Fields]) -> Answer:
    return wire.write(request, await found)
