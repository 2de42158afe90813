"""What a Camunda 8 file says about its service tasks and flows."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from bpmn.drawn import CAMUNDA8, around, drawn, findings, flow, it, refused, task

from runner.bpmn.diagram import Diagram, Dialect, ServiceBinding
from runner.expressions.language import Expression, Language
from runner.retry import RetryRule


def read(inside: str, attributes: str = "", tag: str = "serviceTask") -> Diagram:
    return around(task(inside, attributes, tag), file=CAMUNDA8)


def service(inside: str) -> ServiceBinding:
    binding = it(read(inside)).service
    assert binding is not None
    return binding


def test_job_type_is_the_first_candidate() -> None:
    assert service('<zeebe:taskDefinition type=" pay "/>').candidates == ("pay", "it")


def test_retries_count_all_attempts() -> None:
    assert service('<zeebe:taskDefinition type="x" retries="5"/>').retry == RetryRule(max_attempts=5)


def test_without_retries_the_handler_decides() -> None:
    assert service('<zeebe:taskDefinition type="x"/>').retry is None


@pytest.mark.parametrize("place", ["taskHeaders", "properties"])
def test_backoff_and_timeout_are_read_from_headers_and_properties(place: str) -> None:
    entry, key = ("header", "key") if place == "taskHeaders" else ("property", "name")
    pairs = "".join(
        f'<zeebe:{entry} {key}="{name}" value="{value}"/>'
        for name, value in (("retryBackoff", "PT10S,PT1M"), ("timeout", "PT5M"))
    )
    binding = service(f"<zeebe:{place}>{pairs}</zeebe:{place}>")
    assert binding.retry == RetryRule(intervals=(timedelta(seconds=10), timedelta(minutes=1)))
    assert binding.timeout == timedelta(minutes=5)


def test_headers_reach_the_binding() -> None:
    assert service('<zeebe:taskHeaders><zeebe:header key="a" value="1"/></zeebe:taskHeaders>').headers == {"a": "1"}


def test_mapping_with_equals_sign_is_feel_and_without_is_text() -> None:
    element = it(
        read(
            '<zeebe:ioMapping><zeebe:input source="=a.b" target="x.y"/><zeebe:input source="hi" target="z"/>'
            '<zeebe:output source="= r" target="s"/></zeebe:ioMapping>'
        )
    )
    assert [(each.target, each.source) for each in (*element.inputs, *element.outputs)] == [
        ("x.y", Expression("a.b", Language.FEEL, 1)),
        ("z", Expression("hi", Language.TEXT, 1)),
        ("s", Expression("r", Language.FEEL, 1)),
    ]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<zeebe:taskDefinition type="=topic +"/>', "expression_invalid"),
        ('<zeebe:taskDefinition type=""/>', "topic_missing"),
        ('<zeebe:taskDefinition type="x" retries="0"/>', "retry_invalid"),
        (f'<zeebe:taskDefinition type="x" retries="{"9" * 5000}"/>', "retry_invalid"),
        ('<zeebe:taskHeaders><zeebe:header key="retryBackoff" value="10s"/></zeebe:taskHeaders>', "retry_invalid"),
        ('<zeebe:taskHeaders><zeebe:header key="timeout" value="PT0S"/></zeebe:taskHeaders>', "retry_invalid"),
        ('<zeebe:ioMapping><zeebe:input target="x"/></zeebe:ioMapping>', "mapping_incomplete"),
        ('<zeebe:ioMapping><zeebe:output source="=x"/></zeebe:ioMapping>', "mapping_incomplete"),
        ('<zeebe:ioMapping><zeebe:input source="=1 +" target="x"/></zeebe:ioMapping>', "expression_invalid"),
    ],
)
def test_malformed_setting_is_refused(inside: str, code: str) -> None:
    assert refused(read(inside)) == [(code, "it")]


def test_condition_is_feel_without_its_equals_sign() -> None:
    diagram = around(task() + flow("it", "e", "= n < 2", id="c"), file=CAMUNDA8)
    assert diagram.processes[0].flows["c"].condition == Expression("n < 2", Language.FEEL, 1)


def test_condition_without_equals_sign_is_refused_with_the_remedy() -> None:
    (finding,) = findings(around(task() + flow("it", "e", "n < 2", id="c"), file=CAMUNDA8), "refused")
    assert (finding.code, finding.element_id) == ("condition_invalid", "c")
    assert "Put '=' before it" in finding.message


@pytest.mark.parametrize("tag", ["sendTask", "businessRuleTask"])
def test_other_tasks_run_by_their_job_type_or_else_their_id(tag: str) -> None:
    for part, first in (('<zeebe:taskDefinition type="x"/>', "x"), ("", "it")):
        binding = it(read(part, tag=tag)).service
        assert binding is not None and binding.candidates[0] == first


@pytest.mark.parametrize(
    ("part", "tag"),
    [
        ('<zeebe:taskDefinition type="x"/>', "task"),
        ("<zeebe:ioMapping/>", "exclusiveGateway"),
        ('<zeebe:calledElement processId="q"/>', "serviceTask"),
        ('<zeebe:script expression="=1"/>', "serviceTask"),
    ],
)
def test_what_has_no_effect_on_an_element_is_refused_there(part: str, tag: str) -> None:
    assert ("not_honoured", "it") in refused(read(part, tag=tag))


def test_attempts_and_priority_may_be_expressions() -> None:
    found = service('<zeebe:taskDefinition type="x" retries="=n"/><zeebe:jobPriorityDefinition priority="=p"/>')
    assert found.attempts is not None and found.computed_priority is not None
    assert (found.attempts.text, found.computed_priority.text, found.retry) == ("n", "p", None)
    assert service('<zeebe:jobPriorityDefinition priority="7"/>').priority == 7


def test_listeners_are_bound_to_their_job_types() -> None:
    start = '<zeebe:executionListener eventType="start" type="note" retries="2"/>'
    headers = '<zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
    (listener,) = it(read(f"<zeebe:executionListeners>{start}</zeebe:executionListeners>{headers}")).listeners
    assert listener.event == "start" and listener.service is not None
    assert (listener.service.candidates, listener.service.headers) == (("note",), {"k": "v"})
    assert listener.service.retry == RetryRule(max_attempts=2)


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('eventType="begin" type="a"', "listener_invalid"),
        ('eventType="start"', "listener_invalid"),
        ('eventType="start" type="=a +"', "expression_invalid"),
        ('eventType="end" type="a" retries="no"', "retry_invalid"),
    ],
)
def test_listener_that_cannot_be_called_is_refused(attributes: str, code: str) -> None:
    diagram = read(f"<zeebe:executionListeners><zeebe:executionListener {attributes}/></zeebe:executionListeners>")
    assert [each for each, _ in refused(diagram)] == [code]


def test_listener_without_a_handler_is_refused_by_name() -> None:
    start = '<zeebe:executionListener eventType="start" type="note"/>'
    diagram = read(f'<zeebe:taskDefinition type="pay"/><zeebe:executionListeners>{start}</zeebe:executionListeners>')
    (finding,) = findings(diagram, "refused", frozenset({"pay", "notes"}))
    assert finding.code == "listener_missing" and "notes" in finding.message


def test_platform_names_the_dialect_even_without_vendor_attributes() -> None:
    assert drawn("", file=CAMUNDA8).dialect is Dialect.CAMUNDA8


def test_linked_resources_are_a_header() -> None:
    linked = '<zeebe:linkedResource resourceId="tool" bindingType="latest" linkName="l"/>'
    headers = service(f"<zeebe:linkedResources>{linked}</zeebe:linkedResources>").headers
    assert json.loads(headers["linkedResources"]) == [{"resourceId": "tool", "bindingType": "latest", "linkName": "l"}]


def test_an_ad_hoc_sub_process_says_what_it_collects_and_where() -> None:
    collecting = '<zeebe:adHoc outputCollection="all" outputElement="=got.x"/>'
    rule = it(read(collecting, tag="adHocSubProcess")).ad_hoc
    assert rule is not None
    assert (rule.output_collection, rule.output_item) == ("all", Expression("got.x", Language.FEEL, 1))


def test_collecting_without_saying_what_is_refused() -> None:
    diagram = read('<zeebe:adHoc outputCollection="all"/>', tag="adHocSubProcess")
    assert ("mapping_incomplete", "it") in refused(diagram)


def test_listeners_in_two_containers_are_all_read() -> None:
    one = '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="{}"/></zeebe:executionListeners>'
    found = it(read(one.format("a") + one.format("b"))).listeners
    assert [listener.service.candidates for listener in found if listener.service] == [("a",), ("b",)]
