"""The priority that a process gives its jobs, in each dialect; what an element says goes before it."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, drawn, findings, flow, refused, task, warned

from runner.bpmn.diagram import Diagram
from runner.engine.build import Executable
from runner.engine.engine import Execution

_SEVEN = '<zeebe:jobPriorityDefinition priority="7"/>'
_ZEEBE = "<extensionElements>{}</extensionElements>"
IN = {
    "Camunda 7, external tasks": (CAMUNDA7, 'camunda:taskPriority="{}"', ""),
    "Camunda 7, jobs": (CAMUNDA7, 'camunda:jobPriority="{}"', ""),
    "Camunda 8": (CAMUNDA8, "", _ZEEBE.format('<zeebe:jobPriorityDefinition priority="{}"/>')),
    "plain": ("", 'runner:priority="{}"', ""),
}
each_dialect = pytest.mark.parametrize(("file", "attribute", "part"), IN.values(), ids=IN)


def read(inside: str, file: str, attribute: str, part: str, *, priority: str) -> Diagram:
    process = f'id="p" isExecutable="true" {attribute.format(priority)}'
    body = f'<startEvent id="s"/>{inside}<endEvent id="e"/>{flow("s", "it")}{flow("it", "e")}'
    return drawn(part.format(priority) + body, file=file, process=process)


def opened(diagram: Diagram, variables: dict[str, object]) -> int:
    return Execution(Executable(diagram.processes[0])).start(variables).jobs[0].priority


@each_dialect
def test_jobs_without_a_priority_have_that_of_their_process(file: str, attribute: str, part: str) -> None:
    diagram = read(task(), file, attribute, part, priority="7")

    assert opened(diagram, {}) == 7
    assert refused(diagram) == warned(diagram) == []


@each_dialect
def test_the_priority_of_a_process_may_be_an_expression(file: str, attribute: str, part: str) -> None:
    expression = "${n}" if file == CAMUNDA7 else "=n"

    assert opened(read(task(), file, attribute, part, priority=expression), {"n": 12}) == 12


@each_dialect
def test_what_an_element_says_goes_before_its_process(file: str, attribute: str, part: str) -> None:
    own = task(_SEVEN) if part else task(attributes=attribute.format(7))
    zero = task(_SEVEN.replace("7", "0")) if part else task(attributes=attribute.format(0))

    assert opened(read(own, file, attribute, part, priority="99"), {}) == 7
    assert opened(read(zero, file, attribute, part, priority="99"), {}) == 0


@each_dialect
def test_a_priority_of_a_process_that_is_no_number_is_refused_there(file: str, attribute: str, part: str) -> None:
    diagram = read(task(), file, attribute, part, priority="high")

    assert [(each.code, each.line) for each in findings(diagram, "refused")] == [("priority_invalid", 1)]
