"""Ways for lines between shapes that no grid has put in order: around what stands there.

A line leaves below or above, and goes up or down where no shape stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from runner.bpmn.render.geometry import Bounds, Point

_STEP = 10.0
_FARTHEST = 60
_BESIDE = 8.0
_WIDE = 300.0
# Beyond so many comparisons lines go straight: a picture of thousands of shapes must not take long.
_BUDGET = 2_000_000


class Detours:
    """Finds ways around shapes, and remembers them: two upright lines keep apart."""

    def __init__(self, boxes: Iterable[Bounds]) -> None:
        self._boxes = [box.inset(-6) for box in boxes]
        self._taken: list[tuple[float, float, float]] = []
        self._levels: list[tuple[float, float, float]] = []
        self._ports: Counter[tuple[Bounds, bool]] = Counter()
        self._left = _BUDGET

    def way(self, start: Bounds, end: Bounds, *, level: float | None = None) -> tuple[Point, ...]:
        """Give a way between the facing sides of two shapes; `level` is where it may change from one x to another."""
        down = end.center[1] >= start.center[1]
        near, far = (start.bottom, end.y) if down else (start.y, end.bottom)
        if abs(far - near) < 1 or (far > near) != down:
            return self._sideways(start, end)
        between = (near + far) / 2 if level is None else level
        first, last = self._port(start, end, below=down), self._port(end, start, below=not down)
        if first == last and self._free(first, near, far):
            self._taken.append((first, near, far))
            return (first, near), (last, far)
        one, other = self._upright(first, near, between), self._upright(last, between, far)
        between = self._level(between, *sorted((one, other)))
        turn = 10.0 if down else -10.0
        leave = [(first, near)] if one == first else [(first, near), (first, near + turn), (one, near + turn)]
        arrive = [(last, far)] if other == last else [(other, far - turn), (last, far - turn), (last, far)]
        return (*leave, (one, between), (other, between), *arrive)

    def _sideways(self, start: Bounds, end: Bounds) -> tuple[Point, ...]:
        """Give a way between two shapes beside each other: straight, or over what stands between them."""
        right = end.center[0] >= start.center[0]
        near, far = (start.right, end.x) if right else (start.x, end.right)
        y = min(max(start.center[1], end.y), end.bottom)
        between = Bounds(min(near, far), y, abs(far - near), 0).inset(7)
        if not self._spend(len(self._boxes)):
            return (near, y), (far, y)
        blocked = [
            box for box in self._boxes if box.y < y < box.bottom and box.x < between.right and box.right > between.x
        ]
        if not blocked or between.width <= 0:
            return (near, y), (far, y)
        over = self._level(
            min(start.y, end.y, *(box.y for box in blocked)) - 14, *sorted((start.center[0], end.center[0]))
        )
        return (start.center[0], start.y), (start.center[0], over), (end.center[0], over), (end.center[0], end.y)

    def _port(self, bounds: Bounds, other: Bounds, *, below: bool) -> float:
        """Give the x to leave a side at: the middle, beside it if another line is there already.

        From something very wide (a pool) it is that of what it is joined with.
        """
        if bounds.width >= _WIDE and other.width < _WIDE:
            return min(max(other.center[0], bounds.x + 20), bounds.right - 20)
        before = self._ports[bounds, below]
        self._ports[bounds, below] += 1
        beside = _BESIDE * 2 * ((before + 1) // 2) * (1 if before % 2 else -1)
        return bounds.center[0] + (beside if abs(beside) < bounds.width / 2 - _BESIDE else 0.0)

    def _upright(self, x: float, start: float, end: float) -> float:
        """Give the x nearest to the wished one at which nothing stands between two heights."""
        for distance in range(_FARTHEST):
            for candidate in (x + distance * _STEP, x - distance * _STEP):
                if self._free(candidate, start, end):
                    self._taken.append((candidate, start, end))
                    return candidate
        return x

    def _level(self, wished: float, left: float, right: float) -> float:
        """Give the height nearest above the wished one at which no other line runs between two x."""
        level = wished
        while self._spend(len(self._levels)) and any(
            abs(level - y) < _STEP / 2 and one < right and other > left for y, one, other in self._levels
        ):
            level -= _STEP / 2
        self._levels.append((level, left, right))
        return level

    def _free(self, x: float, start: float, end: float) -> bool:
        top, bottom = sorted((start, end))
        # The first pixels belong to the shapes that are joined, around which a margin was put.
        top, bottom = top + 7, bottom - 7
        if bottom <= top or not self._spend(len(self._boxes) + len(self._taken)):
            return True
        if any(
            abs(x - each) < _BESIDE and min(one, other) < bottom and max(one, other) > top
            for each, one, other in self._taken
        ):
            return False
        return not any(box.x < x < box.right and box.y < bottom and box.bottom > top for box in self._boxes)

    def _spend(self, comparisons: int) -> bool:
        """Count comparisons that are about to be made; False if there have been too many."""
        self._left -= comparisons
        return self._left >= 0
