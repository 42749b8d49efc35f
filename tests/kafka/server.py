"""A real Apache Kafka for tests: one KRaft node on 127.0.0.1, run from the jars that fetch_jars.sh fetches.

By hand: `python tests/kafka/server.py DIRECTORY [PORT]` prints the bootstrap address and runs until it is interrupted.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

JARS = Path(__file__).resolve().parents[2] / ".kafka" / "libs"
START_SECONDS = 90.0
"""How long a start may take: 4 s on an idle machine, much more on one that runs eight builds."""
STOP_SECONDS = 20.0

# A killed broker's session must run out before its successor may register: 4 s here, 9 s by default.
SETTINGS = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:{controller}
log.dirs={data}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
"""


def missing(jars: Path = JARS) -> str | None:
    """Return why no real Kafka can be started, with the mend, or None when nothing is missing."""
    if shutil.which("java") is None:
        return "no java on PATH: install a Java of 17 or newer (Debian: apt-get install default-jre-headless)"
    if not any(jars.glob("kafka_*.jar")):
        return f"no Kafka jars in {jars}: run tests/kafka/fetch_jars.sh"
    return None


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class KafkaServer:
    """One Kafka node that keeps its data in `directory`; a start on the same directory finds all of it again."""

    def __init__(self, directory: Path, jars: Path = JARS, port: int | None = None) -> None:
        """Prepare a node; nothing runs before `start`.

        `port` None takes a free one, which then stays the same over every stop and start of this object.
        """
        self.directory = directory.resolve()
        self.jars = jars
        self.port = free_port() if port is None else port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients connect: `127.0.0.1:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id of the running node, or None."""
        return self._process.pid if self._process is not None else None

    @property
    def log(self) -> Path:
        """What Kafka itself has to say."""
        return self.directory / "server.log"

    def start(self) -> None:
        """Start the node and return when it answers clients.

        Raises RuntimeError where it is running already, where Java or jars are missing, and where Kafka ends or does
        not answer in time; the text holds the end of Kafka's own log.
        """
        if self._process is not None:
            raise RuntimeError(f"Kafka on {self.bootstrap} is running already")
        if (reason := missing(self.jars)) is not None:
            raise RuntimeError(reason)
        self.directory.mkdir(parents=True, exist_ok=True)
        data = self.directory / "data"
        settings = self.directory / "server.properties"
        # The controller is this same process and nobody else talks to it: its port may change with every start.
        settings.write_text(SETTINGS.format(port=self.port, controller=free_port(), data=data), encoding="utf-8")
        with self.log.open("ab") as log:
            if not (data / "meta.properties").exists():
                # The fixed first byte keeps the text from beginning with a dash, which would read as an option.
                cluster = base64.urlsafe_b64encode(b"t" + os.urandom(15)).decode().rstrip("=")
                formatting = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings)]
                if subprocess.run(self._java(*formatting), stdout=log, stderr=log, check=False).returncode != 0:
                    raise RuntimeError(f"Kafka could not format {data}:\n{self._tail()}")
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(settings)), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End the node in an orderly way; the data stays."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the node as a power cut would (SIGKILL); what it had written to its files stays."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _java(self, *arguments: str) -> list[str]:
        flags = [
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
        ]
        return ["java", *flags, "-cp", f"{self.jars}/*", *arguments]

    def _wait(self) -> None:
        # An open port is no sign of life: Kafka listens before it can answer.
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"Kafka ended while it started:\n{self._tail()}")
            if self._answers():
                return
            time.sleep(0.1)
        raise RuntimeError(f"Kafka did not answer on {self.bootstrap} within {START_SECONDS:.0f} s:\n{self._tail()}")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", self.port)) != 0:
                return False
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=2000, request_timeout_ms=5000
            )
        except KafkaError:
            return False
        try:
            admin.list_topics()
        except KafkaError:
            return False
        finally:
            admin.close()
        return True

    def _tail(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]


def main() -> int:
    """Run one node until SIGINT or SIGTERM."""
    if len(sys.argv) not in {2, 3}:
        print("usage: python tests/kafka/server.py DIRECTORY [PORT]", file=sys.stderr)
        return 2
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    server = KafkaServer(Path(sys.argv[1]), port=int(sys.argv[2]) if len(sys.argv) == 3 else None)
    try:
        server.start()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    print(server.bootstrap, flush=True)
    try:
        ended.wait()
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
