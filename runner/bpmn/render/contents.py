"""Lays out what lies directly in a process or sub-process: nodes in columns and rows, what nothing leads to below them,
and below that data, annotations and groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runner.bpmn.render.board import Board, Rows, Size, legs
from runner.bpmn.render.channels import Piece
from runner.bpmn.render.drawing import BPMN, SUB_PROCESSES, Edge, Node, type_of
from runner.bpmn.render.geometry import Bounds
from runner.bpmn.render.labels import LABEL_SIZE, text_width
from runner.bpmn.render.layers import Grid, Link, arrange
from runner.bpmn.render.page import Page
from runner.bpmn.render.swimlanes import Swimlanes

_MARGIN, _APART, _WIDEST_ROW, _GUEST_WIDTH, _WIDEST_NAME = 30.0, 60.0, 700.0, 44.0, 100.0
_TASK, _EVENT, _GATEWAY = (100.0, 80.0), (36.0, 36.0), (50.0, 50.0)
_OTHERS: Mapping[str, Size] = {
    "dataObjectReference": (36.0, 50.0),
    "dataStoreReference": (50.0, 50.0),
    "textAnnotation": (140.0, 50.0),
    "group": (140.0, 60.0),
    "conversation": (60.0, 52.0),
    "callConversation": (60.0, 52.0),
    "subConversation": (60.0, 52.0),
}
_OPENED = SUB_PROCESSES | {"subChoreography"}
_NODES = _OPENED | {"callActivity", "callChoreography"}
_NO_LANES = Swimlanes((), {}, 0)


@dataclass(frozen=True, slots=True)
class Children:
    """The children with an id, by it: flow nodes, events at a border, and what merely stands beside."""

    nodes: dict[str, Node] = field(default_factory=dict)
    guests: dict[str, Node] = field(default_factory=dict)
    others: dict[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Course:
    """A line between two nodes. `link` is between the nodes of the grid: a guest's host stands for it."""

    element: Node
    start: str
    end: str
    link: Link

    @property
    def name(self) -> str:
        return self.element.get("id") or f"{self.start} {self.end}"


def sorted_out(container: Node) -> Children:
    """Part the children of a container by how they are placed."""
    children = Children()
    for child in container:
        type_, key = type_of(child), child.get("id", "")
        if type_ == "boundaryEvent":
            children.guests[key] = child
        elif type_ in _OTHERS:
            children.others[key] = child
        elif type_.endswith(("Task", "task", "Event", "Gateway")) or type_ in _NODES:
            children.nodes[key] = child
    return children


def lay_out_contents(container: Node, lanes: Swimlanes = _NO_LANES) -> Page:
    """Give a page with what lies directly in a process or sub-process, from (0, 0)."""
    children = sorted_out(container)
    opened = {key: lay_out_contents(node) for key, node in children.nodes.items() if type_of(node) in _OPENED}
    inner = {key: contents for key, contents in opened.items() if contents.shapes}
    guests = Counter(guest.get("attachedToRef", "") for guest in children.guests.values())
    sizes = {key: _size(node, inner.get(key), guests=guests[key]) for key, node in children.nodes.items()}
    courses = _courses(container, children)
    linked = {key for course in courses for key in course.link}
    chained = [key for key in children.nodes if lanes.count or key in linked]
    alone = [key for key in children.nodes if not (lanes.count or key in linked)]
    page, grid = Page(), arrange(chained, [course.link for course in courses], bands=lanes.bands)
    rows = Rows.measured(grid, sizes, bands=lanes.bands, count=lanes.count, guests=guests)
    page.bands = rows.bands
    exits = _exits(children, grid, sizes, rows=rows)
    ways = {course: _legs(course, grid, rows=rows, exits=exits) for course in courses}
    pieces = [piece for way in ways.values() for piece, _ in way]
    board = Board(grid, sizes, rows=rows, pieces=pieces, names=_names(courses))
    for key in chained:
        _place(page, children.nodes[key], board.bounds(key), inner=inner.get(key))
    page.reach(board.right, rows.bands[-1][1] if chained or lanes.count else 0.0)
    _place_alone(page, [children.nodes[key] for key in alone], sizes=sizes, inner=inner)
    _place_guests(page, children.guests)
    _draw(page, ways, exits=exits, board=board)
    place_beside(page, children.others, anchors=_anchors(container, page))
    return page


def _courses(container: Node, children: Children) -> tuple[_Course, ...]:
    """Give the flows, and what leads from a compensation event to its handler."""
    hosts = {key: guest.get("attachedToRef", "") for key, guest in children.guests.items()}
    found = []
    for element in container.iterfind("*"):
        start, end = element.get("sourceRef", ""), element.get("targetRef", "")
        is_course = type_of(element) == "sequenceFlow" or (type_of(element) == "association" and start in hosts)
        if is_course and hosts.get(start, start) in children.nodes and end in children.nodes:
            found.append(_Course(element, start, end, (hosts.get(start, start), end)))
    return tuple(found)


