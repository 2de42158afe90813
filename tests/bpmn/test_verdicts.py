"""Nothing in a diagram is silently ignored: each element is executed, documentation, or refused in words."""

from __future__ import annotations

import pytest
from bpmn.drawn import around, drawn, findings, flow, it, refused, task, warned

from runner.bpmn.read import read_diagram
from runner.bpmn.verdicts import ELEMENTS, EVENT_TAGS, EVENTS, Outcome, verdict_of
from runner.engine.elements import SPECS

EXECUTED = {
    *(("serviceTask", ""), ("task", ""), ("manualTask", ""), ("exclusiveGateway", ""), ("parallelGateway", "")),
    *(("startEvent", "none"), ("endEvent", "none"), ("intermediateThrowEvent", "none")),
    *(("endEvent", "terminate"), ("endEvent", "error"), ("boundaryEvent", "error")),
}
ALL = [(tag, "") for tag in ELEMENTS] + [(tag, kind) for tag in EVENT_TAGS for kind in EVENTS]


def element(tag: str, kind: str) -> str:
    count = {"none": 0, "": 0, "multiple": 2}.get(kind, 1)
    inner = f"<{'timer' if kind == 'multiple' else kind}EventDefinition/>" * count
    return f'<{tag} id="it">{inner}</{tag}>'


@pytest.mark.parametrize(("tag", "kind"), ALL)
def test_each_element_is_executed_or_refused_with_its_id_and_line(tag: str, kind: str) -> None:
    diagram = drawn(f'<startEvent id="s"/>\n{element(tag, kind)}')
    said = [each for each in findings(diagram, "refused") if each.code == "element_refused"]
    if (tag, kind) in EXECUTED:
        assert said == []
    else:
        assert [(each.element_id, each.line) for each in said] == [("it", 2)]
        assert said[0].message.startswith("Expected") and said[0].message.endswith(".")


@pytest.mark.parametrize("tag", sorted({tag for tag, _ in EXECUTED}))
def test_what_is_called_executed_the_engine_has_a_class_for(tag: str) -> None:
    assert tag in SPECS


def test_unknown_kind_of_event_is_refused() -> None:
    diagram = drawn('<startEvent id="s"/><endEvent id="it"><laserEventDefinition/></endEvent>')
    assert verdict_of(it(diagram)).outcome is Outcome.REFUSED


def test_unknown_element_in_a_process_is_refused() -> None:
    assert ("element_unknown", "it") in refused(drawn('<startEvent id="s"/><servceTask id="it"/>'))


@pytest.mark.parametrize("marker", ["multiInstanceLoopCharacteristics", "standardLoopCharacteristics"])
def test_loop_markers_are_refused(marker: str) -> None:
    assert refused(around(f'<serviceTask id="it"><{marker}/></serviceTask>')) == [("element_refused", "it")]


@pytest.mark.parametrize("attribute", ['isForCompensation="true"', 'startQuantity="2"', 'completionQuantity="3"'])
def test_attributes_that_change_the_course_are_refused(attribute: str) -> None:
    assert refused(around(task(attributes=attribute))) == [("element_refused", "it")]


@pytest.mark.parametrize("attribute", ['isForCompensation="false"', 'startQuantity="1"', 'gatewayDirection="Mixed"'])
def test_attributes_with_their_usual_values_need_no_word(attribute: str) -> None:
    assert findings(around(task(attributes=attribute)), "refused") == []


def test_attribute_without_its_vendor_prefix_is_a_warning() -> None:
    assert warned(around(task(attributes='topic="pay"'))) == [("attribute_unknown", "it")]


def test_tasks_that_do_nothing_are_noted() -> None:
    (note,) = findings(around('<manualTask id="it" name="Sign"/>'), "note")
    assert note.code == "passes_through" and "'Sign' is a manual task" in note.message


def test_drawn_documentation_is_accepted_and_lanes_are_noted() -> None:
    extra = (
        '<laneSet id="l"><lane id="a"><flowNodeRef>it</flowNodeRef></lane></laneSet><dataObject id="o"/>'
        '<dataObjectReference id="r" dataObjectRef="o"/><dataStoreReference id="q"/><textAnnotation id="t"/>'
        '<association id="c" sourceRef="it" targetRef="t"/><group id="g"/>'
    )
    diagram = around(task() + extra)
    assert refused(diagram) == []
    assert [each.message for each in findings(diagram, "note")] == [
        "A lane: it says who is responsible, but decides nothing."
    ]


def test_refused_sub_process_speaks_for_what_is_in_it() -> None:
    inside = '<startEvent id="x"/><userTask id="y"/>' + flow("x", "y", "broken (", id="z")
    diagram = around(f'<subProcess id="it">{inside}</subProcess>')
    assert refused(diagram) == [("element_refused", "it")]
    assert diagram.processes[0].elements["y"].parent == "it"


def test_refused_element_is_not_blamed_for_its_details() -> None:
    assert refused(around(task('<zeebe:taskDefinition type=""/>', tag="userTask"))) == [("element_refused", "it")]


def test_extension_that_must_be_understood_is_refused() -> None:
    diagram = around(task(), roots='<extension mustUnderstand="true" definition="x:y"/>')
    assert [code for code, _ in refused(diagram)] == ["extension_unknown"]


def test_process_that_is_not_executable_is_documentation() -> None:
    documented = '<process id="q"><userTask id="u" runner:x="y"/></process>'
    diagram = around(task(), roots=documented)
    assert refused(diagram) == []
    assert [each.code for each in findings(diagram, "note")] == ["not_executable"]


@pytest.mark.parametrize("attribute", ["", 'isExecutable="false"'])
def test_no_executable_process_is_refused_naming_those_there_are(attribute: str) -> None:
    (finding,) = findings(drawn('<userTask id="u"/>', process=f'id="shop" {attribute}'), "refused")
    assert finding.code == "no_executable_process"
    assert "'shop'" in finding.message and 'isExecutable="true"' in finding.message


def test_file_without_a_process_is_refused() -> None:
    xml = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    assert [code for code, _ in refused(read_diagram(xml, source="x"))] == ["no_process"]
