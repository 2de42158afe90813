"""How a process must hang together before it is deployed."""

from __future__ import annotations

import pytest
from bpmn.drawn import around, codes, drawn, findings, flow, refused, task, warned

from runner.bpmn.diagram import Diagram

ENDS = '<startEvent id="s"/><endEvent id="e"/>'
CODED = '<error id="err" errorCode="E1"/>'


def gateway(tag: str, *flows: str, attributes: str = "") -> Diagram:
    arrows = "".join(flows)
    tasks = '<task id="a"/><task id="b"/>' + flow("a", "e") + flow("b", "e")
    return drawn(f'{ENDS}<{tag} id="g" {attributes}/>{tasks}{flow("s", "g")}{arrows}')


def boundary(inside: str = "<errorEventDefinition/>", host: str = "it", attributes: str = "", id: str = "b") -> str:
    return f'<boundaryEvent id="{id}" attachedToRef="{host}" {attributes}>{inside}</boundaryEvent>'


def test_duplicate_id_is_refused_naming_both_places() -> None:
    (finding,) = findings(around(task() + '\n<textAnnotation id="it"/>'), "refused")
    assert finding.code == "duplicate_id"
    assert "'it' is the id of <serviceTask> in line 1 and of <textAnnotation> here" in finding.message
    assert finding.line == 2


def test_two_processes_with_one_id_are_refused() -> None:
    assert refused(drawn(ENDS + flow("s", "e"), roots='<process id="p"/>')) == [("duplicate_id", "p")]


def test_element_without_an_id_is_refused() -> None:
    assert refused(drawn(ENDS + flow("s", "e") + '<task name="x"/>')) == [("id_missing", "p")]


def test_flows_without_an_id_are_taken_and_told_apart() -> None:
    nameless = '<sequenceFlow sourceRef="s" targetRef="t"/>'
    diagram = drawn(f'{ENDS}<task id="t"/>{nameless}{nameless}' + flow("t", "e", id="s_to_t"))
    assert refused(diagram) == []
    assert sorted(diagram.processes[0].flows) == ["s_to_t", "s_to_t_2", "s_to_t_3"]


@pytest.mark.parametrize(("source", "target"), [("s", "gone"), ("gone", "e")])
def test_flow_to_or_from_nowhere_is_refused(source: str, target: str) -> None:
    diagram = drawn(ENDS + flow("s", "e") + flow(source, target, id="f"))
    assert refused(diagram) == [("reference_dangling", "f")]


def test_flow_into_another_process_is_refused() -> None:
    other = '<process id="q" isExecutable="true"><startEvent id="t"/></process>'
    assert refused(drawn(ENDS + flow("s", "e") + flow("s", "t", id="f"), roots=other)) == [("flow_crosses_border", "f")]


def test_flow_across_the_border_of_a_sub_process_is_refused() -> None:
    diagram = around('<subProcess id="it"><task id="in"/></subProcess>' + flow("s", "in", id="f"))
    assert ("flow_crosses_border", "f") in refused(diagram)


def test_flow_into_a_start_and_out_of_an_end_is_refused() -> None:
    diagram = drawn(ENDS + flow("s", "e") + flow("e", "s", id="f"))
    assert refused(diagram) == [("flow_misplaced", "f"), ("flow_misplaced", "f")]


def test_exclusive_gateway_with_several_unconditional_flows_is_refused() -> None:
    assert refused(gateway("exclusiveGateway", flow("g", "a"), flow("g", "b"))) == [("condition_missing", "g")]


def test_only_unconditional_flow_of_an_exclusive_gateway_is_taken_as_its_default() -> None:
    diagram = gateway("exclusiveGateway", flow("g", "a"), flow("g", "e", "n > 1"), flow("g", "b", "n > 2"))
    assert diagram.processes[0].elements["g"].default_flow == "g-a"
    assert (refused(diagram), warned(diagram)) == ([], [("default_assumed", "g")])


