"""A runner keeps instances in memory; when another runner has moved one on, it never acts on what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from builders import FakeClock, chain, fork

from runner import HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.instances import list_instances
from runner.commands.jobs import ClaimedJob, claim_jobs, claimed_jobs, complete_job, extend_claims, release_jobs
from runner.handling import Handler
from runner.settings import Settings
from runner.work.scheduler import Scheduler

Opening = Callable[[], Runner]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def opening(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Opening]:
    """Open runners on one database whose jobs are answered by the test."""
    url = f"sqlite:///{tmp_path}/shared.db" if database_url == "sqlite://" else database_url
    with ExitStack() as stack:

        def opened() -> Runner:
            handlers = HandlerRegistry(Handler(topic, _never_called) for topic in "ab")
            return stack.enter_context(Runner(url, handlers, settings=Settings(), clock=clock, work=False))

        yield opened


def claim(runner: Runner, topic: str) -> ClaimedJob:
    """Take the one job of a topic."""
    (job,) = claim_jobs(runner.runtime, frozenset(topic), worker="w", limit=1)
    return job


def started(runner: Runner, xml: bytes, variables: dict[str, Any]) -> None:
    """Start an instance; the runner keeps it in memory."""
    definitions.deploy(runner.runtime, xml, source="test.bpmn")
    runner.start("p", variables)


def test_a_claim_is_given_the_variables_that_another_runner_wrote(opening: Opening) -> None:
    one, other = opening(), opening()
    started(one, fork("a", "b"), {"x": "old"})
    complete_job(other.runtime, claim(other, "a"), {"x": "new"})

    assert claim(one, "b").variables == {"x": "new"}


def test_a_job_that_another_runner_opened_can_be_claimed_and_answered(opening: Opening) -> None:
    one, other = opening(), opening()
    started(one, chain("ab"), {})
    complete_job(other.runtime, claim(other, "a"), {"x": "new"})

    complete_job(one.runtime, claim(one, "b"), {})

    assert list_instances(one.runtime, state="completed").total == 1


def test_a_job_that_another_runner_opened_is_released_when_its_worker_is_gone(
    opening: Opening, clock: FakeClock
) -> None:
    one, other = opening(), opening()
    started(one, chain("ab"), {})
    complete_job(other.runtime, claim(other, "a"), {})
    claim(other, "b")
    clock.move(60)

    Scheduler(one.runtime).tick()

    assert claim(other, "b").attempt == 2


def test_a_claim_that_was_extended_since_somebody_looked_is_not_taken_away(opening: Opening, clock: FakeClock) -> None:
    one, other = opening(), opening()
    started(one, chain("ab"), {})
    job = claim(one, "a")
    seen = claimed_jobs(other.runtime)
    clock.move(20)
    extend_claims(one.runtime, [job])
    clock.move(20)

    release_jobs(other.runtime, seen, dead=frozenset())

    complete_job(one.runtime, job, {})


def _never_called() -> None:
    raise AssertionError("jobs are answered by the test")
