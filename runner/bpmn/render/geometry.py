"""Places on the plane: rectangles, points, the extent that a drawing has taken. What is drawn there others say."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]

# A picture wider than this is a mistake or an attack; beyond it the six digits of a written number lose pixels, too.
FARTHEST = 100_000.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """An upright rectangle, y growing downwards, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Give the x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Give the y of the lower side."""
        return self.y + self.height

    @property
    def center(self) -> Point:
        """Give the middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Give the size in square pixels, to draw the larger first."""
        return self.width * self.height

    def inset(self, margin: float) -> Bounds:
        """Give the rectangle that lies `margin` inside this one (outside, if negative)."""
        return Bounds(self.x + margin, self.y + margin, self.width - 2 * margin, self.height - 2 * margin)

    def moved(self, right: float, down: float) -> Bounds:
        """Give the same rectangle somewhere else."""
        return Bounds(self.x + right, self.y + down, self.width, self.height)


class Extent:
    """The smallest rectangle around all that it was shown."""

    def __init__(self) -> None:
        self._left = self._top = math.inf
        self._right = self._bottom = -math.inf

    def include(self, bounds: Bounds) -> None:
        """Grow until `bounds` fits in."""
        self._left, self._top = min(self._left, bounds.x), min(self._top, bounds.y)
        self._right, self._bottom = max(self._right, bounds.right), max(self._bottom, bounds.bottom)

    @property
    def bounds(self) -> Bounds:
        """Give the rectangle; a small empty one if nothing was shown."""
        if self._left > self._right:
            return Bounds(0, 0, 100, 40)
        return Bounds(self._left, self._top, self._right - self._left, self._bottom - self._top)


def coordinate(text: str | None) -> float | None:
    """Read a number of a diagram; None if it is none, not finite or out of any sensible picture."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) <= FARTHEST else None  # false for NaN, too
