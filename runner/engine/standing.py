"""What stored tokens wait for, read off the state and the diagram: for people, and for verifying what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from runner.bpmn.diagram import Element, EventDefinition, Process
from runner.engine.elements.compensation import UNDO_ALL
from runner.engine.elements.element import element_of, is_listener
from runner.engine.tasks import STARTED
from runner.engine.waits import WAITING


class Standing(StrEnum):
    """What moves a token on."""

    JOB = "job"  # a handler
    USER_TASK = "user_task"  # a person
    CALL = "call"  # an instance of another process
    EVENT = "event"  # a timer, message, signal or condition
    INSIDE = "inside"  # the tokens inside it: a sub-process, a repetition, a compensation that runs
    INCIDENT = "incident"  # a person, who resolves an incident


_BY_TYPE = {
    "userTask": Standing.USER_TASK,
    "callActivity": Standing.CALL,
    "startEvent": Standing.EVENT,  # of several triggers, some have come
    "receiveTask": Standing.EVENT,
    "intermediateCatchEvent": Standing.EVENT,
    "eventBasedGateway": Standing.EVENT,
    **dict.fromkeys(("subProcess", "transaction", "adHocSubProcess"), Standing.INSIDE),
}


def standing(process: Process, row: Sequence[Any]) -> Standing:
    """Tell what moves a stored token on; `row` is its row of the state (`engine/state.py`)."""
    name, state, *_ = row
    if name == UNDO_ALL.id:
        return Standing.INSIDE
    if state != STARTED:
        return Standing.INCIDENT
    if is_listener(name):
        return Standing.JOB
    element = process.elements[element_of(name)]
    if listening(row) is not None:
        return Standing.INSIDE
    if element.repetition is not None and name == element.id:
        return Standing.INSIDE
    if element.type in ("intermediateThrowEvent", "endEvent") and element.service is None:
        return Standing.INSIDE
    return _BY_TYPE.get(element.type, Standing.JOB)


def awaited(process: Process, row: Sequence[Any]) -> Iterator[tuple[Element, int, EventDefinition]]:
    """Give the events that may happen to a stored token: at its element, behind its gateway, on its border, or as the
    start of an event sub-process inside it; each with the number and record of its definition.
    """
    name, state, *_ = row
    if state != STARTED or name == UNDO_ALL.id or is_listener(name) or listening(row) == "before":
        return
    element = process.elements[element_of(name)]
    is_inner = name != element.id
    if standing(process, row) is Standing.EVENT:
        yield from _definitions(element)
        if element.type == "eventBasedGateway":
            for flow in element.outgoing:
                yield from _definitions(process.elements[process.flows[flow].target])
    for other in process.elements.values():
        if other.attached_to == element.id and not is_inner:
            yield from _definitions(other)
    if element.repetition is None or is_inner:
        yield from awaited_by_starts(process, element.id)


def conditions(process: Process, state: Mapping[str, Any]) -> Iterator[tuple[int, Element, EventDefinition]]:
    """Give the conditions that a whole state waits for, each with its token; 0 is the process itself."""
    waiting = state["tokens"] and any(
        event.kind == "conditional" for element in process.elements.values() for event in element.events
    )
    if not waiting:  # else nothing is looked for, token by token
        return
    places = [(int(id), awaited(process, row)) for id, row in state["tokens"].items()]
    for token_id, events in ((0, awaited_by_starts(process, process.key)), *places):
        row = state["tokens"].get(str(token_id), ())
        for element, index, definition in events:
            if definition.kind == "conditional" and index not in _seen(row, element):
                yield token_id, element, definition


def _seen(row: Sequence[Any], element: Element) -> Sequence[int]:
    """Give the definitions of a parallel multiple event that have happened already."""
    found: Sequence[int] = row[3].get(f"seen {element.id}", ()) if len(row) > 3 else ()
    return found


def awaited_by_starts(process: Process, container: str) -> Iterator[tuple[Element, int, EventDefinition]]:
    """Give the events that start event sub-processes in a process or sub-process."""
    for inside in process.elements.values():
        if inside.parent == container and inside.event_subprocess:
            for start in process.elements.values():
                if start.parent == inside.id and start.type == "startEvent":
                    yield from _definitions(start)


def listening(row: Sequence[Any]) -> Any:
    """Give the stage whose listeners a stored token waits for, if it does: then their tokens stand for it."""
    return row[3].get("listening") if len(row) > 3 else None


def _definitions(element: Element) -> Iterator[tuple[Element, int, EventDefinition]]:
    for index, definition in enumerate(element.events):
        if definition.kind in WAITING:
            yield element, index, definition
