"""Which endpoints an alert goes to. Pure. Everything passes at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from tocsin.streams.contract import Item, Result, Send, note
from tocsin.streams.records import Alert, Delivery, content_id
from tocsin.streams.topics import DELIVERIES

STAGE = "schedule"


def schedule_all(items: Sequence[Item[Alert]], endpoints: Collection[str]) -> Result:
    """Return one delivery for each endpoint of each alert.

    Where there is none it ends in a note: `history` (a re-run of the log alerts nobody), `no-endpoint`, or
    `unknown-endpoint` for each one that no longer exists. `stamps.decided` is the alert's own time in the log.
    """
    sends: list[Send] = []
    for item in items:
        alert = item.record
        if item.cause.replay or not alert.endpoints:
            reason = "history" if item.cause.replay else "no-endpoint"
            sends.append(note(item, STAGE, reason, article=alert.article, subscription=alert.subscription))
            continue
        stamped = msgspec.structs.replace(alert, stamps=msgspec.structs.replace(alert.stamps, decided=item.time))
        sends += [_delivery(item, stamped, endpoint, endpoints) for endpoint in dict.fromkeys(alert.endpoints)]
    return Result(sends=sends)


def _delivery(item: Item[Alert], alert: Alert, endpoint: str, endpoints: Collection[str]) -> Send:
    if endpoint not in endpoints:
        return note(
            item,
            STAGE,
            "unknown-endpoint",
            article=alert.article,
            subscription=alert.subscription,
            detail=endpoint,
        )
    delivery = Delivery(id=content_id(alert.id, endpoint), endpoint=endpoint, alert=alert)
    return Send(topic=DELIVERIES, key=endpoint, record=delivery, cause=item.cause)
