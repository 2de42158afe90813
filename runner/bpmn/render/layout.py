"""A simple picture for a file that brings none: each process from left to right, sub-processes opened, pools below
each other. Only for looking at; a modeler does it better, and what it drew is never moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from runner.bpmn.render.drawing import BPMN, SUB_PROCESSES, Edge, Model, Node, Plane, Shape, type_of
from runner.bpmn.render.geometry import Bounds, Point
from runner.bpmn.render.layers import Grid, arrange

_ACROSS, _DOWN, _MARGIN, _BAND = 60.0, 50.0, 30.0, 30.0
_TASK, _EVENT, _GATEWAY = (100.0, 80.0), (36.0, 36.0), (50.0, 50.0)
_OTHERS = {"dataObjectReference": (36.0, 50.0), "dataStoreReference": (50.0, 50.0), "textAnnotation": (140.0, 50.0)}


@dataclass(slots=True)
class _Page:
    """What is placed so far. A sub-process has a page of its own, which lies at (x, y) on the one around it."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    pages: list[tuple[_Page, Point]] = field(default_factory=list)
    bottom: float = 0.0
    right: float = 0.0

    def place(self, node: Node, bounds: Bounds, *, expanded: bool = False) -> None:
        self.shapes[node.get("id", "")] = Shape(node, type_of(node), bounds, expanded=expanded)
        self.right, self.bottom = max(self.right, bounds.right), max(self.bottom, bounds.bottom)

    def take_in(self, page: _Page, at: Point) -> None:
        self.pages.append((page, at))
        self.right, self.bottom = max(self.right, page.right + at[0]), max(self.bottom, page.bottom + at[1])

    def flattened(self) -> _Page:
        """Give one page with everything on it; each shape moves once, however deep it lies."""
        flat = _Page(right=self.right, bottom=self.bottom)
        rest: list[tuple[_Page, Point]] = [(self, (0.0, 0.0))]
        while rest:
            page, (right, down) = rest.pop()
            for key, shape in page.shapes.items():
                flat.shapes[key] = replace(shape, bounds=shape.bounds.moved(right, down))
            for edge in page.edges:
                flat.edges.append(replace(edge, points=tuple((x + right, y + down) for x, y in edge.points)))
            rest += [(inner, (x + right, y + down)) for inner, (x, y) in page.pages]
        return flat


def lay_out(model: Model) -> Plane:
    """Give a picture of all processes of a file, each in its pool if it has one."""
    page = _Page()
    pools = {pool.get("processRef", ""): pool for pool in model.root.iter(f"{BPMN}participant")}
    for process in model.root.iter(f"{BPMN}process"):
        inside = _contents(process)
        top = page.bottom + _DOWN if page.bottom else 0.0
        pool = pools.get(process.get("id", ""))
        shift = _BAND + _MARGIN if pool is not None else 0.0
        page.take_in(inside, (shift, top + (_MARGIN if pool is not None else 0.0)))
        if pool is not None:
            width, height = max(inside.right, 200) + shift + _MARGIN, max(inside.bottom, 60) + 2 * _MARGIN
            page.place(pool, Bounds(0, top, width, height))
    for pool in (each for reference, each in pools.items() if model.get(reference) is None):
        page.place(pool, Bounds(0, page.bottom + _DOWN if page.bottom else 0.0, max(page.right, 300), 60))
    flat = page.flattened()
    return Plane("", tuple(flat.shapes.values()), (*flat.edges, *_straight(model.root, flat.shapes)))


def _contents(container: Node) -> _Page:
    """Lay out what lies directly in a process or sub-process, from (0, 0)."""
    nodes, guests, others = _sorted_out(container)
    opened = {key: _contents(node) for key, node in nodes.items() if type_of(node) in SUB_PROCESSES}
    inner = {key: contents for key, contents in opened.items() if contents.shapes}
    sizes = {key: _size(node, inner.get(key)) for key, node in nodes.items()}
    hosts = {key: guest.get("attachedToRef", "") for key, guest in guests.items()}
    flows = [
        flow for flow in container.iterfind(f"{BPMN}sequenceFlow") if flow.get("sourceRef") and flow.get("targetRef")
    ]
    ends = {flow: (flow.get("sourceRef", ""), flow.get("targetRef", "")) for flow in flows}
    links = {flow: (hosts.get(start, start), end) for flow, (start, end) in ends.items()}
    grid = arrange(list(nodes), links.values())
    page, board = _Page(), _Board.measured(grid, sizes)
    for key, node in nodes.items():
        bounds = board.bounds(grid.cells[key], sizes[key])
        page.place(node, bounds, expanded=key in inner)
        if key in inner:
            page.take_in(inner[key], (bounds.x + _MARGIN, bounds.y + 2 * _MARGIN))
    _place_guests(page, guests)
    for flow, (start, end) in ends.items():
        if links[flow] in grid.passes or links[flow] in grid.around:
            points = _way(page, (start, end), grid=grid, link=links[flow], board=board)
            page.edges.append(Edge(flow, "sequenceFlow", points))
            page.bottom = max(page.bottom, *(y for _, y in points))
    _place_others(page, others)
    return page


