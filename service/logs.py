"""Logs: one line an event on standard error, JSON where nobody watches, and no secret in any of them."""

from __future__ import annotations

import logging
import os
import sys

import structlog

from tocsin.streams.quiet import CLIENTS, quiet_libraries

SPARING_SECONDS = 60.0
"""A Kafka client tells of a broker that is away as often as it tries; one line in so long is enough."""


def configure_logs(role: str) -> None:
    """Set up structlog and the standard library's loggers for a process."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    pretty = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(role=role, pid=os.getpid())
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(Sparing())
    quiet_libraries()


class Sparing(logging.Filter):
    """Lets one record of each Kafka client pass in a while, and every record of anybody else."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is to be written."""
        library = record.name.partition(".")[0]
        if library not in CLIENTS:
            return True
        if record.created - self._last.get(library, 0.0) < SPARING_SECONDS:
            return False
        self._last[library] = record.created
        return True
