"""The three agents of alerting, as stages run them: decide, schedule, deliver."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from tocsin.agents.alert import decide, deliver, expiry, schedule
from tocsin.agents.alert.lanes import Lanes
from tocsin.streams.contract import Agent, Item, Memory, Result
from tocsin.streams.records import Alert, Delivery, Matched
from tocsin.streams.topics import ALERTS, DELIVERIES, MATCHES


def decide_agent(subscriptions: decide.Subscriptions, explain: decide.Explain) -> Agent:
    """Return the stage that tells each subscription of each story once, or says why not.

    `subscriptions` gives those of a group, `explain` the evidence of one subscription in one article.
    """

    def handle(items: Sequence[Item[Matched]], state: Memory[decide.Told], _now: datetime) -> Result:
        return decide.decide_all(items, state, subscriptions, explain)

    return Agent(
        name=decide.STAGE,
        source=MATCHES,
        handle=handle,
        state=decide.Told,
        memory=partial(expiry.Expiring, decide.forget_at),
        due=expiry.due,
        on_time=expiry.forget,
    )


def schedule_agent(endpoints: Callable[[], Collection[str]]) -> Agent:
    """Return the stage that makes one delivery for each endpoint of an alert; `endpoints` gives the ids there are."""

    def handle(items: Sequence[Item[Alert]], _state: Memory[Any], _now: datetime) -> Result:
        return schedule.schedule_all(items, endpoints())

    return Agent(name=schedule.STAGE, source=ALERTS, handle=handle)


def deliver_agent(lanes: Lanes, operator: str = "") -> Agent:
    """Return the stage that delivers, for days if need be.

    `operator` is the endpoint that is told of another one that keeps failing; empty where there is none.
    """

    def handle(items: Sequence[Item[Delivery]], state: Memory[deliver.Work], _now: datetime) -> Result:
        return deliver.accept_all(items, state)

    def settle(state: Memory[deliver.Work], outcomes: Sequence[deliver.Outcome]) -> Result:
        return deliver.settle_all(outcomes, state, operator)

    return Agent(
        name=deliver.STAGE,
        source=DELIVERIES,
        handle=handle,
        state=deliver.Work,
        memory=partial(expiry.Expiring, deliver.forget_at),
        due=expiry.due,
        on_time=expiry.forget,
        effects=lanes,
        settle=settle,
    )
