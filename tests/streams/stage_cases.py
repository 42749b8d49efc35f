"""The stage's promises, as cases that run on any broker: tests on the embedded one and on Apache Kafka call them."""

from __future__ import annotations

import random
import signal
import time

import pytest

from tests.streams import tally


def check_exact(bootstrap: str, count: int, dead: dict[str, str] | None = None) -> tally.Books:
    """Every record noted or dead-lettered, repeats identical, state exact."""
    found = tally.books(bootstrap)
    dead = dead or {}
    assert found.dead == dead
    assert len(found.noted) == count - len(dead)
    assert found.state == count - len(dead)
    assert all(len(said) == 1 for said in found.details.values()), "a repeat differed from the first time"
    return found
