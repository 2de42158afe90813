"""The lanes of a process that has no picture: which band of rows each node belongs to, and where the lanes are drawn.

Only the innermost lanes hold nodes; those around them are as high as what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from runner.bpmn.render.drawing import BPMN, Node
from runner.bpmn.render.geometry import Bounds

HEAD = 30.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane, how many lanes it lies in, and the first and last band that it covers."""

    node: Node
    depth: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Swimlanes:
    """All lanes of a process, outer ones first, and the band of each node by its id."""

    lanes: Sequence[Lane]
    bands: Mapping[str, int]
    count: int

    @property
    def heads(self) -> float:
        """Give the width that the titles of nested lanes take."""
        return HEAD * (1 + max((lane.depth for lane in self.lanes), default=-1))

    def drawn(self, extents: Sequence[tuple[float, float]], *, right: float) -> Iterator[tuple[Node, Bounds]]:
        """Give each lane with its place; `extents` are top and bottom of each band."""
        for lane in self.lanes:
            top, bottom = extents[lane.first][0], extents[lane.last][1]
            left = HEAD * lane.depth
            yield lane.node, Bounds(left, top, right - left, bottom - top)


def read_swimlanes(process: Node) -> Swimlanes:
    """Read the lanes that lie directly in a process; of several lane sets the first counts."""
    lanes: list[Lane] = []
    bands: dict[str, int] = {}
    count = 0
    rest = [(each, 0) for each in process.iterfind(f"{BPMN}laneSet[1]/{BPMN}lane")]
    rest.reverse()
    while rest:
        node, depth = rest.pop()
        inner = node.findall(f"{BPMN}childLaneSet/{BPMN}lane")
        leaves = max(
            1, sum(1 for each in node.iter(f"{BPMN}lane") if each.find(f"{BPMN}childLaneSet/{BPMN}lane") is None)
        )
        lanes.append(Lane(node, depth, count, count + leaves - 1))
        for reference in node.iterfind(f"{BPMN}flowNodeRef"):
            bands[(reference.text or "").strip()] = count  # what lies deeper comes later, and wins
        count += 0 if inner else 1
        rest += [(each, depth + 1) for each in reversed(inner)]
    return Swimlanes(lanes, bands, count)
