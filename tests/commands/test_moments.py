"""What expressions know beside variables: one time for a step, by the runner's clock; facts; what they lack is told."""

from __future__ import annotations

from typing import Any

import pytest
from builders import bpmn
from commands.conftest import Bench

from runner.app import RunnerInstance
from runner.commands.jobs import complete_job
from runner.model import InstanceState


def run_script(bench: Bench, text: str, language: str, variables: dict[str, Any] | None = None) -> RunnerInstance:
    """Deploy a process of one script task that sets `got`, and start it."""
    nodes = [("s", "startEvent"), ("t", "scriptTask", f"<script>{text}</script>"), ("e", "endEvent")]
    xml = bpmn(nodes, [("s", "t"), ("t", "e")]).replace(
        b'<scriptTask id="t"',
        f'<scriptTask xmlns:c="http://camunda.org/schema/1.0/bpmn" c:resultVariable="got" '
        f'scriptFormat="{language}" id="t"'.encode(),
    )
    bench.deploy(xml)
    return bench.runner.start("p", variables or {}, business_key="order 7")


@pytest.mark.parametrize(("text", "language"), [("string(now())", "feel"), ("${now()}", "juel")])
def test_now_is_the_time_of_the_step_by_the_runners_clock(bench: Bench, text: str, language: str) -> None:
    instance = run_script(bench, text, language)
    (at,) = {entry.at for entry in instance.history}
    assert instance.variables["got"] == bench.clock.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert at == bench.clock.at


def test_the_next_step_has_the_next_time(bench: Bench) -> None:
    nodes = [("s", "startEvent"), ("a", "serviceTask"), ("x", "exclusiveGateway"), ("e", "endEvent"), ("f", "endEvent")]
    late = f'=now() > date and time("{bench.clock.at.strftime("%Y-%m-%dT%H:%M:%SZ")}")'
    bench.deploy(bpmn(nodes, [("s", "a"), ("a", "x"), ("x", "e", late), ("x", "f", "default")]))
    instance = bench.runner.start("p")
    bench.clock.move(60)
    complete_job(bench.runtime, bench.claim()[0], variables={})
    assert "e" in [entry.element_id for entry in instance.history]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${execution.getProcessBusinessKey()}", "order 7"),
        ("${execution.processBusinessKey}", "order 7"),
        ("${execution.processDefinitionKey}", "p"),
        ("${execution.currentActivityId}", "t"),
        ("${execution.getVariable('n') + 1}", 8),
        ("${execution.variables.n}", 7),
    ],
)
def test_execution_tells_facts_and_variables(bench: Bench, text: str, value: Any) -> None:
    assert run_script(bench, text, "juel", {"n": 7}).variables["got"] == value


def test_execution_tells_the_instances_id(bench: Bench) -> None:
    instance = run_script(bench, "${execution.processInstanceId}", "juel")
    assert instance.variables["got"] == instance.id


def test_what_feel_takes_for_null_is_in_the_history_of_its_element(bench: Bench) -> None:
    instance = run_script(bench, "amonut + 1", "feel", {"amount": 1})
    (entry,) = [each for each in instance.history if each.event == "warned"]
    assert (instance.state, entry.element_id) == (InstanceState.COMPLETED, "t")
    assert entry.detail is not None
    assert "Expected a variable 'amonut', but there is none" in entry.detail["warnings"][0]
    assert "amount" in entry.detail["warnings"][0]


@pytest.mark.parametrize(
    "text", ["x = null", "null != x", "is defined(x)", "get or else(x, 1)", "if x = null then 1 else x.y"]
)
def test_who_asks_whether_there_is_something_is_not_warned(bench: Bench, text: str) -> None:
    assert "warned" not in [entry.event for entry in run_script(bench, text, "feel").history]


def test_a_condition_that_is_neither_true_nor_false_says_what_it_lacks(bench: Bench) -> None:
    nodes = [("s", "startEvent"), ("x", "exclusiveGateway"), ("e", "endEvent"), ("f", "endEvent")]
    bench.deploy(bpmn(nodes, [("s", "x"), ("x", "e", "=amonut > 1"), ("x", "f", "default")]))
    (incident,) = bench.runner.start("p", {"amount": 1}).incidents
    assert "Expected a variable 'amonut', but there is none" in incident.message
