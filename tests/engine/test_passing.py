"""What a token only passes makes none (`ElementSpec.pass_by`): neither history nor numbers tell the difference."""

from __future__ import annotations

import pytest
from builders import body, bpmn
from engine.executing import Drive, nothing

SIGNAL = '<signal id="go" name="go"/>'
GO = '<signalEventDefinition signalRef="go"/>'
WHEN_ONE = "<conditionalEventDefinition><condition>x = 1</condition></conditionalEventDefinition>"
FEEL = 'expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"'
JUEL = 'exporter="Camunda Modeler" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'


@pytest.fixture(params=[False, True], ids=["in memory", "restored"])
def restoring(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def in_language(drawn: bytes, attributes: str) -> bytes:
    return drawn.replace(b'targetNamespace="test"', f'targetNamespace="test" {attributes}'.encode())


def test_who_hears_a_signal_passes_on_after_the_event_that_throws_it(restoring: bool) -> None:
    nodes = [
        ("s", "startEvent"),
        ("split", "parallelGateway"),
        ("hear", "intermediateCatchEvent", GO),
        ("merge", "exclusiveGateway"),
        ("a", "serviceTask"),
        ("work", "serviceTask"),
        ("throw", "intermediateThrowEvent", GO),
        ("b", "serviceTask"),
    ]
    arrows = [("s", "split"), ("split", "hear"), ("split", "work"), ("hear", "merge"), ("merge", "a")]
    drawn = bpmn(nodes, [*arrows, ("work", "throw"), ("throw", "b")], extra=SIGNAL)
    drive = Drive(drawn, nothing, restoring=restoring).start({})

    drive.answer_at("work")
    assert drive.events("completed")[-3:] == ["hear", "throw", "merge"]
    assert drive.open == [(7, "b"), (8, "a")]


def test_who_waits_for_what_the_last_in_a_sub_process_writes_passes_on_after_it(restoring: bool) -> None:
    nodes = [
        ("s", "startEvent"),
        ("split", "parallelGateway"),
        ("hear", "intermediateCatchEvent", WHEN_ONE),
        ("merge", "exclusiveGateway"),
        ("a", "serviceTask"),
        ("sub", "subProcess", body([("work", "serviceTask")], [])),
        ("b", "serviceTask"),
    ]
    arrows = [("s", "split"), ("split", "hear"), ("split", "sub"), ("hear", "merge"), ("merge", "a"), ("sub", "b")]
    drive = Drive(in_language(bpmn(nodes, arrows), FEEL), nothing, restoring=restoring).start({"x": 0})

    drive.answer_at("work", {"x": 1})
    assert drive.events("completed")[-3:] == ["hear", "sub", "merge"]
    assert drive.open == [(8, "b"), (9, "a")]


def test_an_activation_condition_is_evaluated_at_its_gateway(restoring: bool) -> None:
    condition = "<activationCondition>${execution.currentActivityId == 'join'}</activationCondition>"
    drive = Drive(in_language(joined(condition), JUEL), nothing, restoring=restoring).start({})

    drive.answer_at("a")
    assert [element for _, element in drive.open] == ["b", "z"]


def test_what_an_activation_condition_warns_of_is_told_at_its_gateway(restoring: bool) -> None:
    condition = "<activationCondition>(n &gt; 4) = true</activationCondition>"
    drive = Drive(in_language(joined(condition), FEEL), nothing, restoring=restoring).start({"n": "many"})

    drive.answer_at("a")
    assert {element for element, event in drive.happenings if event == "warned"} == {"join"}


def joined(condition: str) -> bytes:
    nodes = [
        ("s", "startEvent"),
        ("split", "parallelGateway"),
        ("a", "serviceTask"),
        ("merge", "exclusiveGateway"),
        ("b", "serviceTask"),
        ("join", "complexGateway", condition),
        ("z", "serviceTask"),
    ]
    arrows = [("s", "split"), ("split", "a"), ("split", "b"), ("a", "merge"), ("merge", "join"), ("b", "join")]
    return bpmn(nodes, [*arrows, ("join", "z")])


WARNS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
 expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">
<process id="p" isExecutable="true"><startEvent id="s"/><exclusiveGateway id="g" default="b"/><endEvent id="e"/>
<endEvent id="no"/><sequenceFlow id="a" sourceRef="s" targetRef="g"/><sequenceFlow id="b" sourceRef="g" targetRef="e"/>
<sequenceFlow id="c" sourceRef="g" targetRef="no"><conditionExpression>(n &gt; 4) = true</conditionExpression>
</sequenceFlow></process></definitions>"""


def test_a_warning_is_told_before_what_a_token_passes_next(restoring: bool) -> None:
    drive = Drive(WARNS, nothing, restoring=restoring).run({"n": "many"})

    told = [("g", "entered"), ("g", "completed"), ("b", "taken"), ("g", "warned"), ("e", "entered"), ("e", "completed")]
    assert drive.happenings[-7:-1] == told


def test_a_token_that_passes_has_a_number_as_if_it_had_stayed(restoring: bool) -> None:
    nodes = [("s", "startEvent"), ("m", "exclusiveGateway"), ("a", "serviceTask"), ("e", "endEvent")]
    drive = Drive(bpmn(nodes, [("s", "m"), ("m", "a"), ("a", "e")]), nothing, restoring=restoring).start({})

    assert drive.open == [(3, "a")]
