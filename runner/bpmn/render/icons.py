"""The project's own glyphs, as data: events, task types, gateways and activity markers, each in a box from -10 to 10.

The shapes follow the notation (BPMN 2.0.2 §10.3 tasks, §10.5 events, §10.6 gateways); the outlines are drawn here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from runner.bpmn.render.canvas import Canvas, Paint, number
from runner.bpmn.render.geometry import Point


@dataclass(frozen=True, slots=True)
class Stroke:
    """One path of a glyph.

    "body" is filled with ink in a throwing event; "crease" lies on a body and turns to paper there; "line" is never
    filled; "solid" always is. `weight` is a width in pixels, whatever the size of the glyph.
    """

    d: str
    paint: Literal["body", "crease", "line", "solid"] = "body"
    weight: float = 1.2


def _ring(x: float, y: float, *, radius: float) -> str:
    r, across = number(radius), number(2 * radius)
    return f"M{number(x - radius)} {number(y)}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0Z"


def _gear(teeth: int) -> str:
    corners = []
    for tooth in range(teeth):
        for turn, radius in ((-0.30, 6.8), (-0.20, 9.6), (0.20, 9.6), (0.30, 6.8)):
            angle = (tooth + turn) * 2 * math.pi / teeth
            corners.append(f"{number(radius * math.cos(angle))} {number(radius * math.sin(angle))}")
    return "M" + "L".join(corners) + "Z"


def _dial() -> str:
    turns = [hour * math.pi / 6 for hour in range(12)]
    return "".join(
        f"M{number(7.2 * math.sin(turn))} {number(7.2 * math.cos(turn))}"
        f"L{number(9 * math.sin(turn))} {number(9 * math.cos(turn))}"
        for turn in turns
    )


_ENVELOPE = (Stroke("M-9.5 -6.5H9.5V6.5H-9.5Z"), Stroke("M-9.5 -6.5L0 1L9.5 -6.5", "crease"))
_REWIND = (Stroke("M-0.5 -6.5V6.5L-9 0Z"), Stroke("M8 -6.5V6.5L-0.5 0Z"))
_PLUS = "M-2.6 -9H2.6V-2.6H9V2.6H2.6V9H-2.6V2.6H-9V-2.6H-2.6Z"
_PENTAGON = "M0 -9.5L9.2 -2.8L5.7 8H-5.7L-9.2 -2.8Z"

GLYPHS: Mapping[str, tuple[Stroke, ...]] = {
    "message": _ENVELOPE,
    "timer": (
        Stroke(_ring(0, 0, radius=9.6)),
        Stroke(_dial(), "crease", 1),
        Stroke("M0.5 -6.5L-0.5 0.5L5 2", "crease"),
    ),
    "error": (Stroke("M-9 8L-4 -7.5L2.5 1.5L9 -8.5L4 8L-2.5 -0.5Z"),),
    "escalation": (Stroke("M0 -9.5L7.5 8.5L0 1.5L-7.5 8.5Z"),),
    "signal": (Stroke("M0 -9L9 7H-9Z"),),
    "compensate": _REWIND,
    "conditional": (
        Stroke("M-7 -9H7V9H-7Z"),
        Stroke("M-4.5 -5.5H4.5M-4.5 -1.8H4.5M-4.5 1.8H4.5M-4.5 5.5H4.5", "crease"),
    ),
    "link": (Stroke("M-9 -3.8H2V-8L9.5 0L2 8V3.8H-9Z"),),
    "cancel": (Stroke("M-8.5 -5.5L-5.5 -8.5L0 -3L5.5 -8.5L8.5 -5.5L3 0L8.5 5.5L5.5 8.5L0 3L-5.5 8.5L-8.5 5.5L-3 0Z"),),
    "terminate": (Stroke(_ring(0, 0, radius=10), "solid"),),
    "multiple": (Stroke(_PENTAGON),),
    "parallelMultiple": (Stroke(_PLUS),),
    "serviceTask": (Stroke(_gear(8), "body", 1.1), Stroke(_ring(0, 0, radius=3.1), "line", 1.1)),
    "userTask": (
        Stroke("M-8.5 9V6.5C-8.5 2.5 -5.5 0.5 0 0.5C5.5 0.5 8.5 2.5 8.5 6.5V9Z"),
        Stroke(_ring(0, -4.6, radius=4.4)),
    ),
    "scriptTask": (
        Stroke("M-3 -9H8.5C1.5 -4 10 3.5 3 9H-8.5C-1.5 3.5 -10 -4 -3 -9Z"),
        Stroke("M-4 -5H3M-3.6 -1.6H3M-1.6 1.8H4.6M-2 5.2H4.6", "line", 1),
    ),
    "manualTask": (
        Stroke(
            "M-9.5 -1.5L-3.5 -7.5C-2 -8.8 -0.2 -7.4 -1.2 -5.8L-3 -3.6H7.6C9.4 -3.6 9.4 -1 7.6 -1H1.5H8.2"
            "C10 -1 10 1.6 8.2 1.6H1.5H7.2C9 1.6 9 4.2 7.2 4.2"
            "H1.5H5.4C7.2 4.2 7.2 6.8 5.4 6.8H-5C-8 6.8 -9.5 5 -9.5 2.4Z",
        ),
    ),
    "businessRuleTask": (
        Stroke("M-9.5 -7.5H9.5V7.5H-9.5Z"),
        Stroke("M-9.5 -7.5H9.5V-3H-9.5Z", "solid", 1),
        Stroke("M-9.5 2.2H9.5M-3.5 -3V7.5", "line"),
    ),
    "sendTask": _ENVELOPE,
    "receiveTask": _ENVELOPE,
    "exclusiveGateway": (Stroke("M-6.5 -8.5L6.5 8.5M6.5 -8.5L-6.5 8.5", "line", 3.2),),
    "parallelGateway": (Stroke("M-9.5 0H9.5M0 -9.5V9.5", "line", 3.2),),
    "inclusiveGateway": (Stroke(_ring(0, 0, radius=9.5), "line", 2.6),),
    "complexGateway": (Stroke("M-10 0H10M0 -10V10M-6.8 -6.8L6.8 6.8M6.8 -6.8L-6.8 6.8", "line", 2.6),),
    "loop": (
        Stroke("M-3.5 8C-8 6 -9.5 -1 -5.5 -5.5C-1 -10 7 -8 8.5 -1.5C9.5 3 7 7 3.5 8.5M-9 8.5H-3.2V3", "line", 1.6),
    ),
    "parallelInstances": (Stroke("M-6 -8V8M0 -8V8M6 -8V8", "line", 2),),
    "sequentialInstances": (Stroke("M-8 -6H8M-8 0H8M-8 6H8", "line", 2),),
    "compensation": _REWIND,
    "collapsed": (Stroke("M-10 -10H10V10H-10Z", "line"), Stroke("M-5.5 0H5.5M0 -5.5V5.5", "line", 1.4)),
    "adHoc": (Stroke("M-9.5 3C-7 -5 -3 -4 0 0C3 4 7 5 9.5 -3", "line", 2),),
}


@dataclass(frozen=True, slots=True)
class GlyphStyle:
    """How a glyph is drawn: half its side in pixels, its colours, and whether it throws (filled) or catches."""

    half: float
    ink: str
    paper: str
    filled: bool = False


def draw_glyph(canvas: Canvas, name: str, *, at: Point, style: GlyphStyle) -> None:
    """Draw the glyph of that name around `at`; a name without a glyph draws nothing, as a plain task or event does."""
    strokes = GLYPHS.get(name, ())
    if not strokes or style.half <= 0:
        return
    scale = style.half / 10
    group = canvas.group("bpmn-icon")
    group.mark("transform", f"translate({number(at[0])} {number(at[1])}) scale({number(scale)})")
    for stroke in strokes:
        group.path(stroke.d, _paint(stroke, style, scale=scale))


def _paint(stroke: Stroke, style: GlyphStyle, *, scale: float) -> Paint:
    line = Paint(style.ink, width=stroke.weight / scale)
    if stroke.paint == "solid":
        return replace(line, fill=style.ink)
    if stroke.paint == "body":
        return replace(line, fill=style.ink if style.filled else style.paper)
    if stroke.paint == "crease" and style.filled:
        return replace(line, stroke=style.paper)
    return line
