"""Puts a picture together: which page and which shape is drawn when, its group, its state, and the frame of it all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lxml import etree

from runner.bpmn.render.badges import draw_badges
from runner.bpmn.render.canvas import NAMESPACE, Canvas, Paint, Writing, legible, number
from runner.bpmn.render.drawing import CHOREOGRAPHIES, CONVERSATIONS, SUB_PROCESSES, Edge, Model, Plane, Shape
from runner.bpmn.render.edges import draw_edge
from runner.bpmn.render.geometry import Bounds, Extent
from runner.bpmn.render.labels import FONT, Label, shortened, text_width, write_inside
from runner.bpmn.render.look import Look, described, look_of
from runner.bpmn.render.nodes import draw_activity, draw_event, draw_gateway
from runner.bpmn.render.surroundings import (
    draw_annotation,
    draw_document,
    draw_group,
    draw_lane,
    draw_pool,
    draw_store,
)
from runner.bpmn.render.talks import draw_band, draw_choreography, draw_conversation, draw_message
from runner.bpmn.render.themes import Palette
from runner.model import Mark

_MARGIN = 16.0
_BETWEEN = 48.0
_CAPTION = 14.0


class Draw(Protocol):
    """Draws one shape into its group."""

    def __call__(self, canvas: Canvas, shape: Shape, *, look: Look, model: Model) -> None:
        """Draw it."""


_DRAWN: Mapping[str, tuple[str, Draw]] = {
    "participant": ("bpmn-pool", draw_pool),
    "lane": ("bpmn-lane", draw_lane),
    "dataObjectReference": ("bpmn-data", draw_document),
    "dataObject": ("bpmn-data", draw_document),
    "dataInput": ("bpmn-data", draw_document),
    "dataOutput": ("bpmn-data", draw_document),
    "dataStoreReference": ("bpmn-data", draw_store),
    "dataStore": ("bpmn-data", draw_store),
    "textAnnotation": ("bpmn-annotation", draw_annotation),
    "group": ("bpmn-group", draw_group),
    "message": ("bpmn-message", draw_message),
    **{kind: ("bpmn-choreography", draw_choreography) for kind in CHOREOGRAPHIES},
    **{kind: ("bpmn-conversation", draw_conversation) for kind in CONVERSATIONS},
    **{container: ("bpmn-sub-process", draw_activity) for container in SUB_PROCESSES},
}
_FLAT = frozenset({"bpmn-pool", "bpmn-lane", "bpmn-data", "bpmn-annotation", "bpmn-group"})


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for every shape of a picture."""

    model: Model
    marks: Mapping[str, Mark]
    palette: Palette


def compose(planes: tuple[Plane, ...], setting: Setting, *, label: str) -> etree._Element:
    """Give the svg element: the pages below each other, each with a caption if there are several."""
    root = etree.fromstring(f'<svg xmlns="{NAMESPACE}"/>')
    extent, top = Extent(), 0.0
    backdrop = Canvas(root, Extent())
    name, _, standing = label.partition("\n")
    backdrop.describe(name, standing)
    if setting.palette.backdrop:
        backdrop.rectangle(Bounds(0, 0, 0, 0), Paint(fill=setting.palette.backdrop))
    for plane in planes:
        page = Canvas(root, Extent()).group("bpmn-plane")
        _draw_plane(page, plane, setting=setting)
        taken = page.extent.bounds
        if len(planes) > 1:
            _write_caption(page, plane.name, palette=setting.palette)
            taken = page.extent.bounds
        right, down = -taken.x, top - taken.y
        page.mark("transform", f"translate({number(right)} {number(down)})")
        extent.include(taken.moved(right, down))
        top += taken.height + _BETWEEN
    if not any(plane.shapes for plane in planes):
        canvas = Canvas(root, extent)
        write_inside(canvas, Label("Nothing is drawn here yet", setting.palette.soft), box=Bounds(0, 0, 200, 40))
    _frame(root, extent.bounds.inset(-_MARGIN), label=label)
    return root


def summary(planes: tuple[Plane, ...], marks: Mapping[str, Mark], *, title: str) -> str:
    """Say a picture for those who do not see it: what it shows, and on a second line where it stands."""
    name = title or next((plane.name for plane in planes if plane.name), "") or _process_name(planes) or "BPMN diagram"
    shown = {shape.id: shape for plane in planes for shape in plane.shapes}
    standing = [
        f"{mark.status}: {shown[identifier].name or identifier}"
        for identifier, mark in marks.items()
        if identifier in shown and mark.status != "done"
    ]
    return "\n".join([shortened(name, 200), ". ".join(shortened(each, 200) for each in standing)]).strip()


def _process_name(planes: tuple[Plane, ...]) -> str:
    nodes = (shape.element.getparent() for plane in planes for shape in plane.shapes)
    return next((name for node in nodes if node is not None and (name := node.get("name"))), "")


