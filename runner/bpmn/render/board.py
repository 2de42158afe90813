"""From columns and rows to pixels: how wide and high they are, and how lines run between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from runner.bpmn.render.channels import Channels, Piece
from runner.bpmn.render.geometry import Bounds, Point
from runner.bpmn.render.layers import Grid, Link

_ACROSS, _DOWN, _GUEST, _LOOP, _PADDING, _LEAST_BAND = 60.0, 50.0, 10.0, 14.0, 24.0, 100.0
Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rows:
    """The middle of each row, top and bottom of each band, and the height at which each loop goes back."""

    middles: Sequence[float]
    bands: Sequence[tuple[float, float]]
    loops: Mapping[Link, float]

    @classmethod
    def measured(
        cls, grid: Grid, sizes: Mapping[str, Size], *, bands: Mapping[str, int], count: int, guests: Mapping[str, int]
    ) -> Rows:
        """Measure the rows; `count` bands are there, 0 if there are no lanes; `guests` sit on the border of a node."""
        heights: dict[int, float] = {}
        gaps: dict[int, float] = {}
        band_of: dict[int, int] = {}
        for node, (_, row) in grid.cells.items():
            heights[row] = max(heights.get(row, 30.0), sizes[node][1])
            gaps[row] = max(gaps.get(row, _DOWN), _DOWN + _GUEST * max(0, guests.get(node, 0) - 1))
            band_of[row] = bands.get(node, 0)
        for link, way in grid.passes.items():
            for _, row in way:
                heights.setdefault(row, 30.0)
                band_of[row] = bands.get(link[0], 0)
        around: dict[int, list[Link]] = defaultdict(list)
        for link in sorted(grid.around, key=lambda each: (abs(grid.cells[each[0]][0] - grid.cells[each[1]][0]), each)):
            around[bands.get(link[0], 0)].append(link)
        return cls._stacked(heights, gaps, band_of, around=around, count=count)

    @classmethod
    def _stacked(
        cls,
        heights: Mapping[int, float],
        gaps: Mapping[int, float],
        band_of: Mapping[int, int],
        *,
        around: Mapping[int, Sequence[Link]],
        count: int,
    ) -> Rows:
        rows_of: dict[int, list[int]] = defaultdict(list)
        for row in sorted(band_of):
            rows_of[band_of[row]].append(row)
        middles: dict[int, float] = {}
        extents: list[tuple[float, float]] = []
        loops: dict[Link, float] = {}
        y, padding = 0.0, _PADDING if count else 0.0
        for band in range(max([count, *(each + 1 for each in rows_of)])):
            top = y
            y += padding
            for row in rows_of[band]:
                middles[row] = y + heights[row] / 2
                y += heights[row] + gaps.get(row, _DOWN)
            y -= _DOWN if rows_of[band] else 0.0
            for link in around.get(band, ()):
                y += 2 * _LOOP if link == around[band][0] else _LOOP
                loops[link] = y
            y = max(y + padding, top + (_LEAST_BAND if count else 0.0))
            extents.append((top, y))
        return cls([middles[row] for row in sorted(middles)], extents, loops)


class Board:
    """Gives nodes their places, and lines their points."""

    def __init__(
        self,
        grid: Grid,
        sizes: Mapping[str, Size],
        *,
        rows: Rows,
        pieces: Sequence[Piece],
        names: Mapping[str, float],
    ) -> None:
        """Measure the columns; `names` is how wide a name is on a line that leaves a node."""
        self._grid, self._sizes, self.rows = grid, sizes, rows
        widths: dict[int, float] = defaultdict(lambda: 10.0)
        wished: dict[int, float] = defaultdict(lambda: _ACROSS)
        for key, (column, _) in grid.cells.items():
            widths[column] = max(widths[column], sizes[key][0])
            wished[column + 1] = max(wished[column + 1], names.get(key, 0.0) + _ACROSS / 2)
        self._channels = Channels(pieces)
        self._ends: dict[int, tuple[float, float]] = {}
        self._middles: list[float] = []
        x, last = 0.0, max(widths, default=-1)
        for column in range(last + 2):
            least = wished[column] if 0 < column <= last else 0.0
            width = self._channels.width(column, least=least)
            self._ends[column] = (x, x + width)
            x += width
            if column <= last:
                self._middles.append(x + widths[column] / 2)
                x += widths[column]
        self.right = x

    def bounds(self, node: str) -> Bounds:
        """Give the place of a node."""
        column, row = self._grid.cells[node]
        x, y, (width, height) = self._middles[column], self.rows.middles[row], self._sizes[node]
        return Bounds(x - width / 2, y - height / 2, width, height)

    def points(self, start: Sequence[Point], legs: Sequence[tuple[Piece, float]], target: str) -> tuple[Point, ...]:
        """Give the points of a line that begins with `start`, goes along its legs and ends left of its target."""
        points, y = list(start), start[-1][1]
        for piece, height in legs:
            x = self._channels.x(piece, ends=self._ends)
            points += [(x, y), (x, height)]
            y = height
        return (*points, (self.bounds(target).x, y))


def legs(
    grid: Grid, rows: Rows, link: Link, *, leaves_at: float, who: tuple[str, str]
) -> Iterator[tuple[Piece, float]]:
    """Give the pieces of a link in which it goes up or down, with the height after each.

    `who` is the node that the line leaves (a node at the border of another has ways of its own) and a name for it.
    """
    (start, _), (end, arrives) = grid.cells[link[0]], grid.cells[link[1]]
    source, name = who
    goal = rows.middles[arrives]
    if link in grid.around:
        depth = rows.loops[link]
        yield Piece(start + 1, leaves_at, depth, source, name), depth
        yield Piece(end, depth, goal, name, link[1]), goal
        return
    y = leaves_at
    heights = [*(rows.middles[row] for _, row in grid.passes[link]), goal]
    for channel, height in enumerate(heights, start + 1):
        if height != y:
            first, last = channel == start + 1, channel == end
            yield (
                Piece(channel, y, height, source if first else name, link[1] if last else name),
                height,
            )
            y = height
