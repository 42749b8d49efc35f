"""The stage's promises, as cases that run on any broker: tests on the embedded one and on Apache Kafka call them."""

from __future__ import annotations

import random
import signal
import time

from tests.streams.tally import Books, Run

STEPS = ("sent", "confirmed", "stored", "remembered", "committed")
COUNT = 400


def check_exact(run: Run, count: int, dead: dict[str, str] | None = None) -> Books:
    """Every record noted or dead-lettered, repeats identical, state exact."""
    found = run.books()
    dead = dead or {}
    assert found.dead == dead
    assert len(found.noted) == count - len(dead), "a record has no outcome"
    assert found.state == count - len(dead), "the state is not exact"
    assert all(len(said) == 1 for said in found.details.values()), "a repeat differed from the first time"
    return found


def killed_between_steps(bootstrap: str, step: str) -> None:
    run = Run(bootstrap)
    run.publish(COUNT)
    with run.worker(kill=f"{step}:3") as process:
        assert process.wait(60) == -signal.SIGKILL
    run.work_off()
    found = check_exact(run, COUNT)
    repeats = sum(found.noted.values()) - COUNT
    print(f"killed after '{step}': {COUNT} records, 0 lost, {repeats} repeated identically, state exact")


def the_last_commit_is_made_up_for(bootstrap: str) -> None:
    """A kill between state and commit, with no further record: the next worker commits what was applied."""
    run = Run(bootstrap)
    run.publish(1)
    with run.worker(kill="stored:1") as process:
        assert process.wait(60) == -signal.SIGKILL
    assert run.waiting() == 1
    run.work_off()
    assert sum(check_exact(run, 1).noted.values()) == 1, "nothing is done twice for it"


def killers_are_found(bootstrap: str) -> None:
    """One record that raises, one that loops for ever, one that loops inside a regex, one that ends the process."""
    run = Run(bootstrap)
    run.publish(COUNT, {31: "raise", 77: "exit", 150: "loop", 233: "regex"})
    starts = run.work_off(seconds=240, starts=40, watchdog=2.0)
    dead = {"31": "handle-raised", "77": "killed-the-worker", "150": "killed-the-worker", "233": "killed-the-worker"}
    check_exact(run, COUNT, dead)
    print(f"killers: 4 of {COUNT} dead-lettered, {COUNT - 4} processed, {starts} starts")


def random_ends(bootstrap: str, kills: int, terms: int, count: int = 2000) -> None:
    """Two workers, killed and stopped at random times."""
    run = Run(bootstrap)
    run.publish(count)
    chance = random.Random(f"{kills}/{terms}")
    ends = [signal.SIGKILL] * kills + [signal.SIGTERM] * terms
    chance.shuffle(ends)
    with run.workers(2, slow=0.004) as processes:
        for end in ends:
            time.sleep(chance.uniform(0.4, 1.6))
            processes[chance.randrange(2)].send_signal(end)
        run.wait_until_done(180)
    found = check_exact(run, count)
    repeats = sum(found.noted.values()) - count
    print(f"{kills} kills, {terms} stops: {count} records, 0 lost, {repeats} repeats, state exact")


def paused_worker(bootstrap: str, seconds: float) -> None:
    """Two workers; one is stopped for longer than its session, then woken: the zombie must do no harm.

    Its late write may end it and its successor, which is how the stage keeps the state exact; both start again.
    """
    run = Run(bootstrap)
    run.publish(COUNT)
    with run.workers(2, slow=0.01) as processes:
        time.sleep(3)
        zombie = processes[0]
        zombie.send_signal(signal.SIGSTOP)
        run.publish(COUNT, first=COUNT)
        time.sleep(seconds)
        zombie.send_signal(signal.SIGCONT)
        run.wait_until_done(120)
    found = check_exact(run, 2 * COUNT)
    repeats = sum(found.noted.values()) - 2 * COUNT
    print(f"paused {seconds} s: {2 * COUNT} records, 0 lost, {repeats} repeats, state exact")
