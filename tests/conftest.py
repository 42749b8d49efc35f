"""What tests of every room share."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # so that tests can import each other's helpers as tests.*

from tests.chain.newsroom import Newsroom

CODE = """
import asyncio, pathlib, sys
from tocsin.streams.broker.server import Broker

async def main():
    broker = Broker(pathlib.Path(sys.argv[1]))
    await broker.start()
    print(broker.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@contextlib.contextmanager
def broker_process(directory: Path) -> Iterator[str]:
    """Run an embedded broker as a process of its own; yields its address."""
    process = subprocess.Popen([sys.executable, "-c", CODE, str(directory)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of one embedded broker for the whole run."""
    with broker_process(tmp_path_factory.mktemp("broker")) as bootstrap:
        yield bootstrap


@pytest.fixture
def fresh_broker(tmp_path: Path) -> Iterator[str]:
    """Bootstrap address of an embedded broker that only this test uses."""
    with broker_process(tmp_path / "broker") as bootstrap:
        yield bootstrap


@pytest.fixture
def room() -> Iterator[Newsroom]:
    """A loopback newsroom: feeds to poll, and a receiver of webhooks."""
    found = Newsroom()
    yield found
    found.close()
