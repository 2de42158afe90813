"""What holds for gateways and for what follows them (BPMN 2.0.2 §10.6).

Whether their branches fit together is `branches.py`'s; what is merely unusual about them is `unusual.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from runner.bpmn.diagram import Element, Process
from runner.bpmn.findings import refused, warning
from runner.errors import Finding

_UNLOOKED = {
    "parallelGateway": "a parallel gateway, where every flow is taken",
    "eventBasedGateway": "an event-based gateway, where the first event decides",
}
_CATCHES = frozenset({"intermediateCatchEvent", "receiveTask"})


def check_gateways(process: Process, executed: Iterable[Element]) -> Iterator[Finding]:
    """Give what is wrong with the gateways among these elements, and with conditions where nobody looks at them."""
    attached = {each.attached_to: each for each in process.elements.values() if each.attached_to}
    for element in executed:
        if element.type == "exclusiveGateway":
            yield from _exclusive(element, process)
        elif element.type == "inclusiveGateway":
            yield from _inclusive(element, process)
        elif element.type == "complexGateway":
            yield from _complex(element)
        elif element.type == "eventBasedGateway":
            yield from _event_based(element)
            yield from _targets(element, process, attached=attached)
        yield from _unlooked(element, process)


def _exclusive(element: Element, process: Process) -> Iterator[Finding]:
    unconditional = [
        flow
        for flow in (process.flows[flow_id] for flow_id in element.outgoing)
        if flow.condition is None and flow.id != element.default_flow
    ]
    if len(element.outgoing) > 1 and unconditional:
        message = (
            f"Expected a condition on each flow out of exclusive gateway '{_label(element)}' except the default flow, "
            f"but there is none on {', '.join(repr(flow.id) for flow in unconditional)}."
        )
        yield refused(element, "condition_missing", message=message)


def _inclusive(element: Element, process: Process) -> Iterator[Finding]:
    for flow in (process.flows[flow_id] for flow_id in element.outgoing if len(element.outgoing) > 1):
        if flow.condition is None and flow.id != element.default_flow:
            message = (
                f"Flow '{flow.id}' out of inclusive gateway '{_label(element)}' has no condition: it is always taken. "
                "Write one, or make it the default flow."
            )
            yield warning(flow, "condition_absent", message=message)


def _complex(element: Element) -> Iterator[Finding]:
    if len(element.incoming) > 1 and element.activation is None:
        message = (
            f"Expected an activation condition on complex gateway '{_label(element)}', because several flows lead to "
            "it, but it has none. Write one, or draw a parallel or inclusive gateway."
        )
        yield refused(element, "activation_missing", message=message)


def _unlooked(element: Element, process: Process) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §8.4.13, §10.5: conditions are for activities and for gateways that look at them."""
    what = _UNLOOKED.get(element.type, "an event, which decides nothing" if element.type.endswith("Event") else "")
    for flow in (process.flows[flow] for flow in element.outgoing if what):
        if flow.condition is not None:
            message = (
                f"Expected no condition after {what}, but '{flow.id}' has one. Remove it, or draw an exclusive gateway."
            )
            yield refused(flow, "condition_ignored", message=message)


def _event_based(element: Element) -> Iterator[Finding]:
    if len(element.outgoing) < 2:
        message = (
            f"Expected two or more events after event-based gateway '{_label(element)}', but "
            f"{'only one flow leaves it' if element.outgoing else 'no flow leaves it'}. Draw them."
        )
        yield refused(element, "gateway_without_events", message=message)
    if element.all_events and not element.creates_instance:
        message = (
            f'Expected eventGatewayType="Parallel" at an event-based gateway that creates an instance only, but '
            f"'{_label(element)}' does not. Draw a parallel gateway before the events."
        )
        yield refused(element, "gateway_parallel_events", message=message)


def _targets(element: Element, process: Process, *, attached: Mapping[str, Element]) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.6.6: only catch events and receive tasks follow, and nothing else leads to them."""
    label = _label(element)
    flows = (process.flows[flow] for flow in element.outgoing)
    targets = [process.elements[flow.target] for flow in flows if flow.target in process.elements]
    for target in targets:
        if target.type not in _CATCHES or any(event.kind == "link" for event in target.events):
            message = (
                f"Expected a catch event or receive task after event-based gateway '{label}', but '{target.id}' is a "
                f"{target.type}. Put an event between them."
            )
            yield refused(target, "gateway_target", message=message)
        elif len(target.incoming) > 1:
            message = (
                f"Expected one flow into '{target.id}', because it follows event-based gateway '{label}', but "
                f"{len(target.incoming)} lead there. Draw another event for the others."
            )
            yield refused(target, "gateway_target", message=message)
        elif target.type == "receiveTask" and target.id in attached:
            message = (
                f"Expected no boundary event at receive task '{target.id}', because it follows event-based gateway "
                f"'{label}', but '{attached[target.id].id}' is attached. Remove it."
            )
            yield refused(attached[target.id], "gateway_target", message=message)
    yield from _mixed(element, targets)


def _mixed(element: Element, targets: Iterable[Element]) -> Iterator[Finding]:
    receiving = [each for each in targets if each.type == "receiveTask"]
    catching = [
        each
        for each in targets
        if each.type == "intermediateCatchEvent" and any(event.kind == "message" for event in each.events)
    ]
    if receiving and catching:
        message = (
            f"Expected either receive tasks or message events after event-based gateway '{_label(element)}', but "
            f"'{receiving[0].id}' is a task and '{catching[0].id}' an event. Draw them all the same way."
        )
        yield refused(element, "gateway_mixed", message=message)


def _label(element: Element) -> str:
    return element.name or element.id
