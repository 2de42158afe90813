"""Whether the ends of message flows fit together: what one pool sends is what the other waits for (BPMN 2.0.2 §9.4).

A message flow moves nothing by itself. A message goes by its name and key to whoever waits for it. What a flow may
connect at all is `collaborations.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.bpmn.diagram import Element, EventDefinition, MessageFlow, Process
from runner.errors import Finding

_BETWEEN_OTHERS = (
    "A message flow with an end at a pool, or at a task that sends or receives nothing itself, is documentation: "
    "messages go by the names and keys of message events, send tasks and receive tasks."
)


def check_message_flows(flows: Iterable[MessageFlow], processes: Iterable[Process]) -> Iterator[Finding]:
    """Warn of flows along which no message can go, because both ends do not mean the same one."""
    homes = {element.id: element for process in processes for element in process.elements.values()}
    shown: list[MessageFlow] = []
    for flow in flows:
        source, target = homes.get(flow.source), homes.get(flow.target)
        complaint = _difference(source, target)
        if complaint:
            yield Finding("warning", "message_flow_unfit", f"Message flow '{flow.id}': {complaint}", flow.id, flow.line)
        elif not (source and target and _messages(source) and _messages(target)):
            shown.append(flow)
    if shown:
        times = f" ({len(shown)} times, first here)" if len(shown) > 1 else ""
        yield Finding("note", "documentation_only", _BETWEEN_OTHERS + times, shown[0].id, shown[0].line)


def _messages(element: Element) -> list[EventDefinition]:
    return [event for event in element.events if event.kind == "message"]


def _difference(source: Element | None, target: Element | None) -> str:
    """Say what differs between the message that is sent and the one that is waited for."""
    if source is None or target is None:
        return ""
    sent, awaited = _messages(source), _messages(target)
    if not sent or not awaited or any(event.name_expression is not None for event in (*sent, *awaited)):
        return ""
    both = {event.name for event in sent} & {event.name for event in awaited}
    if not both:
        return (
            f"expected one message at both ends, but {_named(source)} sends {_names(sent)} and {_named(target)} waits "
            f"for {_names(awaited)}. Choose the same message."
        )
    if target.type == "startEvent" or target.creates_instance:
        return ""
    unkeyed = [event for event in sent if event.name in both and event.correlation_key is None]
    if unkeyed and any(event.correlation_key is not None for event in awaited if event.name in both):
        return (
            f"expected a correlation key at both ends, but {_named(source)} sends {_names(unkeyed)} without one and "
            f"{_named(target)} asks for one. Give the message a correlation key."
        )
    return ""


def _named(element: Element) -> str:
    return f"'{element.name or element.id}'"


def _names(events: Iterable[EventDefinition]) -> str:
    return " or ".join(f"'{event.name}'" for event in events)
