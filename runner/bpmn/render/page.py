"""What a layout has placed so far, as nested pages: each moves as a whole, and all are put on one at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from runner.bpmn.render.drawing import Edge, Node, Shape, type_of
from runner.bpmn.render.geometry import Bounds, Point


@dataclass(slots=True)
class Page:
    """Shapes and lines from (0, 0) on. A sub-process has a page of its own, which lies at (x, y) on the one around it.

    `bands` are top and bottom of the lanes that it has room for.
    """

    shapes: dict[str, Shape] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    pages: list[tuple[Page, Point]] = field(default_factory=list)
    bands: Sequence[tuple[float, float]] = ()
    bottom: float = 0.0
    right: float = 0.0

    def place(self, node: Node, bounds: Bounds, *, expanded: bool = False) -> None:
        """Put a node somewhere."""
        self.shapes[node.get("id", "")] = Shape(node, type_of(node), bounds, expanded=expanded)
        self.reach(bounds.right, bounds.bottom)

    def reach(self, right: float, bottom: float) -> None:
        """Grow so far at least."""
        self.right, self.bottom = max(self.right, right), max(self.bottom, bottom)

    def take_in(self, page: Page, at: Point) -> None:
        """Put another page on this one."""
        self.pages.append((page, at))
        self.reach(page.right + at[0], page.bottom + at[1])

    def flattened(self) -> Page:
        """Give one page with everything on it; each shape moves once, however deep it lies."""
        flat = Page(right=self.right, bottom=self.bottom)
        rest: list[tuple[Page, Point]] = [(self, (0.0, 0.0))]
        while rest:
            page, (right, down) = rest.pop()
            for key, shape in page.shapes.items():
                flat.shapes[key] = replace(shape, bounds=shape.bounds.moved(right, down))
            for edge in page.edges:
                flat.edges.append(replace(edge, points=tuple((x + right, y + down) for x, y in edge.points)))
            rest += [(inner, (x + right, y + down)) for inner, (x, y) in page.pages]
        return flat
