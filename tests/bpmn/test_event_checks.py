"""What must hold for events before a file is deployed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bpmn.drawn import around, drawn, flow, refused, task, warned

from runner.bpmn.check import check_diagram
from runner.bpmn.diagram import Diagram

ROOTS = '<message id="m" name="M"/><signal id="sig" name="S"/><error id="err" errorCode="E1"/>'
MESSAGE = '<messageEventDefinition messageRef="m"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def catching(id: str, definition: str = MESSAGE) -> str:
    return f'<intermediateCatchEvent id="{id}">{definition}</intermediateCatchEvent>'


def attached(definition: str, *, host: str = "serviceTask", attributes: str = "") -> Diagram:
    event = f'<boundaryEvent id="b" attachedToRef="it" {attributes}>{definition}</boundaryEvent>'
    return around(f'<{host} id="it"/>{event}' + flow("b", "e", id="be"), roots=ROOTS)


@pytest.mark.parametrize("kind", ["message", "signal", "link"])
def test_event_that_names_nothing_to_wait_for_is_refused(kind: str) -> None:
    diagram = drawn(f'<startEvent id="s"/>{catching("it", f"<{kind}EventDefinition/>")}', roots=ROOTS)
    assert (f"{kind}_missing", "it") in refused(diagram)


def test_message_without_a_name_is_refused() -> None:
    assert refused(around(catching("it"), roots='<message id="m"/>')) == [("message_missing", "it")]


def test_receive_task_without_a_message_is_refused() -> None:
    assert refused(around('<receiveTask id="it"/>')) == [("message_missing", "it")]


@pytest.mark.parametrize("kind", ["error", "escalation"])
def test_thrown_code_must_be_named(kind: str) -> None:
    diagram = drawn(f'<startEvent id="s"/><endEvent id="it"><{kind}EventDefinition/></endEvent>' + flow("s", "it"))
    assert refused(diagram) == [(f"{kind}_code_missing", "it")]


@pytest.mark.parametrize("definition", [MESSAGE, TIMER, '<signalEventDefinition signalRef="sig"/>'])
def test_boundary_event_may_let_the_activity_go_on(definition: str) -> None:
    assert refused(attached(definition, attributes='cancelActivity="false"')) == []


def test_boundary_event_where_a_token_passes_at_once_never_fires() -> None:
    assert warned(attached(MESSAGE, host="manualTask")) == [("never_fires", "b")]


@pytest.mark.parametrize(("host", "codes"), [("transaction", []), ("subProcess", [("cancel_misplaced", "b")])])
def test_cancel_event_belongs_to_a_transaction(host: str, codes: list[tuple[str, str]]) -> None:
    assert refused(attached("<cancelEventDefinition/>", host=host)) == codes


@pytest.mark.parametrize(("outer", "codes"), [("transaction", []), ("subProcess", [("cancel_misplaced", "x")])])
def test_cancel_end_event_lies_in_a_transaction(outer: str, codes: list[tuple[str, str]]) -> None:
    inside = '<startEvent id="i"/><endEvent id="x"><cancelEventDefinition/></endEvent>' + flow("i", "x")
    assert refused(around(f'<{outer} id="it">{inside}</{outer}>')) == codes


def after_gateway(targets: str, *flows: str) -> Diagram:
    gateway = '<startEvent id="s"/><eventBasedGateway id="g"/>' + flow("s", "g")
    later = catching("later", TIMER) + flow("g", "later")
    return drawn(gateway + targets + "".join(flows) + later, roots=ROOTS)


def test_events_and_receive_tasks_may_follow_an_event_based_gateway() -> None:
    for other in (catching("a"), '<receiveTask id="a" messageRef="m"/>'):
        assert refused(after_gateway(other, flow("g", "a"))) == []


def test_either_events_or_receive_tasks_wait_for_messages_after_an_event_based_gateway() -> None:
    both = catching("a") + '<receiveTask id="b" messageRef="m"/>'
    assert refused(after_gateway(both, flow("g", "a"), flow("g", "b"))) == [("gateway_mixed", "g")]


def test_only_what_creates_an_instance_waits_for_all_of_its_events() -> None:
    inside = f"{catching('a')}{catching('b', TIMER)}" + flow("g", "a") + flow("g", "b")
    waiting = '<eventBasedGateway id="g" eventGatewayType="Parallel" {}/>'
    assert refused(drawn(waiting.format('instantiate="true"') + inside, roots=ROOTS)) == []
    before = '<startEvent id="s"/>' + flow("s", "g")
    assert refused(drawn(before + waiting.format("") + inside, roots=ROOTS)) == [("gateway_parallel_events", "g")]


@pytest.mark.parametrize(
    ("targets", "flows", "blamed"),
    [
        ('<serviceTask id="a"/>', [flow("g", "a")], "a"),
        (catching("a"), [flow("g", "a"), flow("s", "a")], "a"),
        (
            f'<receiveTask id="a" messageRef="m"/><boundaryEvent id="b" attachedToRef="a">{TIMER}</boundaryEvent>',
            [flow("g", "a")],
            "b",
        ),
    ],
)
def test_what_may_not_follow_an_event_based_gateway_is_refused(targets: str, flows: list[str], blamed: str) -> None:
    assert refused(after_gateway(targets, *flows)) == [("gateway_target", blamed)]


@pytest.mark.parametrize(("date", "found"), [("2020-01-01T00:00:00Z", ["timer_past"]), ("2040-01-01T00:00:00Z", [])])
def test_a_date_that_is_past_is_a_warning(date: str, found: list[str]) -> None:
    diagram = around(catching("it", f"<timerEventDefinition><timeDate>{date}</timeDate></timerEventDefinition>"))
    assert [each.code for each in check_diagram(diagram, None, now=datetime(2030, 1, 1, tzinfo=UTC))] == found
    assert check_diagram(diagram, None) == ()


def test_event_based_gateway_needs_two_events() -> None:
    assert refused(after_gateway("")) == [("gateway_without_events", "g")]


@pytest.mark.parametrize("kind", ["compensate", "cancel"])
def test_compensation_and_cancelling_are_caught_once_in_a_place(kind: str) -> None:
    event = f'<boundaryEvent id="{{}}" attachedToRef="it"><{kind}EventDefinition/></boundaryEvent>'
    diagram = around('<transaction id="it"/>' + event.format("b") + event.format("c"))
    assert (f"{kind}_caught_twice", "c") in refused(diagram)


def linked(thrown: str, caught: str) -> Diagram:
    nodes = (
        f'<startEvent id="s"/><intermediateThrowEvent id="t"><linkEventDefinition name="{thrown}"/>'
        "</intermediateThrowEvent>"
        f'{catching("c", f"<linkEventDefinition name={caught!r}/>")}<endEvent id="e"/>'
    )
    return drawn(nodes + flow("s", "t") + flow("c", "e"))


def test_link_leads_from_its_throw_to_its_catch() -> None:
    assert (refused(linked("A", "A")), warned(linked("A", "A"))) == ([], [])


def test_link_without_a_catch_or_without_a_throw_is_refused() -> None:
    assert refused(linked("A", "B")) == [("link_unpaired", "t"), ("link_unpaired", "c")]


def test_link_that_two_events_catch_is_refused() -> None:
    two = "".join(catching(id, '<linkEventDefinition name="A"/>') + flow(id, "e") for id in ("c", "d"))
    assert ("link_caught_twice", "d") in refused(drawn(f'<startEvent id="s"/><endEvent id="e"/>{two}' + flow("s", "e")))


def test_flow_out_of_a_throwing_link_and_into_a_catching_one_is_refused() -> None:
    diagram = drawn(
        '<startEvent id="s"/><intermediateThrowEvent id="t"><linkEventDefinition name="A"/></intermediateThrowEvent>'
        + catching("c", '<linkEventDefinition name="A"/>')
        + flow("s", "t")
        + flow("t", "c", id="wrong")
    )
    assert refused(diagram) == [("flow_misplaced", "wrong"), ("flow_misplaced", "wrong")]


def error_end(around_it: str) -> Diagram:
    inside = (
        '<startEvent id="i"/><endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>'
        + flow("i", "x")
        + around_it
    )
    return around(f'<subProcess id="it">{inside}</subProcess>', roots=ROOTS)


CATCHING = (
    '<subProcess id="ev" triggeredByEvent="true"><startEvent id="es"><errorEventDefinition errorRef="err"/>'
    "</startEvent>"
    "</subProcess>"
)


def test_error_that_nothing_around_it_catches_is_a_warning() -> None:
    assert warned(error_end("")) == [("error_uncaught", "x")]
    assert warned(error_end(CATCHING)) == []


def test_error_caught_at_the_border_of_a_scope_around_it_needs_no_warning() -> None:
    diagram = around(
        '<subProcess id="it"><startEvent id="i"/><endEvent id="x"><errorEventDefinition errorRef="err"/></endEvent>'
        + flow("i", "x")
        + '</subProcess><boundaryEvent id="b" attachedToRef="it"><errorEventDefinition/></boundaryEvent>'
        + flow("b", "e", id="be"),
        roots=ROOTS,
    )
    assert (refused(diagram), warned(diagram)) == ([], [])


def test_escalation_caught_twice_in_one_place_is_refused() -> None:
    events = "".join(
        f'<boundaryEvent id="{id}" attachedToRef="it"><escalationEventDefinition/></boundaryEvent>' for id in ("b", "c")
    )
    assert refused(around(task() + events)) == [("escalation_caught_twice", "c")]


def test_a_message_that_is_not_there_is_not_said_to_have_no_name() -> None:
    event = '<intermediateCatchEvent id="it"><messageEventDefinition messageRef="{}"/></intermediateCatchEvent>'
    assert refused(around(event.format("nowhere"))) == [("reference_dangling", "it")]
    assert refused(around(event.format("s"))) == [("reference_wrong_kind", "it")]
