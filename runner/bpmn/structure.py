"""Checks how a process hangs together: references, flows, gateways, boundary events, what can be reached.

Whether each element can be executed is `check.py`'s."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from runner.bpmn.diagram import Element, Flow, Process
from runner.bpmn.verdicts import ACTIVITIES
from runner.errors import Finding, near_hint


def check_structure(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    """Give what is wrong with the connections; `executed` are the elements whose own rules apply."""
    elements = list(executed)
    yield from _starts(process, elements)
    for flow in process.flows.values():
        yield from _flow(flow, process)
    for element in elements:
        yield from _default(element, process)
        if element.type == "exclusiveGateway":
            yield from _exclusive(element, process)
        elif element.type == "parallelGateway":
            yield from _parallel(element, process)
        elif element.type == "boundaryEvent":
            yield from _boundary(element, process)
        elif element.type == "endEvent":
            yield from _end(element)
    yield from _same_catch(elements)
    yield from _unreachable(process)


def _refused(element: Element | Flow, code: str, *, message: str) -> Finding:
    return Finding("refused", code, message, element.id, element.line)


def _starts(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    if not any(each.type == "startEvent" and each.parent == process.key for each in process.elements.values()):
        message = f"Expected a start event in process '{process.key}', but it has none. Draw one."
        yield Finding("refused", "start_missing", message, process.key, process.line)
    starts = [each for each in executed if each.type == "startEvent"]
    for second in starts[1:]:
        yield _refused(
            second,
            "start_repeated",
            message=f"Expected one start event in process '{process.key}', but '{second.id}' is another beside "
            f"'{starts[0].id}'. Start in one place and decide at a gateway.",
        )


def _flow(flow: Flow, process: Process) -> Iterator[Finding]:
    source, target = process.elements.get(flow.source), process.elements.get(flow.target)
    for end, found, named in (("sourceRef", source, flow.source), ("targetRef", target, flow.target)):
        if found is None:
            yield _refused(
                flow,
                "reference_dangling",
                message=f"Expected {end} of flow '{flow.id}' to be an element of process '{process.key}', but "
                f"{f'it has no {named!r}' if named else 'none is named'}. Draw the flow again.",
            )
    if source is None or target is None:
        return
    if source.parent != target.parent:
        yield _refused(
            flow,
            "flow_crosses_border",
            message=f"Expected flow '{flow.id}' to stay within one process or sub-process, but it goes from "
            f"'{source.id}' in "
            f"'{source.parent}' to '{target.id}' in '{target.parent}'.",
        )
    if source.type == "endEvent":
        yield _refused(
            flow, "flow_misplaced", message=f"Expected no flow out of an end event, but '{flow.id}' leaves it."
        )
    if target.type in ("startEvent", "boundaryEvent"):
        yield _refused(
            flow,
            "flow_misplaced",
            message=f"Expected no flow into a start or boundary event, but '{flow.id}' enters one.",
        )


def _default(element: Element, process: Process) -> Iterator[Finding]:
    if element.default_flow is None:
        return
    flow = process.flows.get(element.default_flow)
    if flow is None or flow.source != element.id:
        yield _refused(
            element,
            "reference_dangling",
            message=f"Expected the default flow of '{element.id}' to leave it, but no flow '{element.default_flow}' "
            f"does."
            f"{near_hint(element.default_flow, element.outgoing)}",
        )
    elif flow.condition is not None:
        yield _refused(
            flow,
            "default_with_condition",
            message=f"Expected no condition on '{flow.id}', because it is the default flow of '{element.id}', but "
            f"it has one. "
            "Remove the condition, or choose another default flow.",
        )


def _exclusive(element: Element, process: Process) -> Iterator[Finding]:
    unconditional = [
        flow
        for flow in (process.flows[flow_id] for flow_id in element.outgoing)
        if flow.condition is None and flow.id != element.default_flow
    ]
    if len(element.outgoing) > 1 and unconditional:
        yield _refused(
            element,
            "condition_missing",
            message=f"Expected a condition on each flow out of exclusive gateway '{element.name or element.id}' "
            f"except the "
            f"default flow, but there is none on {', '.join(repr(flow.id) for flow in unconditional)}.",
        )


def _parallel(element: Element, process: Process) -> Iterator[Finding]:
    for flow in (process.flows[flow_id] for flow_id in element.outgoing):
        if flow.condition is not None:
            yield _refused(
                flow,
                "condition_ignored",
                message=f"Expected no condition after a parallel gateway, where every flow is taken, but "
                f"'{flow.id}' has one. "
                "Remove it, or draw an exclusive gateway.",
            )


def _boundary(element: Element, process: Process) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.5.4, boundary events; an error boundary event always interrupts."""
    host = process.elements.get(element.attached_to or "")
    if host is None or host.type not in ACTIVITIES or host.parent != element.parent:
        yield _refused(
            element,
            "reference_dangling",
            message=f"Expected boundary event '{element.id}' to be attached to an activity beside it, but "
            f"{f'{element.attached_to!r} is none' if element.attached_to else 'it is attached to nothing'}. "
            "Drop it on a task's border.",
        )
    elif host.type in ("task", "manualTask"):
        message = (
            f"Expected boundary event '{element.id}' at a task with a handler, but '{host.id}' has none: no error can "
            "occur there, so the event never fires."
        )
        yield Finding("warning", "never_fires", message, element.id, element.line)
    if not element.interrupting:
        yield _refused(
            element,
            "error_not_interrupting",
            message=f"Expected error boundary event '{element.id}' to interrupt, but it is drawn non-interrupting. "
            "An error always ends the activity: draw it with a solid border.",
        )


