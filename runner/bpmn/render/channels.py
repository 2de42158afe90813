"""Where upright pieces of lines run: between two columns each has a track of its own, unless it may share one.

Knows nothing of BPMN. A channel lies to the left of the column of its number; the last one is right of all columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TRACK = 12.0
_MARGIN = 24.0
# Nobody can follow so many lines between two columns: beyond, they lie on each other, and drawing stays quick.
_CROWD, _MOST_TRACKS = 300, 30


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a line in a channel: from one height to another. Pieces with one source or one target may share."""

    channel: int
    comes: float
    goes: float
    source: str
    target: str

    @property
    def top(self) -> float:
        """Give the upper end."""
        return min(self.comes, self.goes)

    @property
    def bottom(self) -> float:
        """Give the lower end."""
        return max(self.comes, self.goes)

    def may_lie_on(self, other: Piece) -> bool:
        """Tell whether the two can be drawn on one track without being taken for one line."""
        apart = self.bottom + 4 < other.top or other.bottom + 4 < self.top
        return apart or self.source == other.source or self.target == other.target


class Channels:
    """Gives each piece its track."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        taken: dict[int, list[Piece]] = defaultdict(list)
        for piece in sorted(dict.fromkeys(pieces), key=lambda each: (each.channel, each.bottom - each.top, each.top)):
            taken[piece.channel].append(piece)
        parted = {channel: _crowded(held) if len(held) > _CROWD else _parted(held) for channel, held in taken.items()}
        self._tracks = {
            piece: place for tracks in parted.values() for place, held in enumerate(tracks) for piece in held
        }
        self._counts = {channel: len(tracks) for channel, tracks in parted.items()}

    def width(self, channel: int, *, least: float) -> float:
        """Give the room that a channel needs, `least` if that is enough."""
        count = self._counts.get(channel, 0)
        return max(least, (count - 1) * TRACK + 2 * _MARGIN if count else 0.0)

    def x(self, piece: Piece, *, ends: Mapping[int, tuple[float, float]]) -> float:
        """Give where a piece runs; `ends` are the left and right side of each channel."""
        left, right = ends[piece.channel]
        first = (left + right - (self._counts[piece.channel] - 1) * TRACK) / 2
        return first + self._tracks[piece] * TRACK


def _parted(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Put each piece on the first track where it meets none of another line."""
    tracks: list[list[Piece]] = []
    for piece in pieces:
        free = next((track for track in tracks if all(map(piece.may_lie_on, track))), None)
        if free is None:
            tracks.append([piece])
        else:
            free.append(piece)
    return _ordered(tracks)


def _crowded(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Put the lines of a source on one track, without looking whether they meet others."""
    sources = {source: at % _MOST_TRACKS for at, source in enumerate(dict.fromkeys(piece.source for piece in pieces))}
    tracks: list[list[Piece]] = [[] for _ in range(min(len(sources), _MOST_TRACKS))]
    for piece in pieces:
        tracks[sources[piece.source]].append(piece)
    return tracks


def _ordered(tracks: list[list[Piece]]) -> list[list[Piece]]:
    """Put the tracks into an order, so that a line that comes in at a height has left it before another goes out there.

    Where that goes in a circle, lines overlap for a bit.
    """
    rest: list[list[Piece]] = list(tracks)
    ordered: list[list[Piece]] = []
    while rest:
        going = [
            (sum(1 for other in rest if other is not track and _blocks(other, track)), at)
            for at, track in enumerate(rest)
        ]
        ordered.append(rest.pop(min(going)[1]))
    return ordered


def _blocks(left: list[Piece], right: list[Piece]) -> bool:
    """Tell whether `left` must come before `right`: something comes in on it where something goes out of the other."""
    going = {piece.goes for piece in right}
    return any(piece.comes in going for piece in left)