def test_condition_on_a_default_flow_is_refused() -> None:
    flows = (flow("g", "a", "n > 1"), flow("g", "b", "n > 2"))
    assert refused(gateway("exclusiveGateway", *flows, attributes='default="g-a"')) == [
        ("default_with_condition", "g-a")
    ]


def test_default_that_does_not_leave_the_gateway_is_refused() -> None:
    flows = (flow("g", "a", "n > 1"), flow("g", "b", "n > 2"))
    assert refused(gateway("exclusiveGateway", *flows, attributes='default="s-g"')) == [("default_misplaced", "g")]


def test_a_condition_on_the_only_flow_out_of_a_task_is_refused() -> None:
    diagram = drawn(ENDS + '<task id="a"/>' + flow("s", "a") + flow("a", "e", "n > 1"))
    assert refused(diagram) == [("condition_alone", "a-e")]


def test_a_condition_after_an_event_is_refused() -> None:
    diagram = drawn(ENDS + '<task id="a"/>' + flow("s", "a", "n > 1") + flow("s", "e"))
    assert refused(diagram) == [("condition_ignored", "s-a")]


def test_a_start_event_and_a_boundary_event_lead_somewhere() -> None:
    assert codes(drawn('<startEvent id="s"/>')) == {("flow_missing", "s")}
    assert ("flow_missing", "b") in codes(around(task() + boundary()))
    assert ("flow_missing", "b") not in codes(around(task() + boundary() + flow("b", "e")))


@pytest.mark.parametrize(
    ("direction", "blamed"), [("Diverging", False), ("Converging", True), ("Mixed", True), ("Unspecified", False)]
)
def test_the_direction_of_a_gateway_is_that_of_its_flows(direction: str, blamed: bool) -> None:
    diagram = gateway("parallelGateway", flow("g", "a"), flow("g", "b"), attributes=f'gatewayDirection="{direction}"')
    assert (("gateway_direction", "g") in refused(diagram)) == blamed


def test_a_flow_out_of_an_inclusive_gateway_that_is_always_taken_is_a_warning() -> None:
    diagram = gateway("inclusiveGateway", flow("g", "a", "n > 1"), flow("g", "b"))
    assert (refused(diagram), warned(diagram)) == ([], [("condition_absent", "g-b")])


def test_conditions_and_several_flows_out_of_a_task_are_accepted() -> None:
    extra = '<endEvent id="f"/>' + flow("it", "f", "n > 1")
    assert refused(around(task() + extra)) == []


def test_condition_that_does_not_compile_is_refused_with_its_text() -> None:
    (finding,) = findings(around(task() + flow("it", "e", "n <", id="c")), "refused")
    assert (finding.code, finding.element_id) == ("expression_invalid", "c")
    assert "`n <`" in finding.message and "\n" not in finding.message


def test_error_boundary_event_on_a_service_task_is_accepted() -> None:
    event = boundary('<errorEventDefinition errorRef="err"/>') + flow("b", "e")
    assert refused(around(task() + event, roots=CODED)) == []


@pytest.mark.parametrize(("host", "code"), [("gone", "reference_dangling"), ("s", "reference_wrong_kind")])
def test_boundary_event_needs_an_activity(host: str, code: str) -> None:
    assert refused(around(task() + boundary(host=host))) == [(code, "b")]


def test_boundary_event_stands_beside_its_activity() -> None:
    inner = '<subProcess id="sub"><startEvent id="i"/><task id="in"/>' + flow("i", "in") + "</subProcess>"
    assert ("boundary_misplaced", "b") in refused(around(task() + inner + flow("it", "sub") + boundary(host="in")))


def test_reference_to_an_error_that_is_not_there_is_refused() -> None:
    event = boundary('<errorEventDefinition errorRef="none"/>')
    assert refused(around(task() + event)) == [("reference_dangling", "b")]
    assert refused(around(task() + event, roots='<message id="none"/>')) == [("reference_wrong_kind", "b")]


