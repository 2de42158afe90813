"""Clocks that jump: no retry comes earlier than the jump explains, no claim with a sign of life is taken away, and
nothing is lost or done twice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from builders import FakeClock, chain
from durability import samples
from durability.endings import Ending, unlike
from durability.faults import IMPATIENT, PATIENCE
from durability.invariants import violations
from waiting import until

from runner import HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.instances import list_instances
from runner.commands.jobs import ClaimedJob, claim_jobs, claimed_jobs, complete_job, extend_claims, fail_job
from runner.errors import JobNotHeld
from runner.handling import Handler
from runner.model import Failure
from runner.retry import RetryPolicy
from runner.settings import Settings
from runner.work.scheduler import Scheduler
from runner.work.worker import Worker

HOUR = 3600.0


class JumpingClock:
    """The real clock, put forward or back."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Give the time that it shows."""
        return datetime.now(UTC) + self.ahead


class Bench:
    """A runner without threads, with one instance that waits at its only task, which is tried again after 2 h."""

    def __init__(self, url: str, clock: FakeClock | None) -> None:
        policy = RetryPolicy(initial=timedelta(hours=2), cap=timedelta(hours=2))
        self.clock = clock or FakeClock()
        handlers = HandlerRegistry([Handler("a", _never_called, retry=policy)])
        self.runner = Runner(url, handlers, settings=Settings(), clock=clock, work=False)
        self.runtime = self.runner.runtime
        definitions.deploy(self.runtime, chain("a"), source="test.bpmn")
        self.instance = self.runner.start("p")

    def claim(self) -> list[ClaimedJob]:
        """Take the job, if it is due."""
        return claim_jobs(self.runtime, frozenset("a"), worker="w", limit=1)


@pytest.fixture
def bench(verified_url: str) -> Iterator[Bench]:
    found = Bench(verified_url, FakeClock())
    with found.runner:
        yield found


@pytest.fixture
def behind(verified_url: str) -> Iterator[Bench]:
    """Give a bench whose machine is months behind the time of the database."""
    found = Bench(verified_url, None)
    found.runtime.clock = found.clock
    with found.runner:
        yield found


def test_a_retry_comes_no_earlier_than_the_jump_explains(bench: Bench) -> None:
    fail_job(bench.runtime, bench.claim()[0], Failure("Down", ""))
    due = []
    for jump in (-HOUR, HOUR, HOUR, -HOUR, HOUR, HOUR):
        bench.clock.move(jump)
        due.append(len(bench.claim()))
    assert due == [0, 0, 0, 0, 0, 1]


def test_a_claim_with_a_sign_of_life_is_not_taken_away(bench: Bench) -> None:
    (job,) = bench.claim()
    for jump in (-HOUR, HOUR, HOUR, -HOUR):
        bench.clock.move(jump)
        assert extend_claims(bench.runtime, [job]) == []
        Scheduler(bench.runtime).tick()
        assert bench.claim() == []
    complete_job(bench.runtime, job, {})
    assert bench.instance.state == "completed"


def test_a_claim_that_a_jump_takes_away_is_answered_once(bench: Bench) -> None:
    (early,) = bench.claim()
    bench.clock.move(HOUR)
    Scheduler(bench.runtime).tick()
    (late,) = bench.claim()
    bench.clock.move(-HOUR)
    with pytest.raises(JobNotHeld):
        complete_job(bench.runtime, early, {"by": "early"})
    complete_job(bench.runtime, late, {"by": "late"})
    assert bench.instance.variables == {"by": "late"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_whose_machine_is_behind_gives_signs_of_life(behind: Bench) -> None:
    worker = Worker(behind.runtime)
    worker.take(behind.claim())
    (before,) = claimed_jobs(behind.runtime)
    behind.clock.move(behind.runtime.claim_duration / timedelta(seconds=2))

    worker.watch_once()

    (after,) = claimed_jobs(behind.runtime)
    assert after["claimed_until"] > before["claimed_until"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_whose_clock_is_put_back_goes_on_giving_signs_of_life(behind: Bench) -> None:
    worker = Worker(behind.runtime)
    worker.take(behind.claim())
    (before,) = claimed_jobs(behind.runtime)
    behind.clock.move(-HOUR)

    worker.watch_once()

    (after,) = claimed_jobs(behind.runtime)
    assert after["claimed_until"] > before["claimed_until"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_scheduler_whose_machine_is_behind_takes_lapsed_claims_back(behind: Bench) -> None:
    behind.runtime.claim_duration = timedelta(0)
    assert len(behind.claim()) == 1

    Scheduler(behind.runtime).tick()

    assert len(behind.claim()) == 1


def test_under_load_jumps_lose_nothing(verified_url: str, undisturbed: dict[str, Ending]) -> None:
    clock, dice = JumpingClock(), random.Random(1)
    with Runner(verified_url, [samples], settings=IMPATIENT, clock=clock) as runner:
        samples.deploy(runner.runtime)
        for _ in range(15):
            for key, sample in samples.SAMPLES.items():
                runner.start(key, sample.variables)
            clock.ahead = timedelta(hours=dice.choice([-1, 0, 1]))
        # What failed while the clock was ahead is due when it is as late again.
        clock.ahead = timedelta(hours=3)
        until(lambda: not list_instances(runner.runtime, state="active", limit=1).total, timeout=PATIENCE)
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])


def _never_called() -> None:
    raise AssertionError("jobs are answered by the test")
