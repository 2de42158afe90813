"""A diagram as an SVG picture, drawn here on the server: for pages without JavaScript, README pictures and thumbnails.

Reads a file's own layout, or makes a simple one. What the marks mean and when a picture is old is the caller's."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from runner.bpmn.render.drawing import read_model, read_planes
from runner.bpmn.render.layout import lay_out
from runner.bpmn.render.look import check_marks
from runner.bpmn.render.picture import Setting, compose, summary
from runner.bpmn.render.themes import palette
from runner.bpmn.xml import parse
from runner.model import Mark

__all__ = ["render_svg", "render_tree"]


def render_svg(xml: bytes, *, marks: Mapping[str, Mark] | None = None, theme: str = "auto", title: str = "") -> str:
    """Draw a BPMN file as a complete <svg>, fit to stand in a page under `style-src 'self'` or in a file of its own.

    `marks` are by element or flow id; `theme` is "auto" (the page's CSS variables), "light" or "dark"; `title` names
    the picture for screen readers. Raises DiagramUnreadable, and ValueError for an unknown theme or status.
    """
    return render_tree(parse(xml, source="the diagram").root, marks=marks, theme=theme, title=title)


def render_tree(
    root: etree._Element, *, marks: Mapping[str, Mark] | None = None, theme: str = "auto", title: str = ""
) -> str:
    """Draw a diagram that has been parsed already; otherwise as `render_svg`."""
    states = dict(marks or {})
    check_marks(states)
    model = read_model(root)
    planes = read_planes(model) or (lay_out(model),)
    label = summary(planes, states, title=title)
    picture = compose(planes, Setting(model, states, palette(theme)), label=label)
    return etree.tostring(picture, encoding="unicode")
