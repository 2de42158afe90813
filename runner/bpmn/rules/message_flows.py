"""Whether the ends of message flows fit together: what one pool sends is what the other waits for (BPMN 2.0.2 §9.4).

A message flow moves nothing by itself. A message goes by its name and key to whoever waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.bpmn.diagram import Element, EventDefinition, MessageFlow, Process
from runner.bpmn.verdicts import ACTIVITIES
from runner.errors import Finding

_SENDING = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
_BETWEEN_OTHERS = (
    "A message flow with an end at a pool, or at a task that sends or receives nothing itself, is documentation: "
    "messages go by the names and keys of message events, send tasks and receive tasks."
)


def check_message_flows(flows: Iterable[MessageFlow], processes: Iterable[Process]) -> Iterator[Finding]:
    """Refuse flows that stay within one pool, and warn of those along which no message can go (§9.3.1, §7.6.2)."""
    homes = {element.id: (element, process) for process in processes for element in process.elements.values()}
    shown: list[MessageFlow] = []
    for flow in flows:
        (source, sender), (target, receiver) = homes.get(flow.source, _NOWHERE), homes.get(flow.target, _NOWHERE)
        if sender is not None and sender is receiver:
            message = (
                f"Expected message flow '{flow.id}' to lead from one pool to another, but '{flow.source}' and "
                f"'{flow.target}' are both in process '{sender.key}'. Draw a sequence flow."
            )
            yield Finding("refused", "message_flow_inside_pool", message, flow.id, flow.line)
            continue
        complaint = _wrong_end(source, target) or _difference(source, target)
        if complaint:
            yield Finding("warning", "message_flow_unfit", f"Message flow '{flow.id}': {complaint}", flow.id, flow.line)
        elif not (source and target and _messages(source) and _messages(target)):
            shown.append(flow)
    if shown:
        times = f" ({len(shown)} times, first here)" if len(shown) > 1 else ""
        yield Finding("note", "documentation_only", _BETWEEN_OTHERS + times, shown[0].id, shown[0].line)


_NOWHERE: tuple[None, None] = (None, None)


def _messages(element: Element) -> list[EventDefinition]:
    return [event for event in element.events if event.kind == "message"]


def _wrong_end(source: Element | None, target: Element | None) -> str:
    """Say which end cannot send or receive: an activity or a pool may stand for all that is in it, an event may not."""
    if source is not None and source.type not in ACTIVITIES and not (_messages(source) and source.type in _SENDING):
        return (
            f"expected to begin at an event that sends a message, but {_named(source)} is no such event. Begin at a "
            "message throw event, a message end event, a task or a pool."
        )
    if target is not None and target.type not in ACTIVITIES and (not _messages(target) or target.type in _SENDING):
        return (
            f"expected to end at an event that waits for a message, but {_named(target)} is no such event. End at a "
            "message start event, a message catch event, a task or a pool."
        )
    return ""


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
