"""The values of FEEL beside JSON and time: ranges, tests, functions; and what kinds, equality and order mean.

DMN 1.3 §10.3.2.3 (kinds), §10.3.2.13 (equality), §10.3.2.5 (order). Null is Python's None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from runner.expressions.faults import EvaluationFault
from runner.expressions.feel.numbers import order
from runner.expressions.run import Run
from runner.expressions.temporal.values import Date, DateTime, DayTimeDuration, Time, YearMonthDuration


class NoValue(Exception):
    """An operation has no result, which in FEEL means null; the message becomes a warning."""


class AssertionFailed(EvaluationFault):
    """A diagram's own assert(…) does not hold: the one failure that FEEL does not turn to null (Camunda docs, FEEL)."""


class Function(Protocol):
    """What can be called: a built-in or a function of the expression itself."""

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """Call with positional arguments. Raises NoValue."""

    def call_named(self, run: Run, arguments: dict[str, Any]) -> Any:
        """Call with named arguments. Raises NoValue."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end of None is open without limit (a comparison such as < 5 is a range, too)."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """The unary test `!= value`, or with `equal` the test `= value`."""

    value: Any
    equal: bool = False


def same(value: Any) -> Range | Difference:
    """Give the value of the unary test `= value` (DMN 1.4 §10.3.2.7)."""
    ordered = compare(value, value) == 0
    return Range(value, value, True, True) if ordered else Difference(value, equal=True)


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    float: "number",
    str: "string",
    list: "list",
    tuple: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DayTimeDuration: "days and time duration",
    YearMonthDuration: "years and months duration",
    Range: "range",
    Difference: "range",
}
_BY_BASE = (
    (bool, "boolean"),
    (int, "number"),
    (float, "number"),
    (str, "string"),
    (Mapping, "context"),
    (list, "list"),
)
_PLAIN = frozenset({"boolean", "years and months duration", "days and time duration", "date"})


def kind(value: Any) -> str:
    """Give the FEEL type of a value by its name."""
    found = _KINDS.get(type(value))
    return found if found is not None else _kind_by_base(value)


def _kind_by_base(value: Any) -> str:
    for base, name in _BY_BASE:
        if isinstance(value, base):
            return name
    return "function" if hasattr(value, "call_named") else "other"


def is_range(value: Any) -> bool:
    """Tell whether this is a range or a unary test."""
    return type(value) is Range or type(value) is Difference


def compare(left: Any, right: Any) -> int | None:
    """Give -1, 0 or 1 for two values of one ordered kind, or None if there is no order between them."""
    what = kind(left)
    if what != kind(right):
        return None
    if what == "number":
        return order(left, right)
    if what == "string":
        return int(left > right) - int(left < right)
    return _compare_times(what, left, right)


def _compare_times(what: str, left: Any, right: Any) -> int | None:
    if what == "date":
        one, other = left.number, right.number
    elif what == "days and time duration":
        one, other = left.nanoseconds, right.nanoseconds
    elif what == "years and months duration":
        one, other = left.months, right.months
    elif what in ("time", "date and time") and (left.zone is None) == (right.zone is None):
        one, other = (left.universal, right.universal) if what == "time" else (left.instant, right.instant)
    else:
        return None
    return int(one > other) - int(one < other)


def equal(left: Any, right: Any, run: Run) -> bool | None:
    """Tell whether two values are equal; None if they are of different kinds."""
    if left is None or right is None:
        return left is right
    what = kind(left)
    if what != kind(right):
        return None
    if what == "string":
        run.scan(len(left))
        return bool(left == right)
    if what in _PLAIN:
        return bool(left == right)
    if what == "number":
        return order(left, right) == 0
    if what == "list":
        run.take(2 * len(left))
        return len(left) == len(right) and _every(
            [equal(one, other, run) for one, other in zip(left, right, strict=True)]
        )
    if what == "context":
        run.take(len(left))
        return left.keys() == right.keys() and _every([equal(value, right[key], run) for key, value in left.items()])
    if what == "range":
        return _equal_ranges(left, right, run)
    return _compare_times(what, left, right) == 0 if what in ("time", "date and time") else left is right


def _equal_ranges(left: Range | Difference, right: Range | Difference, run: Run) -> bool:
    if isinstance(left, Range) and isinstance(right, Range):
        bounds = left.start_included == right.start_included and left.end_included == right.end_included
        ends = (equal(left.start, right.start, run), equal(left.end, right.end, run))
        return bounds and ends == (True, True)
    if isinstance(left, Difference) and isinstance(right, Difference):
        return left.equal == right.equal and equal(left.value, right.value, run) is True
    return False


def _every(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def within(value: Any, interval: Range) -> bool | None:
    """Tell whether a value lies in a range; None if it cannot be compared with its ends."""
    if value is None:
        return None
    if (interval.start is None and interval.start_included) or (interval.end is None and interval.end_included):
        return None  # [null..10] has an end that is unknown, other than < 10, which has none
    inside = True
    if interval.start is not None:
        side = compare(value, interval.start)
        if side is None:
            return None
        inside = side > 0 or (side == 0 and interval.start_included)
    if interval.end is not None:
        side = compare(value, interval.end)
        if side is None:
            return None
        inside = inside and (side < 0 or (side == 0 and interval.end_included))
    return inside


def passes(value: Any, test: Any, run: Run) -> bool | None:
    """Tell whether a value passes one unary test: a range, a list of tests, or a value (DMN 1.3 §10.3.2.8)."""
    if type(test) is Range:
        return equal(value, test, run) if is_range(value) else within(value, test)
    if type(test) is Difference:
        answer = equal(value, test.value, run)
        return answer if test.equal or answer is None else not answer
    if isinstance(test, list):
        run.take(len(test))
        if isinstance(value, list) and equal(value, test, run) is True:
            return True
        return any(passes(value, each, run) is True for each in test)
    return equal(value, test, run)
