"""Checks how a process hangs together: references, flows, gateways (BPMN 2.0.2 §8.4.13, §10.6, §13.2).

Whether each element can be executed is `check.py`'s; what can be reached is `reach.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.bpmn.diagram import Element, Flow, Process
from runner.bpmn.findings import refused
from runner.errors import Finding


def check_flows(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    """Give what is wrong with the connections; `executed` are the elements whose own rules apply."""
    for flow in process.flows.values():
        yield from _flow(flow, process)
    for element in executed:
        yield from _default(element, process)
        if element.type == "exclusiveGateway":
            yield from _exclusive(element, process)
        elif element.type in ("parallelGateway", "eventBasedGateway"):
            yield from _unconditional(element, process)
        elif element.type == "complexGateway":
            yield from _complex(element)


def _flow(flow: Flow, process: Process) -> Iterator[Finding]:
    source, target = process.elements.get(flow.source), process.elements.get(flow.target)
    if source is None or target is None:
        return
    for element, verb in ((source, "leaves"), (target, "enters")):
        label = _without_flows(element, verb)
        if label:
            way = "out of" if verb == "leaves" else "into"
            message = (
                f"Expected no flow {way} {label}, but '{flow.id}' {verb} '{element.name or element.id}'. Remove it."
            )
            yield refused(flow, "flow_misplaced", message=message)


def _without_flows(element: Element, verb: str) -> str:
    """Name an element that a flow must not leave or enter; "" if it may."""
    kinds = [event.kind for event in element.events]
    if element.event_subprocess:
        return "an event sub-process"
    if element.for_compensation:
        return "a compensation handler"
    if verb == "leaves":
        if element.type == "endEvent":
            return "an end event"
        if element.type == "boundaryEvent" and kinds == ["compensate"]:
            return "a compensation event, which is associated with its handler"
        return "a throwing link event" if element.type == "intermediateThrowEvent" and kinds == ["link"] else ""
    if element.type in ("startEvent", "boundaryEvent"):
        return "a start or boundary event"
    return "a catching link event" if element.type == "intermediateCatchEvent" and kinds == ["link"] else ""


def _default(element: Element, process: Process) -> Iterator[Finding]:
    if element.default_flow is None:
        return
    flow = process.flows.get(element.default_flow)
    if flow is None:
        return
    if flow.source != element.id:
        message = (
            f"Expected the default flow of '{element.id}' to leave it, but '{flow.id}' does not. Mark one of its own."
        )
        yield refused(element, "default_misplaced", message=message)
    elif flow.condition is not None:
        yield refused(
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
        yield refused(
            element,
            "condition_missing",
            message=f"Expected a condition on each flow out of exclusive gateway '{element.name or element.id}' "
            f"except the "
            f"default flow, but there is none on {', '.join(repr(flow.id) for flow in unconditional)}.",
        )


def _unconditional(element: Element, process: Process) -> Iterator[Finding]:
    what = (
        "a parallel gateway, where every flow is taken"
        if element.type == "parallelGateway"
        else "an event-based gateway, where the first event decides"
    )
    for flow in (process.flows[flow_id] for flow_id in element.outgoing):
        if flow.condition is not None:
            message = (
                f"Expected no condition after {what}, but '{flow.id}' has one. Remove it, or draw an exclusive gateway."
            )
            yield refused(flow, "condition_ignored", message=message)


def _complex(element: Element) -> Iterator[Finding]:
    if len(element.incoming) > 1 and element.activation is None:
        message = (
            f"Expected an activation condition on complex gateway '{element.name or element.id}', because several "
            "flows lead to it, but it has none. Write one, or draw a parallel or inclusive gateway."
        )
        yield refused(element, "activation_missing", message=message)
