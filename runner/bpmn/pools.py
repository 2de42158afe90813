"""Reads what lies around the elements: pools, message flows between them, lanes (BPMN 2.0.2 §9.3, §9.4, §10.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from runner.bpmn.diagram import MessageFlow
from runner.bpmn.xml import BPMN, children, local_id, text_of


def read_pools(root: etree._Element) -> dict[str, str]:
    """Give the name of the pool that shows each process, by process id; pools without a name are left out."""
    return {
        local_id(pool.get("processRef")) or "": " ".join((pool.get("name") or "").split())
        for pool in _in_collaborations(root, "participant")
        if (pool.get("name") or "").strip() and local_id(pool.get("processRef"))
    }


def read_message_flows(root: etree._Element, line: Callable[[etree._Element], int]) -> tuple[MessageFlow, ...]:
    """Read the message flows of all collaborations, in document order; `line` tells where a tag begins."""
    return tuple(
        MessageFlow(
            id=node.get("id") or "",
            source=local_id(node.get("sourceRef")) or "",
            target=local_id(node.get("targetRef")) or "",
            message=local_id(node.get("messageRef")),
            line=line(node),
        )
        for node in _in_collaborations(root, "messageFlow")
    )


def read_lanes(process: etree._Element) -> dict[str, str]:
    """Give the name of the innermost lane for each element id that lies in a lane with a name."""
    lanes: dict[str, str] = {}
    for lane_set in process.iter(f"{{{BPMN}}}laneSet"):
        _lanes_in(lane_set, lanes)
    return lanes


def lane_of(element: str, lanes: Mapping[str, str], parents: Mapping[str, str], *, root: str) -> str | None:
    """Give an element's lane, else that of the sub-process it lies in; `parents` are container ids by element id.

    `root` is the id of the process, at which the search ends: an element may wrongly bear it, too.
    """
    found: str | None = element
    while found is not None and found not in lanes:
        outer = parents.get(found)
        found = None if outer == root else outer
    return None if found is None else lanes[found]


def _in_collaborations(root: etree._Element, tag: str) -> Iterator[etree._Element]:
    for kind in ("collaboration", "choreography", "globalConversation"):
        for collaboration in children(root, BPMN, local=kind):
            yield from children(collaboration, BPMN, local=tag)


def _lanes_in(lane_set: etree._Element, lanes: dict[str, str]) -> None:
    for lane in children(lane_set, BPMN, local="lane"):
        name = " ".join((lane.get("name") or "").split())
        for reference in children(lane, BPMN, local="flowNodeRef") if name else ():
            lanes[local_id(text_of(reference)) or ""] = name
        # Inner lanes come later, so the innermost name stays.
        for inner in children(lane, BPMN, local="childLaneSet"):
            _lanes_in(inner, lanes)
