"""A picture for a file that brings none: each process from left to right, sub-processes opened, pools below each
other. Only for looking at; a modeler does it better, and what it drew is never moved."""

from __future__ import annotations

from collections.abc import Sequence

from runner.bpmn.render.connecting import connected
from runner.bpmn.render.contents import lay_out_contents, place_beside, sorted_out
from runner.bpmn.render.drawing import BPMN, Model, Node, Plane
from runner.bpmn.render.geometry import Bounds
from runner.bpmn.render.page import Page
from runner.bpmn.render.swimlanes import HEAD, Swimlanes, read_swimlanes

_BETWEEN, _MARGIN, _BLACK_BOX, _NARROWEST = 60.0, 30.0, 60.0, 300.0
_PROCESSES = (f"{BPMN}process", f"{BPMN}choreography")
_AROUND = (f"{BPMN}collaboration", f"{BPMN}globalConversation")


def lay_out(model: Model, processes: Sequence[Node] | None = None) -> Plane:
    """Give a picture of all processes of a file, each in its pool if it has one; or of some, without their pools."""
    page = Page()
    whole = processes is None
    chosen = list(model.root.iter(*_PROCESSES)) if processes is None else processes
    pools = [pool for around in model.root.iter(*_AROUND) for pool in around.iterfind(f"{BPMN}participant")]
    owner = {model.get(pool.get("processRef")): pool for pool in reversed(pools if whole else [])}
    parts = [(owner.get(process), *_part(process)) for process in chosen]
    framed = [
        _head(pool, lanes) + inside.right + 2 * _MARGIN
        for pool, inside, lanes in parts
        if pool is not None or lanes.count
    ]
    width = max([_NARROWEST, *framed])
    for pool, inside, lanes in parts:
        if pool is None and not lanes.count:
            page.take_in(inside, (0.0, _next(page)))
        else:
            _frame(page, inside, pool=pool, lanes=lanes, width=width)
    shown = {pool for pool, *_ in parts}
    for pool in pools if whole else ():
        if pool not in shown:
            page.place(pool, Bounds(0, _next(page), width, _BLACK_BOX))
    for around in model.root.iter(*_AROUND) if whole else ():
        place_beside(page, sorted_out(around).others, anchors={})
    flat = page.flattened()
    return Plane("", tuple(flat.shapes.values()), (*flat.edges, *connected(model, flat.shapes, flat.edges)))


def _part(process: Node) -> tuple[Page, Swimlanes]:
    lanes = read_swimlanes(process)
    return lay_out_contents(process, lanes), lanes


def _next(page: Page) -> float:
    return page.bottom + _BETWEEN if page.bottom else 0.0


def _head(pool: Node | None, lanes: Swimlanes) -> float:
    return (HEAD if pool is not None else 0.0) + lanes.heads


def _frame(page: Page, inside: Page, *, pool: Node | None, lanes: Swimlanes, width: float) -> None:
    """Put a process below what is placed so far, in its pool and its lanes."""
    top, margin = _next(page), 0.0 if lanes.count else _MARGIN
    page.take_in(inside, (_head(pool, lanes) + _MARGIN, top + margin))
    height = max(inside.bottom, _BLACK_BOX) + 2 * margin
    left = 0.0 if pool is None else HEAD
    if pool is not None:
        page.place(pool, Bounds(0, top, width, height))
    bands = [*inside.bands[:-1], *((band[0], height) for band in inside.bands[-1:])]
    for lane, place in lanes.drawn(bands, right=width - left):
        page.place(lane, place.moved(left, top))
