"""What the rows say about the past stays true, whatever comes later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builders import bpmn

from runner import HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.jobs import claim_jobs, complete_job
from runner.handling import Handler
from runner.settings import Settings


@pytest.fixture
def runner(verified_url: str) -> Iterator[Runner]:
    """Give a runner whose jobs are answered by the test."""
    handlers = HandlerRegistry([Handler("a", dict)])
    with Runner(verified_url, handlers, settings=Settings(), work=False) as opened:
        yield opened


def test_a_job_that_was_answered_stays_completed_when_its_instance_is_canceled(runner: Runner) -> None:
    nodes = [("s", "startEvent"), ("a", "serviceTask"), ("e", "endEvent")]
    definitions.deploy(
        runner.runtime, bpmn(nodes, [("s", "a"), ("a", "e", "x > 3"), ("a", "e", "x > 4")]), source="test.bpmn"
    )
    instance = runner.start("p", {"x": 1})
    (job,) = claim_jobs(runner.runtime, frozenset("a"), worker="w", limit=1)
    complete_job(runner.runtime, job, {})
    assert [incident.kind for incident in instance.incidents] == ["no_flow_taken"]

    instance.cancel()

    assert [job.state for job in instance.view().jobs] == ["completed"]
