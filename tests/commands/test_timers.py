"""Timers: what is due fires once, in its order, by the database's clock; cycles go on and catch up as they are told."""

from __future__ import annotations

import pytest
from awaiting import bordered, catching, started_by, timed
from commands.conftest import Bench

from runner.app import RunnerInstance
from runner.commands.instances import list_instances
from runner.commands.jobs import complete_job
from runner.commands.timers import due_timers, fire_timers
from runner.model import InstanceState
from runner.schedules import CatchUp


def fire(bench: Bench) -> int:
    """Fire what is due, and give how many timers that were."""
    due = due_timers(bench.runtime, limit=100).due
    assert fire_timers(bench.runtime, due) == [None] * len(due)
    return len(due)


def visits(instance: RunnerInstance, element_id: str) -> int:
    return sum(entry.element_id == element_id and entry.event == "completed" for entry in instance.history)


def test_a_timer_fires_when_it_is_due_and_not_before(bench: Bench) -> None:
    bench.deploy(catching(timed("Duration", "PT10S")))
    instance = bench.runner.start("p")

    bench.clock.move(9.9)
    assert fire(bench) == 0
    bench.clock.move(0.1)

    assert (fire(bench), instance.state) == (1, InstanceState.COMPLETED)


def test_a_token_says_when_its_timer_is_due(bench: Bench) -> None:
    bench.deploy(catching(timed("Duration", "PT1H")))

    (token,) = bench.runner.start("p").tokens

    (wait,) = token.waits
    assert (token.waiting_for, wait.element_id, wait.due_at) == ("timer", "c1", bench.clock.at.replace(hour=4))
    assert str(wait) == "timer, due 2026-01-02 04:04:05+00:00"


def test_a_date_in_the_past_is_due_at_once(bench: Bench) -> None:
    bench.deploy(catching(timed("Date", "2020-01-01T00:00:00Z")))
    instance = bench.runner.start("p")

    assert (fire(bench), instance.state) == (1, InstanceState.COMPLETED)


def test_firing_twice_fires_once(bench: Bench) -> None:
    bench.deploy(catching(timed("Duration", "PT1S"), timed("Duration", "PT1S")))
    instance = bench.runner.start("p")
    bench.clock.move(1)
    due = due_timers(bench.runtime, limit=100).due

    assert fire_timers(bench.runtime, [*due, *due]) == [None, None]

    assert [token.element_id for token in instance.tokens] == ["c2"]


def test_the_agenda_says_how_long_it_is_until_the_next_timer(bench: Bench) -> None:
    assert due_timers(bench.runtime, limit=10).seconds is None
    bench.deploy(catching(timed("Duration", "PT10S")))
    bench.runner.start("p")
    bench.clock.move(4)

    assert due_timers(bench.runtime, limit=10).seconds == 6.0


def test_those_due_longest_fire_first(bench: Bench) -> None:
    for seconds in (20, 10, 30):
        bench.deploy(catching(timed("Duration", f"PT{seconds}S"), key=f"p{seconds}"))
        bench.runner.start(f"p{seconds}")
    bench.clock.move(30)
    fire_timers(bench.runtime, due_timers(bench.runtime, limit=2).due)

    assert [each.key for each in list_instances(bench.runtime, state="active").instances] == ["p30"]


def test_a_boundary_timer_interrupts_its_task_and_cancels_the_job(bench: Bench) -> None:
    bench.deploy(bordered(timed("Duration", "PT10S")))
    instance = bench.runner.start("p")
    bench.clock.move(10)

    assert fire(bench) == 1

    assert (instance.state, bench.claim()) == (InstanceState.COMPLETED, [])
    assert visits(instance, "late") == 1


def test_a_task_that_ends_in_time_takes_its_timer_with_it(bench: Bench) -> None:
    bench.deploy(bordered(timed("Duration", "PT10S")))
    instance = bench.runner.start("p")
    complete_job(bench.runtime, bench.claim()[0], {})

    assert instance.state is InstanceState.COMPLETED
    assert due_timers(bench.runtime, limit=10).next_at is None


def test_canceling_an_instance_takes_its_timers_with_it(bench: Bench) -> None:
    bench.deploy(bordered(timed("Duration", "PT10S")))
    bench.runner.start("p").cancel()

    assert due_timers(bench.runtime, limit=10).next_at is None


