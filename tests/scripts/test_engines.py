"""Scripts in Python and JavaScript: variables in, results out, errors at their line; none goes on for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runner.scripts.answers import Answer
from runner.scripts.processes import ScriptProcesses

pytest.importorskip("pydantic_monty")
pytest.importorskip("py_mini_racer")

FACTS = {"processInstanceId": "01X", "processBusinessKey": "order 7", "currentActivityId": "price"}


@pytest.fixture(scope="module")
def processes() -> Iterator[dict[str, ScriptProcesses]]:
    opened = {language: ScriptProcesses(language) for language in ("python", "javascript")}
    yield opened
    for each in opened.values():
        each.close()


@pytest.mark.parametrize(
    ("text", "result", "variables"),
    [
        ("amount * 2", 6, {}),
        ("total = amount * 2\ntotal + 1", 7, {"total": 6}),
        ("items.append(2)", None, {"items": [1, 2]}),
        ("order['paid'] = True", None, {"order": {"paid": True}}),
        ("_half = amount / 2\nhalf = _half", None, {"half": 1.5}),
        ("for i in range(3):\n    last = i", None, {"i": 2, "last": 2}),
        ("if amount > 5:\n    big = True\nelse:\n    small = True", None, {"small": True}),
        ("def twice(n):\n    return n * 2\ntwice(amount)", 6, {}),
        ("import json\ntext = json.dumps({'a': 1})", None, {"text": '{"a": 1}'}),
        ("amount = amount", None, {}),
        ("'é 🐎'", "é 🐎", {}),
    ],
)
def test_python_sets_variables(
    processes: dict[str, ScriptProcesses], text: str, result: Any, variables: dict[str, Any]
) -> None:
    given = {"amount": 3, "items": [1], "order": {"paid": False}}
    answer = processes["python"].run(text, given, FACTS)
    assert (answer.error, answer.result, dict(answer.variables)) == (None, result, variables)


@pytest.mark.parametrize(
    ("text", "result", "variables"),
    [
        ("amount * 2", 6, {}),
        ("var total = amount * 2; execution.setVariable('total', total); total", 6, {"total": 6}),
        ("execution.getVariable('amount') + 1", 4, {}),
        ("execution.getVariable('missing')", None, {}),
        ("execution.hasVariable('amount')", True, {}),
        ("execution.setVariable('order', {paid: true, at: undefined})", None, {"order": {"paid": True}}),
        ("execution.setVariables({a: 1, b: [2]})", None, {"a": 1, "b": [2]}),
        ("execution.getProcessBusinessKey() + ' ' + execution.getCurrentActivityId()", "order 7 price", {}),
        ("items.map(i => i + 1)", [2], {}),
        ("({name: 'é 🐎'})", {"name": "é 🐎"}, {}),
        ("console.log('x'); print('y'); const a = 1; a", 1, {}),
    ],
)
def test_javascript_sets_variables(
    processes: dict[str, ScriptProcesses], text: str, result: Any, variables: dict[str, Any]
) -> None:
    given = {"amount": 3, "items": [1], "order": {"paid": False}}
    answer = processes["javascript"].run(text, given, FACTS)
    assert (answer.error, answer.result, dict(answer.variables)) == (None, result, variables)


@pytest.mark.parametrize(
    ("language", "text", "error", "line"),
    [
        ("python", "x = 1\ny = z", "NameError: name 'z' is not defined", 2),
        ("python", "x = 1\ny =", "Expected an expression", 2),
        ("python", "def f(x):\n    return x / 0\nf(1)", "ZeroDivisionError: division by zero", 2),
        ("javascript", "let a = 1;\nb.c", "ReferenceError: b is not defined", 2),
        ("javascript", "let a = ;", "SyntaxError: Unexpected token ';'", 1),
        ("javascript", "\n\nJava.type('java.io.File')", "Error: Expected a script without Java classes", 3),
    ],
)
def test_an_error_has_its_line(
    processes: dict[str, ScriptProcesses], language: str, text: str, error: str, line: int
) -> None:
    answer = processes[language].run(text, {}, FACTS)
    assert answer.error is not None and answer.error.startswith(error)
    assert answer.line == line


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "raise BpmnError('BROKE', 'no money')"),
        ("javascript", "throw new BpmnError('BROKE', 'no money')"),
        ("javascript", "throw new org.camunda.bpm.engine.delegate.BpmnError('BROKE', 'no money')"),
        (
            "javascript",
            "var B = Java.type('org.camunda.bpm.engine.delegate.BpmnError'); throw new B('BROKE', 'no money')",
        ),
    ],
)
def test_a_bpmn_error_has_its_code(processes: dict[str, ScriptProcesses], language: str, text: str) -> None:
    answer = processes[language].run(text, {}, FACTS)
    assert (answer.code, answer.error) == ("BROKE", "no money")


def test_a_bpmn_error_that_the_script_catches_is_none(processes: dict[str, ScriptProcesses]) -> None:
    caught = "try:\n    raise BpmnError('X')\nexcept Exception:\n    caught = True"
    assert processes["python"].run(caught, {}, FACTS) == Answer(variables={"caught": True})
    caught = "try { throw new BpmnError('X') } catch (e) { execution.setVariable('caught', true) }"
    assert processes["javascript"].run(caught, {}, FACTS) == Answer(variables={"caught": True})


def test_one_script_leaves_nothing_to_the_next(processes: dict[str, ScriptProcesses]) -> None:
    processes["python"].run("_left = 1", {}, FACTS)
    processes["javascript"].run("globalThis.left = 1; JSON.parse = null", {}, FACTS)
    assert "left" in str(processes["python"].run("_left", {}, FACTS).error)
    assert processes["javascript"].run("typeof left + typeof JSON.parse", {}, FACTS).result == "undefinedfunction"


def test_a_process_that_was_stopped_is_replaced(processes: dict[str, ScriptProcesses]) -> None:
    for language, endless in (("python", "while True: pass"), ("javascript", "for (;;) {}")):
        assert "TimeoutError" in str(processes[language].run(endless, {}, FACTS).error)
        assert processes[language].run("1 + 1", {}, FACTS).result == 2
