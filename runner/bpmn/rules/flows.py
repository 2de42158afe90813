"""What holds for sequence flows and for the elements that they connect (BPMN 2.0.2 §7.6.1, §8.4.13, §10.5).

What gateways ask for is `gateways.py`'s; what can be reached is `reach.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.bpmn.diagram import Element, Flow, Process
from runner.bpmn.findings import refused
from runner.bpmn.verdicts import ACTIVITIES
from runner.errors import Finding


def check_flows(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    """Give what is wrong with the connections; `executed` are the elements whose own rules apply."""
    for flow in process.flows.values():
        yield from _flow(flow, process)
    for element in executed:
        yield from _default(element, process)
        yield from _alone(element, process)
        yield from _without_end(element)


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


def _alone(element: Element, process: Process) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §8.4.13: beside a conditional flow another one leaves the activity."""
    if element.type not in ACTIVITIES or len(element.outgoing) != 1:
        return
    flow = process.flows[element.outgoing[0]]
    if flow.condition is not None:
        message = (
            f"Expected another flow out of '{element.name or element.id}' beside conditional flow '{flow.id}', but "
            "there is none: where the condition does not hold nothing can be taken. Draw a default flow."
        )
        yield refused(flow, "condition_alone", message=message)


def _without_end(element: Element) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.5.2, §10.5.4: an event that begins a path has a flow out of it."""
    undoes = any(event.kind == "compensate" for event in element.events)
    begins = element.type == "startEvent" or (element.type == "boundaryEvent" and not undoes)
    if begins and not element.outgoing:
        message = (
            f"Expected a flow out of '{element.name or element.id}', but there is none. Connect it with what comes "
            "next, or with an end event."
        )
        yield refused(element, "flow_missing", message=message)
