"""Nothing in a diagram is silently ignored: each element is executed, documentation, or refused in words."""

from __future__ import annotations

from typing import cast

import pytest
from bpmn.drawn import around, drawn, findings, flow, it, refused, task, warned

from runner.bpmn.diagram import Element, EventDefinition
from runner.bpmn.read import read_diagram
from runner.bpmn.verdicts import ELEMENTS, EVENTS, FEATURES, PLACES, Outcome, Verdict, is_executed, verdicts_of
from runner.engine.elements import SPECS

# BPMN 2.0.2 §10.5, tables 10.84 to 10.93: S start, s of an event sub-process, c catch, b boundary, t throw, e end.
LETTERS = dict(
    zip(
        "S0scbte",
        (
            "startEvent",
            "subProcessStart",
            "eventSubProcessStart",
            "intermediateCatchEvent",
            "boundaryEvent",
            "intermediateThrowEvent",
            "endEvent",
        ),
        strict=True,
    )
)
ALLOWED = {
    "none": "S0te",
    "message": "Sscbte",
    "timer": "Sscb",
    "signal": "Sscbte",
    "conditional": "Sscb",
    "error": "sbe",
    "escalation": "sbte",
    "compensate": "sbte",
    "cancel": "be",
    "terminate": "e",
    "link": "ct",
    "multiple": "Sscbte",
}


def event(place: str, kind: str) -> tuple[Element, Element | None]:
    """Give an event at a place, and the sub-process it lies in."""
    kinds = {"none": (), "multiple": ("message", "signal")}.get(kind, (kind,))
    inside = place.endswith("Start")
    parent = Element("sub", "subProcess", "", 1, "p", event_subprocess=place == "eventSubProcessStart")
    tag = "startEvent" if inside else place
    return Element("it", tag, "", 2, "p", events=tuple(map(EventDefinition, kinds))), parent if inside else None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", EVENTS)
def test_event_is_legal_where_the_standard_allows_its_kind_and_nowhere_else(kind: str, place: str) -> None:
    (verdict,) = verdicts_of(*event(place, kind))
    assert verdict.legal == (place in {LETTERS[letter] for letter in ALLOWED[kind]})
    assert (verdict.outcome is not Outcome.REFUSED) == (place in EVENTS[kind].executed_at)


@pytest.mark.parametrize("kind", EVENTS)
def test_event_is_executed_only_where_it_is_allowed_and_the_engine_has_a_class(kind: str) -> None:
    assert EVENTS[kind].executed_at <= EVENTS[kind].allowed_at
    assert {"startEvent" if place.endswith("Start") else place for place in EVENTS[kind].executed_at} <= set(SPECS)


@pytest.mark.parametrize("tag", ELEMENTS)
def test_what_is_called_executed_the_engine_has_a_class_for(tag: str) -> None:
    assert (ELEMENTS[tag].outcome is Outcome.EXECUTED) == (tag in SPECS)


def test_misplaced_event_is_refused_with_the_places_where_it_may_stand() -> None:
    end = '<startEvent id="s"/><endEvent id="it"><timerEventDefinition/></endEvent>'
    (finding,) = findings(drawn(end + flow("s", "it")), "refused")
    assert (finding.code, finding.element_id) == ("event_misplaced", "it")
    assert "an event with a timer as a start event or" in finding.message


def test_one_of_several_triggers_that_may_not_stand_there_is_refused() -> None:
    both = "<messageEventDefinition/><terminateEventDefinition/>"
    diagram = drawn(f'<startEvent id="s"/><endEvent id="it">{both}</endEvent>' + flow("s", "it"))
    assert ("event_misplaced", "it") not in refused(diagram)
    caught = f'<intermediateCatchEvent id="it">{both}</intermediateCatchEvent>'
    assert ("event_misplaced", "it") in refused(around(caught))


@pytest.mark.parametrize("row", [*ELEMENTS.values(), *FEATURES.values()])
def test_each_row_that_is_refused_says_what_to_do(row: object) -> None:
    assert getattr(row, "outcome", None) is not Outcome.REFUSED or str(getattr(row, "advice", "")).endswith(".")


def test_unknown_kind_of_event_is_refused() -> None:
    diagram = drawn('<startEvent id="s"/><endEvent id="it"><laserEventDefinition/></endEvent>')
    assert not is_executed(it(diagram), None)


def test_unknown_element_in_a_process_is_refused() -> None:
    assert ("element_unknown", "it") in refused(drawn('<startEvent id="s"/><servceTask id="it"/>'))


@pytest.mark.parametrize(
    "attribute", ['isForCompensation="false"', 'startQuantity="1"', 'gatewayDirection="Unspecified"']
)
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
        "A lane: it is the candidate group of the user tasks in it, and decides nothing else."
    ]


@pytest.fixture
def no_quantities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse a feature, as a version would that does not execute it yet: today none is."""
    row = Verdict(Outcome.REFUSED, "an activity that needs several tokens", "Draw a loop.")
    monkeypatch.setitem(cast("dict[str, Verdict]", FEATURES), "quantity", row)


@pytest.mark.usefixtures("no_quantities")
def test_refused_sub_process_speaks_for_what_is_in_it() -> None:
    inside = '<startEvent id="x"/><receiveTask id="y"/>' + flow("x", "y", "broken (", id="z")
    diagram = around(f'<subProcess id="it" startQuantity="2">{inside}</subProcess>')
    assert refused(diagram) == [("element_refused", "it")]
    assert diagram.processes[0].elements["y"].parent == "it"


@pytest.mark.usefixtures("no_quantities")
def test_refused_element_is_not_blamed_for_its_details() -> None:
    diagram = around(task(attributes='startQuantity="2" runner:timeout="soon"'))
    assert refused(diagram) == [("element_refused", "it")]


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
