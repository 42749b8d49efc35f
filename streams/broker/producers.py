"""Idempotent producers of one partition: what each wrote last, so that a repeat is known and a gap refused."""

from __future__ import annotations

from typing import Any

from tocsin.streams.broker.batch import SEQUENCES, Batch
from tocsin.streams.broker.errors import Code, RefusedError

KEPT = 5
"""Batches remembered for each producer: a client has at most so many under way at once."""
FORGET_MS = 86_400_000
"""A producer that wrote nothing for so long is forgotten."""

Written = tuple[int, int, int]
"""First sequence, last sequence, base offset."""


class Producers:
    """The producers of one partition. It is rebuilt from the log by `note`."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int, list[Written]]] = {}  # id -> epoch, last time, batches

    def check(self, batch: Batch) -> int | None:
        """Return the base offset at which a repeated batch stands, None for a new one; RefusedError for a wrong one."""
        if batch.producer < 0 or (known := self._known.get(batch.producer)) is None:
            return None
        epoch, _, written = known
        if batch.epoch < epoch:
            raise RefusedError(Code.INVALID_PRODUCER_EPOCH, f"epoch {batch.epoch} is over, {epoch} writes now")
        if batch.epoch > epoch:
            if batch.sequence:
                raise RefusedError(Code.OUT_OF_ORDER_SEQUENCE_NUMBER, "a new epoch begins with sequence 0")
            return None
        for first, last, base in written:
            if first == batch.sequence and last == batch.last_sequence:
                return base
        expected = (written[-1][1] + 1) % SEQUENCES
        if batch.sequence != expected:
            raise RefusedError(Code.OUT_OF_ORDER_SEQUENCE_NUMBER, f"sequence {batch.sequence} where {expected} was due")
        return None

    def note(self, batch: Batch) -> None:
        """Take notice of a batch that stands in the log now."""
        if batch.producer < 0:
            return
        epoch, _, written = self._known.get(batch.producer, (batch.epoch, 0, []))
        if epoch != batch.epoch:
            written = []
        written.append((batch.sequence, batch.last_sequence, batch.base))
        del written[:-KEPT]
        self._known[batch.producer] = (batch.epoch, batch.max_time, written)

    def forget(self, now_ms: int) -> None:
        """Drop producers that have been silent for a day."""
        silent = [key for key, (_, last, _) in self._known.items() if last < now_ms - FORGET_MS]
        for key in silent:
            del self._known[key]

    def snapshot(self) -> list[Any]:
        """Return all of it as plain lists."""
        return [[key, epoch, last, list(written)] for key, (epoch, last, written) in self._known.items()]

    @classmethod
    def restore(cls, snapshot: list[Any]) -> Producers:
        """Make it again from a snapshot."""
        made = cls()
        for key, epoch, last, written in snapshot:
            made._known[key] = (epoch, last, [(first, final, base) for first, final, base in written])
        return made
