"""Business rule tasks: a decision is evaluated within the step, its result shaped, and what fired told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from engine.drawing import el, line, process
from unit.decisions.drafting import decision, output, read, table

from runner.bpmn.diagram import Called, Element
from runner.decisions import DecisionResult
from runner.engine.advance import Advance
from runner.engine.build import Executable
from runner.engine.engine import Execution
from runner.expressions.language import Expression, Language

BOTH = ["o", "p"]
ROWS = [(["> 1"], ['"a"', "1"]), (["> 2"], ['"b"', "2"])]
FILE = read(
    decision("all", table(["x"], BOTH, ROWS, 'hitPolicy="COLLECT"')),
    decision("one", table(["x"], [output("o")], [(["> 1"], ['"a"']), (["> 9"], ["x.y"])])),
    decision("each", table(["x"], [output("o")], [(each, out[:1]) for each, out in ROWS], 'hitPolicy="COLLECT"')),
)


def decide(id: str, binding: str, version: str | None, variables: Mapping[str, Any]) -> DecisionResult:
    return FILE.evaluate(id, variables)


def task(id: str, mapping: str | None = None, result: str | None = "r") -> Element:
    name = Expression(id, Language.PYTHON if "." in id else Language.TEXT)
    called = Called(name, result_variable=result, result_mapping=mapping)
    return el("decide", "businessRuleTask", called=called)


def started(element: Element, x: Any) -> tuple[Execution, Advance]:
    elements = [el("s", "startEvent"), element, el("e", "endEvent")]
    execution = Execution(Executable(process(elements, line("s", "decide", "e")), decide=decide))
    return execution, execution.start({"x": x, "which": {"id": "one"}})


@pytest.mark.parametrize(
    ("id", "mapping", "x", "expected"),
    [
        ("one", None, 2, "a"),
        ("one", "singleEntry", 2, "a"),
        ("one", "singleEntry", 0, None),
        ("one", "singleResult", 2, {"o": "a"}),
        ("one", "resultList", 2, [{"o": "a"}]),
        ("each", None, 3, ["a", "b"]),
        ("each", "collectEntries", 3, ["a", "b"]),
        ("each", "collectEntries", 0, []),
        ("all", "resultList", 3, [{"o": "a", "p": 1}, {"o": "b", "p": 2}]),
        ("all", "singleResult", 2, {"o": "a", "p": 1}),
        ("which.id", None, 2, "a"),
    ],
)
def test_the_result_is_shaped_as_the_task_asks(id: str, mapping: str | None, x: int, expected: Any) -> None:
    execution, advance = started(task(id, mapping), x)
    assert advance.completed
    assert execution.variables["r"] == expected


def test_which_rules_fired_is_in_the_history() -> None:
    _, advance = started(task("one"), 2)
    told = next(each for each in advance.happenings if each.event == "decided")
    assert told.element_id == "decide"
    fired = {"decision": "one", "inputs": {"x": 2}, "rules": [{"rule": 1, "id": "r1", "outputs": {"o": "a"}}]}
    assert told.detail == {"decision": "one", "fired": [fired]}


@pytest.mark.parametrize(
    ("id", "mapping", "x", "reason"),
    [
        ("one", None, 10, "rules 1 and 2"),
        ("all", "singleResult", 3, "one rule at most"),
        ("all", "singleEntry", 2, "one output"),
        ("nobody", None, 1, "no decision 'nobody'"),
        ("which.no", None, 1, "which.no"),
    ],
)
def test_a_decision_that_fails_is_an_incident_at_the_task(id: str, mapping: str | None, x: int, reason: str) -> None:
    _, advance = started(task(id, mapping), x)
    (incident,) = advance.incidents
    assert (incident.element_id, str(incident.kind)) == ("decide", "expression_failed")
    assert reason in incident.message


def test_a_failed_decision_is_tried_again() -> None:
    execution, advance = started(task("one"), 10)
    execution.set_variables({"x": 2})
    assert execution.retry(advance.incidents[0].token_id).completed
    assert execution.variables["r"] == "a"