def _names(courses: Sequence[_Course]) -> dict[str, float]:
    """Give how wide the widest name is on a line that leaves a node."""
    widths: dict[str, float] = defaultdict(float)
    for course in courses:
        width = text_width(course.element.get("name", ""), LABEL_SIZE)
        widths[course.link[0]] = max(widths[course.link[0]], min(width, _WIDEST_NAME))
    return widths


def _size(node: Node, inner: Page | None, *, guests: int) -> Size:
    least = _GUEST_WIDTH * guests + 12
    if inner is not None:
        return max(inner.right + 2 * _MARGIN, _TASK[0], least), max(inner.bottom + 3 * _MARGIN, _TASK[1])
    type_ = type_of(node)
    if type_.endswith("Event"):
        return _EVENT
    return _GATEWAY if type_.endswith("Gateway") else (max(_TASK[0], least), _TASK[1])


def _place(page: Page, node: Node, bounds: Bounds, *, inner: Page | None) -> None:
    page.place(node, bounds, expanded=inner is not None)
    if inner is not None:
        page.take_in(inner, (bounds.x + _MARGIN, bounds.y + 2 * _MARGIN))


def _exits(children: Children, grid: Grid, sizes: Mapping[str, Size], *, rows: Rows) -> dict[str, float]:
    """Give the height at which the line of an event at a border turns to the side: the rightmost one first."""
    exits: dict[str, float] = {}
    before: Counter[str] = Counter()
    for key, guest in children.guests.items():
        host = guest.get("attachedToRef", "")
        if host in grid.cells:
            lower = rows.middles[grid.cells[host][1]] + sizes[host][1] / 2
            exits[key] = lower + 30 + 10 * before[host]
            before[host] += 1
    return exits


def _legs(course: _Course, grid: Grid, *, rows: Rows, exits: Mapping[str, float]) -> Sequence[tuple[Piece, float]]:
    leaves_at = exits.get(course.start, rows.middles[grid.cells[course.link[0]][1]])
    return tuple(legs(grid, rows, course.link, leaves_at=leaves_at, who=(course.start, course.name)))


def _draw(
    page: Page, ways: Mapping[_Course, Sequence[tuple[Piece, float]]], *, exits: Mapping[str, float], board: Board
) -> None:
    for course, way in ways.items():
        start = page.shapes[course.start].bounds
        if course.start in exits:
            x = start.center[0]
            begin = [(x, start.bottom), (x, exits[course.start])]
        else:
            begin = [(start.right, start.center[1])]
        points = board.points(begin, way, course.end)
        page.edges.append(Edge(course.element, type_of(course.element), points))


def _place_alone(page: Page, nodes: Sequence[Node], *, sizes: Mapping[str, Size], inner: Mapping[str, Page]) -> None:
    """Put what nothing leads to or from below the rest, in rows: event sub-processes, the tasks of an ad-hoc one."""
    left, top, lowest = 0.0, page.bottom + _APART if page.bottom else 0.0, 0.0
    for node in nodes:
        key = node.get("id", "")
        width, height = sizes[key]
        if left and left + width > max(page.right, _WIDEST_ROW):
            left, top, lowest = 0.0, lowest + _APART, 0.0
        _place(page, node, Bounds(left, top, width, height), inner=inner.get(key))
        left, lowest = left + width + _APART, max(lowest, top + height + 18)


def _place_guests(page: Page, guests: Mapping[str, Node]) -> None:
    taken: dict[str, int] = defaultdict(int)
    for guest in guests.values():
        reference = guest.get("attachedToRef", "")
        host = page.shapes.get(reference)
        if host is not None:
            right = host.bounds.right - 28 - _GUEST_WIDTH * taken[reference]
            taken[reference] += 1
            page.place(guest, Bounds(right - 18, host.bounds.bottom - 18, *_EVENT))


def _anchors(container: Node, page: Page) -> dict[str, float]:
    """Give the middle of a node that something beside is associated with, by its id."""
    anchors: dict[str, float] = {}
    for element in container.iter(f"{BPMN}association", f"{BPMN}dataInputAssociation", f"{BPMN}dataOutputAssociation"):
        ends = [element.get("sourceRef"), element.get("targetRef")]
        ends += [(each.text or "").strip() for each in element.iterfind("*")]
        parent = element.getparent()
        ends.append(parent.get("id") if parent is not None else None)
        found = [page.shapes[end].bounds.center[0] for end in ends if end in page.shapes]
        for end in ends if found else ():
            if end and end not in page.shapes:
                anchors.setdefault(end, found[0])
    return anchors


def place_beside(page: Page, others: Mapping[str, Node], *, anchors: Mapping[str, float]) -> None:
    """Put data, annotations and groups into a row below everything, each below what it belongs to, if it can."""
    left, top = 0.0, page.bottom + _APART if page.bottom else 0.0
    for key, node in sorted(others.items(), key=lambda each: anchors.get(each[0], page.right)):
        width, height = _OTHERS[type_of(node)]
        left = max(left, anchors.get(key, 0.0) - width / 2)
        page.place(node, Bounds(left, top, width, height))
        left += width + _APART
    if others:
        page.reach(page.right, page.bottom + 24)  # their names stand below them
