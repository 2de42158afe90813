"""Small signs on top of a shape that say its state without colour: tokens, a failure, a retry, a wait, a note."""

from __future__ import annotations

from runner.bpmn.render.canvas import Canvas, Paint, Writing, number
from runner.bpmn.render.drawing import Shape
from runner.bpmn.render.geometry import Bounds, Point
from runner.bpmn.render.labels import shortened, text_width
from runner.bpmn.render.themes import Palette
from runner.model import Mark

_SIZE = 11.0
_LONGEST_NOTE = 40

# Drawn in a box from -5 to 5; a check, an exclamation mark, an arrow that turns, the hands of a clock.
_SIGNS = {
    "done": "M-4 0.5L-1 3.5L4 -3.5",
    "failed": "M0 -4.5V1M0 4V4.2",
    "retrying": "M3.6 -2.6A4.4 4.4 0 1 0 4.4 1.4M4 -5V-2H1",
    "waiting": "M0 -4V0.5L3 2.5",
}


def draw_badges(canvas: Canvas, shape: Shape, *, mark: Mark, palette: Palette) -> None:
    """Draw the sign of the state at the upper left corner, the tokens at the right, the note at an edge."""
    box = shape.bounds
    group = canvas.group("bpmn-badges", f"is-{mark.status}")
    line = palette.line(mark.status)
    left, right = _corners(box)
    if mark.status in _SIGNS:
        group.circle(left, 9, paint=Paint(palette.paper, line, 1.5))
        sign = group.group("bpmn-sign")
        sign.mark("transform", f"translate({number(left[0])} {number(left[1])})")
        sign.path(_SIGNS[mark.status], Paint(palette.paper, width=1.8))
    if mark.tokens > 0:
        _draw_pill(group, str(mark.tokens), at=right, fill=line, ink=palette.paper)
    if mark.note.strip():
        note = shortened(mark.note, _LONGEST_NOTE)
        _draw_pill(group, note, at=(box.center[0], _height_for(note, shape)), fill=palette.soft, ink=palette.paper)


def _height_for(note: str, shape: Shape) -> float:
    """Give where a note goes: below a small shape stands its name, on the lower border an event."""
    box = shape.bounds
    if box.height < 60:
        return box.y - 22
    if not shape.foot:
        return box.bottom + 5
    # Between the signs at the corners, if it is short enough; else above them.
    return box.y if text_width(note, _SIZE) < box.width - 56 else box.y - 22


def _corners(box: Bounds) -> tuple[Point, Point]:
    reach = 5 if box.height >= 60 else 1
    return (box.x + reach, box.y + reach - 3), (box.right - reach, box.y + reach - 3)


def _draw_pill(canvas: Canvas, text: str, *, at: Point, fill: str, ink: str) -> None:
    taken = text_width(text, _SIZE) * 1.08  # bold
    width = max(20.0, taken + 14)
    canvas.rectangle(Bounds(at[0] - width / 2, at[1] - 10, width, 20), Paint(ink, fill, 1.5), radius=10)
    canvas.text([text], Writing((at[0], at[1] + 4), _SIZE, 0, ink, bold=True, width=taken if len(text) > 3 else 0))
