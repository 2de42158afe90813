"""What a file says about its picture (BPMN 2.0.2 §12, diagram interchange), read into plain records.

Numbers and colours from the file are checked here once; how a shape looks is the drawing code's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from runner.bpmn.render.geometry import Bounds, Point, coordinate
from runner.bpmn.render.themes import safe_colour
from runner.bpmn.xml import is_true

Node = etree._Element

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_BIOC = "{http://bpmn.io/schema/bpmn/biocolor/1.0}"
_COLOR = "{http://www.omg.org/spec/BPMN/non-normative/color/1.0}"

CHOREOGRAPHIES = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
CONVERSATIONS = frozenset({"conversation", "subConversation", "callConversation"})
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


@dataclass(frozen=True, slots=True)
class Shape:
    """A node of the picture. `label` is where its name goes, None if the file does not say.

    `band` is the kind of a participant's band in a choreography activity ("top_initiating", …), `message` whether its
    message is to be seen; `banded` says that the file places the bands of this activity. `foot` is how much of the
    lower part of an activity is taken by events on its border.
    """

    element: Node
    type: str
    bounds: Bounds
    label: Bounds | None = None
    expanded: bool = False
    horizontal: bool = True
    cross: bool = True
    stroke: str = ""
    fill: str = ""
    band: str = ""
    message: bool = False
    banded: bool = False
    foot: float = 0.0

    @property
    def id(self) -> str:
        """Give the id of the element that is drawn."""
        return self.element.get("id", "")

    @property
    def name(self) -> str:
        """Give the element's name, or an empty text."""
        return self.element.get("name", "")


@dataclass(frozen=True, slots=True)
class Edge:
    """A line of the picture, from its first point to its last. `envelope` is "", "initiating" or "non_initiating"."""

    element: Node
    type: str
    points: tuple[Point, ...]
    label: Bounds | None = None
    stroke: str = ""
    envelope: str = ""

    @property
    def id(self) -> str:
        """Give the id of the flow that is drawn."""
        return self.element.get("id", "")


@dataclass(frozen=True, slots=True)
class Plane:
    """One page of a file: a process, a collaboration, or the inside of a collapsed sub-process."""

    name: str
    shapes: tuple[Shape, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """The elements of a file by id."""

    root: Node
    elements: Mapping[str, Node] = field(repr=False)

    def get(self, reference: str | None) -> Node | None:
        """Give the element that a QName refers to, with or without a prefix, or None."""
        if not reference:
            return None
        return self.elements.get(reference, self.elements.get(reference.rpartition(":")[2]))


def read_model(root: Node) -> Model:
    """Index the elements of a file; of several with one id the first counts."""
    elements: dict[str, Node] = {}
    for node in root.iter(f"{BPMN}*"):
        identifier = node.get("id")
        if identifier:
            elements.setdefault(identifier, node)
    return Model(root, elements)


def type_of(node: Node) -> str:
    """Give the BPMN tag, "serviceTask"; an empty text for a tag of another namespace."""
    tag = node.tag
    return tag.removeprefix(BPMN) if isinstance(tag, str) and tag.startswith(BPMN) else ""


def read_planes(model: Model) -> tuple[Plane, ...]:
    """Read the pages that show at least one shape, in the order of the file."""
    planes = (_plane(node, model) for node in model.root.iter(f"{_DI}BPMNPlane"))
    return tuple(plane for plane in planes if plane.shapes)


def _plane(node: Node, model: Model) -> Plane:
    banded = {each.get("choreographyActivityShape") for each in node.iterfind(f"{_DI}BPMNShape")}
    shapes = (_shape(each, model, banded=each.get("id") in banded) for each in node.iterfind(f"{_DI}BPMNShape"))
    edges = (_edge(each, model) for each in node.iterfind(f"{_DI}BPMNEdge"))
    shown = model.get(node.get("bpmnElement"))
    diagram = node.getparent()
    name = (shown.get("name") if shown is not None else "") or (diagram.get("name") if diagram is not None else "")
    return Plane(name or "", tuple(filter(None, shapes)), tuple(filter(None, edges)))


def _shape(node: Node, model: Model, *, banded: bool) -> Shape | None:
    element, bounds = model.get(node.get("bpmnElement")), _bounds(node)
    if element is None or bounds is None:
        return None
    roomy = bounds.width > 160 and bounds.height > 100
    return Shape(
        element=element,
        type=type_of(element),
        bounds=bounds,
        label=_label(node),
        expanded=is_true(node.get("isExpanded"), default=roomy),
        horizontal=is_true(node.get("isHorizontal"), default=True),
        cross=is_true(node.get("isMarkerVisible"), default=True),
        stroke=_stroke(node),
        fill=_fill(node),
        band=node.get("participantBandKind", "middle") if node.get("choreographyActivityShape") else "",
        message=is_true(node.get("isMessageVisible"), default=False),
        banded=banded and node.get("id") is not None,
    )


def _edge(node: Node, model: Model) -> Edge | None:
    element = model.get(node.get("bpmnElement"))
    read = [(coordinate(each.get("x")), coordinate(each.get("y"))) for each in node.iterfind(_WAYPOINT)]
    points = tuple((x, y) for x, y in read if x is not None and y is not None)
    if element is None or len(points) < 2:
        return None
    return Edge(
        element=element,
        type=type_of(element),
        points=points,
        label=_label(node),
        stroke=_stroke(node),
        envelope=node.get("messageVisibleKind", ""),
    )


def _stroke(node: Node) -> str:
    # Black on white is no choice of the author's: it is how modelers write "as usual", which a dark page must not show.
    colour = safe_colour(node.get(f"{_COLOR}border-color"), node.get(f"{_BIOC}stroke"))
    return "" if colour.lower() in ("black", "#000", "#000000") else colour


def _fill(node: Node) -> str:
    colour = safe_colour(node.get(f"{_COLOR}background-color"), node.get(f"{_BIOC}fill"))
    return "" if colour.lower() in ("white", "#fff", "#ffffff", "none") else colour


def _label(node: Node) -> Bounds | None:
    label = node.find(f"{_DI}BPMNLabel")
    return None if label is None else _bounds(label)


def _bounds(node: Node) -> Bounds | None:
    box = node.find(_BOUNDS)
    if box is None:
        return None
    x, y, width, height = (coordinate(box.get(side)) for side in ("x", "y", "width", "height"))
    if x is None or y is None or width is None or height is None or width < 0 or height < 0:
        return None
    return Bounds(x, y, width, height)
