"""What goes by its name or code: messages, signals, errors and escalations that are two in the file and one in fact.

Source: BPMN 2.0.2 §8.4.2, §8.4.3, §8.4.4, §8.4.11."""

from __future__ import annotations

from collections.abc import Iterator

from runner.bpmn.diagram import Dialect, Element, Process
from runner.bpmn.findings import warning
from runner.bpmn.rules.tree import Tree, tag_of
from runner.errors import Finding

# What each goes by.
_KNOWN_BY = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}
_CATCHING = frozenset({"intermediateCatchEvent", "boundaryEvent", "receiveTask"})


def check_names(tree: Tree) -> Iterator[Finding]:
    """Warn of two messages, signals, errors or escalations that the runner cannot tell apart."""
    seen: dict[tuple[str, str], str] = {}
    for node in tree.root:
        tag = tag_of(node) if isinstance(node.tag, str) else ""
        known_by = _KNOWN_BY.get(tag)
        value = " ".join((node.get(known_by) or "").split()) if known_by else ""
        if not value:
            continue
        first = seen.setdefault((tag, value), node.get("id") or "")
        if first != (node.get("id") or ""):
            message = (
                f"'{node.get('id')}' and '{first}' have the same {known_by}, '{value}': both are one {tag}. Use one, "
                "or give them different ones."
            )
            yield tree.finding(node, "name_shared", message=message)


def check_keys(process: Process, dialect: Dialect) -> Iterator[Finding]:
    """Warn, once for each message, that nothing says which instance it is meant for; Camunda 7's files never say it."""
    said: set[str] = set()
    if dialect is Dialect.CAMUNDA7:
        return
    for element in process.elements.values():
        for event in element.events if _waits_inside(element, process) else ():
            if event.kind == "message" and event.correlation_key is None and event.name and event.name not in said:
                said.add(event.name)
                message = (
                    f"Nothing says which instance message '{event.name}' is meant for: of several that wait, the one "
                    "that has waited longest gets it. Give the message a correlation key."
                )
                yield warning(element, "correlation_missing", message=message)


def _waits_inside(element: Element, process: Process) -> bool:
    """Say whether an instance waits for the message, and is not created by it."""
    before = (process.elements.get(process.flows[flow].source) for flow in element.incoming)
    created = element.creates_instance or any(each is not None and each.creates_instance for each in before)
    return element.type in _CATCHING and not created
