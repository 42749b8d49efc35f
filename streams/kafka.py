"""How Tocsin speaks to the log: one place for client settings. The address decides which log it is."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

log = structlog.get_logger()

BATCH_BYTES = 1024 * 1024
"""Largest record batch a stage writes at once: Kafka's own default limit of a message set."""
STATE_BYTES = BATCH_BYTES // 2
"""Largest record batch of state."""
SESSION_MS = 6_000
"""A worker that is not heard of for so long loses its partitions."""
IO_SECONDS = 60.0
"""Deadline of one exchange with the log; past it the worker ends and its successor replays."""


class Kafka(msgspec.Struct, frozen=True, kw_only=True):
    """Where the log is and who we are to it."""

    bootstrap: str
    """`host:port`, several joined by commas."""
    instance: str = ""
    """Static member name, unique per process; empty means dynamic membership."""

    def group_consumer(self, group: str) -> AIOKafkaConsumer:
        """Return a consumer of a stage's group; offsets are committed by the stage alone."""
        return AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=group,
            # An empty name would make all workers one member; None is dynamic membership.
            group_instance_id=f"{self.instance}.{group}" if self.instance else None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            heartbeat_interval_ms=1000,
            session_timeout_ms=SESSION_MS,
            max_poll_interval_ms=120_000,
            max_partition_fetch_bytes=2 * BATCH_BYTES,
            metadata_max_age_ms=60_000,
        )

    def reader(self) -> AIOKafkaConsumer:
        """Return a consumer without a group: it reads what it is told to, and leaves no trace."""
        return AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=2 * BATCH_BYTES,
        )

    def producer(self) -> AIOKafkaProducer:
        """Return a producer whose sends are confirmed by the log and not doubled by its retries."""
        return AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=STATE_BYTES,
            max_request_size=2 * BATCH_BYTES,  # a dead letter is larger than its input; `outputs.pack` limits the rest
            request_timeout_ms=30_000,
        )


def of_the_log(error: BaseException) -> bool:
    """Tell whether nothing but the log failed."""
    if isinstance(error, BaseExceptionGroup):
        return all(of_the_log(one) for one in error.exceptions)
    return isinstance(error, KafkaError | TimeoutError)


async def start_when_reachable(make: Any, what: str) -> Any:
    """Make and start a client, waiting for as long as the log can't be reached; return the client."""
    told = False
    while True:
        client = make()
        try:
            await client.start()
        except (KafkaError, OSError) as error:
            await client.stop()
            if not told:
                log.warning("log-unreachable", client=what, error=type(error).__name__, mend="waiting until it is back")
                told = True
            await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            await client.stop()
            raise
        else:
            if told:
                log.info("log-reachable", client=what)
            return client
