"""Pools and the message flows between them, as the standard lets them be drawn (BPMN 2.0.2 §7.6.2, §9.3, §9.4).

Whether what one side sends is what the other waits for is `message_flows.py`'s."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from runner.bpmn.rules.tree import Tree, events_of, tag_of
from runner.bpmn.verdicts import EVENT_TAGS
from runner.bpmn.xml import local_id
from runner.errors import Finding

_SENDING = frozenset({"intermediateThrowEvent", "endEvent"})


def check_collaborations(tree: Tree) -> Iterator[Finding]:
    """Give message flows that may not be drawn so, and pools with impossible numbers of participants."""
    for node in tree.nodes:
        if tag_of(node) == "messageFlow":
            yield from _message_flow(node, tree)
        elif tag_of(node) == "participantMultiplicity":
            yield from _multiplicity(node, tree)


def _message_flow(flow: etree._Element, tree: Tree) -> Iterator[Finding]:
    source, target = (tree.by_id.get(local_id(flow.get(end)) or "") for end in ("sourceRef", "targetRef"))
    if source is None or target is None:
        return
    home = _process(source, tree)
    if home is not None and home is _process(target, tree):
        message = (
            f"Expected message flow '{flow.get('id')}' to lead from one pool to another, but '{source.get('id')}' and "
            f"'{target.get('id')}' are both of process '{home.get('id')}'. Draw a sequence flow."
        )
        verdict = "refused" if not tree.executed or home.get("id") in tree.executed else "warning"
        yield Finding(verdict, "message_flow_inside_pool", message, flow.get("id") or "", tree.line(flow))
        return
    if tag_of(source) in EVENT_TAGS and not (tag_of(source) in _SENDING and _is_for_messages(source, tree)):
        message = (
            f"Expected message flow '{flow.get('id')}' to begin at an event that sends a message, but {_named(source)} "
            "is no such event. Begin at a message throw event, a message end event, a task or a pool."
        )
        yield tree.finding(flow, "message_flow_end", message=message)
    if tag_of(target) in EVENT_TAGS and (tag_of(target) in _SENDING or not _is_for_messages(target, tree)):
        message = (
            f"Expected message flow '{flow.get('id')}' to end at an event that waits for a message, but "
            f"{_named(target)} is no such event. End at a message start event, a message catch event, a task or a pool."
        )
        yield tree.finding(flow, "message_flow_end", message=message)


def _process(end: etree._Element, tree: Tree) -> etree._Element | None:
    """Give the process that a pool shows, or that an element lies in."""
    if tag_of(end) == "participant":
        return tree.by_id.get(local_id(end.get("processRef")) or "")
    return next((node for node in end.iterancestors() if tag_of(node) == "process"), None)


def _is_for_messages(event: etree._Element, tree: Tree) -> bool:
    return any(tag_of(each) == "messageEventDefinition" for each in events_of(event, tree))


def _named(node: etree._Element) -> str:
    return f"'{node.get('name') or node.get('id')}'"


def _multiplicity(node: etree._Element, tree: Tree) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §9.3.1, table 9.5: minimum from 0 (the default), maximum from 1 (the default)."""
    try:
        least, most = int(node.get("minimum") or 0), int(node.get("maximum") or 1)
    except ValueError:
        return  # said by the schema
    if least < 0 or most < 1 or most < least:
        message = (
            "Expected a minimum of participants from 0 and a maximum from 1 that is not less, but they are "
            f"{least} and {most}{'' if node.get('maximum') else ' (the default)'}."
        )
        yield tree.finding(node, "multiplicity_invalid", message=message)