def _end(element: Element) -> Iterator[Finding]:
    if not element.events or element.events[0].kind != "error":
        return
    if element.events[0].code is None:
        yield _refused(
            element,
            "error_code_missing",
            message=f"Expected error end event '{element.id}' to throw an error with a code, but none is named. "
            f"Choose one.",
        )
    else:
        message = (
            f"Nothing around the process can catch error '{element.events[0].code}': when '{element.id}' is reached, "
            "the instance stops there with an incident."
        )
        yield Finding("warning", "error_uncaught", message, element.id, element.line)


def _same_catch(elements: Iterable[Element]) -> Iterator[Finding]:
    boundaries = [each for each in elements if each.type == "boundaryEvent" and each.events]
    counts = Counter((each.attached_to, each.events[0].code) for each in boundaries)
    seen: set[tuple[str | None, str | None]] = set()
    for each in boundaries:
        key = (each.attached_to, each.events[0].code)
        if counts[key] > 1 and key in seen:
            caught = f"error '{key[1]}'" if key[1] else "all errors"
            yield _refused(
                each,
                "error_caught_twice",
                message=f"Expected one boundary event for {caught} at '{key[0]}', but '{each.id}' is another. "
                f"Remove one.",
            )
        seen.add(key)


def _unreachable(process: Process) -> Iterator[Finding]:
    boundaries: dict[str, list[str]] = {}
    for element in process.elements.values():
        if element.attached_to:
            boundaries.setdefault(element.attached_to, []).append(element.id)
    open_ends = [each.id for each in process.elements.values() if each.type == "startEvent"]
    reached: set[str] = set()
    while open_ends:
        element_id = open_ends.pop()
        if element_id in reached or element_id not in process.elements:
            continue
        reached.add(element_id)
        open_ends += boundaries.get(element_id, ())
        open_ends += (process.flows[flow].target for flow in process.elements[element_id].outgoing)
    for element in process.elements.values():
        # What lies in a sub-process is reached with it, or refused with it.
        if element.id not in reached and element.parent == process.key:
            message = f"Expected a way from the start to '{element.name or element.id}', but no flow leads there."
            yield Finding("warning", "unreachable", message, element.id, element.line)
