"""Message flows between pools: which ones deliver, and what is said about the others."""

from __future__ import annotations

import pytest
from bpmn.drawn import drawn, findings, flow, refused

from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_diagram
from runner.errors import Finding

HEAD = (
    '<definitions targetNamespace="t" xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:r="urn:bpmn-runner:1.0" id="d">'
)
KEYED, PLAIN = '<message id="{0}" name="{0}" r:correlationKey="n"/>', '<message id="{0}" name="{0}"/>'
THROW = (
    '<intermediateThrowEvent id="a" name="Order it"><messageEventDefinition messageRef="{}"/></intermediateThrowEvent>'
)
CATCH = '<intermediateCatchEvent id="b" name="Wait"><messageEventDefinition messageRef="{}"/></intermediateCatchEvent>'


def said(source: str, target: str, *, messages: str = "", ends: tuple[str, str] = ("a", "b")) -> list[Finding]:
    """Draw element `source` into pool p and `target` into pool q, and give what is said about the flow between them."""
    pools = '<participant id="pp" processRef="p"/><participant id="pq" processRef="q"/>'
    flow = f'<messageFlow id="mf" sourceRef="{ends[0]}" targetRef="{ends[1]}"/>'
    drawn = "".join(
        f'<process id="{key}" isExecutable="true"><startEvent id="s{key}"/>{node}'
        f'<sequenceFlow id="f{key}" sourceRef="s{key}" targetRef="{id}"/></process>'
        for key, id, node in (("p", "a", source), ("q", "b", target))
    )
    xml = f'{HEAD}{messages}<collaboration id="c">{pools}\n{flow}</collaboration>{drawn}</definitions>'
    found = check_diagram(read_diagram(xml.encode(), source="p.bpmn"), None)
    return [each for each in found if each.element_id == "mf"]


def test_a_flow_between_events_of_one_message_needs_no_word() -> None:
    assert said(THROW.format("m"), CATCH.format("m"), messages=KEYED.format("m")) == []


def test_a_flow_between_two_messages_is_named() -> None:
    (finding,) = said(THROW.format("m"), CATCH.format("n"), messages=PLAIN.format("m") + PLAIN.format("n"))
    assert (finding.verdict, finding.code, finding.line) == ("warning", "message_flow_unfit", 2)
    assert "'Order it' sends 'm' and 'Wait' waits for 'n'" in finding.message


def test_a_key_that_is_only_asked_for_is_named() -> None:
    messages = '<message id="m" name="order"/><message id="n" name="order" r:correlationKey="n"/>'
    (finding,) = said(THROW.format("m"), CATCH.format("n"), messages=messages)
    assert "sends 'order' without one and 'Wait' asks for one" in finding.message


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ('<endEvent id="a"/>', CATCH.format("m"), "begin at an event that sends a message, but 'a'"),
        (THROW.format("m"), '<endEvent id="b"/>', "end at an event that waits for a message, but 'b'"),
        (THROW.format("m"), THROW.format("m").replace('"a"', '"b"'), "waits for a message, but 'Order it'"),
    ],
)
def test_an_end_that_can_neither_send_nor_receive_is_named(source: str, target: str, words: str) -> None:
    finding = next(each for each in said(source, target, messages=PLAIN.format("m")) if each.verdict == "refused")
    assert (finding.code, words in finding.message) == ("message_flow_end", True), finding.message


@pytest.mark.parametrize("ends", [("pp", "b"), ("a", "pq"), ("pp", "pq")])
def test_a_flow_at_a_pool_is_documentation(ends: tuple[str, str]) -> None:
    (finding,) = said(THROW.format("m"), CATCH.format("m"), messages=PLAIN.format("m"), ends=ends)
    assert (finding.verdict, finding.code) == ("note", "documentation_only")


def test_a_flow_from_a_task_that_sends_nothing_itself_is_documentation() -> None:
    (finding,) = said('<task id="a"/>', CATCH.format("m"), messages=PLAIN.format("m"))
    assert (finding.verdict, finding.code) == ("note", "documentation_only")


TALKS = (
    '<choreography id="ch"><participant id="A" name="A"/><participant id="B" name="B"/><startEvent id="cs"/>'
    '<choreographyTask id="ct" initiatingParticipantRef="A"><participantRef>A</participantRef>'
    "<participantRef>B</participantRef></choreographyTask>"
    '<sequenceFlow id="cf" sourceRef="cs" targetRef="ct"/></choreography>'
    '<globalChoreographyTask id="g" initiatingParticipantRef="C"><participant id="C"/></globalChoreographyTask>'
    '<globalConversation id="gc"/>'
)


def test_choreographies_are_documentation_beside_a_process_and_named_so() -> None:
    diagram = drawn('<startEvent id="s"/><task id="t"/>' + flow("s", "t"), roots=TALKS)
    assert refused(diagram) == []
    noted = [each.element_id for each in findings(diagram, "note") if each.code == "documentation_only"]
    assert {"ch", "g", "gc"} <= set(noted)


def test_a_file_of_choreographies_alone_has_nothing_to_run() -> None:
    xml = f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">{TALKS}</definitions>'
    assert ("no_process", "") in refused(read_diagram(xml.encode(), source="talks.bpmn"))
