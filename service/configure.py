"""From settings to the records people's wishes travel as: feeds, subscriptions, endpoints.

What the settings name is written to the log where it differs from what is there, and what they named before and name
no more is taken back. Records of other authors are left alone. Addresses and secrets stay in the settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from kafka import KafkaProducer

from tocsin.agents.match.query import QueryError, parse
from tocsin.service.settings import FeedSettings, Settings, SettingsError, SubscriptionSettings, located, shown
from tocsin.service.starter import StarterFeed, StarterSubscription, starter
from tocsin.streams.admin import read_all, reader
from tocsin.streams.codec import decode, encode, schema_name
from tocsin.streams.records import Endpoint, Feed, Record, Subscription, content_id
from tocsin.streams.topics import Topic

AUTHOR = "settings"
TERMINAL = "terminal"


def feeds(settings: Settings) -> list[Feed]:
    """Return the feeds of the settings, or the starter list."""
    wanted: Sequence[FeedSettings | StarterFeed] = settings.feed or starter().feeds
    return [
        Feed(
            id=content_id(one.url)[:12],
            url=one.url,
            name=one.name,
            language=one.language,
            every=getattr(one, "every", None),
            since=settings.since_day,
            author=AUTHOR,
        )
        for one in wanted
    ]


def endpoint_tables(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return every endpoint's own settings by its id; the terminal and the operator's are always there."""
    tables = {TERMINAL: {"channel": "terminal"}, **settings.endpoint}
    tables.setdefault(settings.operator.endpoint, {"channel": "terminal"})
    return tables


def endpoints(settings: Settings) -> list[Endpoint]:
    """Return the endpoints without their addresses and secrets."""
    return [
        Endpoint(id=name, channel=table["channel"], name=name, author=AUTHOR)
        for name, table in endpoint_tables(settings).items()
    ]


def subscriptions(settings: Settings, topics: Sequence[str], names: Mapping[str, str]) -> list[Subscription]:
    """Return the subscriptions of the settings, or the starter ones; SettingsError shows a query's fault."""
    wanted: Sequence[SubscriptionSettings | StarterSubscription] = settings.subscription or starter().subscriptions
    everywhere = tuple(name for name in settings.endpoint if name != settings.operator.endpoint) or (TERMINAL,)
    found = []
    for number, one in enumerate(wanted):
        try:
            query = parse(one.query, topics=topics, names=names)
        except QueryError as error:
            key = f"subscription.{number}.query"
            raise located(settings, SettingsError(f"{shown(key)}: {one.query!r}: {error}", key)) from None
        found.append(
            Subscription(
                id=content_id(AUTHOR, one.name or query.canonical)[:12],
                name=one.name,
                query=one.query,
                group=query.group,
                endpoints=getattr(one, "endpoints", ()) or everywhere,
                severity=getattr(one, "severity", "medium"),
                author=AUTHOR,
            )
        )
    return found


def apply(bootstrap: str, topic: Topic, wanted: Sequence[Feed | Subscription | Endpoint]) -> int:
    """Bring a configuration topic to what is wanted; return the number of records written."""
    present: dict[str, Any] = {}
    with reader(bootstrap) as consumer:
        for message in read_all(consumer, topic):
            key = (message.key or b"").decode()
            present[key] = decode(topic.record or msgspec.Raw, message.value) if message.value else None
    changes: dict[str, Record | None] = {}
    for record in wanted:
        before = present.get(record.id)
        same = before is not None and msgspec.structs.replace(before, revision=0) == record
        if not same:
            revision = before.revision + 1 if before is not None else 0
            changes[record.id] = msgspec.structs.replace(record, revision=revision)
    kept = {record.id for record in wanted}
    for key, before in present.items():
        if before is not None and before.author == AUTHOR and key not in kept:
            changes[key] = None
    if changes:
        _write(bootstrap, topic, changes)
    return len(changes)


def _write(bootstrap: str, topic: Topic, changes: Mapping[str, Record | None]) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    try:
        schema = [("schema", schema_name(topic).encode())]
        sent = [
            producer.send(
                topic.name, key=key.encode(), value=encode(record) if record else None, headers=schema, partition=0
            )
            for key, record in changes.items()
        ]
        for one in sent:
            one.get(30)
    finally:
        producer.close(timeout=5)
