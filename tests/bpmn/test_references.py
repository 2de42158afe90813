"""References, lists of flows, lanes, pools and the drawing: what the tags of a file must fulfil."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, around, drawn, findings, flow, refused, task, warned

from runner.bpmn.diagram import Diagram

ENDS = '<startEvent id="s"/><endEvent id="e"/>' + flow("s", "e")
DI = (
    'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:d="http://www.omg.org/spec/DD/20100524/DI"'
)


@pytest.mark.parametrize(
    ("element", "roots"),
    [
        ('<serviceTask id="x" operationRef="{}"/>', ""),
        ('<dataObjectReference id="x" dataObjectRef="{}"/>', ""),
        ('<dataStoreReference id="x" dataStoreRef="{}"/>', ""),
        ('<receiveTask id="x" messageRef="{}"/>', ""),
        ("", '<correlationProperty id="x"><correlationPropertyRetrievalExpression id="x1" messageRef="{}">'
             "<messagePath>n</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"),
        ("", '<collaboration id="x"><participant id="x1" processRef="{}"/></collaboration>'),
        ("", '<collaboration id="x"><messageFlow id="x1" sourceRef="{}" targetRef="{}"/></collaboration>'),
        ('<association id="x" sourceRef="{}" targetRef="s"/>', ""),
    ],
)  # fmt: skip
def test_what_is_referred_to_has_to_be_there_and_of_the_kind_that_is_meant(element: str, roots: str) -> None:
    def found(name: str) -> set[str]:
        diagram = drawn(element.format(name) + ENDS, roots=roots.format(name, name) + '<signal id="sig" name="S"/>')
        return {each.code for each in findings(diagram, "refused") + findings(diagram, "warning")}

    assert "reference_dangling" in found("gone")
    assert ("reference_wrong_kind" in found("sig")) or "<association" in element


@pytest.mark.parametrize(("called", "codes"), [("elsewhere", []), ("p", []), ("s", [("reference_wrong_kind", "it")])])
def test_what_is_called_may_be_in_another_file(called: str, codes: list[tuple[str, str]]) -> None:
    assert refused(around(f'<callActivity id="it" calledElement="{called}"/>')) == codes


def test_an_event_definition_that_is_referred_to_stands_beside_the_processes() -> None:
    start = '<startEvent id="s"><signalEventDefinition id="d" signalRef="sig"/></startEvent>'
    catch = '<intermediateCatchEvent id="c"><eventDefinitionRef>d</eventDefinitionRef></intermediateCatchEvent>'
    diagram = drawn(start + catch + flow("s", "c"), roots='<signal id="sig" name="S"/>')
    assert ("reference_wrong_kind", "c") in refused(diagram)


def test_what_execution_does_not_depend_on_is_a_warning() -> None:
    typed = '<dataObject id="x" itemSubjectRef="{}"/>'
    assert ("reference_dangling", "x") in warned(drawn(typed.format("gone") + ENDS))
    assert warned(drawn(typed.format("zeebe:string") + ENDS)) == []


def test_ends_of_a_data_association_are_data() -> None:
    inside = '<dataInputAssociation id="x"><sourceRef>s</sourceRef><targetRef>it</targetRef></dataInputAssociation>'
    diagram = around(f'<task id="it">{inside}</task>')
    assert refused(diagram) == [("reference_wrong_kind", "x"), ("reference_wrong_kind", "x")]
    in_camunda = around(f'<task id="it">{inside}</task>', file=CAMUNDA7)
    assert (refused(in_camunda), len(warned(in_camunda))) == ([], 2)


def listing(incoming: str, outgoing: str) -> Diagram:
    lists = f"<incoming>{incoming}</incoming><outgoing>{outgoing}</outgoing>"
    ends = (
        '<startEvent id="s"><outgoing>s-a</outgoing></startEvent><endEvent id="e"><incoming>a-e</incoming></endEvent>'
    )
    return drawn(f'{ends}<task id="a">{lists}</task>' + flow("s", "a") + flow("a", "e"))


def test_lists_of_flows_agree_with_the_flows() -> None:
    assert (refused(listing("s-a", "a-e")), warned(listing("s-a", "a-e"))) == ([], [])
    assert refused(listing("a-e", "a-e")) == [("flow_list_wrong", "a")]
    assert refused(listing("gone", "a-e")) == [("reference_dangling", "a")]


def test_a_flow_that_is_not_listed_is_a_warning_unless_there_are_no_lists_at_all() -> None:
    assert warned(
        drawn('<startEvent id="s"><outgoing>s-e</outgoing></startEvent><endEvent id="e"/>' + flow("s", "e"))
    ) == [("flow_unlisted", "s-e")]
    assert warned(drawn(ENDS)) == []


def lanes(first: str, second: str) -> Diagram:
    members = "".join(f'<lane id="l{n}"><flowNodeRef>{m}</flowNodeRef></lane>' for n, m in enumerate((first, second)))
    other = '<process id="q"><startEvent id="o"/><endEvent id="oe"/>' + flow("o", "oe") + "</process>"
    return drawn(f'<laneSet id="ls">{members}</laneSet>{ENDS}', roots=other)


def test_an_element_lies_in_one_lane_of_its_process() -> None:
    assert refused(lanes("s", "e")) == []
    assert refused(lanes("s", "s")) == [("lane_member_twice", "l1")]
    assert refused(lanes("s", "o")) == [("lane_member_foreign", "l1")]
    assert refused(lanes("s", "gone")) == [("reference_dangling", "l1")]


def pool(inside: str) -> Diagram:
    collaboration = f'<collaboration id="c"><participant id="pp" processRef="p"/>{inside}</collaboration>'
    return drawn(ENDS, roots=collaboration)


def test_a_message_flow_does_not_stay_in_its_pool() -> None:
    within = '<messageFlow id="m" sourceRef="{}" targetRef="{}"/>'
    assert refused(pool(within.format("pp", "s"))) == [("message_flow_inside_pool", "m")]
    assert refused(pool(within.format("e", "s"))) == [("message_flow_inside_pool", "m")]
    black = '<participant id="other"/>' + within.format("pp", "other")
    assert (refused(pool(black)), warned(pool(black))) == ([], [])


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ('minimum="2" maximum="3"', []),
        ('minimum="2"', ["multiplicity_invalid"]),
        ('maximum="0"', ["multiplicity_invalid"]),
    ],
)
def test_a_pool_has_a_possible_number_of_participants(numbers: str, found: list[str]) -> None:
    diagram = pool(f'<participant id="x"><participantMultiplicity {numbers}/></participant>')
    assert [code for code, _ in refused(diagram)] == found


def shown(*ids: str, attributes: str = "", inside: str = "") -> Diagram:
    bounds = '<dc:Bounds x="0" y="0" width="9" height="9"/>'
    shapes = "".join(f'<di:BPMNShape bpmnElement="{id}" {attributes}>{bounds}</di:BPMNShape>' for id in ids)
    points = '<d:waypoint x="0" y="0"/><d:waypoint x="9" y="0"/>'
    plane = f'<di:BPMNDiagram><di:BPMNPlane bpmnElement="p">{shapes}{{}}</di:BPMNPlane></di:BPMNDiagram>'
    edge = f'<di:BPMNEdge bpmnElement="s-e">{points}</di:BPMNEdge>'
    return drawn(ENDS + inside, file=DI, roots=plane.format(edge))


def test_the_drawing_shows_what_is_there_and_all_that_is_executed() -> None:
    assert warned(shown("s", "e")) == []
    assert warned(shown("s", "e", "gone")) == [("drawing_dangling", "")]
    assert warned(shown("s")) == [("drawing_missing", "e")]
    assert warned(shown("s", "e", "s-e")) == [("drawing_dangling", "")]


def test_what_is_folded_up_need_not_be_drawn() -> None:
    inside = '<subProcess id="sub"><startEvent id="i"/></subProcess>' + flow("s", "sub")
    assert ("drawing_missing", "i") in warned(shown("s", "e", "sub", inside=inside))
    assert ("drawing_missing", "i") not in warned(
        shown("s", "e", "sub", inside=inside, attributes='isExpanded="false"')
    )


def test_a_task_without_anything_else_needs_no_word() -> None:
    assert (refused(around(task())), warned(around(task()))) == ([], [])
