"""Listeners are jobs: claimed, retried, stopped by an incident, and told what they are called for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builders import chain
from commands.conftest import Bench
from commands.drawings import CAMUNDA, work

from runner.app import RunnerInstance
from runner.commands.incidents import Resolution, resolve_incident
from runner.commands.jobs import complete_job, fail_job
from runner.commands.verification import verify
from runner.errors import DiagramRefused
from runner.model import Failure

LISTENERS = (
    '<camunda:executionListener event="start" class="org.example.Thrice"/>'
    '<camunda:executionListener event="end" delegateExpression="${b}"/>'
)


def listened(xml: bytes, inside: str = LISTENERS) -> bytes:
    """Give a file with listeners on service task `a`."""
    drawn = xml.decode().replace("<definitions ", f"<definitions {CAMUNDA} ", 1)
    return drawn.replace('name="a">', f'name="a"><extensionElements>{inside}</extensionElements>').encode()


@pytest.fixture
def instance(bench: Bench) -> Iterator[RunnerInstance]:
    bench.deploy(listened(chain(["a"])))
    yield bench.runner.start("p", {})
    assert verify(bench.runtime).violations == []


def test_they_are_jobs_with_an_id_and_an_event_of_their_own(bench: Bench, instance: RunnerInstance) -> None:
    found, ids = [], set()
    for _ in range(3):
        (job,) = bench.claim()
        found.append((job.topic, job.element_id, job.event))
        ids.add(job.id)
        assert verify(bench.runtime).violations == []
        complete_job(bench.runtime, job, {})
    assert found == [("thrice", "a", "start"), ("a", "a", None), ("b", "a", "end")]
    assert instance.state == "completed" and len(ids) == 3


def test_one_that_fails_is_retried_and_then_an_incident(bench: Bench, instance: RunnerInstance) -> None:
    for _ in range(3):
        bench.clock.move(100)
        (job,) = bench.claim()
        fail_job(bench.runtime, job, Failure("ConnectionError", "refused"))
    (incident,) = instance.incidents
    assert (incident.element_id, incident.kind, incident.job_id) == ("a", "retries_exhausted", job.id)
    assert verify(bench.runtime).violations == []

    resolve_incident(bench.runtime, instance.id, Resolution())
    assert [(each.topic, each.attempt) for each in bench.claim()] == [("thrice", 4)]


def test_one_that_is_skipped_lets_its_element_begin(bench: Bench, instance: RunnerInstance) -> None:
    for _ in range(3):
        bench.clock.move(100)
        fail_job(bench.runtime, bench.claim()[0], Failure("ConnectionError", "refused"))
    resolve_incident(bench.runtime, instance.id, Resolution(skip=True))

    assert [(each.topic, each.event) for each in bench.claim()] == [("a", None)]


def test_those_of_a_process_are_told_with_its_id(bench: Bench) -> None:
    part = '<extensionElements><camunda:executionListener event="end" class="B"/></extensionElements>'
    xml = listened(chain(["a"]), "").decode().replace('isExecutable="true">', f'isExecutable="true">{part}')
    bench.deploy(xml.encode())
    instance = bench.runner.start("p", {})
    complete_job(bench.runtime, bench.claim()[0], {})
    (token,) = instance.tokens
    assert (token.element_id, token.element_type, token.waiting_for) == ("p", "process", "job")

    complete_job(bench.runtime, bench.claim()[0], {"n": 1})
    assert instance.state == "completed" and verify(bench.runtime).violations == []


def test_claiming_a_user_task_calls_that_of_its_assignment(bench: Bench) -> None:
    bench.deploy(
        work("", '<extensionElements><camunda:taskListener event="assignment" class="B"/></extensionElements>')
    )
    instance = bench.runner.start("p", {})
    (task,) = bench.runner.user_tasks()
    bench.runner.claim_user_task(task.id, "ash")
    (job,) = bench.claim()
    assert (job.event, job.variables["assignee"]) == ("assigning", "ash")
    assert sorted(token.waiting_for for token in instance.tokens) == ["job", "user_task"]
    assert verify(bench.runtime).violations == []

    complete_job(bench.runtime, job, {"told": True})
    bench.runner.complete_user_task(task.id)
    assert instance.variables["told"] is True and verify(bench.runtime).violations == []


def test_one_without_a_handler_is_refused(bench: Bench) -> None:
    with pytest.raises(DiagramRefused) as refusal:
        bench.deploy(listened(chain(["a"]), '<camunda:executionListener event="start" class="org.example.Bb"/>'))
    assert "start listener of 'a'" in str(refusal.value)


def test_one_of_camundas_own_engine_is_not_called_and_said_so(bench: Bench) -> None:
    own = '<camunda:executionListener event="start" class="org.camunda.bpm.engine.impl.Own"/>'
    bench.deploy(listened(chain(["a"]), own))
    bench.runner.start("p", {})
    assert [job.event for job in bench.claim()] == [None]


def test_one_token_is_seen_at_an_element_whose_listener_is_called(bench: Bench, instance: RunnerInstance) -> None:
    assert [(token.element_id, token.waiting_for) for token in instance.tokens] == [("a", "job")]
    events = [entry.event for entry in instance.history if entry.element_id == "a"]
    assert events == ["entered", "listener_called"]
