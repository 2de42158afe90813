"""Built-ins that relate ranges and points to each other (DMN 1.3 §10.3.4.10, table 78)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.feel.values import NoValue, Range, compare, kind
from runner.expressions.run import Run

LIBRARY = Library()
Relation = Callable[[Range, Range], bool]


def _order(one: Any, other: Any) -> int:
    order = compare(one, other)
    if order is None:
        raise NoValue(f"Expected two points that have an order, but they are {kind(one)} and {kind(other)}.")
    return order


def _before(one: Range, other: Range) -> bool:
    order = _order(one.end, other.start)
    return order < 0 or (order == 0 and not (one.end_included and other.start_included))


def _meets(one: Range, other: Range) -> bool:
    return _order(one.end, other.start) == 0 and one.end_included and other.start_included


def _starts_earlier(one: Range, other: Range) -> bool:
    order = _order(one.start, other.start)
    return order < 0 or (order == 0 and one.start_included and not other.start_included)


def _ends_earlier(one: Range, other: Range) -> bool:
    order = _order(one.end, other.end)
    return order < 0 or (order == 0 and not one.end_included and other.end_included)


def _same_start(one: Range, other: Range) -> bool:
    return _order(one.start, other.start) == 0 and one.start_included == other.start_included


def _same_end(one: Range, other: Range) -> bool:
    return _order(one.end, other.end) == 0 and one.end_included == other.end_included


def _overlaps(one: Range, other: Range) -> bool:
    return not _before(one, other) and not _before(other, one)


def _overlaps_before(one: Range, other: Range) -> bool:
    return _starts_earlier(one, other) and not _before(one, other) and not _ends_earlier(other, one)


def _overlaps_after(one: Range, other: Range) -> bool:
    return _starts_earlier(other, one) and not _before(other, one) and not _ends_earlier(one, other)


def _includes(one: Range, other: Range) -> bool:
    return not _starts_earlier(other, one) and not _ends_earlier(one, other)


def _finishes(one: Range, other: Range) -> bool:
    return _same_end(one, other) and not _starts_earlier(one, other)


def _starts(one: Range, other: Range) -> bool:
    return _same_start(one, other) and not _ends_earlier(other, one)


def _swapped(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


# name -> (first parameter, second parameter, relation), as in table 78.
_RELATIONS: dict[str, tuple[str, str, Relation]] = {
    "before": ("point1", "point2", _before),
    "after": ("point1", "point2", _swapped(_before)),
    "meets": ("range1", "range2", _meets),
    "met by": ("range1", "range2", _swapped(_meets)),
    "overlaps": ("range1", "range2", _overlaps),
    "overlaps before": ("range1", "range2", _overlaps_before),
    "overlaps after": ("range1", "range2", _overlaps_after),
    "finishes": ("point", "range", _finishes),
    "finished by": ("range", "point", _swapped(_finishes)),
    "includes": ("range", "point", _includes),
    "during": ("point", "range", _swapped(_includes)),
    "starts": ("point", "range", _starts),
    "started by": ("range", "point", _swapped(_starts)),
    "coincides": ("point1", "point2", lambda one, other: _same_start(one, other) and _same_end(one, other)),
}


def _on_points(relation: Relation) -> Callable[..., bool]:
    def apply(run: Run, one: Any, other: Any) -> bool:
        return relation(_as_range(one), _as_range(other))

    return apply


def _as_range(value: Any) -> Range:
    if value is None:
        raise NoValue("Expected a point or a range, but it is null.")
    return value if isinstance(value, Range) else Range(value, value, True, True)


for _name, (_first, _second, _relation) in _RELATIONS.items():
    LIBRARY.define(f"{_name}({_first}: any, {_second}: any)")(_on_points(_relation))