def _sorted_out(container: Node) -> tuple[dict[str, Node], dict[str, Node], dict[str, Node]]:
    """Part the children with an id into flow nodes, events at a border, and what merely stands beside."""
    nodes: dict[str, Node] = {}
    guests: dict[str, Node] = {}
    others: dict[str, Node] = {}
    for child in container:
        type_ = type_of(child)
        if type_ == "boundaryEvent":
            guests[child.get("id", "")] = child
        elif type_ in _OTHERS:
            others[child.get("id", "")] = child
        elif type_.endswith(("Task", "task", "Event", "Gateway")) or type_ in SUB_PROCESSES or type_ == "callActivity":
            nodes[child.get("id", "")] = child
    return nodes, guests, others


def _size(node: Node, inner: _Page | None) -> tuple[float, float]:
    if inner is not None:
        return max(inner.right + 2 * _MARGIN, _TASK[0]), max(inner.bottom + 3 * _MARGIN, _TASK[1])
    type_ = type_of(node)
    return _EVENT if type_.endswith("Event") else _GATEWAY if type_.endswith("Gateway") else _TASK


@dataclass(frozen=True, slots=True)
class _Board:
    """The middle of each column and row, in pixels."""

    columns: Sequence[float]
    rows: Sequence[float]
    widths: Sequence[float]

    @classmethod
    def measured(cls, grid: Grid, sizes: Mapping[str, tuple[float, float]]) -> _Board:
        widths: dict[int, float] = defaultdict(lambda: 10.0)
        heights: dict[int, float] = defaultdict(lambda: 30.0)
        for key, (column, row) in grid.cells.items():
            widths[column] = max(widths[column], sizes[key][0])
            heights[row] = max(heights[row], sizes[key][1])
        passed = [row for way in grid.passes.values() for _, row in way]
        across = [widths[column] for column in range(max(widths, default=-1) + 1)]
        down = [heights[row] for row in range(max([*heights, *passed], default=-1) + 1)]
        return cls(_middles(across, _ACROSS), _middles(down, _DOWN), across)

    def bounds(self, cell: tuple[int, int], size: tuple[float, float]) -> Bounds:
        x, y = self.columns[cell[0]], self.rows[cell[1]]
        return Bounds(x - size[0] / 2, y - size[1] / 2, *size)

    def before(self, column: int) -> float:
        return self.columns[column] - self.widths[column] / 2 - _ACROSS / 2


def _middles(sizes: Sequence[float], gap: float) -> list[float]:
    ends = accumulate(size + gap for size in sizes)
    return [end - gap - size / 2 for end, size in zip(ends, sizes, strict=True)]


def _place_guests(page: _Page, guests: Mapping[str, Node]) -> None:
    taken: dict[str, int] = defaultdict(int)
    for guest in guests.values():
        reference = guest.get("attachedToRef", "")
        host = page.shapes.get(reference)
        if host is not None:
            right = host.bounds.right - 28 - 44 * taken[reference]
            taken[reference] += 1
            page.place(guest, Bounds(right - 18, host.bounds.bottom - 18, *_EVENT))


def _place_others(page: _Page, others: Mapping[str, Node]) -> None:
    left, top = 0.0, page.bottom + _DOWN
    for other in others.values():
        size = _OTHERS[type_of(other)]
        page.place(other, Bounds(left, top, *size))
        left += size[0] + 2 * _MARGIN


def _way(page: _Page, ends: tuple[str, str], *, grid: Grid, link: tuple[str, str], board: _Board) -> tuple[Point, ...]:
    start, end = page.shapes[ends[0]].bounds, page.shapes[ends[1]].bounds
    leaves_below = ends[0] != link[0]
    if link in grid.around:
        # Below all that is placed so far: a loop's way back crosses nothing but what leads down to it.
        depth, arrival = page.bottom + 20, end.center[0]
        departure = start.center[0] + (start.width / 4 if start == end else 0)
        return (departure, start.bottom), (departure, depth), (arrival, depth), (arrival, end.bottom)
    heights = [*(board.rows[row] for _, row in grid.passes[link]), end.center[1]]
    columns = range(grid.cells[link[0]][0] + 1, grid.cells[link[1]][0] + 1)
    y = start.bottom + 14 if leaves_below else start.center[1]
    points = [(start.center[0], start.bottom), (start.center[0], y)] if leaves_below else [(start.right, y)]
    for column, height in zip(columns, heights, strict=True):
        if height != y:
            x = board.before(column)
            points += [(x, y), (x, height)]
            y = height
    return (*points, (end.x, y))


def _straight(root: Node, shapes: Mapping[str, Shape]) -> Iterator[Edge]:
    for node in root.iter(f"{BPMN}association", f"{BPMN}messageFlow"):
        start, end = shapes.get(node.get("sourceRef", "")), shapes.get(node.get("targetRef", ""))
        if start is not None and end is not None:
            yield Edge(node, type_of(node), (_facing(start.bounds, end.bounds), _facing(end.bounds, start.bounds)))


def _facing(bounds: Bounds, other: Bounds) -> Point:
    """Give the middle of the upper or lower side, whichever looks at the other shape."""
    return bounds.center[0], bounds.bottom if other.center[1] > bounds.center[1] else bounds.y
