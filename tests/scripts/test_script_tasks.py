"""Script tasks in Python and JavaScript: jobs, if the operator switched their language on; refused otherwise."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from builders import bpmn
from waiting import until

from runner import Handler
from runner.app import Runner
from runner.commands.definitions import deploy
from runner.errors import DiagramRefused, SettingsInvalid
from runner.model import InstanceState
from runner.scripts.handlers import Scripts
from runner.scripts.languages import ScriptLanguage, script_language
from runner.settings import Settings, load_settings

pytest.importorskip("pydantic_monty")
pytest.importorskip("py_mini_racer")

CAMUNDA = 'xmlns:c="http://camunda.org/schema/1.0/bpmn"'
BOTH = Settings(scripts=(ScriptLanguage.PYTHON, ScriptLanguage.JAVASCRIPT), threads=2)


def drawn(format: str, text: str, *, more: str = "") -> bytes:
    """Give a process of one script task whose value goes to `got`."""
    nodes = [("s", "startEvent"), ("price", "scriptTask", f"<script>{text}</script>"), ("e", "endEvent")]
    xml = bpmn(nodes, [("s", "price"), ("price", "e")], extra='<error id="broke" errorCode="BROKE"/>')
    attributes = f'<scriptTask {CAMUNDA} c:resultVariable="got" scriptFormat="{format}" id="price"'
    return xml.replace(b'<scriptTask id="price"', attributes.encode()).replace(
        b"</process>", more.encode() + b"</process>"
    )


def ran(xml: bytes, variables: dict[str, Any]) -> tuple[InstanceState, dict[str, Any], list[str]]:
    """Run a process with both languages: how it ended, its variables, its incidents' messages."""
    with Runner("sqlite://", [], settings=BOTH) as runner:
        deploy(runner.runtime, xml, source="p.bpmn")
        instance = runner.start("p", variables, business_key="order 7")
        assert instance.wait_until_settled(30)
        return instance.state, instance.variables, [each.message for each in instance.incidents]


@pytest.mark.parametrize(
    ("format", "text", "value"),
    [
        ("python", "\n        vat = amount * 0.2\n        total = amount + vat\n        total\n", 12.0),
        ("Python", "sum = 0\nfor i in range(amount): sum += i\nsum", 45),
        ("javascript", "execution.setVariable('total', amount * 1.2); amount * 1.2", 12.0),
        ("text/ecmascript", "execution.getVariable('amount') + execution.getBusinessKey()", "10order 7"),
    ],
)
def test_a_script_task_sets_its_result(format: str, text: str, value: Any) -> None:
    state, variables, _ = ran(drawn(format, text), {"amount": 10})
    assert (state, variables["got"]) == (InstanceState.COMPLETED, pytest.approx(value))


def test_a_script_that_fails_is_an_incident_with_the_line_of_script_and_file() -> None:
    _, _, (message,) = ran(drawn("python", "\n  vat = 1\n  total = amonut + vat\n"), {"amount": 10})
    assert (
        "NameError: name 'amonut' is not defined (line 2 of the script, 8 of the file): total = amonut + vat" in message
    )


@pytest.mark.parametrize(("format", "text"), [("python", "while True: pass"), ("javascript", "for (;;) {}")])
def test_an_endless_script_is_an_incident(format: str, text: str) -> None:
    _, _, (message,) = ran(drawn(format, text), {})
    assert "TimeoutError" in message


@pytest.mark.parametrize(
    ("format", "text"), [("python", "raise BpmnError('BROKE')"), ("javascript", "throw new BpmnError('BROKE')")]
)
def test_a_bpmn_error_takes_its_boundary_event(format: str, text: str) -> None:
    caught = (
        '<boundaryEvent id="b" attachedToRef="price"><errorEventDefinition errorRef="broke"/></boundaryEvent>'
        '<endEvent id="poor"/><sequenceFlow id="x" sourceRef="b" targetRef="poor"/>'
    )
    state, _, incidents = ran(drawn(format, text, more=caught), {})
    assert (state, incidents) == (InstanceState.COMPLETED, [])


@pytest.mark.parametrize(("format", "hint"), [("javascript", "scripts = javascript"), ("python", "scripts = python")])
def test_without_the_setting_a_script_is_refused_and_the_setting_named(format: str, hint: str) -> None:
    with Runner("sqlite://", [], work=False) as runner, pytest.raises(DiagramRefused, match=hint) as refused:
        deploy(runner.runtime, drawn(format, "x = 1"), source="p.bpmn")
    assert '@handler("price")' in str(refused.value)


def test_groovy_is_refused_with_both_languages_on() -> None:
    no = "is in groovy, which is not run"
    with Runner("sqlite://", [], settings=BOTH, work=False) as it, pytest.raises(DiagramRefused, match=no) as refused:
        deploy(it.runtime, drawn("groovy", "println 1"), source="p.bpmn")
    assert "setting" not in str(refused.value)


def test_a_handler_of_the_elements_id_comes_before_the_script() -> None:
    with Runner("sqlite://", [Handler("price", lambda: {"total": 1})], settings=BOTH) as runner:
        deploy(runner.runtime, drawn("python", "x = 1 / 0"), source="p.bpmn")
        instance = runner.start("p")
        until(lambda: instance.state is InstanceState.COMPLETED)
        assert instance.variables["total"] == 1


def test_a_language_without_its_extra_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py_mini_racer", None)
    with pytest.raises(SettingsInvalid, match=r"pip install 'bpmn-runner\[javascript\]'"):
        Scripts([ScriptLanguage.JAVASCRIPT])


def test_the_setting_is_a_list_of_languages() -> None:
    settings, _ = load_settings(environment={"RUNNER_SCRIPTS": "python, javascript"})
    assert settings.scripts == (ScriptLanguage.PYTHON, ScriptLanguage.JAVASCRIPT)
    with pytest.raises(SettingsInvalid, match="scripts"):
        load_settings(environment={"RUNNER_SCRIPTS": "groovy"})


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("JavaScript", "javascript"),
        ("js", "javascript"),
        ("graal.js", "javascript"),
        ("application/ecmascript", "javascript"),
        ("Python", "python"),
        ("groovy", None),
        ("", None),
        ("jsx", None),
    ],
)
def test_languages_have_several_names(written: str, language: str | None) -> None:
    assert script_language(written) == language
