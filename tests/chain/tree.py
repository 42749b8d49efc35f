"""`tocsin` process trees as tests see them: start, look at, kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

TOCSIN = [sys.executable, "-m", "tocsin.service"]

LIMITED = (
    "import os, resource, sys; limit = int(sys.argv[1]); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); os.execv(sys.argv[2], sys.argv[2:])"
)
"""Runs a command whose files can't grow beyond a limit: a disk that is full, without filling one."""


class Tree:
    """One `tocsin` command and its children."""

    def __init__(
        self, *arguments: str, environment: dict[str, str] | None = None, file_limit: int | None = None
    ) -> None:
        self.arguments = arguments
        self.environment = environment or {}
        self.before = [sys.executable, "-c", LIMITED, str(file_limit)] if file_limit else []
        self.lines: list[str] = []
        self.start()

    def start(self) -> None:
        """Start (again) with the same arguments."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
        environment |= self.environment
        self.process = subprocess.Popen(
            [*self.before, *TOCSIN, *self.arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self.lines = []
        self._thread = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._thread.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))
        process.stdout.close()

    def wait_for(self, text: str, seconds: float = 30) -> str:
        """Wait for a line that holds the text; AssertionError with all output where none comes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.lines:
                if text in line:
                    return line
            if self.process.poll() is not None and not self._thread.is_alive():
                break
            time.sleep(0.02)
        output = "\n".join(self.lines)
        raise AssertionError(f"no {text!r} from tocsin {' '.join(self.arguments)}:\n{output}")

    def children(self) -> dict[int, str]:
        """Return the process ids of the roles that run now, with their names."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError, IndexError, ValueError):
                stat = (entry / "stat").read_text()
                parent = int(stat.rsplit(")", 1)[1].split()[1])
                command = (entry / "cmdline").read_bytes().split(b"\0")
                if parent == self.process.pid and b"tocsin.service.roles" in command:
                    found[int(entry.name)] = command[command.index(b"tocsin.service.roles") + 1].decode()
        return found

    def end(self, number: int = signal.SIGTERM, seconds: float = 8) -> int:
        """Send a signal to the supervisor; return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(seconds)
        self._thread.join(2)
        return code

    def close(self) -> None:
        """End whatever still runs."""
        if self.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.end()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def tocsin(*arguments: str, stdin: str = "", seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*TOCSIN, *arguments], input=stdin, capture_output=True, text=True, timeout=seconds, check=False
    )
