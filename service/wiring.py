"""Which agents a worker runs and what they are given: the one place where agents meet."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from mode import Service

from tocsin.agents.alert.agent import decide_agent, deliver_agent, schedule_agent
from tocsin.agents.alert.channels import Channel, build_channel, load_channels
from tocsin.agents.alert.lanes import Lanes
from tocsin.agents.annotate.agent import annotate_agent
from tocsin.agents.match.agent import match_agent
from tocsin.agents.match.explain import explain
from tocsin.agents.match.index import Index
from tocsin.agents.match.query import Query, parse
from tocsin.agents.stories.agent import stories_agent
from tocsin.service.annotators import reader
from tocsin.service.configure import endpoint_tables
from tocsin.service.names import query_names
from tocsin.service.settings import Settings, SettingsError, located
from tocsin.streams.app import Worker
from tocsin.streams.contract import Agent
from tocsin.streams.kafka import Kafka
from tocsin.streams.outbound import Outbound
from tocsin.streams.outputs import Seam
from tocsin.streams.records import Annotated, Article, Endpoint, Evidence, Subscription
from tocsin.streams.table import Table
from tocsin.streams.topics import ENDPOINTS, SUBSCRIPTIONS


class Subscribed:
    """The subscriptions in force: an index over their queries, and the subscribers of each group.

    Changes come in the event loop, `match` reads in its own thread and `decide` in another. So groups are replaced
    whole, and the index is changed only by the thread that reads it.
    """

    def __init__(self) -> None:
        self._index = Index()
        self._groups: dict[str, tuple[Subscription, ...]] = {}
        self._group_of: dict[str, str] = {}
        self._pending: deque[Query | str] = deque()
        """Queries to add and groups to remove, in this order."""

    def index(self) -> Index:
        """Return the index with every change so far; only for the thread of `match`."""
        while self._pending:
            change = self._pending.popleft()
            if isinstance(change, str):
                self._index.remove(change)
            else:
                self._index.add(change)
        return self._index

    def change(self, key: str, subscription: Subscription | None) -> None:
        """Take over one record of the subscriptions topic; QueryError leaves what was in force."""
        query = compiled(subscription.query) if subscription else None
        before = self._group_of.pop(key, None)
        if subscription and query:
            if query.group not in self._groups:
                self._pending.append(query)
            others = [one for one in self._groups.get(query.group, ()) if one.id != key]
            self._groups[query.group] = (*others, subscription)
            self._group_of[key] = query.group
        if before is not None and before != self._group_of.get(key):
            left = tuple(one for one in self._groups[before] if one.id != key)
            if left:
                self._groups[before] = left
            else:
                del self._groups[before]
                self._pending.append(before)

    def of_group(self, group: str) -> Sequence[Subscription]:
        """Return the subscriptions whose query is the group's."""
        return self._groups.get(group, ())


@functools.lru_cache(maxsize=10_000)
def compiled(query: str) -> Query:
    """Parse a query that was checked when it was saved; names were resolved by the same vocabulary."""
    return parse(query, names=query_names())


def why(subscription: Subscription, annotated: Annotated) -> tuple[Evidence, ...]:
    """Return the evidence for an alert of a subscription."""
    return explain(compiled(subscription.query), annotated)


def channels(settings: Settings, outbound: Outbound) -> dict[str, Channel]:
    """Build each endpoint's channel from its settings; SettingsError names the endpoint and never shows a secret."""
    kinds = load_channels()
    built: dict[str, Channel] = {}
    for name, table in endpoint_tables(settings).items():
        kind = kinds.get(table["channel"])
        if kind is None:
            there = ", ".join(sorted(kinds))
            key = f"endpoint.{name}.channel"
            error = SettingsError(f"{key}: no channel {table['channel']!r}; there are {there}", key)
            raise located(settings, error)
        own = {key: value for key, value in table.items() if key != "channel"}
        try:
            built[name] = build_channel(kind, own, outbound)
        except ValueError as fault:
            key = f"endpoint.{name}"
            raise located(settings, SettingsError(f"{key}: {fault}", key)) from None
    return built


def agents(
    read: Callable[[Article], Annotated],
    subscribed: Subscribed,
    endpoints: Table[Endpoint],
    lanes: Lanes,
    operator: str,
) -> list[Agent]:
    """Return every agent of the chain, in its order."""
    return [
        annotate_agent(read),
        stories_agent(),
        match_agent(subscribed.index),
        decide_agent(subscribed.of_group, why),
        schedule_agent(lambda: endpoints.values),
        deliver_agent(lanes, operator),
    ]


class _Closing(Service):
    """Closes the outbound client after everything that uses it, since it is started first."""

    def __init__(self, outbound: Outbound, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._outbound = outbound

    async def on_stop(self) -> None:
        await self._outbound.close()


def build_worker(bootstrap: str, settings: Settings, *, seam: Seam | None = None) -> Worker:
    """Return a worker with the whole chain."""
    kafka = Kafka(bootstrap=bootstrap, instance=settings.instance)
    subscribed = Subscribed()
    subscriptions: Table[Subscription] = Table(SUBSCRIPTIONS, kafka, on_change=subscribed.change)
    endpoints: Table[Endpoint] = Table(ENDPOINTS, kafka)
    tables: list[Table[Any]] = [subscriptions, endpoints]
    worker = Worker(kafka, tables=tables, watchdog_seconds=settings.watchdog, seam=seam)
    outbound = Outbound(allow=settings.allow_net)
    worker.also(_Closing(outbound))
    lanes = Lanes(channels(settings, outbound).get)
    for agent in agents(reader(settings), subscribed, endpoints, lanes, settings.operator.endpoint):
        worker.run_stage(agent)
    return worker
