"""Where data may be defined and referred to, what goes by its name, and what is compensated."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, around, codes, drawn, flow, refused, warned

from runner.bpmn.diagram import Diagram

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
MESSAGE = '<messageEventDefinition messageRef="m"/>'


def in_sub_process(inside: str, beside: str = "") -> Diagram:
    begins = '<startEvent id="i"/><endEvent id="x"/>' + flow("i", "x")
    return around(f'<subProcess id="it">{begins}{inside}</subProcess>{beside}')


def test_a_data_object_is_referred_to_where_it_is_seen() -> None:
    data, reference = '<dataObject id="d" name="D"/>', '<dataObjectReference id="r" dataObjectRef="d"/>'
    assert refused(in_sub_process(data + reference)) == []
    assert refused(in_sub_process(reference, beside=data)) == []
    assert refused(in_sub_process(data, beside=reference)) == [("data_out_of_scope", "r")]


def specified(inputs: str) -> str:
    data = '<dataInput id="in" name="n"/>'
    return f'<ioSpecification id="io">{data}<inputSet>{inputs}</inputSet><outputSet/></ioSpecification>'


def test_an_input_is_in_a_set_of_inputs() -> None:
    task = "<serviceTask id='it'>{}</serviceTask>"
    assert refused(around(task.format(specified("<dataInputRefs>in</dataInputRefs>")))) == []
    assert refused(around(task.format(specified("")))) == [("data_outside_sets", "in")]


def test_a_sub_process_has_no_inputs_of_its_own() -> None:
    inside = specified("<dataInputRefs>in</dataInputRefs>") + '<task id="a"/>'
    assert refused(around(f'<subProcess id="it">{inside}</subProcess>')) == [("data_of_sub_process", "io")]


@pytest.mark.parametrize(
    ("tag", "known_by"),
    [("message", "name"), ("signal", "name"), ("error", "errorCode"), ("escalation", "escalationCode")],
)
def test_two_that_are_one_in_fact_are_named(tag: str, known_by: str) -> None:
    roots = f'<{tag} id="one" {known_by}="X"/><{tag} id="two" {known_by}="{{}}"/>'
    assert warned(drawn(ENDS + flow("s", "e"), roots=roots.format("X"))) == [("name_shared", "two")]
    assert warned(drawn(ENDS + flow("s", "e"), roots=roots.format("Y"))) == []


def waiting(message: str, file: str = "") -> set[tuple[str, str]]:
    return codes(
        around(f'<intermediateCatchEvent id="it">{MESSAGE}</intermediateCatchEvent>', roots=message, file=file)
    )


def test_a_message_that_an_instance_waits_for_has_a_key() -> None:
    assert waiting('<message id="m" name="M"/>') == {("correlation_missing", "it")}
    assert waiting('<message id="m" name="M" runner:correlationKey="n"/>') == set()
    assert waiting('<message id="m" name="M"/>', CAMUNDA7) == set()


def test_a_message_that_creates_the_instance_needs_no_key() -> None:
    catch = f'<intermediateCatchEvent id="{{}}">{MESSAGE}</intermediateCatchEvent>'
    gateway = '<eventBasedGateway id="g" instantiate="true"/>' + catch.format("a") + catch.format("b")
    flows = flow("g", "a") + flow("g", "b") + flow("a", "e") + flow("b", "e")
    found = codes(drawn(f'{gateway}<endEvent id="e"/>{flows}', roots='<message id="m" name="M"/>'))
    assert "correlation_missing" not in {code for code, _ in found}


def compensating(named: str, *, undone: bool = True) -> list[tuple[str, str]]:
    undo = '<boundaryEvent id="b{0}" attachedToRef="{0}"><compensateEventDefinition/></boundaryEvent>'
    handler = '<task id="u{0}" isForCompensation="true"/><association sourceRef="b{0}" targetRef="u{0}"/>'
    both = (undo + handler) if undone else ""
    inner = '<startEvent id="i"/><task id="in"/>' + flow("i", "in") + both.format("in")
    throw = (
        f'<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="{named}"/></intermediateThrowEvent>'
    )
    steps = f'<task id="a"/><subProcess id="sub">{inner}</subProcess>{throw}'
    flows = flow("s", "a") + flow("a", "sub") + flow("sub", "t") + flow("t", "e")
    diagram = drawn(ENDS + steps + both.format("a") + flows)
    return refused(diagram) + warned(diagram)


def test_compensated_is_what_lies_on_the_same_level_and_can_be_undone() -> None:
    assert compensating("a") == []
    assert compensating("sub") == []
    assert compensating("in") == [("compensation_out_of_scope", "t")]
    assert compensating("a", undone=False) == [("compensation_without_handler", "t")]


def test_a_multi_instance_that_throws_names_what() -> None:
    many = (
        "<multiInstanceLoopCharacteristics {}><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    repeated = f'<task id="it">{many}</task>'
    assert warned(around(repeated.format('behavior="One"'))) == [("behavior_without_event", "it")]
    assert warned(around(repeated.format(""))) == []
    event = '<signal id="sig" name="S"/><signalEventDefinition id="d" signalRef="sig"/>'
    named = repeated.format('behavior="One" oneBehaviorEventRef="d"')
    assert warned(around(named, roots=event)) == []
