"""The diagram may take an answer, or a failure, for a BPMN error or a failed attempt; that is one transaction."""

from __future__ import annotations

import pytest
from builders import BPMN, bpmn
from commands.conftest import Bench

from runner.app import RunnerInstance
from runner.commands.jobs import ThrownError, complete_job, fail_job, throw_error
from runner.commands.verification import verify
from runner.model import Failure

ZEEBE = f'xmlns="{BPMN}" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
CAMUNDA = f'xmlns="{BPMN}" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
ERROR_EXPRESSION = (
    '=if response.ok = false then bpmnError("BAD", "no", {why: "answer"}) '
    'else if error.code = "Busy" then jobError("busy", {}, 3, "PT7S") '
    'else if error.code = "Gone" then jobError("gone", {}, 0) '
    'else if error.code = "Refused" then bpmnError("BAD", error.message) else null'
)


def start(bench: Bench, inside: str, namespaces: str = ZEEBE, caught: str = "") -> RunnerInstance:
    """Start a process with service task `a`; its error BAD leads to service task `b`."""
    extension = f"<extensionElements>{inside}</extensionElements>"
    boundary = ("caught", 'boundaryEvent attachedToRef="a"', f'<errorEventDefinition errorRef="Err" {caught}/>')
    nodes = [("s", "startEvent"), ("a", "serviceTask", extension), boundary, ("b", "serviceTask"), ("e", "endEvent")]
    xml = bpmn(nodes, [("s", "a"), ("a", "e"), ("caught", "b")], extra='<error id="Err" errorCode="BAD"/>').decode()
    bench.deploy(xml.replace(f'xmlns="{BPMN}"', namespaces, 1).encode())
    return bench.runner.start("p", {})


@pytest.fixture
def judged(bench: Bench) -> RunnerInstance:
    text = ERROR_EXPRESSION.replace('"', "&quot;")
    header = f'<zeebe:taskHeaders><zeebe:header key="errorExpression" value="{text}"/></zeebe:taskHeaders>'
    return start(bench, header)


def topics(bench: Bench) -> list[str]:
    assert verify(bench.runtime).violations == []
    return [job.topic for job in bench.claim()]


def test_an_answer_may_be_a_bpmn_error(bench: Bench, judged: RunnerInstance) -> None:
    complete_job(bench.runtime, bench.claim()[0], {"ok": False})
    assert topics(bench) == ["b"] and judged.variables == {"why": "answer"}


def test_an_answer_that_is_none_moves_the_token_on(bench: Bench, judged: RunnerInstance) -> None:
    complete_job(bench.runtime, bench.claim()[0], {"ok": True})
    assert judged.state == "completed" and judged.variables == {"ok": True}


def test_a_failure_may_be_a_bpmn_error(bench: Bench, judged: RunnerInstance) -> None:
    fail_job(bench.runtime, bench.claim()[0], Failure("Refused", "not you"))
    assert topics(bench) == ["b"]


def test_a_failure_may_say_when_to_try_again(bench: Bench, judged: RunnerInstance) -> None:
    fail_job(bench.runtime, bench.claim()[0], Failure("Busy", "wait"))
    bench.clock.move(6)
    assert topics(bench) == []
    bench.clock.move(1)
    assert topics(bench) == ["a"]


def test_a_failure_may_say_not_to_try_again(bench: Bench, judged: RunnerInstance) -> None:
    fail_job(bench.runtime, bench.claim()[0], Failure("Gone", "for ever"))
    (incident,) = judged.incidents
    assert (incident.kind, incident.message) == ("permanent_failure", "JobError: gone")


def test_a_result_that_cannot_be_made_is_an_incident_of_the_job(bench: Bench) -> None:
    header = '<zeebe:header key="resultExpression" value="=1"/>'
    instance = start(bench, f"<zeebe:taskHeaders>{header}</zeebe:taskHeaders>")
    complete_job(bench.runtime, bench.claim()[0], {})
    (incident,) = instance.incidents
    assert incident.kind == "expression_failed" and "result expression" in incident.message
    assert topics(bench) == []


def test_camunda_7s_error_definition_turns_a_failure_into_its_error(bench: Bench) -> None:
    condition = "${externalTask.errorMessage == 'no'}"
    inside = f'<camunda:errorEventDefinition errorRef="Err" expression="{condition}"/>'
    instance = start(bench, inside, CAMUNDA, 'camunda:errorCodeVariable="code" camunda:errorMessageVariable="said"')
    fail_job(bench.runtime, bench.claim()[0], Failure("X", "no"))
    assert topics(bench) == ["b"] and instance.variables == {"code": "BAD", "said": "no"}


def test_a_thrown_errors_message_is_in_the_variable_for_it(bench: Bench) -> None:
    instance = start(bench, "", CAMUNDA, 'camunda:errorMessageVariable="said"')
    throw_error(bench.runtime, bench.claim()[0], ThrownError("BAD", "no more"))
    assert instance.variables == {"said": "no more"}
