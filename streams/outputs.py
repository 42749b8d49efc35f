"""What leaves a stage: records, notes and dead letters, all confirmed by the log before anything is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaProducer

from tocsin.streams import metrics
from tocsin.streams.codec import encode, headers
from tocsin.streams.contract import Origin, Send
from tocsin.streams.kafka import IO_SECONDS
from tocsin.streams.records import Note
from tocsin.streams.topics import DEAD_LETTERS

log = structlog.get_logger()

Seam = Callable[[str, str], None]
"""Called with the stage and the step just done; a test kills the process there."""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """An input that goes to the dead letters, and why."""

    message: Any
    reason: str
    detail: str = ""
    attempts: int = 1


async def send_all(
    producer: AIOKafkaProducer, stage: str, sends: Sequence[Send], failed: Sequence[Failed], seam: Seam
) -> None:
    """Send everything and wait until the log has confirmed all of it."""
    confirmations = []
    async with asyncio.timeout(IO_SECONDS):
        for send in sends:
            confirmations.append(
                await producer.send(
                    send.topic.name,
                    key=send.key.encode(),
                    value=encode(send.record),
                    headers=headers(send.topic, send.cause),
                )
            )
            if isinstance(send.record, Note):
                metrics.NOTES.labels(stage, send.record.reason).inc()
        confirmations += [await _send_dead(producer, stage, one) for one in failed]
        seam(stage, "sent")
        if confirmations:
            await asyncio.gather(*confirmations)
    seam(stage, "confirmed")


async def _send_dead(producer: AIOKafkaProducer, stage: str, failed: Failed) -> Any:
    message = failed.message
    origin = Origin(message.topic, message.partition, message.offset)
    about = {
        "origin": str(origin),
        "stage": stage,
        "reason": failed.reason,
        "error": failed.detail,
        "attempts": str(failed.attempts),
        "key": (message.key or b"").decode("utf-8", "replace"),
    }
    inherited = [(name, value) for name, value in message.headers if name not in about]
    metrics.DEAD_LETTERS.labels(stage, failed.reason).inc()
    log.error("dead-letter", stage=stage, origin=str(origin), reason=failed.reason, error=failed.detail)
    return await producer.send(
        DEAD_LETTERS.name,
        key=str(origin).encode(),
        value=message.value,
        headers=inherited + [(name, text.encode()) for name, text in about.items()],
    )
