"""What tests of every room share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # so that tests can import each other's helpers as tests.*


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of one embedded broker, as a process of its own, for the whole run."""
    directory = tmp_path_factory.mktemp("broker")
    code = (
        "import asyncio,sys,pathlib\n"
        "from tocsin.streams.broker.server import Broker\n"
        "async def main():\n"
        "    broker = Broker(pathlib.Path(sys.argv[1]))\n"
        "    await broker.start()\n"
        "    print(broker.port, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(directory)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    port = int(process.stdout.readline())
    yield f"127.0.0.1:{port}"
    process.kill()
    process.wait()
    process.stdout.close()
