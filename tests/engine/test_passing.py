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


def test_an_activation_condition_sees_the_element_that_a_token_comes_from(restoring: bool) -> None:
    condition = "<activationCondition>${execution.currentActivityId == 'merge'}</activationCondition>"
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
    drive = Drive(in_language(bpmn(nodes, [*arrows, ("join", "z")]), JUEL), nothing, restoring=restoring).start({})

    drive.answer_at("a")
    assert [element for _, element in drive.open] == ["b", "z"]
