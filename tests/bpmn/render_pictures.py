"""Diagrams with a picture, written in a line or two, and questions to the SVG that is drawn from them."""

from __future__ import annotations

from builders import BPMN
from lxml import etree

SVG = "{http://www.w3.org/2000/svg}"
NAMESPACES = (
    f'xmlns="{BPMN}" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:dd="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" '
    'xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0"'
)


def shape(element: str, x: float, y: float, size: str = "100x80", extra: str = "") -> str:
    """Give the shape of an element; `size` is "widthxheight"."""
    width, height = size.split("x")
    box = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f'<di:BPMNShape bpmnElement="{element}" {extra}>{box}</di:BPMNShape>'


def edge(flow: str, *points: tuple[float, float], extra: str = "") -> str:
    """Give the line of a flow."""
    way = "".join(f'<dd:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<di:BPMNEdge bpmnElement="{flow}" {extra}>{way}</di:BPMNEdge>'


def pictured(inner: str, *shapes: str, around: str = "") -> bytes:
    """Give a file with one process and its picture; `around` are siblings of the process."""
    plane = f'<di:BPMNDiagram><di:BPMNPlane bpmnElement="p">{"".join(shapes)}</di:BPMNPlane></di:BPMNDiagram>'
    return f'<definitions {NAMESPACES}>{around}<process id="p">{inner}</process>{plane}</definitions>'.encode()


def parsed(svg: str) -> etree._Element:
    """Read a picture, which fails if it is not well-formed."""
    return etree.fromstring(svg)


def group(svg: str, element: str) -> etree._Element:
    """Give the one group that draws an element."""
    (found,) = (node for node in parsed(svg).iter(f"{SVG}g") if node.get("data-element-id") == element)
    return found


def title(svg: str, element: str) -> str:
    """Give the accessible name of an element."""
    return group(svg, element).findtext(f"{SVG}title") or ""


def written(svg: str) -> list[str]:
    """Give every text in the picture, lines joined."""
    return ["".join(str(part) for part in node.itertext()) for node in parsed(svg).iter(f"{SVG}text")]


def view(svg: str) -> tuple[float, float, float, float]:
    """Give the frame: x, y, width, height."""
    x, y, width, height = map(float, parsed(svg).get("viewBox", "").split())
    return x, y, width, height
