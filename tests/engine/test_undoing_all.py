"""Compensate and cancel: a person undoes a whole instance, newest first, and then it is over."""

from __future__ import annotations

import pytest
from engine.drawing import el, event, line, message, process
from engine.executing import Drive, nothing
from engine.test_compensation import undone

from runner.bpmn.diagram import Process
from runner.errors import Conflict

pytestmark = pytest.mark.parametrize("restoring", [False, True])


def three() -> Process:
    elements = [el("s", "startEvent"), *undone("a"), *undone("b"), el("c", "serviceTask"), el("e", "endEvent")]
    return process(elements, line("s", "a", "b", "c", "e"))


def begun(drawn: Process, *answered: str, restoring: bool) -> Drive:
    drive = Drive(drawn, nothing, restoring=restoring).start()
    for element in answered:
        drive.answer_at(element)
    return drive


def test_all_is_undone_newest_first_and_then_the_instance_is_terminated(restoring: bool) -> None:
    drive = begun(three(), "a", "b", restoring=restoring)

    drive.take(drive.execution.compensate())
    drive.run_on()

    assert drive.called == ["a", "b", "unb", "una"]
    assert drive.completed and drive.happenings[-1] == ("p", "terminated")
    assert drive.events("canceled") == ["c"]


def test_with_nothing_to_undo_the_instance_is_terminated_at_once(restoring: bool) -> None:
    drive = begun(three(), restoring=restoring)

    drive.take(drive.execution.compensate())

    assert drive.completed and drive.state["tokens"] == {}


def test_what_has_completed_inside_a_sub_process_that_still_runs_is_undone_in_its_turn(restoring: bool) -> None:
    inside = [el("si", "startEvent", parent="sub"), *undone("b", parent="sub"), el("c", "serviceTask", parent="sub")]
    drawn = process(
        [el("s", "startEvent"), *undone("a"), el("sub", "subProcess"), *inside],
        [*line("s", "a", "sub"), *line("si", "b", "c")],
    )
    drive = begun(drawn, "a", "b", restoring=restoring)

    drive.take(drive.execution.compensate())
    drive.run_on()

    assert drive.called == ["a", "b", "unb", "una"] and drive.completed


def test_a_compensation_that_was_going_on_is_finished_by_it(restoring: bool) -> None:
    throw = el("undo", "intermediateThrowEvent", events=(event("compensate"),))
    drawn = process([el("s", "startEvent"), *undone("a"), *undone("b"), throw], line("s", "a", "b", "undo"))
    drive = begun(drawn, "a", "b", "unb", restoring=restoring)

    drive.take(drive.execution.compensate())
    drive.run_on()

    assert drive.called == ["a", "b", "unb", "una"] and drive.completed


def test_nothing_else_begins_any_more(restoring: bool) -> None:
    esp = [
        el("esp", "subProcess", event_subprocess=True),
        el("es", "startEvent", parent="esp", events=(message(),)),
        el("never", "serviceTask", parent="esp"),
    ]
    elements = [el("s", "startEvent"), *undone("a"), el("b", "serviceTask"), *esp]
    drive = begun(process(elements, [*line("s", "a", "b"), ("es", "never")]), "a", restoring=restoring)
    assert drive.waiting() == ["es"]

    drive.take(drive.execution.compensate())

    assert drive.waiting() == [] and [element for _, element in drive.open] == ["una"]


def test_it_is_asked_for_once(restoring: bool) -> None:
    drive = begun(three(), "a", restoring=restoring)
    drive.take(drive.execution.compensate())

    with pytest.raises(Conflict, match="being compensated"):
        drive.execution.compensate()
