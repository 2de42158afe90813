"""Where processes and sub-processes begin, and what must hold for each kind of them and for compensation."""

from __future__ import annotations

import pytest
from bpmn.drawn import around, drawn, flow, refused, task, warned

from runner.bpmn.diagram import Diagram

ROOTS = '<message id="m" name="M"/>'
MESSAGE = '<messageEventDefinition messageRef="m"/>'


def test_process_may_begin_at_several_events() -> None:
    starts = f'<startEvent id="s"/><startEvent id="t">{MESSAGE}</startEvent><endEvent id="e"/>'
    assert refused(drawn(starts + flow("s", "e") + flow("t", "e"), roots=ROOTS)) == []


def test_process_without_a_start_event_begins_at_what_nothing_leads_to() -> None:
    diagram = drawn('<serviceTask id="a"/><serviceTask id="b"/><serviceTask id="c"/>' + flow("a", "b"))
    assert (refused(diagram), warned(diagram)) == ([], [])


@pytest.mark.parametrize("inside", ["", '<task id="a"/><task id="b"/>' + flow("a", "b") + flow("b", "a")])
def test_process_in_which_nothing_begins_is_refused(inside: str) -> None:
    assert refused(drawn(inside)) == [("start_missing", "p")]


def test_receive_task_may_create_the_instance() -> None:
    inside = '<receiveTask id="r" messageRef="m" instantiate="true"/><endEvent id="e"/>' + flow("r", "e")
    assert refused(drawn(inside, roots=ROOTS)) == []


def test_what_creates_the_instance_has_nothing_before_it() -> None:
    assert refused(around('<receiveTask id="it" messageRef="m" instantiate="true"/>', roots=ROOTS)) == [
        ("instantiating_misplaced", "it")
    ]


def sub(inside: str, attributes: str = "", tag: str = "subProcess") -> Diagram:
    return around(f'<{tag} id="it" {attributes}>{inside}</{tag}>', roots=ROOTS)


def test_sub_process_begins_at_one_start_event_or_without_any() -> None:
    assert refused(sub('<startEvent id="i"/><task id="a"/>' + flow("i", "a"))) == []
    assert refused(sub('<task id="a"/>')) == []
    assert refused(sub('<startEvent id="i"/><startEvent id="j"/>')) == [("start_repeated", "j")]
    assert refused(sub('<task id="a"/>' + flow("a", "a"))) == [("start_missing", "it")]


def test_sub_process_is_not_begun_by_an_event() -> None:
    assert refused(sub(f'<startEvent id="i">{MESSAGE}</startEvent>')) == [("event_misplaced", "i")]


def test_empty_sub_process_is_passed_and_that_is_a_warning() -> None:
    assert (refused(sub("")), warned(sub(""))) == ([], [("sub_process_empty", "it")])


def event_sub(starts: str, attributes: str = "") -> Diagram:
    inside = f'<subProcess id="ev" triggeredByEvent="true" {attributes}>{starts}</subProcess>'
    return drawn(f'<startEvent id="s"/><serviceTask id="a"/>{inside}' + flow("s", "a"), roots=ROOTS)


def test_event_sub_process_has_one_start_event_with_a_trigger() -> None:
    start = f'<startEvent id="i" isInterrupting="false">{MESSAGE}</startEvent>'
    assert (refused(event_sub(start)), warned(event_sub(start))) == ([], [])
    assert refused(event_sub("")) == [("event_sub_process_start", "ev")]
    assert refused(event_sub('<startEvent id="i"/>')) == [("event_misplaced", "i")]
    assert refused(event_sub(start + start.replace('"i"', '"j"'))) == [("event_sub_process_start", "ev")]


def test_error_always_interrupts_the_scope_of_its_event_sub_process() -> None:
    start = '<startEvent id="i" isInterrupting="false"><errorEventDefinition/></startEvent>'
    assert refused(event_sub(start)) == [("error_not_interrupting", "i")]


