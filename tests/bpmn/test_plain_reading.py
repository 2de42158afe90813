"""Plain BPMN files, files of two vendors, and the languages that a condition may name."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from bpmn.drawn import CAMUNDA7, around, drawn, findings, flow, it, refused, task, warned

from runner.bpmn.diagram import Dialect, EventDefinition
from runner.bpmn.dialects.plain import HONOURED
from runner.expressions.language import Expression, Language
from runner.retry import RetryRule

FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"
CALL = '<interface id="i" name="I"><operation id="op" name="charge"/></interface>'


def test_runner_attributes_are_read() -> None:
    attributes = 'runner:handler="pay" runner:retry="R3/PT1S" runner:timeout="PT30S" runner:priority="-2"'
    binding = it(around(task(attributes=attributes))).service
    assert binding is not None
    assert (binding.candidates, binding.timeout, binding.priority) == (("pay", "it"), timedelta(seconds=30), -2)
    assert binding.retry == RetryRule(max_attempts=3, intervals=(timedelta(seconds=1),))


def test_each_of_our_own_attributes_is_described() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bpmn.md").read_text("utf-8")
    names = set(re.findall(r"`(?:<runner:)?(\w+)", page))
    assert set(HONOURED) - names == set()


def test_misspelled_runner_attribute_is_refused_with_the_right_one() -> None:
    (finding,) = findings(around(task(attributes='runner:handlr="pay"')), "refused")
    assert finding.code == "attribute_unknown" and "Did you mean 'handler'" in finding.message


@pytest.mark.parametrize(("name", "value"), [("retry", "often"), ("timeout", "10"), ("priority", "high")])
def test_malformed_runner_attribute_is_refused(name: str, value: str) -> None:
    assert refused(around(task(attributes=f'runner:{name}="{value}"'))) == [(f"{name}_invalid", "it")]


def test_candidates_come_in_the_documented_order() -> None:
    attributes = (
        'name="Throw Pokéball" operationRef="op" implementation="throwing" runner:handler="own" '
        'camunda:type="external" camunda:topic="seven"'
    )
    binding = it(around(task('<zeebe:taskDefinition type="eight"/>', attributes), roots=CALL)).service
    assert binding is not None
    expected = ("eight", "seven", "own", "charge", "throwing", "it", "throw_pokeball")
    assert binding.candidates == expected


@pytest.mark.parametrize("usual", ["##WebService", "##unspecified", "webService"])
def test_default_implementations_are_no_candidates(usual: str) -> None:
    binding = it(around(task(attributes=f'implementation="{usual}"'))).service
    assert binding is not None and binding.candidates == ("it",)


@pytest.mark.parametrize(
    ("text", "language", "read"),
    [
        ("n < 2", Language.PYTHON, "n < 2"),
        ("${n < 2}", Language.JUEL, "${n < 2}"),
        ("=n < 2", Language.FEEL, "n < 2"),
    ],
)
def test_plain_condition_says_its_language_by_its_form(text: str, language: Language, read: str) -> None:
    diagram = around(task() + flow("it", "e", text, id="c"))
    assert diagram.processes[0].flows["c"].condition == Expression(read, language, 1)


def conditional(attributes: str, text: str) -> str:
    condition = f"<conditionExpression {attributes}>{text}</conditionExpression>"
    return f'<sequenceFlow id="c" sourceRef="it" targetRef="e">{condition}</sequenceFlow>'


def test_language_named_on_a_condition_counts() -> None:
    diagram = around(task() + conditional(f'language="{FEEL}"', "n = 2"))
    assert diagram.processes[0].flows["c"].condition == Expression("n = 2", Language.FEEL, 1)


def test_language_named_on_the_file_counts() -> None:
    diagram = around(task() + conditional("", "n = 2"), file=f'expressionLanguage="{FEEL}"')
    assert diagram.processes[0].flows["c"].condition == Expression("n = 2", Language.FEEL, 1)


@pytest.mark.parametrize(
    ("attributes", "text"),
    [('language="http://www.w3.org/1999/XPath"', "true()"), ('language="javascript"', "1"), ("", "  ")],
)
def test_empty_or_foreign_condition_is_refused(attributes: str, text: str) -> None:
    assert refused(around(task() + conditional(attributes, text))) == [("condition_invalid", "c")]


def test_two_vendors_in_one_file_are_warned_about_and_both_read() -> None:
    part = '<zeebe:taskDefinition type="eight"/>'
    diagram = around(task(part, 'camunda:type="external" camunda:topic="seven"'), file=CAMUNDA7)
    binding = it(diagram).service
    assert (diagram.dialect is Dialect.CAMUNDA7 and warned(diagram) == [("dialects_mixed", "p")]) or warned(diagram)
    assert binding is not None and binding.candidates[:2] == ("eight", "seven")


def test_declared_but_unused_vendor_namespaces_leave_a_file_plain() -> None:
    assert around(task()).dialect is Dialect.PLAIN


def test_process_without_a_name_takes_its_pools() -> None:
    pool = '<collaboration id="c"><participant id="x" name="Shop" processRef="p"/></collaboration>'
    assert drawn("", roots=pool).processes[0].name == "Shop"


def test_flows_and_documentation_are_kept_in_document_order() -> None:
    diagram = drawn(
        '<startEvent id="s"/><task id="it"><documentation>one</documentation><documentation><![CDATA[two]]>'
        "</documentation></task>" + flow("it", "s", id="z") + flow("it", "s", id="a") + flow("s", "it", id="m")
    )
    assert (it(diagram).outgoing, it(diagram).incoming) == (("z", "a"), ("m",))
    assert it(diagram).documentation == "one\n\ntwo"


def test_error_definition_brings_its_code() -> None:
    boundary = '<boundaryEvent id="b" attachedToRef="it"><errorEventDefinition errorRef="x:err"/></boundaryEvent>'
    roots = '<error id="err" name="Escaped" errorCode="POKEMON_ESCAPED"/>'
    element = around(task() + boundary, roots=roots).processes[0].elements["b"]
    assert element.events == (EventDefinition("error", "err", "Escaped", "POKEMON_ESCAPED", 1),)
    assert (element.attached_to, element.interrupting) == ("it", True)


def test_a_call_hands_over_all_variables_or_none_as_it_is_told() -> None:
    for told in ("true", "false"):
        words = f'calledElement="other" runner:allInputs="{told}" runner:allOutputs="{told}"'
        called = it(around(f'<callActivity id="it" {words}/>')).called
        assert called is not None and (called.all_inputs, called.all_outputs) == (told == "true", told == "true")
