"""What a Camunda 7 file says about its service tasks and flows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bpmn.drawn import CAMUNDA7, around, findings, flow, it, refused, task, warned

from runner.bpmn.diagram import Diagram, Dialect, ServiceBinding
from runner.expressions import evaluate
from runner.expressions.language import Expression, Language
from runner.retry import RetryRule

EXTERNAL = 'camunda:type="external" camunda:topic="pay"'


def read(inside: str = "", attributes: str = EXTERNAL, tag: str = "serviceTask") -> Diagram:
    return around(task(inside, attributes, tag), file=CAMUNDA7)


def service(inside: str = "", attributes: str = EXTERNAL) -> ServiceBinding:
    binding = it(read(inside, attributes)).service
    assert binding is not None
    return binding


def test_external_topic_is_the_first_candidate() -> None:
    assert service().candidates == ("pay", "it")


def test_class_and_bean_come_after_the_topic() -> None:
    attributes = f'{EXTERNAL} camunda:class="org.shop.ChargeCard" camunda:delegateExpression="${{chargeBean}}"'
    assert service(attributes=attributes).candidates == ("pay", "charge_card", "chargeBean", "charge_bean", "it")


def test_retry_cycle_counts_attempts() -> None:
    cycle = "<camunda:failedJobRetryTimeCycle> R3/PT10S </camunda:failedJobRetryTimeCycle>"
    assert service(cycle).retry == RetryRule(max_attempts=3, intervals=(timedelta(seconds=10),))


def test_list_of_intervals_is_one_attempt_more() -> None:
    cycle = "<camunda:failedJobRetryTimeCycle>PT10S,PT1M</camunda:failedJobRetryTimeCycle>"
    expected = RetryRule(max_attempts=3, intervals=(timedelta(seconds=10), timedelta(minutes=1)))
    assert service(cycle).retry == expected


def test_properties_become_headers() -> None:
    part = '<camunda:properties><camunda:property name="a" value="1"/></camunda:properties>'
    assert service(part).headers == {"a": "1"}


def test_priority_is_a_number() -> None:
    assert service(attributes=f'{EXTERNAL} camunda:taskPriority="50"').priority == 50


def test_parameter_with_braces_is_juel_and_without_is_text() -> None:
    element = it(
        read(
            '<camunda:inputOutput><camunda:inputParameter name="a">Hi ${n}</camunda:inputParameter>'
            '<camunda:inputParameter name="b"> text </camunda:inputParameter>'
            '<camunda:outputParameter name="c">#{r}</camunda:outputParameter></camunda:inputOutput>'
        )
    )
    assert [(each.target, each.source) for each in (*element.inputs, *element.outputs)] == [
        ("a", Expression("Hi ${n}", Language.JUEL, 1)),
        ("b", Expression("text", Language.TEXT, 1)),
        ("c", Expression("#{r}", Language.JUEL, 1)),
    ]


def test_older_namespaces_are_read_as_camunda_does() -> None:
    diagram = around(task(attributes='activiti:class="org.shop.ChargeCard"'))
    assert diagram.dialect is Dialect.CAMUNDA7
    assert it(diagram).service == ServiceBinding(candidates=("charge_card", "it"))


@pytest.mark.parametrize(
    ("inside", "attributes", "code"),
    [
        ("", 'camunda:type="external" camunda:topic="${t +}"', "expression_invalid"),
        ("", 'camunda:type="external"', "topic_missing"),
        ("", f'{EXTERNAL} camunda:jobPriority="{10**12}"', "priority_invalid"),
        ("<camunda:failedJobRetryTimeCycle>often</camunda:failedJobRetryTimeCycle>", EXTERNAL, "retry_invalid"),
        ("<camunda:inputOutput><camunda:inputParameter/></camunda:inputOutput>", EXTERNAL, "mapping_incomplete"),
    ],
)
def test_malformed_setting_is_refused(inside: str, attributes: str, code: str) -> None:
    assert refused(read(inside, attributes)) == [(code, "it")]


def parameter(inside: str) -> str:
    content = f'<camunda:inputParameter name="a">{inside}</camunda:inputParameter>'
    return f"<camunda:inputOutput>{content}</camunda:inputOutput>"


def test_lists_and_maps_are_built_of_their_texts() -> None:
    inside = '<camunda:map><camunda:entry key="k"><camunda:list><camunda:value>${n}</camunda:value></camunda:list>'
    (mapping,) = it(
        read(parameter(f'{inside}</camunda:entry><camunda:entry key="l">x</camunda:entry></camunda:map>'))
    ).inputs
    assert evaluate(mapping.source, {"n": 1}) == {"k": [1], "l": "x"}


def test_script_in_a_language_of_ours_is_an_expression() -> None:
    (mapping,) = it(read(parameter('<camunda:script scriptFormat="feel">= n + 1</camunda:script>'))).inputs
    assert mapping.source == Expression("n + 1", Language.FEEL, 1)


@pytest.mark.parametrize(
    "nested", ['<camunda:script scriptFormat="groovy"/>', "<camunda:list><camunda:script/></camunda:list>"]
)
def test_script_in_another_language_is_refused(nested: str) -> None:
    assert refused(read(parameter(nested))) == [("mapping_nested", "it")]


@pytest.mark.parametrize("text", ["${n < 2}", "#{n < 2}"])
def test_condition_is_juel_with_its_braces(text: str) -> None:
    diagram = around(task() + flow("it", "e", text, id="c"), file=CAMUNDA7)
    assert diagram.processes[0].flows["c"].condition == Expression(text, Language.JUEL, 1)


@pytest.mark.parametrize("text", ["n < 2", "=n < 2", "yes ${n}"])
def test_condition_that_is_not_one_expression_is_refused(text: str) -> None:
    assert refused(around(task() + flow("it", "e", text, id="c"), file=CAMUNDA7)) == [("condition_invalid", "c")]


@pytest.mark.parametrize("tag", ["sendTask", "businessRuleTask"])
def test_other_tasks_run_by_their_topic_or_in_place_of_their_code(tag: str) -> None:
    for attributes, first in ((EXTERNAL, "pay"), ('camunda:class="a.PayBill"', "pay_bill")):
        binding = it(read(attributes=attributes, tag=tag)).service
        assert binding is not None and binding.candidates[0] == first


@pytest.mark.parametrize(
    ("inside", "attributes"),
    [
        ("", f'{EXTERNAL} camunda:resultVariable="r"'),
    ],
)
def test_what_changes_a_run_and_is_not_honoured_is_a_warning(inside: str, attributes: str) -> None:
    assert warned(read(inside, attributes)) == [("not_honoured", "it")]


def test_built_in_task_type_is_a_warning() -> None:
    assert warned(read(attributes='camunda:type="mail"')) == [("type_not_external", "it")]


def test_same_vendor_word_is_noted_once_with_its_count() -> None:
    other = '<serviceTask id="other" camunda:modelerTemplateIcon="t"/>'
    (note,) = findings(around(task(attributes='camunda:modelerTemplateIcon="t"') + other), "note")
    assert (note.code, note.element_id) == ("documentation_only", "it")
    assert note.message.endswith("(2 times, first here)")


def test_priority_and_retry_cycle_may_be_expressions() -> None:
    cycle = "<camunda:failedJobRetryTimeCycle>${c}</camunda:failedJobRetryTimeCycle>"
    found = it(read(cycle, f'{EXTERNAL} camunda:taskPriority="${{p}}"')).service
    assert found is not None and found.cycle is not None and found.computed_priority is not None
    assert (found.cycle.text, found.computed_priority.text, found.retry) == ("${c}", "${p}", None)


def test_a_decision_is_called_by_its_binding_and_its_result_put_into_shape() -> None:
    words = (
        'camunda:decisionRef="discount" camunda:decisionRefBinding="versionTag" camunda:decisionRefVersionTag="v7" '
        'camunda:decisionRefVersion="3" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="d"'
    )
    called = it(around(task(tag="businessRuleTask", attributes=words), file=CAMUNDA7)).called
    assert called is not None and called.version is not None
    assert (called.id.text, called.binding, called.version.text) == ("discount", "versionTag", "v7")
    assert (called.result_mapping, called.result_variable) == ("singleEntry", "d")


def test_the_code_of_an_escalation_is_taken_into_a_variable() -> None:
    caught = '<escalationEventDefinition camunda:escalationCodeVariable="code"/>'
    boundary = f'<boundaryEvent id="b" attachedToRef="it">{caught}</boundaryEvent>'
    diagram = around(f'<subProcess id="it"/>{boundary}', file=CAMUNDA7)
    assert diagram.processes[0].elements["b"].events[0].code_variable == "code"


def test_local_variables_of_a_call_are_not_all_variables() -> None:
    parts = '<camunda:in variables="all" local="true"/><camunda:out variables="all"/>'
    called = it(around(task(parts, 'calledElement="child"', "callActivity"), file=CAMUNDA7)).called
    assert called is not None and (called.all_inputs, called.all_outputs) == (False, True)


def test_a_retry_cycle_of_nought_is_one_attempt() -> None:
    cycle = "<camunda:failedJobRetryTimeCycle>R0/PT1S</camunda:failedJobRetryTimeCycle>"
    service = it(read(cycle, EXTERNAL)).service
    assert service is not None and service.retry is not None and service.retry.max_attempts == 1
