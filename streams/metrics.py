"""Every metric of Tocsin, in one place: base units, `_total`, bounded labels.

No label ever holds a URL, an article, a story, a subscription or a subscriber.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 30, 60, 120, 300, 900, 3600, 21600)

FEED_POLLS = Counter("tocsin_feed_polls", "Polls by how they ended.", ["outcome"])
FEED_FAILURES = Gauge("tocsin_feed_failures", "Failures in a row of a feed.", ["feed"])
FEED_LAST_SUCCESS = Gauge("tocsin_feed_last_success_timestamp_seconds", "Last poll that was answered.", ["feed"])
FEED_LAST_NEW = Gauge("tocsin_feed_last_new_entry_timestamp_seconds", "Last poll that brought something new.", ["feed"])
ARTICLES = Counter("tocsin_articles", "Feed entries by what became of them.", ["outcome"])
OUTBOUND = Counter("tocsin_outbound_requests", "Requests to the outside by purpose and end.", ["purpose", "reason"])
OUTBOUND_SECONDS = Histogram(
    "tocsin_outbound_seconds", "Time of requests to the outside.", ["purpose"], buckets=SECONDS
)

STAGE_RECORDS = Counter("tocsin_stage_records", "Records a stage finished, by end.", ["stage", "outcome"])
STAGE_BATCH_SECONDS = Histogram(
    "tocsin_stage_batch_seconds", "Time of a batch, by step.", ["stage", "step"], buckets=SECONDS
)
STAGE_LATENCY = Histogram(
    "tocsin_stage_latency_seconds", "From an input's time in the log to its commit.", ["stage"], buckets=SECONDS
)
STAGE_PROGRESS = Gauge("tocsin_stage_progress_timestamp_seconds", "Last round of a stage's loop.", ["stage"])
STAGE_PARTITIONS = Gauge("tocsin_stage_partitions", "Partitions a stage holds.", ["stage"])
STAGE_LAG = Gauge("tocsin_consumer_lag_messages", "Records that wait for a stage.", ["stage"])
NOTES = Counter("tocsin_notes", "Records whose way ended, by named reason.", ["stage", "reason"])
DEAD_LETTERS = Counter("tocsin_dead_letters", "Records that could not be processed, by reason.", ["stage", "reason"])

ANNOTATORS = Counter("tocsin_annotators", "Articles by what an annotator of others did.", ["annotator", "outcome"])

DELIVERY_ATTEMPTS = Counter("tocsin_delivery_attempts", "Attempts to deliver, by reason.", ["channel", "reason"])
DELIVERIES = Counter("tocsin_deliveries", "Deliveries that ended, by outcome.", ["channel", "outcome"])
DELIVERY_QUEUE = Gauge("tocsin_delivery_queue_size", "Deliveries that wait, by channel.", ["channel"])
ALERT_LATENCY = Histogram(
    "tocsin_alert_latency_seconds",
    "From an article's receipt to its alert's acceptance.",
    ["severity"],
    buckets=SECONDS,
)
ROLE_RESTARTS = Counter("tocsin_role_restarts", "Processes that ended and were started again.", ["role"])
