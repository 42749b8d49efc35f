"""Notices to the operator: they travel the same road as alerts, so they are kept, retried and counted alike."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from tocsin.streams.codec import encode, headers
from tocsin.streams.records import Delivery, Notice, content_id
from tocsin.streams.topics import DELIVERIES

log = structlog.get_logger()


class Notifier:
    """Publishes notices from a thread of its own: whoever has something to say does not wait for the log."""

    def __init__(self, bootstrap: str, endpoint: str) -> None:
        self._bootstrap = bootstrap
        self._endpoint = endpoint
        self._queue: SimpleQueue[Notice] = SimpleQueue()
        threading.Thread(target=self._run, name="notices", daemon=True).start()

    def __call__(self, notice: Notice) -> None:
        """Log a notice and send it on its way."""
        log.warning("notice", what=notice.what, text=notice.text)
        self._queue.put(notice)

    def _run(self) -> None:
        while True:
            notice = self._queue.get()
            delivery = Delivery(id=content_id(notice.id, self._endpoint), endpoint=self._endpoint, notice=notice)
            try:
                producer = KafkaProducer(bootstrap_servers=self._bootstrap, acks="all")
                try:
                    producer.send(
                        DELIVERIES.name,
                        key=self._endpoint.encode(),
                        value=encode(delivery),
                        headers=headers(DELIVERIES, None),
                    ).get(30)
                finally:
                    producer.close(timeout=5)
            except (KafkaError, OSError) as error:
                log.warning("notice-not-sent", what=notice.what, error=type(error).__name__)
