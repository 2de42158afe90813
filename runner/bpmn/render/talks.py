"""Who talks to whom: choreography activities with the bands of their participants (BPMN 2.0.2 §11.5), conversations
(§9.5) and messages (§8.4.11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runner.bpmn.render.canvas import Canvas, Paint, line_through, number
from runner.bpmn.render.drawing import BPMN, Model, Shape
from runner.bpmn.render.geometry import Bounds
from runner.bpmn.render.icons import GlyphStyle, draw_glyph
from runner.bpmn.render.labels import Label, write_beside, write_inside
from runner.bpmn.render.look import Look

_BAND, _THICK, _ROUND = 20.0, 3.5, 10.0
_LOOPS = {
    "Standard": "loop",
    "MultiInstanceSequential": "sequentialInstances",
    "MultiInstanceParallel": "parallelInstances",
}


def draw_choreography(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a choreography activity; where the file has no bands of participants, with those that it names."""
    box = shape.bounds
    width = _THICK if shape.type == "callChoreography" else look.width
    canvas.rectangle(box, replace(look.border, width=width), radius=_ROUND)
    bands = [] if shape.banded else list(_bands(shape, model))
    for band, name, starts in bands:
        _draw_strip(canvas, band, look=look, fill=look.fill if starts else look.shade, within=box)
        write_inside(canvas, Label(name, look.text, fixed_height=True), box=band.inset(1))
    markers = [_LOOPS[kind] for kind in [shape.element.get("loopType", "")] if kind in _LOOPS]
    markers += ["collapsed"] if shape.type == "subChoreography" and not shape.expanded else []
    foot = box.bottom - max(_BAND, sum(band.height for band, *_ in bands if band.y > box.center[1]))
    for place, marker in enumerate(markers):
        at = box.center[0] + (place - (len(markers) - 1) / 2) * 18, foot - 10
        draw_glyph(canvas, marker, at=at, style=GlyphStyle(6, look.sign, look.fill))
    lower = foot - (18 if markers else 0)
    middle = Bounds(box.x + 4, box.y + _BAND, box.width - 8, max(lower - box.y - _BAND, 12))
    write_inside(canvas, Label(shape.name, look.text, fixed_height=True, top=shape.expanded), box=middle)


def _bands(shape: Shape, model: Model) -> Iterator[tuple[Bounds, str, bool]]:
    """Give place, name and whether it begins for each participant: the first one above, the others below."""
    box, starts = shape.bounds, model.get(shape.element.get("initiatingParticipantRef"))
    found = [model.get(each.text and each.text.strip()) for each in shape.element.iterfind(f"{BPMN}participantRef")]
    named = [each for each in found if each is not None]
    below = len(named) - 1
    for place, participant in enumerate(named):
        y = box.y if place == 0 else box.bottom - _BAND * (below - place + 1)
        yield Bounds(box.x, y, box.width, _BAND), participant.get("name", ""), participant is starts


def draw_band(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw the band of a participant as the file places it, with its message if that is to be seen."""
    box, top = shape.bounds, shape.band.startswith("top")
    fill = look.fill if shape.band.endswith("_initiating") and "non" not in shape.band else look.shade
    above, below = (0.0 if top else 1.0), (0.0 if shape.band.startswith("bottom") else 1.0)
    activity = Bounds(box.x, box.y - above, box.width, box.height + above + below)
    _draw_strip(canvas, box, look=look, fill=fill, within=activity)
    write_inside(canvas, Label(shape.name, look.text, fixed_height=True), box=box.inset(1))
    if shape.message:
        x, y = box.center[0], box.y - 26 if top else box.bottom + 26
        canvas.path(line_through((x, box.y if top else box.bottom), (x, y)), Paint(look.line, dash="0.5 4"))
        _draw_envelope(canvas, Bounds(x - 15, y - 10, 30, 20), look=look, fill=fill)


def _draw_strip(canvas: Canvas, box: Bounds, *, look: Look, fill: str, within: Bounds) -> None:
    """Draw a band across an activity: round where it touches the activity's upper or lower end."""
    top = _ROUND if box.y <= within.y else 0.0
    foot = _ROUND if box.bottom >= within.bottom else 0.0
    left, right, y, bottom = box.x, box.right, box.y, box.bottom
    path = (
        f"M{number(left)} {number(y + top)}Q{number(left)} {number(y)} {number(left + top)} {number(y)}"
        f"H{number(right - top)}Q{number(right)} {number(y)} {number(right)} {number(y + top)}"
        f"V{number(bottom - foot)}Q{number(right)} {number(bottom)} {number(right - foot)} {number(bottom)}"
        f"H{number(left + foot)}Q{number(left)} {number(bottom)} {number(left)} {number(bottom - foot)}Z"
    )
    canvas.path(path, Paint(look.line, fill, 1.2))
    canvas.extent.include(box)


def draw_conversation(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a conversation: a hexagon, thick if it calls another one, with a plus if there is more in it."""
    box, slant = shape.bounds, shape.bounds.width * 0.22
    y = box.center[1]
    corners = (
        (box.x, y),
        (box.x + slant, box.y),
        (box.right - slant, box.y),
        (box.right, y),
        (box.right - slant, box.bottom),
        (box.x + slant, box.bottom),
    )
    width = _THICK if shape.type == "callConversation" else look.width
    canvas.path(line_through(*corners) + "Z", replace(look.border, width=width))
    canvas.extent.include(box)
    if shape.type == "subConversation":
        draw_glyph(canvas, "collapsed", at=(box.center[0], box.bottom - 10), style=GlyphStyle(6, look.sign, look.fill))
    write_beside(canvas, Label(shape.name, look.label, halo=look.paper), place=shape.label, below=box)


def draw_message(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a message: an envelope, its name beside it."""
    _draw_envelope(canvas, shape.bounds, look=look, fill=look.fill)
    write_beside(canvas, Label(shape.name, look.label, halo=look.paper), place=shape.label, below=shape.bounds)


def _draw_envelope(canvas: Canvas, box: Bounds, *, look: Look, fill: str) -> None:
    canvas.rectangle(box, Paint(look.line, fill, 1.2))
    fold = (box.x, box.y), (box.center[0], box.y + box.height * 0.55), (box.right, box.y)
    canvas.path(line_through(*fold), Paint(look.line, width=1.2))
