"""A diagram as an SVG picture, drawn here on the server: for pages without JavaScript, README pictures and thumbnails.

Reads a file's own layout, or makes a simple one. What the marks mean and when a picture is old is the caller's."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from runner.bpmn.render.choosing import find_process, only
from runner.bpmn.render.completing import completed
from runner.bpmn.render.drawing import read_model, read_planes
from runner.bpmn.render.layout import lay_out
from runner.bpmn.render.look import check_marks
from runner.bpmn.render.naming import named
from runner.bpmn.render.picture import Setting, compose, summary
from runner.bpmn.render.themes import palette
from runner.bpmn.xml import expect_bpmn, parse
from runner.model import Mark

__all__ = ["render_svg"]


def render_svg(
    xml: bytes,
    *,
    marks: Mapping[str, Mark] | None = None,
    theme: str = "auto",
    title: str = "",
    process: str | None = None,
    source: str = "the diagram",
) -> str:
    """Draw a BPMN file as a complete <svg>, fit to stand in a page under `style-src 'self'` or in a file of its own.

    `marks` are by element or flow id; `theme` is "auto" (the page's CSS variables), "light" or "dark"; `title` names
    the picture for screen readers; `process` draws only the process of that id; `source` names the file in messages.
    Raises DiagramUnreadable, Invalid for an unknown process, and ValueError for an unknown theme or status.
    """
    root = expect_bpmn(parse(xml, source=source))
    states = dict(marks or {})
    check_marks(states)
    model = read_model(root)
    planes = completed(read_planes(model), model)
    if process is not None:
        chosen = find_process(model, process)
        planes = only(planes, model, chosen) or only((lay_out(model),), model, chosen)
    planes = tuple(map(named, planes))
    picture = compose(planes, Setting(model, states, palette(theme)), label=summary(planes, states, title=title))
    return etree.tostring(picture, encoding="unicode")
