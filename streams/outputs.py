"""What leaves a stage: records, notes and dead letters, all confirmed by the log before anything is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaProducer

from tocsin.streams import metrics
from tocsin.streams.codec import encode, headers
from tocsin.streams.contract import Origin, Result
from tocsin.streams.kafka import BATCH_BYTES, IO_SECONDS
from tocsin.streams.records import Note, Record
from tocsin.streams.topics import DEAD_LETTERS

log = structlog.get_logger()

Seam = Callable[[str, str], None]
"""Called with the stage and the step just done; a test kills the process there."""


OUTPUT_BYTES = BATCH_BYTES - 64 * 1024
"""Largest output: what the log takes, less room for the headers that a dead letter of it would add."""


class OutputTooLargeError(Exception):
    """An output that the log would not take."""


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """An output as it goes to the log."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    note: str = ""
    """The reason, where the output is a note."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A result of an agent, packed: what can't be sent is found before anything has been sent."""

    outputs: Sequence[Packed] = ()
    changes: Mapping[str, Record | None] = {}


def pack(result: Result) -> Answer:
    """Encode all outputs; OutputTooLargeError where the log would not take one."""
    outputs = []
    for send in result.sends:
        one = Packed(
            topic=send.topic.name,
            key=send.key.encode(),
            value=encode(send.record),
            headers=headers(send.topic, send.cause),
            note=send.record.reason if isinstance(send.record, Note) else "",
        )
        if len(one.key) + len(one.value) > OUTPUT_BYTES:
            raise OutputTooLargeError(
                f"an output to {one.topic} has {len(one.value)} bytes; {OUTPUT_BYTES} can be sent"
            )
        outputs.append(one)
    return Answer(outputs=outputs, changes=result.changes)


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """An input that goes to the dead letters, and why."""

    message: Any
    reason: str
    detail: str = ""
    attempts: int = 1


async def send_all(
    producer: AIOKafkaProducer, stage: str, outputs: Sequence[Packed], failed: Sequence[Failed], seam: Seam
) -> None:
    """Send everything and wait until the log has confirmed all of it."""
    confirmations = []
    async with asyncio.timeout(IO_SECONDS):
        for one in outputs:
            confirmations.append(await producer.send(one.topic, key=one.key, value=one.value, headers=one.headers))
            if one.note:
                metrics.NOTES.labels(stage, one.note).inc()
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
        headers=inherited + [(name, text.encode("utf-8", "replace")) for name, text in about.items()],
    )