def test_non_interrupting_error_boundary_event_is_refused() -> None:
    event = boundary(attributes='cancelActivity="false"')
    assert refused(around(task() + event)) == [("error_not_interrupting", "b")]


def test_same_error_caught_twice_on_one_task_is_refused() -> None:
    assert refused(around(task() + boundary() + boundary(id="c"))) == [("error_caught_twice", "c")]


def test_error_boundary_event_that_never_fires_is_a_warning() -> None:
    diagram = around('<task id="it"/>' + boundary() + flow("b", "e"))
    assert warned(diagram) == [("never_fires", "b")]


def test_error_end_event_needs_a_code_and_warns_that_nothing_catches_it() -> None:
    end = '<endEvent id="it"><errorEventDefinition {}/></endEvent>'
    assert refused(drawn('<startEvent id="s"/>' + end.format("") + flow("s", "it"))) == [("error_code_missing", "it")]
    coded = drawn('<startEvent id="s"/>' + end.format('errorRef="err"') + flow("s", "it"), roots=CODED)
    assert (refused(coded), warned(coded)) == ([], [("error_uncaught", "it")])


def test_element_that_no_flow_leads_to_is_refused_and_what_follows_it_is_not_blamed() -> None:
    lost = '<task id="after"/><task id="lost"/>' + flow("lost", "after")
    assert refused(around(task() + lost)) == [("unreachable", "lost")]


def test_elements_that_only_lead_to_each_other_are_refused_once() -> None:
    lost = '<task id="a"/><task id="b"/>' + flow("a", "b") + flow("b", "a")
    assert refused(around(task() + lost)) == [("unreachable", "a")]


def test_what_follows_a_boundary_event_is_reached() -> None:
    assert warned(around(task() + boundary() + '<task id="undo"/>' + flow("b", "undo"))) == []


def test_findings_are_sorted_by_line() -> None:
    diagram = around('\n<receiveTask id="it"/>\n\n<receiveTask id="z"/>\n<callActivity id="a"/>')
    assert [each.line for each in findings(diagram, "refused")] == [2, 4, 4, 5, 5]


@pytest.mark.parametrize("tag", ["parallelGateway", "eventBasedGateway"])
def test_condition_where_none_is_looked_at_is_refused(tag: str) -> None:
    assert ("condition_ignored", "g-a") in refused(gateway(tag, flow("g", "a", "n > 1"), flow("g", "b")))


def test_complex_join_needs_an_activation_condition() -> None:
    inside = ENDS + flow("s", "g", id="f1") + flow("s", "g", id="f2") + flow("g", "e")
    assert refused(drawn(f'{inside}<complexGateway id="g"/>')) == [("activation_missing", "g")]
    condition = "<activationCondition>n &gt; 1</activationCondition>"
    assert refused(drawn(f'{inside}<complexGateway id="g">{condition}</complexGateway>')) == []


@pytest.mark.parametrize("id", ["p", "sub"])
def test_container_that_bears_an_id_around_it_is_refused_and_the_search_for_scopes_ends(id: str) -> None:
    thrown = '<errorEventDefinition errorRef="err"/>', "<cancelEventDefinition/>"
    ends = "".join(f'<endEvent id="e{number}">{each}</endEvent>' for number, each in enumerate(thrown))
    inner = f'<subProcess id="{id}"><startEvent id="i"/>{ends}</subProcess>'
    diagram = drawn(f'<startEvent id="s"/><subProcess id="sub"><startEvent id="t"/>{inner}</subProcess>', roots=CODED)
    assert ("duplicate_id", id) in refused(diagram)


def test_boundary_event_at_an_activity_of_another_process_is_refused() -> None:
    other = '<process id="q" isExecutable="true"><startEvent id="qs"/><task id="qt"/>' + flow("qs", "qt") + "</process>"
    diagram = drawn(ENDS + flow("s", "e") + boundary(host="qt"), roots=other)
    assert refused(diagram) == [("boundary_misplaced", "b")]
