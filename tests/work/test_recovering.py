"""What the executor and the scheduler do when things go wrong in unforeseen ways: lost workers, unreadable failures."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from builders import FakeClock, bpmn, chain, error_boundary

from runner import BpmnError, HandlerRegistry, RetryPolicy, Runner, handler
from runner.app import RunnerInstance
from runner.commands.jobs import ClaimedJob, claim_jobs, complete_job
from runner.errors import JobNotHeld
from runner.work.executor import attempt
from runner.work.identity import own_name
from runner.work.scheduler import Scheduler

Handling = Callable[..., Any]


class Bench:
    """A runner whose worker and scheduler are the test."""

    def __init__(self, url: str, function: Handling) -> None:
        self.clock = FakeClock()
        marked = handler("task", retry=RetryPolicy(max_attempts=2))(function)
        self.runner = Runner(url, HandlerRegistry.load([marked]), clock=self.clock, work=False)

    def start(self, file: Path, xml: bytes | None = None) -> RunnerInstance:
        """Start an instance of a service task `task`, or of this diagram."""
        file.write_bytes(xml or chain(["task"]))
        self.runner.deploy(file)
        return self.runner.start("p")

    def claim(self, worker: str = "elsewhere.example:1:1.00") -> ClaimedJob:
        """Take the job that is due."""
        (job,) = claim_jobs(self.runner.runtime, frozenset({"task"}), worker=worker, limit=5)
        return job

    def execute(self, job: ClaimedJob) -> None:
        """Call the handler and store how it ended."""
        with asyncio.Runner() as loop:
            deadline = self.clock.now() + job.timeout
            attempt(self.runner.runtime, job, deadline=deadline, loop=loop)(self.runner.runtime, job)

    def tick(self) -> None:
        """Let a scheduler look once."""
        Scheduler(self.runner.runtime).tick()


class Open(Protocol):
    """Opens a bench; it is closed after the test."""

    def __call__(self, function: Handling, *, url: str = "sqlite://") -> Bench:
        """Open a bench with this handler of `task`."""


@pytest.fixture
def opened() -> Iterator[Open]:
    benches: list[Bench] = []

    def open_bench(function: Handling, *, url: str = "sqlite://") -> Bench:
        benches.append(Bench(url, function))
        return benches[-1]

    yield open_bench
    for bench in benches:
        bench.runner.close()


@pytest.fixture
def bench(opened: Open) -> Bench:
    return opened(lambda: None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "p.bpmn"


def waiting(instance: RunnerInstance) -> tuple[str, int]:
    (job,) = instance.view().jobs
    return (job.state.value, job.attempt)


def test_a_claim_that_lapses_is_offered_again_and_the_late_answer_changes_nothing(bench: Bench, file: Path) -> None:
    instance = bench.start(file)
    late = bench.claim()
    bench.clock.move(29)
    bench.tick()
    assert waiting(instance) == ("claimed", 1)

    bench.clock.move(1)
    bench.tick()

    assert waiting(instance) == ("ready", 1)
    with pytest.raises(JobNotHeld):
        complete_job(bench.runner.runtime, late, {"late": True})
    assert instance.variables == {}


def test_a_job_of_a_live_process_is_left_to_it(bench: Bench, file: Path) -> None:
    instance = bench.start(file)
    bench.claim(worker=own_name())

    bench.tick()

    assert waiting(instance) == ("claimed", 1)


def test_a_job_of_a_dead_process_is_offered_again_before_its_claim_lapses(bench: Bench, file: Path) -> None:
    instance = bench.start(file)
    dead = own_name().replace(f":{os.getpid()}:", ":999999999:")
    bench.claim(worker=dead)

    bench.tick()

    assert waiting(instance) == ("ready", 1)
    assert f"worker {dead} stopped without an answer" in str(instance.history[-1].detail["error"])


def test_a_job_that_loses_its_worker_in_every_attempt_becomes_an_incident(bench: Bench, file: Path) -> None:
    instance = bench.start(file)
    for _ in range(2):
        bench.claim()
        bench.clock.move(31)
        bench.tick()

    assert waiting(instance) == ("failed", 2)
    assert [(each.kind.value, each.message.partition(":")[0]) for each in instance.incidents] == [
        ("retries_exhausted", "WorkerLost")
    ]


def test_two_schedulers_offer_a_job_once(bench: Bench, file: Path) -> None:
    instance = bench.start(file)
    bench.claim()
    bench.clock.move(31)

    bench.tick()
    bench.tick()

    assert [entry.event for entry in instance.history].count("job_released") == 1


def test_a_caught_bpmn_error_takes_its_variables_along_the_drawn_way(opened: Open, file: Path) -> None:
    def task() -> None:
        raise BpmnError("ESCAPED", "it broke out", {"balls": 2})

    nodes = [("s", "startEvent"), ("task", "serviceTask"), error_boundary("caught", "task", "err"), ("e", "endEvent")]
    xml = bpmn(nodes, [("s", "task"), ("caught", "e")], extra='<error id="err" errorCode="ESCAPED"/>')
    bench = opened(task)
    instance = bench.start(file, xml)

    bench.execute(bench.claim())

    assert (instance.state, instance.variables, instance.incidents) == ("completed", {"balls": 2}, ())


def test_a_bpmn_error_may_have_a_number_for_a_code_and_an_exception_for_a_message(opened: Open, file: Path) -> None:
    def task() -> None:
        raise BpmnError(404, LookupError("gone"))  # type: ignore[arg-type]

    bench = opened(task)
    instance = bench.start(file)

    bench.execute(bench.claim())

    (found,) = instance.incidents
    assert found.kind == "error_uncaught" and "404" in found.message and "gone" in found.message


def test_a_bpmn_error_with_variables_that_are_no_json_is_an_incident(opened: Open, file: Path) -> None:
    def task() -> None:
        raise BpmnError("ESCAPED", variables={"ball": object()})  # type: ignore[dict-item]

    bench = opened(task)
    instance = bench.start(file)

    bench.execute(bench.claim())

    assert [each.kind.value for each in instance.incidents] == ["output_invalid"]


def test_a_job_whose_handler_this_worker_does_not_have_is_an_incident_that_names_it(bench: Bench, file: Path) -> None:
    instance = bench.start(file)
    job = bench.claim()
    bench.runner.runtime.handlers = HandlerRegistry()

    bench.execute(job)

    (found,) = instance.incidents
    assert found.kind == "handler_missing" and "'task'" in found.message


class Mute(Exception):
    """An exception that cannot say what it is."""

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError("mute")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("a\0b"), "ValueError: a�b"),
        (ValueError("a\ud800b"), "ValueError: a�b"),
        (Mute(), "Mute: <exception str() failed>"),
    ],
)
def test_a_failure_whose_text_cannot_be_stored_or_read_is_told_all_the_same(
    opened: Open, file: Path, database_url: str, error: Exception, says: str
) -> None:
    def task() -> None:
        raise error

    bench = opened(task, url=database_url)
    instance = bench.start(file)

    bench.execute(bench.claim())

    assert waiting(instance) == ("ready", 1)
    assert instance.history[-1].detail["error"] == says


def test_the_attempt_ends_when_the_diagrams_time_is_over_not_the_handlers(bench: Bench, file: Path) -> None:
    timed = 'serviceTask xmlns:runner="urn:bpmn-runner:1.0" runner:timeout="PT90S"'
    bench.start(file, bpmn([("s", "startEvent"), ("task", timed)], [("s", "task")]))

    assert bench.claim().timeout == timedelta(seconds=90)