def test_flow_to_or_from_an_event_sub_process_is_refused() -> None:
    start = f'<startEvent id="i">{MESSAGE}</startEvent>'
    diagram = around(f'<subProcess id="it" triggeredByEvent="true">{start}</subProcess>', roots=ROOTS)
    assert refused(diagram) == [("flow_misplaced", "s-it"), ("flow_misplaced", "it-e")]


def test_event_on_the_border_of_an_event_sub_process_is_refused() -> None:
    boundary = f'<boundaryEvent id="b" attachedToRef="ev">{MESSAGE}</boundaryEvent>'
    start = f'<startEvent id="i">{MESSAGE}</startEvent>'
    inside = f'<subProcess id="ev" triggeredByEvent="true">{start}</subProcess>{boundary}'
    assert ("boundary_misplaced", "b") in refused(around(task() + inside, roots=ROOTS))


def test_ad_hoc_sub_process_has_activities_and_no_start_or_end() -> None:
    assert refused(sub('<task id="a"/>', tag="adHocSubProcess")) == []
    assert refused(sub("", tag="adHocSubProcess")) == [("ad_hoc_empty", "it")]
    assert refused(sub('<task id="a"/><endEvent id="x"/>' + flow("a", "x"), tag="adHocSubProcess")) == [
        ("event_misplaced", "x")
    ]


UNDO = '<boundaryEvent id="b" attachedToRef="it"><compensateEventDefinition/></boundaryEvent>'
HANDLER = '<serviceTask id="undo" isForCompensation="true"/>'
ASSOCIATION = '<association id="as" sourceRef="b" targetRef="undo"/>'


def test_compensation_event_is_associated_with_what_undoes() -> None:
    diagram = around(task() + UNDO + HANDLER + ASSOCIATION)
    assert diagram.processes[0].elements["b"].undone_by == "undo"
    assert (refused(diagram), warned(diagram)) == ([], [])


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        (UNDO + HANDLER, ("compensation_missing", "b")),
        (UNDO + ASSOCIATION + '<serviceTask id="undo"/>', ("compensation_unmarked", "undo")),
        (UNDO + HANDLER + ASSOCIATION + flow("b", "e", id="be"), ("flow_misplaced", "be")),
        (UNDO + HANDLER + ASSOCIATION + flow("undo", "e", id="ue"), ("flow_misplaced", "ue")),
    ],
)
def test_compensation_that_cannot_happen_is_refused(inside: str, found: tuple[str, str]) -> None:
    assert refused(around(task() + inside)) == [found]


def test_two_activities_that_undo_one_are_refused() -> None:
    other = '<serviceTask id="too" isForCompensation="true"/><association id="bs" sourceRef="b" targetRef="too"/>'
    assert ("compensation_ambiguous", "bs") in refused(around(task() + UNDO + HANDLER + ASSOCIATION + other))


def test_handler_that_undoes_nothing_is_a_warning() -> None:
    assert warned(around(task() + HANDLER)) == [("compensation_unused", "undo")]


@pytest.mark.parametrize(("named", "codes"), [("it", []), ("gone", [("reference_dangling", "t")])])
def test_thrown_compensation_names_an_activity(named: str, codes: list[tuple[str, str]]) -> None:
    throw = (
        f'<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="{named}"/></intermediateThrowEvent>'
    )
    assert refused(around(task() + throw + flow("it", "t", id="it-t"))) == codes


def test_what_lies_in_a_lost_sub_process_is_not_blamed_beside_it() -> None:
    lost = '<subProcess id="lost"><startEvent id="i"/><task id="a"/></subProcess>'
    assert refused(around(task() + lost)) == [("unreachable", "lost")]


def test_unreachable_element_inside_a_sub_process_is_found() -> None:
    assert refused(sub('<startEvent id="i"/><task id="a"/>')) == [("unreachable", "a")]
