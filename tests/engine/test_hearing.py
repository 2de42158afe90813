"""What happens at once: signals that an instance throws and hears itself, conditions between two elements, and events
that need several triggers."""

from __future__ import annotations

import pytest
from engine.drawing import condition, el, event, line, process, python
from engine.executing import Drive, nothing

from runner.bpmn.diagram import Element, Process, Repetition, Script

pytestmark = pytest.mark.parametrize("restoring", [False, True])
SIGNAL = event("signal", "news")


def around(inside: list[Element], *more: Element, first: str) -> Process:
    """Give a sub-process with elements in a line, on whose border `b` is, leading to `h`."""
    elements = [
        el("s", "startEvent"),
        el("sub", "subProcess"),
        *inside,
        *more,
        el("h", "serviceTask"),
        el("z", "serviceTask"),
    ]
    ids = [each.id for each in inside]
    return process(elements, [*line("s", "sub", "z"), *line(first, *ids[1:]), ("b", "h")])


def sets(id: str, text: str) -> Element:
    """Give a script task in the sub-process that sets `n`."""
    return el(id, "scriptTask", parent="sub", script=Script(python(text), "n"))


def border(host: str, *definitions: object, interrupting: bool = True, together: bool = False) -> Element:
    return el(
        "b", "boundaryEvent", attached_to=host, events=definitions, interrupting=interrupting, all_events=together
    )


@pytest.mark.parametrize("tag", ["intermediateThrowEvent", "endEvent"])
def test_a_signal_from_inside_interrupts_at_the_border_before_anything_else_moves(tag: str, restoring: bool) -> None:
    inside = [el("t", tag, parent="sub", events=(SIGNAL,)), *([el("a", "task", parent="sub")] * (tag != "endEvent"))]
    drive = Drive(around(inside, border("sub", SIGNAL), first="t"), nothing, restoring=restoring).run()
    assert drive.called == ["h"] and "a" not in drive.events("entered")
    assert [(each.name, len(each.told)) for each in drive.signals] == [("news", 1)]


def test_a_signal_starts_the_event_sub_process_beside_it(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("t", "intermediateThrowEvent", events=(SIGNAL,)),
        el("ev", "subProcess", event_subprocess=True),
        el("es", "startEvent", parent="ev", events=(SIGNAL,), interrupting=False),
        el("h", "serviceTask", parent="ev"),
        el("z", "serviceTask"),
    ]
    drive = Drive(process(elements, [*line("s", "t", "z"), ("es", "h")]), nothing, restoring=restoring).run()
    assert sorted(drive.called) == ["h", "z"] and drive.completed


def test_a_condition_happens_each_time_a_value_makes_it_true_on_the_way(restoring: bool) -> None:
    inside = [sets("up", "5"), sets("down", "0"), sets("again", "7"), sets("off", "0")]
    drawn = around(inside, border("sub", condition("n > 3"), interrupting=False), first="up")
    drive = Drive(drawn, nothing, restoring=restoring).run({"n": 0})
    assert drive.called.count("h") == 2 and drive.variables == {"n": 0}


def test_a_condition_interrupts_before_the_next_element(restoring: bool) -> None:
    inside = [sets("up", "5"), el("a", "serviceTask", parent="sub")]
    drive = Drive(around(inside, border("sub", condition("n > 3")), first="up"), nothing, restoring=restoring)
    assert drive.run({"n": 0}).called == ["h"]


def test_a_condition_that_the_last_element_fulfils_interrupts_the_sub_process(restoring: bool) -> None:
    drawn = around([el("a", "task", parent="sub"), sets("up", "5")], border("sub", condition("n > 3")), first="a")
    assert Drive(drawn, nothing, restoring=restoring).run({"n": 0}).called == ["h"]


@pytest.mark.parametrize(("behavior", "heard"), [("None", 3), ("One", 1), ("All", 0)])
@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_the_border_of_a_repetition_hears_what_its_runs_throw(
    kind: str, behavior: str, heard: int, restoring: bool
) -> None:
    thrown = () if behavior == "All" else ((None, SIGNAL),)
    rule = Repetition(kind, cardinality=python("3"), behavior=behavior, thrown=thrown)
    elements = [el("s", "startEvent"), el("a", "task", repetition=rule), border("a", SIGNAL, interrupting=False)]
    drawn = process([*elements, el("h", "serviceTask"), el("z", "serviceTask")], [*line("s", "a", "z"), ("b", "h")])
    assert sorted(Drive(drawn, nothing, restoring=restoring).run().called) == ["h"] * heard + ["z"]


TWO = (event("signal", "one"), event("signal", "two"))


def test_an_event_that_needs_two_triggers_and_interrupts_nothing_happens_again(restoring: bool) -> None:
    elements = [el("s", "startEvent"), el("u", "serviceTask"), border("u", *TWO, interrupting=False, together=True)]
    drive = Drive(process([*elements, el("h", "serviceTask")], [("s", "u"), ("b", "h")]), nothing, restoring=restoring)
    drive.start()
    for index in (0, 1, 1, 0):
        drive.happen("b", index=index)
    assert [element for _, element in drive.open] == ["u", "h", "h"]


@pytest.mark.parametrize("place", ["p", "sub"])
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_sub_process_can_need_two_triggers(place: str, interrupting: bool, restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("sub", "subProcess"),
        el("u", "serviceTask", parent="sub"),
        el("ev", "subProcess", parent=place, event_subprocess=True),
        el("es", "startEvent", parent="ev", events=TWO, all_events=True, interrupting=interrupting),
        el("h", "serviceTask", parent="ev"),
    ]
    drive = Drive(process(elements, [("s", "sub"), ("es", "h")]), nothing, restoring=restoring).start()
    drive.happen("es", {"one": 1}, index=0)
    assert [element for _, element in drive.open] == ["u"]
    drive.happen("es", {"two": 2}, index=1)
    assert [element for _, element in drive.open] == ["h"] if interrupting else ["u", "h"]
    assert drive.variables == {"one": 1, "two": 2}


def test_a_start_event_that_needs_two_triggers_waits_for_the_second(restoring: bool) -> None:
    elements = [el("s", "startEvent", events=TWO, all_events=True), el("z", "serviceTask")]
    drive = Drive(process(elements, line("s", "z")), nothing, restoring=restoring)
    drive.take(drive.execution.start({"a": 1}, event="s", index=1))
    assert [(wait.name, wait.index) for wait in drive.waits.values()] == [("one", 0)]
    drive.happen("s", {"b": 2})
    assert [element for _, element in drive.open] == ["z"] and drive.variables == {"a": 1, "b": 2}
