"""The lines that no grid has put in order: message flows, associations of all kinds, and flows that a file with a
picture forgot to draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from runner.bpmn.render.detours import Detours
from runner.bpmn.render.drawing import BPMN, SUB_PROCESSES, Edge, Model, Node, Shape, type_of

_LINES = ("association", "messageFlow", "conversationLink", "dataInputAssociation", "dataOutputAssociation")
_ABOVE = 22.0
_FRAMES = SUB_PROCESSES | {"participant", "lane", "group"}


def connected(model: Model, shapes: Mapping[str, Shape], drawn: Iterable[Edge]) -> Iterator[Edge]:
    """Give a line for each message flow and association between two shapes that is not drawn yet."""
    known = {edge.element for edge in drawn}
    wanted = (node for node in model.root.iter(*(f"{BPMN}{tag}" for tag in _LINES)) if node not in known)
    return routed(wanted, shapes)


def routed(elements: Iterable[Node], shapes: Mapping[str, Shape]) -> Iterator[Edge]:
    """Give a line for each element whose two ends are drawn, around other shapes where that can be done."""
    detours = Detours(shape.bounds for shape in shapes.values() if not (shape.expanded or shape.type in _FRAMES))
    pools = {shape.element.get("processRef", ""): shape for shape in shapes.values() if shape.type == "participant"}
    for element in elements:
        source, target = (shapes.get(end) for end in _ends(element))
        if source is not None and target is not None and source is not target:
            frames = _frame(source, pools), _frame(target, pools)
            joined = (source, target) if frames[0] is frames[1] else frames
            lower = max(joined, key=lambda shape: shape.bounds.y)
            points = detours.way(source.bounds, target.bounds, level=lower.bounds.y - _ABOVE)
            yield Edge(element, type_of(element), points)


def _ends(element: Node) -> tuple[str, str]:
    source, target = element.get("sourceRef", ""), element.get("targetRef", "")
    parent = element.getparent()
    activity = parent.get("id", "") if parent is not None else ""
    if type_of(element) == "dataInputAssociation":
        return (element.findtext(f"{BPMN}sourceRef") or "").strip(), activity
    if type_of(element) == "dataOutputAssociation":
        return activity, (element.findtext(f"{BPMN}targetRef") or "").strip()
    return source.rpartition(":")[2], target.rpartition(":")[2]


def _frame(shape: Shape, pools: Mapping[str, Shape]) -> Shape:
    """Give the pool of the process that a shape belongs to, or itself."""
    process = next(shape.element.iterancestors(f"{BPMN}process"), None)
    return shape if process is None else pools.get(process.get("id", ""), shape)
