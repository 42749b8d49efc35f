"""The stage on real Kafka: the same cases as on the embedded broker."""

from __future__ import annotations

import pytest

from tests.streams import stage_cases as cases

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]


@pytest.mark.parametrize("step", cases.STEPS)
def test_a_kill_between_any_two_steps_loses_nothing(real_kafka: str, step: str) -> None:
    cases.killed_between_steps(real_kafka, step)


def test_a_start_commits_what_was_applied_before_a_kill(real_kafka: str) -> None:
    cases.the_last_commit_is_made_up_for(real_kafka)


def test_a_record_that_raises_hangs_or_exits_is_dead_lettered_and_no_other(real_kafka: str) -> None:
    cases.killers_are_found(real_kafka)


def test_random_kills_and_stops_of_two_workers_lose_nothing(real_kafka: str) -> None:
    cases.random_ends(real_kafka, kills=6, terms=6)


def test_a_worker_paused_beyond_its_session_does_no_harm(real_kafka: str) -> None:
    cases.paused_worker(real_kafka, seconds=9)
