"""How a stage's worker ends: a stop always does, and what is too large ends in the dead letters."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.conftest import broker_process
from tests.streams.stage_cases import check_exact
from tests.streams.tally import Run
from tocsin.streams.admin import read_all, reader


def wait_for_a_batch_in_hand(run: Run) -> None:
    """Wait until the worker has marked where it begins."""
    deadline = time.monotonic() + 30
    with reader(run.bootstrap) as consumer:
        while not list(read_all(consumer, run.state)):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_an_output_too_large_for_the_log_ends_as_a_dead_letter_and_not_the_worker(embedded: str) -> None:
    run = Run(embedded)
    run.publish(40, {13: "huge"})
    assert run.work_off() == 1, "the worker ended"
    check_exact(run, 40, {"13": "output-too-large"})


def test_an_input_as_large_as_the_log_takes_can_be_dead_lettered(embedded: str) -> None:
    run = Run(embedded)
    run.publish(4, {2: "raise"}, text="x" * 1_048_250)
    assert run.work_off() == 1, "the worker ended"
    check_exact(run, 4, {"2": "handle-raised"})


def test_a_stop_ends_a_worker_whose_batch_goes_on_for_long(embedded: str) -> None:
    run = Run(embedded)
    run.publish(400)
    with run.worker(slow=5.0, watchdog=600.0) as process:
        wait_for_a_batch_in_hand(run)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 1, "it did not end by itself"


def test_a_stop_ends_a_worker_whose_broker_is_gone(tmp_path: Path) -> None:
    with broker_process(tmp_path) as bootstrap:
        run = Run(bootstrap)
        run.publish(40)
        process = run.start_worker()
        run.wait_until_done()
    try:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
