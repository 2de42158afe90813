"""Flow nodes: events (BPMN 2.0.2 §10.5), gateways (§10.6), and the tasks and sub-processes of §10.3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runner.bpmn.render.canvas import Canvas, Paint, line_through
from runner.bpmn.render.drawing import BPMN, SUB_PROCESSES, Model, Node, Shape, type_of
from runner.bpmn.render.geometry import Bounds
from runner.bpmn.render.icons import GLYPHS, GlyphStyle, draw_glyph
from runner.bpmn.render.labels import Label, fits, text_height, write_beside, write_inside
from runner.bpmn.render.look import Look
from runner.bpmn.xml import is_true

_THICK = 3.5
_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})
_DOUBLE = frozenset({"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})


def draw_event(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a circle (thin to start, double in between, thick to end) with the glyph of what the event is about."""
    center = shape.bounds.center
    radius = min(shape.bounds.width, shape.bounds.height) / 2
    dash = "" if _interrupts(shape) else "5 3"
    width = _THICK if shape.type == "endEvent" else look.width
    canvas.circle(center, radius - width / 2, paint=replace(look.border, width=width, dash=dash))
    if shape.type in _DOUBLE:
        canvas.circle(center, radius - 4, paint=Paint(look.sign, width=1.2, dash=dash))
    style = GlyphStyle(radius * 0.5, look.sign, look.fill, filled=shape.type in _THROWING)
    draw_glyph(canvas, _subject(shape.element, model), at=center, style=style)
    label = Label(shape.name, look.label, halo=look.paper)
    write_beside(canvas, label, place=shape.label, below=shape.bounds)


def draw_gateway(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a diamond with the sign of its kind; an exclusive one may go without (isMarkerVisible)."""
    box, (x, y) = shape.bounds, shape.bounds.center
    canvas.path(line_through((x, box.y), (box.right, y), (x, box.bottom), (box.x, y)) + "Z", look.border)
    canvas.extent.include(box)
    style = GlyphStyle(min(box.width, box.height) * 0.2, look.sign, look.fill)
    if shape.type == "eventBasedGateway":
        _draw_event_sign(canvas, shape, look=look, half=style.half)
    elif shape.type != "exclusiveGateway" or shape.cross:
        draw_glyph(canvas, shape.type, at=(x, y), style=style)
    label = Label(shape.name, look.label, halo=look.paper)
    write_beside(canvas, label, place=shape.label, below=box)


def draw_activity(canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
    """Draw a task, a call activity (thick border) or a sub-process, with its type icon, markers and name."""
    box = shape.bounds
    width = _THICK if shape.type == "callActivity" else look.width
    dash = "2 3" if is_true(shape.element.get("triggeredByEvent"), default=False) else ""
    canvas.rectangle(box, replace(look.border, width=width, dash=dash), radius=10)
    if shape.type == "transaction":
        canvas.rectangle(box.inset(3.5), Paint(look.line, width=1.2), radius=7)
    icon = shape.type if shape.type.endswith("Task") and shape.type in GLYPHS else ""
    if icon:
        style = GlyphStyle(8.5, look.sign, look.fill, filled=icon == "sendTask")
        draw_glyph(canvas, icon, at=(box.x + 16, box.y + 15), style=style)
    markers = list(_markers(shape))
    for place, marker in enumerate(markers):
        middle = box.center[0] + (place - (len(markers) - 1) / 2) * 18, box.bottom - 10
        draw_glyph(canvas, marker, at=middle, style=GlyphStyle(6, look.sign, look.fill))
    _write_name(canvas, shape, look=look, iconic=bool(icon), marked=bool(markers))


def _write_name(canvas: Canvas, shape: Shape, *, look: Look, iconic: bool, marked: bool) -> None:
    box = shape.bounds
    if shape.expanded and _is_container(shape):
        title = Bounds(box.x + 10, box.y + 6, box.width - 20, 30)
        write_inside(canvas, Label(shape.name, look.text, top=True, fixed_height=True), box=title)
        return
    for foot in (18.0 if marked else 4.0, shape.foot):
        room = Bounds(box.x + 4, box.y + 4, box.width - 8, box.height - 4 - foot)
        label = Label(shape.name, look.text, fixed_height=True)
        if iconic:
            label, room = _room_beside_icon(label, room)
        if room.center[1] + text_height(label, room.width) / 2 <= box.bottom - shape.foot:
            break
    write_inside(canvas, label, box=room)


def _room_beside_icon(label: Label, whole: Bounds) -> tuple[Label, Bounds]:
    """Choose where the name does not meet the icon: in the middle, else below, in a flat shape at its right."""
    head = 21.0
    middle = Bounds(whole.x, whole.y + head, whole.width, max(whole.height - 2 * head, 0))
    lower = Bounds(whole.x, whole.y + head, whole.width, max(whole.height - head, 0))
    for size in (label.size, label.size - 1, label.size - 2):
        smaller = replace(label, size=size)
        for room in (middle, lower):
            if fits(smaller, room):
                return smaller, room
    if whole.height >= 60:
        return label, lower
    return label, Bounds(whole.x + 24, whole.y, max(whole.width - 24, 20), whole.height)


def _markers(shape: Shape) -> Iterator[str]:
    element = shape.element
    several = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if several is not None:
        yield "sequentialInstances" if is_true(several.get("isSequential"), default=False) else "parallelInstances"
    elif element.find(f"{BPMN}standardLoopCharacteristics") is not None:
        yield "loop"
    if is_true(element.get("isForCompensation"), default=False):
        yield "compensation"
    if _is_container(shape) and not shape.expanded:
        yield "collapsed"
    if shape.type == "adHocSubProcess":
        yield "adHoc"


def _is_container(shape: Shape) -> bool:
    return shape.type in SUB_PROCESSES or shape.type == "callActivity"


def _interrupts(shape: Shape) -> bool:
    """An event that leaves its activity running is drawn dashed: a boundary event, or an event sub-process's start."""
    attribute = {"boundaryEvent": "cancelActivity", "startEvent": "isInterrupting"}.get(shape.type, "")
    return not attribute or is_true(shape.element.get(attribute), default=True)


def _subject(element: Node, model: Model) -> str:
    """Give the glyph name of an event: its kind, or that it is about several."""
    kinds = [type_of(child) for child in element]
    kinds += [
        type_of(found)
        for ref in element.iterfind(f"{BPMN}eventDefinitionRef")
        if (found := model.get(ref.text)) is not None
    ]
    kinds = [kind.removesuffix("EventDefinition") for kind in kinds if kind.endswith("EventDefinition")]
    if len(kinds) > 1:
        return "parallelMultiple" if is_true(element.get("parallelMultiple"), default=False) else "multiple"
    return kinds[0] if kinds else ""


def _draw_event_sign(canvas: Canvas, shape: Shape, *, look: Look, half: float) -> None:
    center = shape.bounds.center
    thin = Paint(look.sign, width=1.2)
    canvas.circle(center, half * 1.4, paint=thin)
    if not is_true(shape.element.get("instantiate"), default=False):
        canvas.circle(center, half * 1.15, paint=thin)
    sign = "parallelMultiple" if shape.element.get("eventGatewayType") == "Parallel" else "multiple"
    draw_glyph(canvas, sign, at=center, style=GlyphStyle(half * 0.75, look.sign, look.fill))
