"""What was built of a process, in the words of what was drawn: for comparing the two before a version is stored."""

from __future__ import annotations

from collections.abc import Iterator

from runner.bpmn.drawn import Shape
from runner.bpmn.verdicts import EVENT_TAGS
from runner.engine.build import Executable
from runner.engine.elements.activities import Activity


def shape_of(executable: Executable) -> Shape:
    """Give the shape of what will run, taken from the specs by which tokens find their way."""
    specs = executable.specs
    return Shape(
        nodes={id: spec.element.parent for id, spec in specs.items()},
        flows={
            out.flow.id: f"{spec.name} -> {out.target.name}"
            for spec in specs.values()
            for out in (*spec.outgoing, *((spec.default,) if spec.default is not None else ()))
        },
        events={
            id: " ".join(each.kind for each in spec.definitions) or "none"
            for id, spec in specs.items()
            if spec.element.type in EVENT_TAGS
        },
        attached={event: id for id in specs for event in _attached(executable, id)},
    )


def _attached(executable: Executable, id: str) -> Iterator[str]:
    """Give the events on an element's border; one for compensation is there if the element knows what undoes it."""
    host = executable.specs[id]
    if not isinstance(host, Activity):
        return
    yield from (boundary.element.id for boundary in host.boundaries)
    undone_by = host.undone_by or getattr(executable.repeated(id), "undone_by", None)
    for spec in executable.specs.values():
        if spec.element.attached_to == id and spec.kinds == {"compensate"} and spec.element.undone_by == undone_by:
            yield spec.element.id
