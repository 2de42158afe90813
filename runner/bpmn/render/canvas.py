"""Builds SVG elements: the few primitives that all drawing code uses, and the extent they cover.

Everything goes through lxml, so a picture is well-formed and escaped by construction; colours are chosen elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from runner.bpmn.render.geometry import Bounds, Extent, Point

NAMESPACE = "http://www.w3.org/2000/svg"
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Paint:
    """How a line or an area is painted; widths in pixels, `dash` as in stroke-dasharray."""

    stroke: str = "none"
    fill: str = "none"
    width: float = 1.5
    dash: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """How lines of text are set: at `at` (the first baseline), `leading` pixels apart, `turned` a quarter to the left.

    `halo` is the colour of a rim that keeps the text legible where lines cross it. `width` holds a line to so many
    pixels, whatever the font.
    """

    at: Point
    size: float
    leading: float
    colour: str
    anchor: str = "middle"
    bold: bool = False
    turned: Point | None = None
    halo: str = ""
    width: float = 0


class Canvas:
    """A group of the picture that things are drawn into; all groups of a plane share one extent."""

    def __init__(self, node: etree._Element, extent: Extent) -> None:
        self.node = node
        self.extent = extent

    def group(self, *classes: str) -> Canvas:
        """Open a group inside this one."""
        return Canvas(self._add("g", {"class": " ".join(each for each in classes if each)}), self.extent)

    def describe(self, text: str, more: str = "") -> None:
        """Give the group its accessible name, which is its tooltip, too, and a longer description if there is one."""
        self._add("title", {}).text = legible(text)
        if more:
            self._add("desc", {}).text = legible(more)

    def mark(self, name: str, value: str) -> None:
        """Set an attribute of the group, for scripts and style sheets."""
        self.node.set(name, legible(value))

    def path(self, d: str, paint: Paint) -> None:
        """Draw a path. It does not grow the extent: whoever knows its place does."""
        self._add("path", {"d": d, **_painted(paint), "stroke-linejoin": "round", "stroke-linecap": "round"})

    def circle(self, center: Point, radius: float, *, paint: Paint) -> None:
        """Draw a circle."""
        x, y = center
        self._add("circle", {"cx": number(x), "cy": number(y), "r": number(max(radius, 0)), **_painted(paint)})
        self.extent.include(Bounds(x - radius, y - radius, 2 * radius, 2 * radius))

    def rectangle(self, bounds: Bounds, paint: Paint, *, radius: float = 0) -> None:
        """Draw a rectangle, with round corners if asked."""
        place = {"x": number(bounds.x), "y": number(bounds.y)}
        size = {"width": number(max(bounds.width, 0)), "height": number(max(bounds.height, 0))}
        self._add("rect", {**place, **size, "rx": number(radius), **_painted(paint)})
        self.extent.include(bounds)

    def text(self, lines: Iterable[str], writing: Writing) -> None:
        """Write lines below each other."""
        x, y = writing.at
        attributes = {"font-size": number(writing.size), "text-anchor": writing.anchor, "fill": writing.colour}
        if writing.bold:
            attributes["font-weight"] = "bold"
        if writing.turned:
            attributes["transform"] = f"rotate(-90 {number(writing.turned[0])} {number(writing.turned[1])})"
        if writing.halo:
            attributes |= {"stroke": writing.halo, "stroke-width": "3", "stroke-linejoin": "round"}
            attributes["paint-order"] = "stroke"
        node = self._add("text", attributes)
        for place, line in enumerate(lines):
            span = etree.SubElement(node, f"{{{NAMESPACE}}}tspan")
            span.set("x", number(x))
            span.set("y", number(y + place * writing.leading))
            if writing.width:
                span.set("textLength", number(writing.width))
                span.set("lengthAdjust", "spacingAndGlyphs")
            span.text = legible(line)

    def _add(self, tag: str, attributes: dict[str, str]) -> etree._Element:
        return etree.SubElement(self.node, f"{{{NAMESPACE}}}{tag}", attributes)


def number(value: float) -> str:
    """Write a length, to a hundredth of a pixel and without trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def legible(text: str) -> str:
    """Drop what XML cannot carry (control characters, lone surrogates): notes and titles come from anywhere."""
    return _ILLEGAL.sub("", text)


def line_through(*points: Point) -> str:
    """Give the path that visits the points in straight lines."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _painted(paint: Paint) -> dict[str, str]:
    attributes = {"fill": paint.fill, "stroke": paint.stroke}
    if paint.stroke != "none":
        attributes["stroke-width"] = number(paint.width)
    if paint.dash:
        attributes["stroke-dasharray"] = paint.dash
    return attributes
