"""Where names go that the file has no place for: beside events, gateways, data and flows, where little is in the way.

How a name is set is `labels.py`'s."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from runner.bpmn.render.drawing import CONVERSATIONS, SUB_PROCESSES, Edge, Plane, Shape
from runner.bpmn.render.geometry import Bounds, Point
from runner.bpmn.render.labels import LABEL_SIZE, LEADING, break_lines, text_width

Drawn = TypeVar("Drawn", Shape, Edge)

_CELL = 120.0
_WIDTH, _GAP = 100.0, 4.0
_ON_SHAPE, _ON_LINE, _LATER = 40.0, 10.0, 1.0
# Beyond that nobody reads every name, and finding places for them would take long.
_MOST = 3000
_FRAMES = SUB_PROCESSES | {"participant", "lane", "group", "callActivity", "subChoreography"}
_OTHERS = CONVERSATIONS | frozenset(
    {"message", "dataObjectReference", "dataObject", "dataInput", "dataOutput", "dataStoreReference", "dataStore"}
)


def named(plane: Plane) -> Plane:
    """Give the page with a place for each name that had none."""
    if len(plane.shapes) + len(plane.edges) > _MOST:
        return plane
    crowd = _Crowd()
    for shape in plane.shapes:
        crowd.add_shape(shape)
    for edge in plane.edges:
        crowd.add_line(edge.points)
    labels = [*(shape.label for shape in plane.shapes), *(edge.label for edge in plane.edges)]
    for label in labels:
        if label is not None and label.width > 1:
            crowd.add(label)
    shapes = tuple(_with_place(shape, _beside(shape), crowd) for shape in plane.shapes)
    edges = tuple(_with_place(edge, _along(edge), crowd) for edge in plane.edges)
    return Plane(plane.name, shapes, edges)


class _Crowd:
    """What stands where: boxes and pieces of lines, found by the squares that they touch."""

    def __init__(self) -> None:
        self._boxes: dict[tuple[int, int], list[Bounds]] = defaultdict(list)
        self._lines: dict[tuple[int, int], list[tuple[Point, Point]]] = defaultdict(list)

    def add(self, box: Bounds) -> None:
        for cell in _cells(box):
            self._boxes[cell].append(box)

    def add_shape(self, shape: Shape) -> None:
        box = shape.bounds
        if shape.band or not (shape.expanded or shape.type in ("participant", "lane", "group")):
            self.add(box)
        elif shape.type in _FRAMES:
            corners = (box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom), (box.x, box.y)
            self.add_line(corners)

    def add_line(self, points: Sequence[Point]) -> None:
        for start, end in itertools.pairwise(points):
            for cell in _cells(_around(start, end)):
                self._lines[cell].append((start, end))

    def cost(self, box: Bounds) -> float:
        """Say how much is in the way of a name."""
        boxes = {each for cell in _cells(box) for each in self._boxes[cell] if _meet(each, box)}
        lines = {each for cell in _cells(box) for each in self._lines[cell] if _passes(*each, box)}
        return _ON_SHAPE * len(boxes) + _ON_LINE * len(lines)


def _with_place(drawn: Drawn, places: Iterable[Bounds], crowd: _Crowd) -> Drawn:
    candidates = list(places)
    if not candidates or (drawn.label is not None and drawn.label.width > 1):
        return drawn
    costs = [(crowd.cost(place) + _LATER * at, at) for at, place in enumerate(candidates)]
    chosen = candidates[min(costs)[1]]
    crowd.add(chosen)
    return replace(drawn, label=chosen)


def _beside(shape: Shape) -> Iterator[Bounds]:
    """Give places for the name of a shape that has none inside, the usual one first."""
    name = shape.element.get("name", "")
    if not name.strip() or not (shape.type.endswith(("Event", "Gateway")) or shape.type in _OTHERS):
        return
    box, (width, height) = shape.bounds, _size(name)
    left, middle, right = box.x - width - 1, box.center[0] - width / 2, box.right + 1
    above, below = box.y - height - _GAP, box.bottom + _GAP
    corner = min(box.height, 50) * 0.25
    yield Bounds(middle, below, width, height)
    yield Bounds(middle, above, width, height)
    for side in (right, left):
        yield Bounds(side, box.bottom - corner, width, height)
        yield Bounds(side, box.y + corner - height, width, height)
    yield Bounds(middle, below + 12, width, height)


def _along(edge: Edge) -> Iterator[Bounds]:
    """Give places for the name of a line, along its longest pieces."""
    name = edge.element.get("name", "")
    if not name.strip():
        return
    width, height = _size(name)
    pieces = sorted(itertools.pairwise(edge.points), key=lambda piece: -math.dist(*piece))
    for (x1, y1), (x2, y2) in pieces[:4]:
        for part in (0.5, 0.25, 0.75):
            x, y = x1 + (x2 - x1) * part, y1 + (y2 - y1) * part
            if abs(x2 - x1) >= abs(y2 - y1):
                yield Bounds(x - width / 2, y - height - 3, width, height)
                yield Bounds(x - width / 2, y + 3, width, height)
            else:
                yield Bounds(x + 5, y - height / 2, width, height)
                yield Bounds(x - 5 - width, y - height / 2, width, height)


def _size(name: str) -> tuple[float, float]:
    lines = break_lines(name, _WIDTH, size=LABEL_SIZE)
    width = max((text_width(line, LABEL_SIZE) for line in lines), default=0.0)
    return width + 4, len(lines) * LABEL_SIZE * LEADING


def _around(start: Point, end: Point) -> Bounds:
    left, top = min(start[0], end[0]), min(start[1], end[1])
    return Bounds(left, top, abs(start[0] - end[0]), abs(start[1] - end[1]))


def _cells(box: Bounds) -> Iterator[tuple[int, int]]:
    for column in range(int(box.x // _CELL), int(box.right // _CELL) + 1):
        for row in range(int(box.y // _CELL), int(box.bottom // _CELL) + 1):
            yield column, row


def _meet(one: Bounds, other: Bounds) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


def _passes(start: Point, end: Point, box: Bounds) -> bool:
    """Tell whether a line goes through a box (Liang and Barsky's clipping)."""
    enters, leaves = 0.0, 1.0
    across, down = end[0] - start[0], end[1] - start[1]
    for step, room in (
        (-across, start[0] - box.x),
        (across, box.right - start[0]),
        (-down, start[1] - box.y),
        (down, box.bottom - start[1]),
    ):
        if step == 0 and room < 0:
            return False
        if step < 0:
            enters = max(enters, room / step)
        elif step > 0:
            leaves = min(leaves, room / step)
    return enters < leaves
