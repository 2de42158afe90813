"""Processes that are not marked executable: what the standard forbids in them is said, and nothing about executing."""

from __future__ import annotations

from bpmn.drawn import NAMESPACES, drawn, flow, refused, warned

from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_diagram

DECIDES = '<startEvent id="s"/><exclusiveGateway id="g"/><userTask id="a"/><endEvent id="e"/>'
FLOWS = flow("s", "g") + flow("g", "a") + flow("g", "e") + flow("a", "e")
FORBIDDEN = flow("e", "s", id="back")
RUNS = '<process id="q" isExecutable="true"><startEvent id="t"/><endEvent id="x"/>' + flow("t", "x") + "</process>"


def test_a_drawing_that_obeys_the_standard_lacks_the_mark_only() -> None:
    found = check_diagram(drawn(DECIDES + FLOWS, process='id="p"'), None)
    assert [each.code for each in found if each.code != "label_missing"] == ["no_executable_process"]


def test_what_the_standard_forbids_in_a_drawing_is_said() -> None:
    assert refused(drawn(DECIDES + FLOWS + FORBIDDEN, process='id="p"')) == [
        ("no_executable_process", "p"),
        ("flow_misplaced", "back"),
        ("flow_misplaced", "back"),
    ]


def test_beside_an_executable_process_a_drawing_refuses_nothing() -> None:
    diagram = drawn(DECIDES + FLOWS + FORBIDDEN, process='id="p"', roots=RUNS)
    assert refused(diagram) == []
    assert ("flow_misplaced", "back") in warned(diagram)


def test_a_call_of_a_process_that_is_only_drawn_is_a_warning() -> None:
    call = '<startEvent id="s"/><callActivity id="c" calledElement="{}"/><endEvent id="e"/>' + flow("s", "c")
    diagram = drawn(call.format("q") + flow("c", "e"), roots=RUNS.replace(' isExecutable="true"', ""))
    assert ("called_not_executable", "c") in warned(diagram)
    assert warned(drawn(call.format("q") + flow("c", "e"), roots=RUNS)) == []


def test_a_drawing_is_checked_as_if_it_were_executable_when_that_is_asked_for() -> None:
    xml = f'<definitions {NAMESPACES}><process id="p">{DECIDES}{FLOWS}</process></definitions>'
    diagram = read_diagram(xml.encode(), source="a.bpmn", as_executable=True)
    found = check_diagram(diagram, frozenset())
    assert [each.code for each in found if each.verdict == "refused"] == ["condition_missing"]
