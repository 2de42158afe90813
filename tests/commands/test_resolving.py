"""A person resolves one incident: tries it again, or lets it be over with a result; or undoes the whole instance."""

from __future__ import annotations

import pytest
from builders import bpmn, fork
from commands.conftest import Bench
from commands.drawings import put

from runner.app import RunnerInstance
from runner.commands.jobs import complete_job, fail_job
from runner.commands.verification import verify
from runner.errors import Conflict, IncidentNotFound, Invalid
from runner.model import Failure, IncidentKind

BOOM = Failure("ConnectionError", "refused")


def failing(bench: Bench, instance: RunnerInstance) -> RunnerInstance:
    for job in bench.claim():
        fail_job(bench.runtime, job, BOOM, kind=IncidentKind.PERMANENT_FAILURE)
    return instance


def test_a_skipped_job_is_over_with_the_result_that_was_given(bench: Bench) -> None:
    instance = failing(bench, bench.start(["a", "b"]))

    instance.resolve(variables={"given": 1}, skip=True)

    assert [job.topic for job in bench.claim()] == ["b"]
    assert (instance.incidents, instance.variables) == ((), {"given": 1})
    assert "skipped" in [each.event for each in instance.history] and verify(bench.runtime).violations == []


def test_a_retry_of_one_incident_leaves_the_others_alone(bench: Bench) -> None:
    bench.deploy(fork("a", "b"))
    instance = failing(bench, bench.runner.start("p"))
    wanted = next(each for each in instance.incidents if each.element_id == "b")

    instance.resolve(wanted.id, {"n": 1})

    assert [(job.topic, job.variables["n"]) for job in bench.claim()] == [("b", 1)]
    assert len(instance.incidents) == 2, "it closes when its step has succeeded"


def test_of_several_incidents_one_is_to_be_named(bench: Bench) -> None:
    bench.deploy(fork("a", "b"))
    instance = failing(bench, bench.runner.start("p"))

    with pytest.raises(Invalid, match="which incident"):
        instance.resolve(skip=True)
    with pytest.raises(IncidentNotFound):
        instance.resolve(4711)


def test_a_gateway_has_no_result_to_skip_it_with(bench: Bench) -> None:
    bench.deploy(
        bpmn([("s", "startEvent"), ("g", "exclusiveGateway"), ("a", "serviceTask")], [("s", "g"), ("g", "a", "n > 1")])
    )
    instance = bench.runner.start("p", {"n": 0})

    with pytest.raises(Conflict):
        instance.resolve(skip=True)

    instance.resolve(variables={"n": 2})
    assert [job.topic for job in bench.claim()] == ["a"]


def test_an_uncaught_error_end_that_is_skipped_ends_its_branch(bench: Bench) -> None:
    bad = ("e", "endEvent", '<errorEventDefinition errorRef="bad"/>')
    bench.deploy(bpmn([("s", "startEvent"), bad], [("s", "e")], extra='<error id="bad" errorCode="BAD"/>'))
    instance = bench.runner.start("p")

    instance.resolve(skip=True)

    assert instance.state == "completed" and verify(bench.runtime).violations == []


def undoable() -> bytes:
    nodes = [("s", "startEvent"), ("a", "serviceTask"), ("b", "serviceTask"), ("e", "endEvent")]
    handler = (
        '<boundaryEvent id="on_a" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
        '<serviceTask id="c" isForCompensation="true"/>'
        '<association id="link" associationDirection="One" sourceRef="on_a" targetRef="c"/>'
    )
    return put(bpmn(nodes, [("s", "a"), ("a", "b"), ("b", "e")]), handler)


def test_compensate_and_cancel_undoes_what_has_completed_and_then_ends(bench: Bench) -> None:
    bench.deploy(undoable())
    instance = bench.runner.start("p")
    complete_job(bench.runtime, bench.claim()[0], {})

    instance.cancel(compensate=True)

    (job,) = bench.claim()
    assert (job.topic, instance.state, [token.element_id for token in instance.tokens]) == ("c", "active", ["c"])
    assert verify(bench.runtime).violations == []
    complete_job(bench.runtime, job, {})
    assert instance.state == "terminated" and verify(bench.runtime).violations == []


def test_a_compensation_goes_on_after_a_restart_and_repeats_nothing(bench: Bench) -> None:
    bench.deploy(undoable())
    instance = bench.runner.start("p")
    complete_job(bench.runtime, bench.claim()[0], {})
    instance.cancel(compensate=True)

    bench.runtime.hot.take(instance.id)  # what another process, or the next one, does not have
    jobs = bench.claim()

    assert [job.topic for job in jobs] == ["c"] and bench.claim() == []
    complete_job(bench.runtime, jobs[0], {})
    assert instance.state == "terminated"


def test_a_complex_gateway_decides_again_when_its_variable_is_there(bench: Bench) -> None:
    activation = "<activationCondition>activationCount &gt;= need</activationCondition>"
    nodes = [("s", "startEvent"), ("j", "complexGateway", activation), ("a", "serviceTask")]
    tasks = [("x", "task"), ("y", "task")]
    bench.deploy(bpmn([*nodes, *tasks], [("s", "x"), ("s", "y"), ("x", "j"), ("y", "j"), ("j", "a")]))
    instance = bench.runner.start("p")
    assert [each.kind for each in instance.incidents] == ["expression_failed"]

    instance.resolve(variables={"need": 2})
    assert (instance.incidents, len(bench.claim())) == ((), 1)
