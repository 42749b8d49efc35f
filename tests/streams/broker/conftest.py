"""A disk that refuses, for tests of what happens then."""

from __future__ import annotations

import contextlib
import resource
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], Any]]:
    """A context in which no file of this process grows beyond a size: real partial writes, then EFBIG.

    It yields another context, for the call that is to be refused.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    @contextlib.contextmanager
    def full(size: int) -> Iterator[Any]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield pytest.raises(OSError, match="File too large")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    yield full
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)
