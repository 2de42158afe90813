"""What a file's own picture leaves out: a picture with gaps is made whole, or laid out anew.

What is left out on purpose stays so: the inside of a collapsed sub-process, and of a pool drawn as a black box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runner.bpmn.render.connecting import routed
from runner.bpmn.render.contents import sorted_out
from runner.bpmn.render.drawing import BPMN, Model, Node, Plane
from runner.bpmn.render.layout import lay_out

_FLOWS = (f"{BPMN}sequenceFlow", f"{BPMN}messageFlow")


def completed(planes: tuple[Plane, ...], model: Model) -> tuple[Plane, ...]:
    """Give pages on which everything can be seen that is to be seen.

    A process without any shape gets a page of its own. If some of its nodes have none, the whole file is laid out anew:
    where the missing ones belong between the others nobody can say. Flows without a line get one.
    """
    drawn = {shape.element: shape.expanded for plane in planes for shape in plane.shapes if not shape.band}
    absent = []
    for process in model.root.iter(f"{BPMN}process"):
        missing, present = _count(process, drawn)
        if missing and present:
            return (lay_out(model),)
        if missing and not _is_black_box(process, model, drawn):
            absent.append(process)
    whole = tuple(_with_flows(plane, model) for plane in planes)
    if not whole:
        return (lay_out(model),)
    return (*whole, *(replace(lay_out(model, [each]), name=each.get("name", "")) for each in absent))


def _count(process: Node, drawn: dict[Node, bool]) -> tuple[int, int]:
    """Count the nodes that should be seen and have no shape, and those that have one."""
    missing = present = 0
    for node in _to_be_seen(process, drawn):
        missing, present = (missing, present + 1) if node in drawn else (missing + 1, present)
    return missing, present


def _to_be_seen(process: Node, drawn: dict[Node, bool]) -> Iterator[Node]:
    rest = [process]
    while rest:
        children = sorted_out(rest.pop())
        for node in (*children.nodes.values(), *children.guests.values()):
            yield node
            if drawn.get(node):
                rest.append(node)


def _is_black_box(process: Node, model: Model, drawn: dict[Node, bool]) -> bool:
    pools = model.root.iter(f"{BPMN}participant")
    return any(pool in drawn and model.get(pool.get("processRef")) is process for pool in pools)


def _with_flows(plane: Plane, model: Model) -> Plane:
    shapes = {shape.id: shape for shape in plane.shapes}
    lines = {edge.element for edge in plane.edges}
    missing = [flow for flow in model.root.iter(*_FLOWS) if flow not in lines]
    return Plane(plane.name, plane.shapes, (*plane.edges, *routed(missing, shapes))) if missing else plane
