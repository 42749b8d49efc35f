"""A worker with one counting stage, run as a process by the stage's tests: `tally_worker.py BOOTSTRAP OPTIONS`.

OPTIONS is JSON: `run` (a name: topics and group are its own),
`kill` ("STEP:N": the process kills itself the N-th time the stage has done that step), `watchdog`
(seconds), `slow` (seconds a record). An article's title tells the handler to misbehave.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tocsin.streams.app import Worker
from tocsin.streams.contract import Agent, Item, Memory, Result, note
from tocsin.streams.kafka import Kafka
from tocsin.streams.records import Article, Record
from tocsin.streams.topics import Topic

KEYS = 40


def source(run: str) -> Topic:
    return Topic(name=f"test.{run}.v1", key="number", partitions=4, record=Article)


def stage_name(run: str) -> str:
    return f"tally-{run}"


class Count(Record, frozen=True, kw_only=True):
    n: int


def misbehave(title: str) -> None:
    if title == "raise":
        raise ValueError("this record can't be handled")
    if title == "exit":
        os._exit(3)
    if title == "loop":
        while True:
            time.sleep(0.01)
    if title == "regex":
        re.match(r"(a+)+$", "a" * 64 + "b")  # never lets go of the interpreter's lock


def tally(slow: float) -> Any:
    def handle(batch: Sequence[Item[Article]], state: Memory[Count], now: datetime) -> Result:
        counts: dict[str, Count] = {}
        sends = []
        for item in batch:
            misbehave(item.record.title)
            time.sleep(slow)
            key = str(int(item.record.id) % KEYS)
            before = counts.get(key) or state.get(key)
            counts[key] = Count(n=(before.n if before else 0) + 1)
            detail = "x" * 2_000_000 if item.record.title == "huge" else str(counts[key].n)
            sends.append(note(item, "tally", "counted", article=item.record.id, detail=detail))
        return Result(sends=sends, changes=counts)

    return handle


def main(bootstrap: str, options: dict[str, Any]) -> None:
    step, _, times = options.get("kill", ":0").partition(":")
    left = int(times)

    def seam(_stage: str, done: str) -> None:
        nonlocal left
        if done == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    worker = Worker(Kafka(bootstrap=bootstrap), watchdog_seconds=options.get("watchdog", 30.0), seam=seam)
    run, handle = options["run"], tally(options.get("slow", 0.0))
    worker.run_stage(Agent(name=stage_name(run), source=source(run), handle=handle, state=Count))
    worker.run()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
