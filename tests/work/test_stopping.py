"""A worker that stops lets handlers finish, gives back what it has not begun, and waits once for all that hang."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import FakeClock, chain
from waiting import until

from runner import Job, RetryPolicy, Runner, handler
from runner.app import RunnerInstance
from runner.settings import Settings

ONE_THREAD = Settings(threads=1)


class Gate:
    """Holds on to handlers until the test lets them go."""

    def __init__(self) -> None:
        self.entered: list[Job] = []
        self.opened = threading.Event()

    def pass_through(self, job: Job) -> dict[str, int]:
        """Wait until the gate is opened."""
        self.entered.append(job)
        assert self.opened.wait(20)
        return {"passed": job.attempt}


@pytest.fixture
def gate() -> Iterator[Gate]:
    found = Gate()
    yield found
    found.opened.set()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "p.bpmn").write_bytes(chain(["task"]))
    return tmp_path / "p.bpmn"


def opened(file: Path, function: Callable[..., object], *, clock: FakeClock | None = None, work: bool = True) -> Runner:
    marked = handler("task", timeout=timedelta(minutes=1), retry=RetryPolicy(max_attempts=1))(function)
    url = f"sqlite:///{file.parent / 'x.db'}"
    return Runner(url, [marked], settings=ONE_THREAD, clock=clock, work=work)


def gated(gate: Gate) -> Callable[..., object]:
    def task(job: Job) -> dict[str, int]:
        return gate.pass_through(job)

    return task


def states(file: Path, instances: list[RunnerInstance]) -> list[tuple[str, int]]:
    with opened(file, lambda: None, work=False) as runner:
        jobs = [runner.instance(each.id).view().jobs[0] for each in instances]
        return sorted((job.state.value, job.attempt) for job in jobs)


def test_jobs_that_were_claimed_but_not_begun_are_given_back_and_do_not_count(file: Path, gate: Gate) -> None:
    runner = opened(file, gated(gate))
    runner.deploy(file)
    instances = [runner.start("p") for _ in range(3)]
    until(lambda: gate.entered)

    runner.close(timeout=0.05)

    assert states(file, instances) == [("claimed", 1), ("ready", 0), ("ready", 0)]


def test_a_handler_that_finishes_while_the_worker_stops_is_stored(file: Path, gate: Gate) -> None:
    runner = opened(file, gated(gate))
    runner.deploy(file)
    instance = runner.start("p")
    until(lambda: gate.entered)
    closing = threading.Thread(target=runner.close)
    closing.start()

    gate.opened.set()
    closing.join(20)

    assert states(file, [instance]) == [("completed", 1)]


def test_a_job_that_waited_for_a_thread_has_its_full_time(file: Path, gate: Gate) -> None:
    clock, deadlines = FakeClock(), list[tuple[datetime, datetime]]()

    def task(job: Job, hold: bool) -> None:
        deadlines.append((clock.now(), job.deadline))
        if hold:
            gate.pass_through(job)

    with opened(file, task, clock=clock) as runner:
        runner.deploy(file)
        instances = [runner.start("p", {"hold": True}), runner.start("p", {"hold": False})]
        until(lambda: gate.entered)
        clock.move(20)
        gate.opened.set()
        assert all(instance.wait(20) for instance in instances)

    assert [deadline - began for began, deadline in deadlines] == [timedelta(minutes=1)] * 2


@pytest.mark.parametrize("leaves_by", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_a_coroutine_may_leave_by_any_exception_and_the_thread_lives(
    file: Path, leaves_by: type[BaseException]
) -> None:
    async def task(leave: bool) -> None:
        if leave:
            raise leaves_by

    with opened(file, task) as runner:
        runner.deploy(file)
        failing = runner.start("p", {"leave": True})
        assert failing.wait_until_settled(20)
        assert [each.message for each in failing.incidents] == [leaves_by.__name__]
        assert runner.start("p", {"leave": False}).wait(20)
