"""Inclusive and complex gateways, quantities, standstills inside sub-processes."""

from __future__ import annotations

import pytest
from engine.drawing import el, line, process, python
from engine.executing import Drive, nothing

from runner.bpmn.diagram import Process

pytestmark = pytest.mark.parametrize("restoring", [False, True])


def inclusive() -> Process:
    elements = [
        el("s", "startEvent"),
        el("split", "inclusiveGateway"),
        *(el(id, "serviceTask") for id in "abc"),
        el("join", "inclusiveGateway"),
        el("z", "serviceTask"),
    ]
    arrows = [("s", "split"), ("split", "a", "n > 0"), ("split", "b", "n > 1"), ("split", "c", "default")]
    return process(elements, [*arrows, *((id, "join") for id in "abc"), ("join", "z")])


@pytest.mark.parametrize(("n", "ways"), [(0, ["c"]), (1, ["a"]), (2, ["a", "b"])])
def test_an_inclusive_gateway_goes_every_way_that_holds_and_joins_them_once(
    n: int, ways: list[str], restoring: bool
) -> None:
    drive = Drive(inclusive(), nothing, restoring=restoring).run({"n": n})

    assert drive.called == [*ways, "z"] and drive.completed


def test_an_inclusive_join_waits_for_a_token_that_can_come_by_a_boundary_event(restoring: bool) -> None:
    from engine.drawing import event

    elements = [
        el("s", "startEvent"),
        el("split", "parallelGateway"),
        el("a", "serviceTask"),
        el("b", "serviceTask"),
        el("caught", "boundaryEvent", attached_to="b", events=(event("error"),)),
        el("end_b", "endEvent"),
        el("join", "inclusiveGateway"),
        el("z", "serviceTask"),
    ]
    arrows = [("s", "split"), ("split", "a"), ("split", "b"), ("b", "end_b"), ("a", "join"), ("caught", "join")]
    drive = Drive(process(elements, [*arrows, ("join", "z")]), nothing, restoring=restoring).start()
    drive.answer_at("a")
    assert [element for _, element in drive.open] == ["b"]
    drive.throw_at("b", "BAD")

    assert [element for _, element in drive.open] == ["z"]


def test_an_inclusive_join_in_a_loop_fires_each_round(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("join", "inclusiveGateway"),
        el("a", "serviceTask"),
        el("more", "exclusiveGateway"),
        el("z", "serviceTask"),
    ]
    arrows = [("s", "join"), ("join", "a"), ("a", "more"), ("more", "join", "n < 3"), ("more", "z", "default")]
    count = lambda element, v: {"n": v["n"] + 1} if element == "a" else {}  # noqa: E731
    drive = Drive(process(elements, arrows), count, restoring=restoring).run({"n": 0})

    assert drive.called == ["a", "a", "a", "z"]


def complex_join(condition: str) -> Process:
    elements = [
        el("s", "startEvent"),
        el("split", "parallelGateway"),
        *(el(id, "serviceTask") for id in "abc"),
        el("join", "complexGateway", activation=python(condition)),
        el("z", "serviceTask"),
    ]
    ways = [(("split", id), (id, "join")) for id in "abc"]
    return process(elements, [("s", "split"), *(arrow for way in ways for arrow in way), ("join", "z")])


def test_a_complex_gateway_fires_when_enough_have_come_and_takes_the_late_ones_away(restoring: bool) -> None:
    drive = Drive(complex_join("activationCount >= 2"), nothing, restoring=restoring).start()
    drive.answer_at("a")
    assert sorted(element for _, element in drive.open) == ["b", "c"]
    drive.answer_at("b")
    assert sorted(element for _, element in drive.open) == ["c", "z"]
    drive.run_on()

    assert drive.called.count("z") == 1
    assert drive.completed and drive.incidents == []


def test_an_activity_with_a_start_quantity_waits_for_so_many_tokens(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("a", "serviceTask", completion_quantity=3),
        el("b", "serviceTask", start_quantity=3),
    ]
    drive = Drive(process(elements, line("s", "a", "b")), nothing, restoring=restoring).run()

    assert drive.called == ["a", "b"] and drive.completed


@pytest.mark.parametrize("type", ["exclusiveGateway", "parallelGateway", "inclusiveGateway"])
def test_a_gateway_with_quantities_needs_and_gives_so_many_tokens(type: str, restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("a", "serviceTask", completion_quantity=2),
        el("g", type, start_quantity=2, completion_quantity=3),
        el("b", "serviceTask"),
    ]
    drive = Drive(process(elements, line("s", "a", "g", "b")), nothing, restoring=restoring).run()

    assert drive.called == ["a", "b", "b", "b"] and drive.completed


def test_a_join_inside_a_sub_process_that_cannot_be_met_is_an_incident_there(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("sub", "subProcess"),
        el("si", "startEvent", parent="sub"),
        el("fork", "exclusiveGateway", parent="sub"),
        el("a", "task", parent="sub"),
        el("b", "task", parent="sub"),
        el("join", "parallelGateway", parent="sub"),
    ]
    arrows = [
        ("s", "sub"),
        ("si", "fork"),
        ("fork", "a", "True"),
        ("fork", "b", "default"),
        ("a", "join"),
        ("b", "join"),
    ]
    drive = Drive(process(elements, arrows), nothing, restoring=restoring).start()

    assert [(element, kind) for _, element, kind in drive.incidents] == [("join", "stalled")]
    assert not drive.completed


def test_the_last_token_of_a_sub_process_that_comes_late_to_a_complex_gateway_ends_it(restoring: bool) -> None:
    elements = [
        el("sub", "subProcess"),
        *(el(id, "serviceTask", parent="sub") for id in "ab"),
        el("join", "complexGateway", parent="sub", activation=python("activationCount > 0")),
        el("z", "serviceTask"),
    ]
    drive = Drive(process(elements, [("sub", "z"), ("a", "join"), ("b", "join")]), nothing, restoring=restoring).start()
    drive.answer_at("a")
    drive.answer_at("b")
    assert [element for _, element in drive.open] == ["z"]


def test_an_activation_condition_is_looked_at_with_every_token(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        *(el("fork", "parallelGateway"), el("a", "task"), el("b", "task")),
        el("j", "complexGateway", activation=python("activationCount == 1")),
        el("z", "serviceTask"),
    ]
    drawn = process(elements, [*line("s", "fork", "a", "j", "z"), ("fork", "b"), ("b", "j")])
    drive = Drive(drawn, nothing, restoring=restoring).run()
    assert drive.called == ["z"] and drive.completed and drive.incidents == []
