"""The stage on the embedded broker: kills between its steps, killer records, random ends, a paused worker."""

from __future__ import annotations

import pytest

from tests.streams import stage_cases as cases


@pytest.mark.parametrize("step", cases.STEPS)
def test_a_kill_between_any_two_steps_loses_nothing(embedded: str, step: str) -> None:
    cases.killed_between_steps(embedded, step)


def test_a_start_commits_what_was_applied_before_a_kill(embedded: str) -> None:
    cases.the_last_commit_is_made_up_for(embedded)


@pytest.mark.chain
@pytest.mark.timeout(400)
def test_a_record_that_raises_hangs_or_exits_is_dead_lettered_and_no_other(embedded: str) -> None:
    cases.killers_are_found(embedded)


@pytest.mark.chain
@pytest.mark.timeout(400)
def test_random_kills_and_stops_of_two_workers_lose_nothing(embedded: str) -> None:
    cases.random_ends(embedded, kills=8, terms=8)


@pytest.mark.chain
def test_a_worker_paused_beyond_its_session_does_no_harm(embedded: str) -> None:
    cases.paused_worker(embedded, seconds=9)
