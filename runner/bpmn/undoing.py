"""Which steps of a process have no undo: what they do outside stays done when the process is compensated."""

from __future__ import annotations

from collections.abc import Iterator

from runner.bpmn.diagram import Diagram, Element, Process
from runner.bpmn.rules.table import with_sources
from runner.errors import Finding

_EFFECTS = {
    "userTask": "what a person does there",
    "callActivity": "what the called process does",
    "sendTask": "the message that is sent there",
}


def steps_without_undo(diagram: Diagram) -> tuple[Finding, ...]:
    """Give a note for each activity that has an effect outside and that nothing undoes (BPMN 2.0.2 §10.7).

    An undo is a compensation handler at its border, or that of a sub-process around it, or a compensation event
    sub-process in one around it. Handlers themselves need none.
    """
    found = (
        Finding("note", "no_undo", _sentence(element, effect), element.id, element.line)
        for process in diagram.executable
        for element, effect in _with_effect(process)
        if not _is_undone(process, element)
    )
    return tuple(with_sources(found))


def _with_effect(process: Process) -> Iterator[tuple[Element, str]]:
    for element in process.elements.values():
        throws = element.type in ("intermediateThrowEvent", "endEvent")
        if element.type in _EFFECTS:
            yield element, _EFFECTS[element.type]
        elif element.service is not None:
            yield element, "what its handler does"
        elif throws and any(event.kind == "message" for event in element.events):
            yield element, "the message that is sent there"


def _is_undone(process: Process, element: Element) -> bool:
    """Tell whether an element, or something around it, is undone, or undoes something itself."""
    inside: Element | None = element
    while inside is not None:
        if inside.for_compensation or inside.id in _undone(process):
            return True
        inside = process.elements.get(inside.parent)
    return False


def _undone(process: Process) -> set[str]:
    found = set()
    for event in process.elements.values():
        if all(definition.kind != "compensate" for definition in event.events):
            continue
        if event.attached_to is not None:
            found.add(event.attached_to)
        around = process.elements.get(event.parent)
        if event.type == "startEvent" and around is not None and around.event_subprocess:
            found |= {around.id, around.parent}
    return found


def _sentence(element: Element, effect: str) -> str:
    return (
        f"'{element.name or element.id}' has no undo: {effect} stays done when the process is compensated. If that is "
        "not meant, attach a compensation event to it and associate the task that undoes it."
    )