def _draw_plane(page: Canvas, plane: Plane, *, setting: Setting) -> None:
    ordered = sorted(_with_feet(plane.shapes), key=lambda shape: (_depth(shape), -shape.bounds.area))
    behind = [shape for shape in ordered if _depth(shape) < 0]
    before = [shape for shape in ordered if _depth(shape) >= 0]
    for shape in behind:
        _draw_shape(page, shape, setting=setting)
    for edge in plane.edges:
        _draw_edge(page, edge, setting=setting)
    for shape in before:
        _draw_shape(page, shape, setting=setting)
    for shape in ordered:
        mark = setting.marks.get(shape.id)
        if mark is not None:
            draw_badges(page, shape, mark=mark, palette=setting.palette)


def _with_feet(shapes: Sequence[Shape]) -> Iterator[Shape]:
    """Give the shapes, each with how much of its lower part is taken by events on its border."""
    feet: dict[str, float] = {}
    boxes = {shape.id: shape.bounds for shape in shapes}
    for guest in shapes:
        reference = guest.element.get("attachedToRef", "").rpartition(":")[2]
        host = boxes.get(reference)
        if host is None or abs(guest.bounds.center[1] - host.bottom) > guest.bounds.height / 2:
            continue
        if abs(guest.bounds.center[0] - host.center[0]) < host.width * 0.4:
            feet[reference] = max(feet.get(reference, 0.0), host.bottom - guest.bounds.y)
    return (replace(shape, foot=feet[shape.id]) if shape.id in feet else shape for shape in shapes)


def _depth(shape: Shape) -> int:
    """Give the layer: what contains others lies behind the flows (below 0), boundary events on top of all."""
    if shape.band:
        return 1
    if shape.type in ("participant", "lane", "group"):
        return ("participant", "lane", "group").index(shape.type) - 4
    if shape.expanded and (shape.type in SUB_PROCESSES or shape.type in ("callActivity", "subChoreography")):
        return -1
    return 1 if shape.type == "boundaryEvent" else 0


def _draw_shape(page: Canvas, shape: Shape, *, setting: Setting) -> None:
    family, draw = ("bpmn-band", draw_band) if shape.band else _drawing(shape.type)
    mark = setting.marks.get(shape.id)
    group = _group(page, (shape.id, shape.name, shape.type), family=family, mark=mark)
    look = look_of(shape.stroke, shape.fill, mark=mark, palette=setting.palette)
    if mark is not None and _depth(shape) < 0:
        look = replace(look, fill=look.paper)  # the state of a frame must not colour what stands in it
    draw(group, shape, look=look, model=setting.model)


def _draw_edge(page: Canvas, edge: Edge, *, setting: Setting) -> None:
    mark = setting.marks.get(edge.id)
    group = _group(page, (edge.id, edge.element.get("name", ""), edge.type), family="bpmn-flow", mark=mark)
    look = look_of(edge.stroke, "", mark=mark, palette=setting.palette)
    draw_edge(group, edge, look=look, model=setting.model)


def _drawing(element_type: str) -> tuple[str, Draw]:
    if element_type.endswith("Event"):
        return "bpmn-event", draw_event
    if element_type.endswith("Gateway"):
        return "bpmn-gateway", draw_gateway
    return _DRAWN.get(element_type, ("bpmn-task", draw_activity))


def _group(page: Canvas, who: tuple[str, str, str], *, family: str, mark: Mark | None) -> Canvas:
    identifier, name, element_type = who
    group = page.group(family, f"is-{mark.status}" if mark else "")
    group.mark("data-element-id", identifier)
    group.mark("data-element-type", element_type)
    group.describe(described(shortened(name or identifier, 200), element_type, mark=mark))
    return group


def _write_caption(page: Canvas, name: str, *, palette: Palette) -> None:
    place = page.extent.bounds
    text = shortened(name, 80)
    page.text([text], Writing((place.x, place.y - 16), _CAPTION, 0, palette.soft, "start", bold=True))
    page.extent.include(Bounds(place.x, place.y - 30, text_width(text, _CAPTION), 14))


def _frame(root: etree._Element, view: Bounds, *, label: str) -> None:
    place = {"x": view.x, "y": view.y, "width": view.width, "height": view.height}
    root.set("viewBox", " ".join(map(number, place.values())))
    root.set("width", number(view.width))
    root.set("height", number(view.height))
    root.set("class", "bpmn-diagram")
    root.set("role", "img")
    root.set("aria-label", legible(label.replace("\n", ". ")))
    root.set("font-family", FONT)
    backdrop = root.find(f"{{{NAMESPACE}}}rect")
    if backdrop is not None:
        for side, value in place.items():
            backdrop.set(side, number(value))
