"""Puts the nodes of a directed graph into columns and rows, from left to right, so that few lines cross.

Knows nothing of BPMN; loops of any size are fine, and nothing here recurses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Link = tuple[str, str]
Cell = tuple[int, int]
# Columns that a link may cross: without a limit, a file of a megabyte could ask for a hundred million crossings.
_FARTHEST = 40

# A node's own name, or for a long link the place where it crosses a column.
_Stop = str | tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where nodes and links go: `cells` gives (column, row) of each node, `passes` those that a long link crosses.

    Links in `around` have no way through the grid: they run back to an earlier column (loops), or very far.
    """

    cells: Mapping[str, Cell]
    passes: Mapping[Link, tuple[Cell, ...]]
    around: frozenset[Link]


def arrange(nodes: Sequence[str], links: Iterable[Link], *, bands: Mapping[str, int] | None = None) -> Grid:
    """Give each node a column after all that lead to it, and a row near them.

    Rows of nodes in a band (a lane) lie above those of the next band; a link crosses columns in the band it begins in.
    """
    known = set(nodes)
    real = list(dict.fromkeys(link for link in links if link[0] in known and link[1] in known))
    backward = frozenset(_backward(nodes, real))
    forward = [link for link in real if link not in backward]
    columns = _columns(nodes, forward)
    through = [link for link in forward if columns[link[1]] - columns[link[0]] <= _FARTHEST]
    stops, arriving = _stops(nodes, through, columns=columns)
    lanes: dict[_Stop, int] = {node: (bands or {}).get(node, 0) for node in nodes}
    lanes |= {stop: lanes[stop[0]] for column in stops for stop in column if not isinstance(stop, str)}
    rows = _rows(stops, arriving, bands=lanes)
    cells = {node: (columns[node], rows[node]) for node in nodes}
    passes = {
        (start, end): tuple((at, rows[start, end, at]) for at in range(columns[start] + 1, columns[end]))
        for start, end in through
    }
    return Grid(cells, passes, frozenset(real) - passes.keys())


def _backward(nodes: Sequence[str], links: Iterable[Link]) -> Iterator[Link]:
    """Give the links that close a circle, in a walk along the links that starts where nothing leads to."""
    following: dict[str, list[str]] = defaultdict(list)
    entered = set()
    for start, end in links:
        following[start].append(end)
        entered.add(end)
    open_nodes: set[str] = set()
    seen: set[str] = set()
    for first in sorted(nodes, key=lambda node: node in entered):
        trail = [(first, iter(following[first]))] if first not in seen else []
        seen.add(first)
        open_nodes.update(node for node, _ in trail)
        while trail:
            node, rest = trail[-1]
            after = next(rest, None)
            if after is None:
                trail.pop()
                open_nodes.discard(node)
            elif after in open_nodes:
                yield node, after
            elif after not in seen:
                seen.add(after)
                open_nodes.add(after)
                trail.append((after, iter(following[after])))


def _columns(nodes: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    missing = dict.fromkeys(nodes, 0)
    following: dict[str, list[str]] = defaultdict(list)
    for start, end in links:
        following[start].append(end)
        missing[end] += 1
    columns = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not missing[node]]
    for node in ready:  # grows while it is walked: each node joins when the last one before it is placed
        for after in following[node]:
            columns[after] = max(columns[after], columns[node] + 1)
            missing[after] -= 1
            if not missing[after]:
                ready.append(after)
    return columns


def _stops(
    nodes: Sequence[str], links: Sequence[Link], *, columns: Mapping[str, int]
) -> tuple[list[list[_Stop]], dict[_Stop, list[_Stop]]]:
    """Give what each column holds, and for each stop those of the column before that lead to it."""
    stops: list[list[_Stop]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    arriving: dict[_Stop, list[_Stop]] = defaultdict(list)
    for node in nodes:
        stops[columns[node]].append(node)
    for start, end in links:
        before: _Stop = start
        for at in range(columns[start] + 1, columns[end]):
            crossing = (start, end, at)
            stops[at].append(crossing)
            arriving[crossing].append(before)
            before = crossing
        arriving[end].append(before)
    return stops, arriving


def _rows(
    stops: Sequence[Sequence[_Stop]], arriving: Mapping[_Stop, Sequence[_Stop]], *, bands: Mapping[_Stop, int]
) -> dict[_Stop, int]:
    rows: dict[_Stop, int] = {}  # counted within the band, until the heights of all bands are known

    def wished(stop: _Stop) -> float:
        before = [rows[each] for each in arriving.get(stop, ()) if bands[each] == bands[stop]]
        return sum(before) / len(before) if before else 0.0

    heights: dict[int, int] = defaultdict(int)
    for column in stops:
        free: dict[int, int] = defaultdict(int)
        # A node before a passing link at the same height: the straight way belongs to what is drawn there.
        for stop in sorted(column, key=lambda stop: (bands[stop], wished(stop), not isinstance(stop, str))):
            band = bands[stop]
            rows[stop] = max(free[band], round(wished(stop)))
            free[band] = rows[stop] + 1
            heights[band] = max(heights[band], free[band])
    above = {band: sum(height for other, height in heights.items() if other < band) for band in heights}
    return {stop: row + above[bands[stop]] for stop, row in rows.items()}
