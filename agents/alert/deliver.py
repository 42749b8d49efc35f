"""A delivery from the log to its end: what is remembered of it, and when it is tried again. Pure.

The sending itself is `lanes.py`; it reports each attempt as an `Outcome`, and here is decided what follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.agents.alert.channels import Sent
from tocsin.streams.contract import Cause, Item, Memory, Result, Send, note
from tocsin.streams.records import Delivery, Notice, Receipt, Record, content_id
from tocsin.streams.topics import DELIVERIES, RECEIPTS

STAGE = "deliver"
DELAYS = (1, 5, 30, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds between the attempts: the table of Standard Webhooks with quicker first tries, 75.6 hours in all."""
ATTEMPTS = len(DELAYS) + 1
JITTER = 0.2
MOST_RETRY_AFTER = 6 * 3600.0
"""Seconds. A receiver that asks for more is asked again after that."""
FAILING = 10
"""Failures in a row after which the operator is told."""
KEEP_ACCEPTED = timedelta(days=4)
"""Longer than all tries together, so that a repeat of a delivery is known as one."""
KEEP_FAILED = timedelta(days=30)


class Work(Record, frozen=True, kw_only=True):
    """What is remembered of a delivery (key: its id) or, with status `failing`, of an endpoint (`failing_key`)."""

    status: Literal["pending", "accepted", "failed", "failing"]
    endpoint: str
    at: datetime
    """When this status began; of a pending delivery, when it entered the log."""
    delivery: Delivery | None = None
    """Kept while it is pending, and after it failed, so that it can be begun again."""
    sequence: int = 0
    """The delivery's own; a higher one begins a failed delivery again."""
    attempt: int = 0
    """Attempts made."""
    due: datetime | None = None
    first_tried: datetime | None = None
    cause: Cause | None = None
    failures: int = 0
    """Of an endpoint: failures in a row."""
    told: bool = False
    """Of an endpoint: whether the operator has been told."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended."""

    delivery: str
    sequence: int
    attempt: int
    """1 for the first."""
    sent: Sent
    began: datetime
    ended: datetime


def forget_at(work: Work) -> datetime | None:
    """Return when a `Work` may be forgotten; None while it is needed."""
    if work.status == "accepted":
        return work.at + KEEP_ACCEPTED
    return work.at + KEEP_FAILED if work.status == "failed" else None


def failing_key(endpoint: str) -> str:
    """Return the state's key of an endpoint that fails."""
    return f"endpoint\x1f{endpoint}"


def next_try(delivery: str, attempt: int, ended: datetime, retry_after: float | None) -> datetime | None:
    """Return when to try again after an attempt, None after the last.

    The jitter of 20 % comes from the delivery's id, so a replay computes the same moment.
    """
    if attempt >= ATTEMPTS:
        return None
    share = int(content_id(delivery, str(attempt))[:8], 16) / 0xFFFFFFFF
    seconds = DELAYS[attempt - 1] * (1 - JITTER + 2 * JITTER * share)
    return ended + timedelta(seconds=max(seconds, min(retry_after or 0.0, MOST_RETRY_AFTER)))


# -- new deliveries ---------------------------------------------------------------------------------------------------


def accept_all(items: Sequence[Item[Delivery]], state: Memory[Work]) -> Result:
    """Take deliveries over: each new one becomes pending, with a receipt `queued`.

    One that is known gets a receipt `repeat`, unless it had failed and comes with a higher sequence: then it begins
    again. A delivery of a re-run of history ends in the note `history`, one without content in `empty-delivery`.
    """
    sends: list[Send] = []
    changes: dict[str, Work] = {}
    for item in items:
        delivery = item.record
        known = changes.get(delivery.id) or state.get(delivery.id)
        again = known is not None and known.status == "failed" and delivery.sequence > known.sequence
        if delivery.alert is None and delivery.notice is None:
            sends.append(note(item, STAGE, "empty-delivery", detail=delivery.id))
        elif known is not None and not again:
            sends.append(_arrival(item, "repeat"))
        elif item.cause.replay and not again:
            sends.append(note(item, STAGE, "history", detail=delivery.id))
        else:
            changes[delivery.id] = _pending(item)
            sends.append(_arrival(item, "queued"))
    return Result(sends=sends, changes=changes)


def _pending(item: Item[Delivery]) -> Work:
    delivery = item.record
    if alert := delivery.alert:
        stamps = msgspec.structs.replace(alert.stamps, queued=item.time)
        delivery = msgspec.structs.replace(delivery, alert=msgspec.structs.replace(alert, stamps=stamps))
    return Work(
        status="pending",
        endpoint=delivery.endpoint,
        at=item.time,
        delivery=delivery,
        sequence=delivery.sequence,
        due=item.time,
        cause=item.cause,
    )


