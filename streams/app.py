"""The stream app: read this first. It is a Faust app whose services are the stages, and nothing else.

What is used of Faust: the app, the worker with its signals and exit codes, supervision, start and stop in order,
tasks. Its own consumption of Kafka topics is switched off: an exception that leaves a Faust agent, a hand-fed
acknowledgement and a table under `kill -9` each lose records, so `stage.py` owns its consumer and its producer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, NoReturn

import faust
from faust.app.base import BootStrategy
from mode import Service

from tocsin.streams.contract import Agent
from tocsin.streams.kafka import Kafka
from tocsin.streams.outputs import Seam
from tocsin.streams.quiet import quiet_libraries
from tocsin.streams.stage import Stage
from tocsin.streams.table import Table
from tocsin.streams.watchdog import Watchdog

WATCHDOG_SECONDS = 30.0
"""A batch in hand for so long ends the worker."""
STOP_SECONDS = 4.5
STALLED_SECONDS = 120.0
"""A stage without a round for so long is not live: longer than any of its deadlines."""


class _Boot(BootStrategy):
    """Starts no Kafka client of Faust's own and no web server."""

    enable_kafka = False
    enable_web = False
    enable_sensors = False


class StreamApp(faust.App):
    """A Faust app without Faust's own Kafka."""

    BootStrategy = _Boot

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ours: list[Service] = []

    async def on_started_init_extra_services(self) -> None:
        """Start our services, in the order in which they were added."""
        for service in self.ours:
            await self.add_runtime_dependency(service)


class _Guard(Service):
    """Runs the watchdog until the app begins to stop, then gives the stop its time."""

    def __init__(self, watchdog: Watchdog, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.watchdog = watchdog

    @Service.task
    async def _run(self) -> None:
        await self.watchdog.run()

    async def on_stop(self) -> None:
        self.watchdog.stop_within(STOP_SECONDS)


class Worker:
    """One process of stages: the Faust app, its tables and its stages."""

    def __init__(
        self,
        kafka: Kafka,
        *,
        tables: Sequence[Table[Any]] = (),
        watchdog_seconds: float = WATCHDOG_SECONDS,
        seam: Seam | None = None,
    ) -> None:
        self.kafka = kafka
        self.tables = tables
        self.stages: list[Stage] = []
        self.watchdog = Watchdog(watchdog_seconds)
        self.seam = seam
        self._suspects = asyncio.Lock()
        self._stopping = asyncio.Event()
        quiet_libraries()
        self.app = StreamApp(
            "tocsin",
            broker=f"kafka://{kafka.bootstrap.split(',')[0]}",
            web_enabled=False,
            topic_disable_leader=True,
            autodiscover=False,
        )
        for table in tables:
            self._add(table)

    def run_stage(self, agent: Agent) -> Stage:
        """Have this worker run an agent, once every table has been read whole."""
        stage = Stage(
            agent,
            self.kafka,
            watchdog=self.watchdog,
            suspects=self._suspects,
            stopping=self._stopping,
            ready_when=[table.ready for table in self.tables],
            **({"seam": self.seam} if self.seam else {}),
        )
        self.stages.append(stage)
        self._add(stage)
        return stage

    def also(self, service: Service) -> None:
        """Run another service beside the stages, such as the health page."""
        self._add(service)

    def _add(self, service: Service) -> None:
        self.app.ours.append(service)

    def ready(self) -> tuple[bool, str]:
        """Tell whether all tables are read and all stages restored, and what is missing."""
        for table in self.tables:
            if not table.ready.is_set():
                return False, f"reading {table.topic.name}"
        for stage in self.stages:
            if not stage.held.restored:
                return False, f"stage {stage.agent.name} waits for its partitions"
        return True, "every stage has restored its partitions"

    def live(self) -> tuple[bool, str]:
        """Tell whether no stage holds a batch for too long."""
        if self.watchdog.stuck():
            return False, "a batch has been in hand for too long"
        for stage in self.stages:
            if stage.progress and time.monotonic() - stage.progress > STALLED_SECONDS:
                return False, f"stage {stage.agent.name} stands still"
        return True, "making progress"

    def run(self) -> NoReturn:
        """Run until SIGTERM or SIGINT (exit code 0), or until a fault ends the worker (exit code 1)."""
        self._add(_Guard(self.watchdog))  # last, since services stop in reverse order: it bounds the stop of all others
        worker = self.app.Worker(
            loglevel="WARN", quiet=True, redirect_stdouts=False, override_logging=False, blocking_timeout=10.0
        )
        worker.spinner = None  # it would write control characters where alerts are read
        worker.execute_from_commandline()
        raise SystemExit(0)
