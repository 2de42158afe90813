"""What stands around the flow nodes: pools and lanes, data objects and stores, annotations and groups (BPMN 2.0.2
§9.3 and §10.8 for swimlanes, §10.4 for data, §8.4.1 for artifacts)."""

from __future__ import annotations

from dataclasses import replace

from runner.bpmn.render.canvas import Canvas, Paint, line_through, number
from runner.bpmn.render.drawing import BPMN, Model, Shape
from runner.bpmn.render.geometry import Bounds
from runner.bpmn.render.icons import GlyphStyle, draw_glyph
from runner.bpmn.render.labels import Label, write_beside, write_inside, write_upwards
from runner.bpmn.render.look import Look
from runner.bpmn.xml import is_true

_BAND = 30.0


def draw_pool(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a participant: with a title band if it shows its process, with its name in the middle if it does not."""
    box = shape.bounds
    canvas.rectangle(box, look.border)
    label = Label(shape.name, look.text, fixed_height=True)
    if not shape.element.get("processRef") and (not shape.horizontal or box.height <= 150):
        write_inside(canvas, label, box=box.inset(4))
    else:
        side = (box.x + _BAND, box.y), (box.x + _BAND, box.bottom)
        top = (box.x, box.y + _BAND), (box.right, box.y + _BAND)
        canvas.path(line_through(*(side if shape.horizontal else top)), look.outline)
        _write_band(canvas, shape, label=label)
    if shape.element.find(f"{BPMN}participantMultiplicity") is not None:
        at = box.center[0], box.bottom - 11
        draw_glyph(canvas, "parallelInstances", at=at, style=GlyphStyle(6, look.sign, look.fill))


def draw_lane(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a lane; without a colour of its own it lets the pool shine through."""
    canvas.rectangle(shape.bounds, replace(look.border, fill=look.fill if look.fill != look.paper else "none"))
    _write_band(canvas, shape, label=Label(shape.name, look.text, fixed_height=True))


def draw_document(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a data object, a data input (empty arrow) or a data output (filled arrow), with its state below the name."""
    box, ear = shape.bounds, min(shape.bounds.width, shape.bounds.height) * 0.3
    fold, side = (box.right - ear, box.y), (box.right, box.y + ear)
    outline = line_through((box.x, box.y), fold, side, (box.right, box.bottom), (box.x, box.bottom)) + "Z"
    canvas.path(outline + line_through(fold, (fold[0], side[1]), side), look.border)
    canvas.extent.include(box)
    if shape.type in ("dataInput", "dataOutput"):
        style = GlyphStyle(6, look.sign, look.fill, filled=shape.type == "dataOutput")
        draw_glyph(canvas, "link", at=(box.x + 10, box.y + 10), style=style)
    thing = model.get(shape.element.get("dataObjectRef"))
    things = [shape.element] if thing is None else [shape.element, thing]
    if any(is_true(each.get("isCollection"), default=False) for each in things):
        at = box.center[0], box.bottom - 8
        draw_glyph(canvas, "parallelInstances", at=at, style=GlyphStyle(5, look.sign, look.fill))
    state = shape.element.find(f"{BPMN}dataState")
    condition = f"[{state.get('name')}]" if state is not None and state.get("name") else ""
    text = "\n".join(filter(None, (shape.name, condition)))
    write_beside(canvas, Label(text, look.label, halo=look.paper), place=shape.label, below=box)


def draw_store(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a data store: a drum."""
    box, rim = shape.bounds, shape.bounds.height * 0.14
    arc = f"A{number(box.width / 2)} {number(rim)} 0 0"
    left, right = number(box.x), number(box.right)
    upper, lower = number(box.y + rim), number(box.bottom - rim)
    body = f"M{left} {upper}{arc} 1 {right} {upper}V{lower}{arc} 1 {left} {lower}Z"
    rings = "".join(
        f"M{left} {number(box.y + rim + drop)}{arc} 0 {right} {number(box.y + rim + drop)}" for drop in (0, 5, 10)
    )
    canvas.path(body + rings, look.border)
    canvas.extent.include(box)
    write_beside(canvas, Label(shape.name, look.label, halo=look.paper), place=shape.label, below=box)


def draw_annotation(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a text annotation: an open bracket with the text beside it."""
    box = shape.bounds
    if shape.fill:
        canvas.rectangle(box, Paint(fill=look.fill))
    bracket = line_through((box.x + 10, box.y), (box.x, box.y), (box.x, box.bottom), (box.x + 10, box.bottom))
    canvas.path(bracket, look.outline)
    canvas.extent.include(box)
    text = "".join(shape.element.findtext(f"{BPMN}text") or "").strip()
    write_inside(
        canvas, Label(text, look.text, top=True, left=True), box=Bounds(box.x + 7, box.y + 5, box.width - 9, 0)
    )


def draw_group(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a group: a dashed frame around what belongs together, named by its category value."""
    box = shape.bounds
    canvas.rectangle(box, Paint(look.line, width=look.width, dash="10 4 2 4"), radius=10)
    value = model.get(shape.element.get("categoryValueRef"))
    name = value.get("value", "") if value is not None else ""
    above = Bounds(box.x, box.y - 22, box.width, 0)
    write_beside(canvas, Label(name, look.label, halo=look.paper), place=shape.label, below=above)


def _write_band(canvas: Canvas, shape: Shape, *, label: Label) -> None:
    box = shape.bounds
    if shape.horizontal:
        write_upwards(canvas, label, box=Bounds(box.x, box.y + 2, _BAND, box.height - 4))
    else:
        write_inside(canvas, label, box=Bounds(box.x + 2, box.y, box.width - 4, _BAND))
