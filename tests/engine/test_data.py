"""Data in plain BPMN: objects and properties are variables of what they belong to; associations move and compute."""

from __future__ import annotations

import pytest
from bpmn.drawn import drawn, flow
from engine.drawing import el, event, line, process, python
from engine.executing import Drive, nothing

from runner.bpmn.diagram import DataMove

pytestmark = pytest.mark.parametrize("restoring", [False, True])
ENDS = '<ioSpecification><dataInput id="i{0}" name="taken"/><dataOutput id="o{0}" name="given"/></ioSpecification>'
READ = "<dataInputAssociation><sourceRef>d</sourceRef><targetRef>i{0}</targetRef>{1}</dataInputAssociation>"
WRITE = "<dataOutputAssociation><sourceRef>o{0}</sourceRef><targetRef>d</targetRef>{2}</dataOutputAssociation>"


def moving(object: str, task: str, other: str = "", *, restoring: bool) -> Drive:
    """Give a process with a data object and service tasks `a` and `b` that read and write it, begun."""
    ends = ENDS + READ + WRITE
    tasks = [f'<serviceTask id="{id}">{ends.format(id, task, other)}</serviceTask>' for id in "ab"]
    xml = f'<startEvent id="s"/>{object}{"".join(tasks)}{flow("s", "a")}{flow("a", "b")}'
    return Drive(drawn(xml).processes[0], nothing, restoring=restoring)


def test_a_data_object_goes_from_task_to_task_and_nothing_else_leaves(restoring: bool) -> None:
    drive = moving('<dataObject id="d" name="d"/>', "", restoring=restoring).start({"d": 1})
    assert drive.execution.variables_at(drive.open[0][0])["taken"] == 1
    drive.answer_at("a", {"given": 2, "noise": 9})
    assert drive.execution.variables_at(drive.open[0][0])["taken"] == 2
    drive.answer_at("b", {"given": 3})
    assert drive.variables == {"d": 3} and drive.completed


def test_what_is_moved_is_computed_and_assigned_to_a_part(restoring: bool) -> None:
    assigned = "<assignment><from>given</from><to>d.n</to></assignment>"
    computed = "<transformation>d['n'] + 1</transformation>"
    drive = moving('<dataObject id="d" name="d"/>', computed, assigned, restoring=restoring)
    drive.start({"d": {"n": 1, "kept": True}})
    assert drive.execution.variables_at(drive.open[0][0])["taken"] == 2
    drive.answer_at("a", {"given": 7})
    assert drive.variables == {"d": {"n": 7, "kept": True}}


def test_a_data_object_of_a_sub_process_is_gone_with_it(restoring: bool) -> None:
    inside = '<dataObject id="d" name="x"/><serviceTask id="a"/>'
    xml = f'<startEvent id="s"/><subProcess id="sub">{inside}</subProcess><serviceTask id="b"/>'
    built = drawn(xml + flow("s", "sub") + flow("sub", "b")).processes[0]
    drive = Drive(built, nothing, restoring=restoring).start({"x": 1})
    drive.answer_at("a", {"x": 5, "y": 6})
    assert drive.variables == {"x": 1, "y": 6}


def test_who_has_taken_a_value_is_not_touched_by_a_change_to_a_part_of_it(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("a", "serviceTask", data_outputs=(DataMove("d.n", python("given")),)),
        el("b", "serviceTask", data_inputs=(DataMove("taken", python("d")),)),
    ]
    drive = Drive(process(elements, [("s", "a"), ("s", "b")]), nothing, restoring=restoring).start({"d": {"n": [1]}})
    drive.answer_at("a", {"given": [1, 2]})
    assert drive.execution.variables_at(drive.open[0][0]) == {"d": {"n": [1, 2]}, "taken": {"n": [1]}}


def test_a_property_of_an_activity_is_its_own(restoring: bool) -> None:
    elements = [el("s", "startEvent"), el("a", "serviceTask"), el("b", "serviceTask")]
    drawn = process(elements, line("s", "a", "b"), data_objects={"a": ("mine",)})
    drive = Drive(drawn, lambda element, _: {"mine": element}, restoring=restoring).start({"x": 1})
    assert drive.execution.variables_at(drive.open[0][0]) == {"x": 1, "mine": None}
    assert drive.run_on().variables == {"x": 1, "mine": "b"}


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_what_is_associated_with_a_throwing_event_is_all_that_it_carries(kind: str, restoring: bool) -> None:
    moves = (DataMove("given", python("x")),)
    thrown = el("t", "endEvent", events=(event(kind, "news"),), data_inputs=moves)
    drive = Drive(process([el("s", "startEvent"), thrown], line("s", "t")), nothing, restoring=restoring)
    drive.run({"x": 1, "secret": 2})
    assert [each.variables for each in (*drive.messages, *drive.signals)] == [{"given": 1}]
