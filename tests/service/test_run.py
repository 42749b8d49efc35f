"""What prepares the log beside the loop: waited for, its errors told, and no stop held up by it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tocsin.service.run import beside


def test_work_that_waits_for_a_log_holds_up_no_stop() -> None:
    release, finished = threading.Event(), threading.Event()

    def work() -> None:
        release.wait(20)
        finished.set()

    async def stopped_meanwhile() -> None:
        task = asyncio.create_task(beside(work))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(stopped_meanwhile())
    assert not finished.is_set()
    release.set()


def test_an_error_of_the_work_is_the_callers() -> None:
    def work() -> None:
        raise ValueError("no such log")

    with pytest.raises(ValueError, match="no such log"):
        asyncio.run(beside(work))


def test_work_that_ends_lets_the_caller_go_on() -> None:
    done: list[int] = []
    asyncio.run(beside(lambda: done.append(1)))
    assert done == [1]
