"""The catalogue of log topics: name, key, partitions, clean-up and the record that travels there.

Partition counts are for ever: a key's partition follows from the count, so changing it would break order.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.streams import records as r

DAY_MS = 86_400_000


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of the log. `record` is None where the value is raw bytes."""

    name: str
    key: str
    """What the key is, in words."""
    partitions: int = 12
    cleanup: Literal["delete", "compact"] = "delete"
    retention_ms: int = 30 * DAY_MS
    message_bytes: int | None = None
    """Largest record batch, where it is not what the log takes by default."""
    record: type[r.Record] | None

    @property
    def config(self) -> dict[str, str]:
        """Topic settings in Kafka's own names."""
        if self.cleanup == "compact":
            return {"cleanup.policy": "compact", "delete.retention.ms": str(DAY_MS), "min.compaction.lag.ms": "3600000"}
        largest = {} if self.message_bytes is None else {"max.message.bytes": str(self.message_bytes)}
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms), **largest}


ARTICLES = Topic(name="tocsin.articles.v1", key="article id", record=r.Article)
ANNOTATED = Topic(name="tocsin.annotated.v1", key="constant", partitions=1, record=r.Annotated)
STORIES = Topic(name="tocsin.stories.v1", key="story id", record=r.StoryUpdate)
MATCHES = Topic(name="tocsin.matches.v1", key="story id", record=r.Matched)
ALERTS = Topic(name="tocsin.alerts.v1", key="subscription id", record=r.Alert)
DELIVERIES = Topic(name="tocsin.deliveries.v1", key="endpoint id", record=r.Delivery)
RECEIPTS = Topic(name="tocsin.receipts.v1", key="alert id", record=r.Receipt)
FEEDS = Topic(name="tocsin.feeds.v1", key="feed id", partitions=1, cleanup="compact", record=r.Feed)
SUBSCRIPTIONS = Topic(
    name="tocsin.subscriptions.v1", key="subscription id", partitions=1, cleanup="compact", record=r.Subscription
)
ENDPOINTS = Topic(name="tocsin.endpoints.v1", key="endpoint id", partitions=1, cleanup="compact", record=r.Endpoint)
FEED_STATE = Topic(name="tocsin.state.poller.v1", key="feed id", partitions=1, cleanup="compact", record=r.FeedState)
NOTES = Topic(name="tocsin.notes.v1", key="origin", record=r.Note)
DEAD_LETTERS = Topic(
    name="tocsin.deadletter.v1",
    key="origin",
    retention_ms=90 * DAY_MS,
    message_bytes=2 * 1024 * 1024,  # any input, with the headers that say what befell it
    record=None,
)

CATALOGUE: tuple[Topic, ...] = (
    ARTICLES,
    ANNOTATED,
    STORIES,
    MATCHES,
    ALERTS,
    DELIVERIES,
    RECEIPTS,
    FEEDS,
    SUBSCRIPTIONS,
    ENDPOINTS,
    FEED_STATE,
    NOTES,
    DEAD_LETTERS,
)


def state_topic(stage: str, source: Topic) -> Topic:
    """Return the compacted topic that holds a stage's state: as many partitions as the stage's input has."""
    return Topic(
        name=f"tocsin.state.{stage}.v1",
        key="own",
        partitions=source.partitions,
        cleanup="compact",
        record=None,
    )


STAGES: dict[str, Topic] = {
    "annotate": ARTICLES,
    "stories": ANNOTATED,
    "match": STORIES,
    "decide": MATCHES,
    "schedule": ALERTS,
    "deliver": DELIVERIES,
}
"""Every stage and the topic it reads; no two read the same one, so an origin tells the stage."""

EVERY_TOPIC: tuple[Topic, ...] = (*CATALOGUE, *(state_topic(stage, source) for stage, source in STAGES.items()))