def test_a_cycle_that_does_not_interrupt_fires_as_often_as_it_says(bench: Bench) -> None:
    bench.deploy(bordered(timed("Cycle", "R3/PT10S"), interrupting=False))
    instance = bench.runner.start("p")
    for _ in range(5):
        bench.clock.move(10)
        fire(bench)

    assert visits(instance, "late") == 3
    assert [token.element_id for token in instance.tokens] == ["a"]
    assert due_timers(bench.runtime, limit=10).next_at is None


@pytest.mark.parametrize(("catch_up", "times"), [(CatchUp.ALL, 5), (CatchUp.ONCE, 1), (CatchUp.SKIP, 0)])
def test_a_cycle_catches_up_after_downtime_as_it_is_told(bench: Bench, catch_up: CatchUp, times: int) -> None:
    bench.runtime.catch_up = catch_up
    bench.deploy(bordered(timed("Cycle", "R/PT1H"), interrupting=False))
    instance = bench.runner.start("p")
    bench.clock.move(5 * 3600 + 600)
    while fire(bench):
        pass

    assert visits(instance, "late") == times
    assert due_timers(bench.runtime, limit=10).seconds == 3000.0


@pytest.mark.parametrize("catch_up", CatchUp)
def test_a_runner_that_is_late_by_some_seconds_loses_no_occurrence(bench: Bench, catch_up: CatchUp) -> None:
    bench.runtime.catch_up = catch_up
    bench.deploy(bordered(timed("Cycle", "R5/PT1S"), interrupting=False))
    instance = bench.runner.start("p")
    bench.clock.move(30)
    while fire(bench):
        pass

    assert visits(instance, "late") == 5


def test_a_single_timer_fires_after_downtime_whatever_is_skipped(bench: Bench) -> None:
    bench.runtime.catch_up = CatchUp.SKIP
    bench.deploy(catching(timed("Duration", "PT10S")))
    instance = bench.runner.start("p")
    bench.clock.move(5 * 3600)

    assert (fire(bench), instance.state) == (1, InstanceState.COMPLETED)


def test_a_cycle_counts_from_its_planned_times_and_does_not_drift(bench: Bench) -> None:
    bench.deploy(bordered(timed("Cycle", "R/PT10S"), interrupting=False))
    bench.runner.start("p")
    bench.clock.move(13)
    fire(bench)

    assert due_timers(bench.runtime, limit=10).seconds == 7.0


def test_a_start_timer_starts_an_instance_each_time(bench: Bench) -> None:
    bench.deploy(started_by(timed("Cycle", "R2/PT1H")))
    for _ in range(3):
        bench.clock.move(3600)
        fire(bench)

    page = list_instances(bench.runtime, key="p")
    assert [each.state for each in page.instances] == [InstanceState.COMPLETED] * 2


def test_only_the_newest_version_is_started_by_its_timer(bench: Bench) -> None:
    bench.deploy(started_by(timed("Cycle", "R/PT1H")))
    bench.deploy(started_by(timed("Cycle", "R/PT2H")))
    bench.clock.move(3600)
    assert fire(bench) == 0
    bench.clock.move(3600)

    assert fire(bench) == 1
    assert [each.version for each in list_instances(bench.runtime, key="p").instances] == [2]


def test_deploying_the_same_again_leaves_its_timer_alone(bench: Bench) -> None:
    bench.deploy(started_by(timed("Duration", "PT1H")))
    bench.clock.move(1800)
    bench.deploy(started_by(timed("Duration", "PT1H")))

    assert due_timers(bench.runtime, limit=10).seconds == 1800.0


def test_a_version_without_a_start_timer_ends_that_of_the_one_before(bench: Bench) -> None:
    bench.deploy(started_by(timed("Cycle", "R/PT1H")))
    bench.deploy(catching(timed("Duration", "PT1H")))

    assert due_timers(bench.runtime, limit=10).next_at is None


def test_a_timer_of_an_instance_that_is_not_in_memory_fires(bench: Bench) -> None:
    bench.deploy(catching(timed("Duration", "PT10S"), timed("Duration", "PT10S")))
    instance = bench.runner.start("p")
    for _ in range(2):
        bench.clock.move(10)
        bench.runtime.hot.take(instance.id)
        assert fire(bench) == 1

    assert instance.state is InstanceState.COMPLETED


def test_a_hundred_timers_at_once_fire_each_once(bench: Bench) -> None:
    bench.deploy(catching(timed("Duration", "PT10S")))
    bench.runner.start_many("p", [{}] * 150)
    bench.clock.move(10)

    assert [fire(bench), fire(bench), fire(bench)] == [100, 50, 0]
    assert list_instances(bench.runtime, state="completed").total == 150
