"""A person mends the variables and tries again; the change reaches the handler through its input mappings."""

from __future__ import annotations

from builders import bpmn
from commands.conftest import Bench

from runner.commands.jobs import complete_job, fail_job
from runner.model import Failure, IncidentKind

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
BROKEN = Failure("InputInvalid", "Expected a variable 'amount'")


def mapped() -> bytes:
    io = '<zeebe:ioMapping><zeebe:input source="=order.total" target="amount"/></zeebe:ioMapping>'
    inner = f'<extensionElements {ZEEBE}><zeebe:taskDefinition type="a"/>{io}</extensionElements>'
    return bpmn([("s", "startEvent"), ("a", "serviceTask", inner)], [("s", "a")])


def test_changed_variables_reach_the_handler_through_its_mappings(bench: Bench) -> None:
    bench.deploy(mapped())
    instance = bench.runner.start("p", {"order": {"total": "many"}})
    fail_job(bench.runtime, bench.claim()[0], BROKEN, kind=IncidentKind.INPUT_INVALID)

    instance.retry({"order": {"total": 7}})

    (job,) = bench.claim()
    assert job.variables["amount"] == 7


def test_a_gateway_with_an_incident_goes_on_once_its_variable_is_right(bench: Bench) -> None:
    nodes = [("s", "startEvent"), ("g", "exclusiveGateway"), ("a", "serviceTask"), ("b", "serviceTask")]
    bench.deploy(bpmn(nodes, [("s", "g"), ("g", "a", "n > 10"), ("g", "b", "default")]))
    instance = bench.runner.start("p")
    assert [(each.element_id, each.kind) for each in instance.incidents] == [("g", IncidentKind.EXPRESSION_FAILED)]

    instance.retry({"n": 11})

    assert instance.incidents == ()
    assert [job.topic for job in bench.claim()] == ["a"]


def test_a_retry_that_fails_again_keeps_one_incident_with_the_new_words(bench: Bench) -> None:
    nodes = [("s", "startEvent"), ("g", "exclusiveGateway"), ("a", "serviceTask"), ("b", "serviceTask")]
    bench.deploy(bpmn(nodes, [("s", "g"), ("g", "a", "n > 10"), ("g", "b", "n > 20")]))
    instance = bench.runner.start("p")

    instance.retry({"n": 1})

    assert [each.kind for each in instance.incidents] == [IncidentKind.NO_FLOW_TAKEN]
    assert instance.view().instance.incidents == 1


def test_a_retry_goes_on_where_another_one_has_taken_its_token_away(bench: Bench) -> None:
    nodes = [("s", "startEvent"), ("g", "exclusiveGateway"), ("all", "endEvent", "<terminateEventDefinition/>"),
             ("h", "exclusiveGateway"), ("e", "endEvent")]  # fmt: skip
    bench.deploy(bpmn(nodes, [("s", "g"), ("s", "h"), ("g", "all", "n > 1"), ("h", "e", "n > 1")]))
    instance = bench.runner.start("p", {"n": 0})
    assert [each.element_id for each in instance.incidents] == ["g", "h"]

    instance.retry({"n": 2})

    assert (instance.state, instance.incidents) == ("completed", ())


def test_joins_that_wait_in_vain_have_an_incident_each(bench: Bench) -> None:
    nodes = [("s", "startEvent"), ("j", "parallelGateway"), ("k", "parallelGateway"), ("x", "exclusiveGateway"),
             ("e", "endEvent")]  # fmt: skip
    bench.deploy(bpmn(nodes, [("s", "j"), ("s", "k"), ("s", "x"), ("x", "j", "n > 1"), ("x", "k", "n > 2"),
                              ("x", "e", "default")]))  # fmt: skip
    instance = bench.runner.start("p", {"n": 0})

    assert [(each.element_id, f"'{each.element_id}'" in each.message) for each in instance.incidents] == [
        ("j", True),
        ("k", True),
    ]
    assert instance.view().instance.incidents == 2


def test_retrying_brings_a_waiting_attempt_forward(bench: Bench) -> None:
    instance = bench.start(["a"])
    fail_job(bench.runtime, bench.claim()[0], BROKEN)
    assert bench.claim() == []

    instance.retry()

    complete_job(bench.runtime, bench.claim()[0], {})
    assert instance.state == "completed"


def test_a_condition_that_changed_variables_fulfil_happens_at_once_also_where_only_a_job_is_tried_again(
    bench: Bench,
) -> None:
    much = "<conditionalEventDefinition><condition>n &gt; 3</condition></conditionalEventDefinition>"
    nodes = [("s", "startEvent"), ("a", "serviceTask"), ("much", 'boundaryEvent attachedToRef="a"', much)]
    bench.deploy(bpmn([*nodes, ("b", "serviceTask")], [("s", "a"), ("much", "b")]))
    instance = bench.runner.start("p", {"n": 0})
    fail_job(bench.runtime, bench.claim()[0], BROKEN, kind=IncidentKind.INPUT_INVALID)

    instance.retry({"n": 5})

    assert ([job.topic for job in bench.claim()], instance.incidents) == (["b"], ())
