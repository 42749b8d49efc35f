"""Nothing is lost, as a command: every input a stage has committed led to an output, a note or a dead letter.

Each of those carries its origin, so the audit compares sets, not counts: a lost record can't hide behind a repeat.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from tocsin.streams.admin import admin_client, committed_offsets, partitions_of, read_all, reader
from tocsin.streams.codec import decode
from tocsin.streams.contract import Origin
from tocsin.streams.records import Receipt
from tocsin.streams.topics import (
    ALERTS,
    ANNOTATED,
    DEAD_LETTERS,
    DELIVERIES,
    MATCHES,
    NOTES,
    RECEIPTS,
    STAGES,
    STORIES,
    Topic,
)

OUTPUTS = (ANNOTATED, STORIES, MATCHES, ALERTS, DELIVERIES, RECEIPTS, NOTES, DEAD_LETTERS)
SHOWN = 20


class StageAudit(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: what it has committed, what came of it, and the origins of which nothing came."""

    stage: str
    topic: str
    committed: int
    waiting: int
    outputs: int
    notes: int
    dead_letters: int
    missing: int
    missing_origins: tuple[str, ...] = ()


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """The whole chain."""

    stages: tuple[StageAudit, ...]
    deliveries: dict[str, int]
    """Deliveries by their last state: accepted, failed, or queued and retry, which are still on their way."""

    @property
    def balanced(self) -> bool:
        """Tell whether every committed input is accounted for."""
        return not any(stage.missing for stage in self.stages)


def audit(bootstrap: str) -> Audit:
    """Read the log and compare; LogError where no broker answers."""
    with admin_client(bootstrap) as client, reader(bootstrap) as consumer:
        # Offsets before outputs: what is committed later has its outputs later too, and must not count as missing.
        ranges: dict[str, dict[int, tuple[int, int, int]]] = {}
        for stage, topic in STAGES.items():
            committed = committed_offsets(client, stage, topic)
            tps = partitions_of(topic)
            starts, ends = consumer.beginning_offsets(tps), consumer.end_offsets(tps)
            ranges[topic.name] = {tp.partition: (starts[tp], committed[tp.partition], ends[tp]) for tp in tps}
        seen: dict[str, dict[str, set[Origin]]] = {topic.name: {} for topic in STAGES.values()}
        last: dict[str, str] = {}
        for topic in OUTPUTS:
            for message in read_all(consumer, topic):
                _record_origin(seen, topic, message)
                if topic is RECEIPTS:
                    _record_receipt(last, message)
    stages = tuple(_compare(stage, topic, ranges[topic.name], seen[topic.name]) for stage, topic in STAGES.items())
    return Audit(stages=stages, deliveries=dict(Counter(last.values())))


def _record_origin(seen: dict[str, dict[str, set[Origin]]], topic: Topic, message: object) -> None:
    raw = dict(message.headers).get("origin")  # type: ignore[attr-defined]
    if raw is None:
        return
    origin = Origin.parse(raw.decode())
    if origin.topic in seen:
        seen[origin.topic].setdefault(topic.name, set()).add(origin)


def _record_receipt(last: dict[str, str], message: object) -> None:
    try:
        receipt: Receipt = decode(Receipt, message.value)  # type: ignore[attr-defined]
    except msgspec.DecodeError:
        return
    if receipt.outcome == "repeat" or last.get(receipt.delivery) in {"accepted", "failed"}:
        return
    last[receipt.delivery] = receipt.outcome


def _compare(
    stage: str, topic: Topic, ranges: dict[int, tuple[int, int, int]], found: dict[str, set[Origin]]
) -> StageAudit:
    known: set[Origin] = set().union(*found.values()) if found else set()
    missing = []
    for partition, (start, committed, _end) in ranges.items():
        for offset in range(start, committed):
            origin = Origin(topic.name, partition, offset)
            if origin not in known:
                missing.append(str(origin))
    ends = [max(0, end - max(start, committed)) for start, committed, end in ranges.values()]
    return StageAudit(
        stage=stage,
        topic=topic.name,
        committed=sum(max(0, committed - start) for start, committed, _ in ranges.values()),
        waiting=sum(ends),
        outputs=len(set().union(*(o for name, o in found.items() if name not in {NOTES.name, DEAD_LETTERS.name}))),
        notes=len(found.get(NOTES.name, ())),
        dead_letters=len(found.get(DEAD_LETTERS.name, ())),
        missing=len(missing),
        missing_origins=tuple(missing[:SHOWN]),
    )
