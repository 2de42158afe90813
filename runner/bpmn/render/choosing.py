"""Which part of a file is drawn, when not all of it is wanted: one process, with its pool."""

from __future__ import annotations

from collections.abc import Iterable

from runner.bpmn.render.drawing import BPMN, Edge, Model, Node, Plane, Shape
from runner.errors import Invalid


def find_process(model: Model, key: str) -> Node:
    """Give the process of that id. Raises Invalid, naming those that the file has."""
    found = {node.get("id", ""): node for node in model.root.iter(f"{BPMN}process")}
    if key not in found:
        known = ", ".join(f"'{each}'" for each in found if each) or "none"
        raise Invalid(f"Expected a process of the diagram, but it has no process '{key}'. It has: {known}.")
    return found[key]


def only(planes: Iterable[Plane], model: Model, process: Node) -> tuple[Plane, ...]:
    """Give the pages without what belongs to other processes; pages that are empty then are left out."""
    kept = set(process.iter())
    kept |= {pool for pool in model.root.iter(f"{BPMN}participant") if model.get(pool.get("processRef")) is process}

    def belongs(drawn: Shape | Edge) -> bool:
        return drawn.element in kept

    narrowed = (
        Plane(plane.name, tuple(filter(belongs, plane.shapes)), tuple(filter(belongs, plane.edges))) for plane in planes
    )
    return tuple(plane for plane in narrowed if plane.shapes)