def _arrival(item: Item[Delivery], outcome: Literal["queued", "repeat"]) -> Send:
    delivery = item.record
    receipt = Receipt(
        delivery=delivery.id,
        alert=told_id(delivery),
        endpoint=delivery.endpoint,
        sequence=delivery.sequence,
        outcome=outcome,
        at=item.time,
    )
    return Send(topic=RECEIPTS, key=receipt.alert, record=receipt, cause=item.cause)


def told_id(delivery: Delivery) -> str:
    """Return the id of what a delivery carries: its alert's, or its notice's."""
    content = delivery.alert or delivery.notice
    return content.id if content else ""


# -- ended attempts ---------------------------------------------------------------------------------------------------


def settle_all(outcomes: Sequence[Outcome], state: Memory[Work], operator: str = "") -> Result:
    """Record what became of attempts, and tell the operator's endpoint of one that keeps failing.

    An outcome of an attempt that the state does not await (it was settled before) changes nothing.
    """
    sends: list[Send] = []
    changes: dict[str, Work | None] = {}
    for outcome in outcomes:
        work = changes.get(outcome.delivery) or state.get(outcome.delivery)
        if work is None or not _awaited(work, outcome):
            continue
        after, receipt = _conclude(work, outcome)
        changes[outcome.delivery] = after
        sends.append(Send(topic=RECEIPTS, key=receipt.alert, record=receipt, cause=work.cause))
        key = failing_key(work.endpoint)
        before = changes[key] if key in changes else state.get(key)
        health, notice = _health(before, work, after, outcome, operator)
        if health is not before:
            changes[key] = health
        sends += notice
    return Result(sends=sends, changes=changes)


def _awaited(work: Work, outcome: Outcome) -> bool:
    expected = ("pending", work.sequence, work.attempt + 1)
    return expected == (work.status, outcome.sequence, outcome.attempt)


def _conclude(work: Work, outcome: Outcome) -> tuple[Work, Receipt]:
    """Return the state after an attempt and its receipt."""
    assert work.delivery is not None
    sent = outcome.sent
    due, reason, status = None, sent.reason, sent.outcome
    if status == "retry":
        due = next_try(outcome.delivery, outcome.attempt, outcome.ended, sent.retry_after)
        if due is None:
            status, reason = "failed", f"{reason}, given up after {outcome.attempt} attempts"
    after = msgspec.structs.replace(
        work,
        status="pending" if due else status,
        at=work.at if due else outcome.ended,
        delivery=None if status == "accepted" else work.delivery,
        attempt=outcome.attempt,
        due=due,
        first_tried=work.first_tried or outcome.began,
        cause=work.cause if due else None,
    )
    receipt = Receipt(
        delivery=outcome.delivery,
        alert=told_id(work.delivery),
        endpoint=work.endpoint,
        sequence=work.sequence,
        attempt=outcome.attempt,
        outcome=status,
        reason="" if status == "accepted" else reason,
        status=sent.status,
        milliseconds=max(0, round((outcome.ended - outcome.began).total_seconds() * 1000)),
        at=outcome.ended,
        next_try=due,
    )
    return after, receipt


def _health(
    before: Work | None, work: Work, after: Work, outcome: Outcome, operator: str
) -> tuple[Work | None, list[Send]]:
    """Return what is remembered of the endpoint, and the notice to the operator where it is time for one.

    It is time at the tenth failure in a row, or as soon as a delivery has failed for good: once an incident. An
    incident ends with the next delivery that is accepted.
    """
    if after.status == "accepted":
        return None, []
    before = before or Work(status="failing", endpoint=work.endpoint, at=outcome.ended)
    failures = before.failures + 1
    tell = not before.told and (failures >= FAILING or after.status == "failed")
    health = msgspec.structs.replace(before, failures=failures, told=before.told or tell)
    # An endpoint's own failure cannot be told by that endpoint.
    if not tell or operator in {"", work.endpoint}:
        return health, []
    many = f"{failures} failures in a row" if failures > 1 else "1 failure"
    lost = " and a delivery given up" if after.status == "failed" else ""
    notice = Notice(
        id=content_id("endpoint-failing", work.endpoint, before.at.isoformat()),
        what="endpoint-failing",
        text=f"endpoint {work.endpoint}: {many}{lost}, the last one {outcome.sent.reason}; "
        "check its settings and its receiver",
        at=outcome.ended,
    )
    delivery = Delivery(id=content_id(notice.id, operator), endpoint=operator, notice=notice)
    return health, [Send(topic=DELIVERIES, key=operator, record=delivery, cause=work.cause)]
