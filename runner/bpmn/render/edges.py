"""Lines between shapes: sequence flows, message flows and associations (BPMN 2.0.2 §8.4.13, §9.3.4, §8.4.1.1).

Arrowheads are plain paths: a marker needs an id, and several pictures share a page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from runner.bpmn.render.canvas import Canvas, Paint, line_through, number
from runner.bpmn.render.drawing import BPMN, Edge, Model
from runner.bpmn.render.geometry import Bounds, Point
from runner.bpmn.render.icons import GlyphStyle, draw_glyph
from runner.bpmn.render.labels import Label, write_at, write_beside
from runner.bpmn.render.look import Look

_CORNER = 6.0
_ASSOCIATIONS = frozenset({"association", "dataInputAssociation", "dataOutputAssociation"})


def draw_edge(canvas: Canvas, edge: Edge, *, look: Look, model: Model) -> None:
    """Draw a line with its ends, its envelope and its name."""
    points = edge.points
    for x, y in points:
        canvas.extent.include(Bounds(x, y, 0, 0))
    dash = "8 5" if edge.type == "messageFlow" else "0.5 4" if edge.type in _ASSOCIATIONS else ""
    if edge.type == "conversationLink":
        canvas.path(_rounded(points), Paint(look.line, width=5))
        canvas.path(_rounded(points), Paint(look.paper, width=2.5))
        _write_name(canvas, edge, look=look)
        return
    canvas.path(_rounded(points), Paint(look.line, width=look.width, dash=dash))
    _draw_end(canvas, edge, look=look)
    _draw_start(canvas, edge, look=look, model=model)
    if edge.envelope:
        # Dark when the message does not open the conversation (BPMN 2.0.2 §12, messageVisibleKind).
        style = GlyphStyle(12, look.line, look.paper, filled=edge.envelope != "initiating")
        draw_glyph(canvas, "message", at=_halfway(points), style=style)
    _write_name(canvas, edge, look=look)


def _write_name(canvas: Canvas, edge: Edge, *, look: Look) -> None:
    label = Label(edge.element.get("name", ""), look.label, halo=look.paper)
    if not label.text:
        return
    if edge.label is not None and edge.label.width > 1:
        write_beside(canvas, label, place=edge.label, below=edge.label)
        return
    start, end = max(zip(edge.points, edge.points[1:], strict=False), key=lambda pair: math.dist(*pair))
    lift = 11 if abs(start[0] - end[0]) > abs(start[1] - end[1]) else 0
    write_at(canvas, label, middle=((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - lift))


def _draw_end(canvas: Canvas, edge: Edge, *, look: Look) -> None:
    tip, heading = edge.points[-1], _heading(edge.points[-2], edge.points[-1])
    if edge.type == "sequenceFlow":
        _head(canvas, tip, heading=heading, paint=Paint(look.line, look.line, 1))
    elif edge.type == "messageFlow":
        _head(canvas, tip, heading=heading, paint=Paint(look.line, look.paper, 1.2))
    elif edge.type != "association" or edge.element.get("associationDirection") in ("One", "Both"):
        _open_head(canvas, tip, heading=heading, ink=look.line)


def _draw_start(canvas: Canvas, edge: Edge, *, look: Look, model: Model) -> None:
    foot, heading = edge.points[0], _heading(edge.points[0], edge.points[1])
    source = model.get(edge.element.get("sourceRef"))
    if edge.type == "messageFlow":
        canvas.circle(_ahead(foot, heading, length=4), 4, paint=Paint(look.line, look.paper, 1.2))
    elif edge.type == "association" and edge.element.get("associationDirection") == "Both":
        _open_head(canvas, foot, heading=heading + math.pi, ink=look.line)
    elif edge.type == "sequenceFlow" and source is not None:
        if source.get("default") == edge.id:
            middle = _ahead(foot, heading, length=9)
            ends = (_ahead(middle, heading + turn, length=6) for turn in (-2.1, 1.04))
            canvas.path(line_through(*ends), Paint(look.line, width=look.width))
        elif edge.element.find(f"{BPMN}conditionExpression") is not None and not str(source.tag).endswith("Gateway"):
            corners = (
                foot,
                _aside(foot, heading, length=8, width=4.5),
                _ahead(foot, heading, length=16),
                _aside(foot, heading, length=8, width=-4.5),
            )
            canvas.path(line_through(*corners) + "Z", Paint(look.line, look.paper, 1.2))


def _head(canvas: Canvas, tip: Point, *, heading: float, paint: Paint) -> None:
    corners = tip, _aside(tip, heading, length=-10, width=4.5), _aside(tip, heading, length=-10, width=-4.5)
    canvas.path(line_through(*corners) + "Z", paint)


def _open_head(canvas: Canvas, tip: Point, *, heading: float, ink: str) -> None:
    canvas.path(
        line_through(_aside(tip, heading, length=-8, width=5), tip, _aside(tip, heading, length=-8, width=-5)),
        Paint(ink),
    )


def _rounded(points: tuple[Point, ...]) -> str:
    return "M" + "".join(_corners(points)) + f"L{_written(points[-1])}"


def _corners(points: tuple[Point, ...]) -> Iterator[str]:
    yield _written(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near = min(_CORNER, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        entry = _ahead(corner, _heading(corner, before), length=near)
        leave = _ahead(corner, _heading(corner, after), length=near)
        yield f"L{_written(entry)}Q{_written(corner)} {_written(leave)}"


def _halfway(points: tuple[Point, ...]) -> Point:
    rest = sum(map(math.dist, points, points[1:])) / 2
    for start, end in itertools.pairwise(points):
        length = math.dist(start, end)
        if rest <= length:
            return _ahead(start, _heading(start, end), length=rest)
        rest -= length
    return points[-1]


def _written(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _heading(start: Point, end: Point) -> float:
    return math.atan2(end[1] - start[1], end[0] - start[0])


def _ahead(point: Point, heading: float, *, length: float) -> Point:
    return point[0] + length * math.cos(heading), point[1] + length * math.sin(heading)


def _aside(point: Point, heading: float, *, length: float, width: float) -> Point:
    return _ahead(_ahead(point, heading, length=length), heading + math.pi / 2, length=width)
