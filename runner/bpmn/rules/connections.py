"""What connects, as the file's tags have it: sequence flows and their lists, lanes (BPMN 2.0.2 §8.4.13, §10.8).

What may be connected with what is `flows.py`'s and `message_flows.py`'s."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from runner.bpmn.rules.tree import Tree, container_of, tag_of
from runner.bpmn.verdicts import ACTIVITIES, FLOW_NODES
from runner.bpmn.xml import BPMN, children, local_id, text_of
from runner.errors import Finding

# What a gateway's direction asks for: in words, whether several flows lead to it, and whether several leave it.
_DIRECTIONS = {
    "Converging": ("several flows into and one out", True, False),
    "Diverging": ("one flow into and several out", False, True),
    "Mixed": ("several flows into and several out", True, True),
}
# Which end of a flow a list of an element stands for.
_LISTS = {"incoming": ("targetRef", "leads to"), "outgoing": ("sourceRef", "leaves")}


def check_connections(tree: Tree) -> Iterator[Finding]:
    """Give what crosses a border, the lists that contradict the flows, and the members of lanes that are none."""
    for flow in (node for node in tree.nodes if tag_of(node) == "sequenceFlow"):
        yield from _border(flow, tree)
    for event in (node for node in tree.nodes if tag_of(node) == "boundaryEvent"):
        yield from _attached(event, tree)
    yield from _lists(tree)
    yield from _directions(tree)
    for lane_set in (node for node in tree.nodes if tag_of(node) in ("laneSet", "childLaneSet")):
        yield from _lanes(lane_set, tree)


def _border(flow: etree._Element, tree: Tree) -> Iterator[Finding]:
    source, target = (tree.by_id.get(local_id(flow.get(end)) or "") for end in ("sourceRef", "targetRef"))
    if source is None or target is None or not {tag_of(source), tag_of(target)} <= FLOW_NODES:
        return
    left, entered = container_of(source), container_of(target)
    if left is not entered and left is not None and entered is not None:
        message = (
            f"Expected flow '{flow.get('id')}' to stay within one process or sub-process, but it goes from "
            f"'{source.get('id')}' in '{left.get('id')}' to '{target.get('id')}' in '{entered.get('id')}'. "
            "Send a message into another pool, and end a sub-process inside it."
        )
        yield tree.finding(flow, "flow_crosses_border", message=message)


def _attached(event: etree._Element, tree: Tree) -> Iterator[Finding]:
    host = tree.by_id.get(local_id(event.get("attachedToRef")) or "")
    if host is not None and tag_of(host) in ACTIVITIES and container_of(host) is not container_of(event):
        message = (
            f"Expected boundary event '{event.get('id')}' to be attached to an activity beside it, but "
            f"'{host.get('id')}' is in another sub-process or process. Drop it on a task's border."
        )
        yield tree.finding(event, "boundary_misplaced", message=message)


def _lists(tree: Tree) -> Iterator[Finding]:
    """Compare <incoming> and <outgoing> with the flows; the schema lets them be left out altogether."""
    listed = {
        (name, node.get("id") or "", local_id(text_of(each)) or "")
        for node in tree.nodes
        if tag_of(node) in FLOW_NODES and node.get("id")
        for name in _LISTS
        for each in children(node, BPMN, local=name)
    }
    for name, element, flow_id in sorted(listed):
        end, verb = _LISTS[name]
        flow = tree.by_id.get(flow_id)
        if flow is not None and tag_of(flow) == "sequenceFlow" and local_id(flow.get(end)) != element:
            message = (
                f"Expected <{name}> of '{element}' to list flows of which it is the {end}, but that of '{flow_id}' is "
                f"'{flow.get(end) or ''}'. Draw the flow again."
            )
            yield tree.finding(tree.by_id[element], "flow_list_wrong", message=message)
    if not listed:
        return
    for flow in (node for node in tree.nodes if tag_of(node) == "sequenceFlow" and node.get("id")):
        for name, (end, verb) in _LISTS.items():
            element = local_id(flow.get(end)) or ""
            known = tree.by_id.get(element)
            if known is None or tag_of(known) not in FLOW_NODES or (name, element, str(flow.get("id"))) in listed:
                continue
            message = (
                f"Flow '{flow.get('id')}' {verb} '{element}', but is not in its <{name}>. It is taken all the same."
            )
            yield tree.finding(flow, "flow_unlisted", message=message)


def _directions(tree: Tree) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §8.4.9, table 8.46."""
    flows = [node for node in tree.nodes if tag_of(node) == "sequenceFlow"]
    ends = {end: Counter(local_id(flow.get(end)) for flow in flows) for end in ("targetRef", "sourceRef")}
    for node in tree.nodes:
        direction = node.get("gatewayDirection") or ""
        if direction not in _DIRECTIONS or not node.get("id"):
            continue
        into, out = (counts[node.get("id")] for counts in ends.values())
        words, joins, forks = _DIRECTIONS[direction]
        if (into > 1) != joins or (out > 1) != forks:
            message = (
                f"Expected {words} at gateway '{node.get('name') or node.get('id')}', because its direction is "
                f"{direction}, but {into} lead to it and {out} leave it."
            )
            yield tree.finding(node, "gateway_direction", message=message)


def _lanes(lane_set: etree._Element, tree: Tree) -> Iterator[Finding]:
    process = container_of(lane_set)
    seen: dict[str, str] = {}
    for lane in children(lane_set, BPMN, local="lane"):
        name = lane.get("name") or lane.get("id") or "a lane"
        for reference in children(lane, BPMN, local="flowNodeRef"):
            member = local_id(text_of(reference)) or ""
            node = tree.by_id.get(member)
            if node is None or tag_of(node) not in FLOW_NODES:
                continue
            if process is not None and process not in list(node.iterancestors()):
                message = (
                    f"Expected lane '{name}' to hold elements of '{process.get('id')}' only, but '{member}' lies "
                    "elsewhere."
                )
                yield tree.finding(reference, "lane_member_foreign", message=message)
            if seen.setdefault(member, name) != name:
                message = f"Expected each element in one lane, but '{member}' is in '{seen[member]}' and in '{name}'."
                yield tree.finding(reference, "lane_member_twice", message=message)
