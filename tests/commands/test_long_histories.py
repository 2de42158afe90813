"""Of a long history a view gives the newest steps, numbered and marked as if all had been read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import loop
from commands.conftest import Bench

from runner.app import RunnerInstance
from runner.commands.instances import find_instance, history_until
from runner.commands.jobs import complete_job
from runner.commands.upkeep import archive_ended

ROUNDS = 30


@pytest.fixture
def looping(bench: Bench) -> RunnerInstance:
    """Give an instance that has gone round many times, with snapshots on the way, and goes on."""
    bench.deploy(loop("n < 100"))
    instance = bench.runner.start("p", {"n": 0})
    for number in range(1, ROUNDS):
        complete_job(bench.runtime, bench.claim()[0], {"n": number, "large": f"{number}" * 600})
    return instance


def test_the_newest_steps_are_numbered_as_in_the_whole_history(looping: RunnerInstance) -> None:
    whole, part = looping.view(), looping.view(newest=3)

    assert part.steps_before == ROUNDS - 3
    assert part.history == tuple(entry for entry in whole.history if entry.step >= ROUNDS - 3)
    assert (part.variables, part.tokens) == (whole.variables, whole.tokens)


def test_what_was_passed_before_is_known_without_its_history(looping: RunnerInstance) -> None:
    part = looping.view(newest=3)

    assert part.passed_before == {"s", "again", "work", "more", "f0", "f1", "f2", "f3"}


def test_a_part_has_only_the_jobs_that_are_open(looping: RunnerInstance) -> None:
    assert len(looping.view().jobs) == ROUNDS
    assert [job.state for job in looping.view(newest=3).jobs] == ["ready"]


def test_a_short_history_is_whole(looping: RunnerInstance) -> None:
    assert looping.view(newest=1000).history == looping.history
    assert looping.view(newest=1000).steps_before == 0


@pytest.mark.parametrize("step", [0, 1, 14, ROUNDS - 2, ROUNDS - 1])
def test_variables_are_those_of_any_step_before_or_after_a_snapshot(looping: RunnerInstance, step: int) -> None:
    view = looping.view(at=step, newest=2)

    assert view.variables["n"] == step
    assert {entry.step for entry in view.history} == {step, step - 1} - {-1}


def test_an_older_part_is_read_alone(bench: Bench, looping: RunnerInstance) -> None:
    found = history_until(bench.runtime, looping.id, 10, steps=2)

    assert [entry.step for entry in found] == [entry.step for entry in looping.history if 8 < entry.step <= 10]


def test_the_parts_of_an_archived_instance_stay_the_same(bench: Bench, looping: RunnerInstance) -> None:
    looping.cancel()
    before = looping.view(newest=3)
    bench.runner.start("p", {"n": 0})
    bench.clock.move(10)
    assert archive_ended(bench.runtime, timedelta(seconds=5)) == 1

    after = looping.view(newest=3)
    assert (after.history, after.passed_before, after.variables) == (
        before.history,
        before.passed_before,
        before.variables,
    )


def test_an_instance_is_found_by_its_beginning_in_small_letters(bench: Bench, looping: RunnerInstance) -> None:
    assert find_instance(bench.runtime, looping.id[:20].lower()).id == looping.id
