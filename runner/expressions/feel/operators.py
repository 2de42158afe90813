"""FEEL's arithmetic on all kinds of values (DMN 1.3 §10.3.2.11, tables 56 to 58) and what a dot reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.expressions.feel import numbers
from runner.expressions.feel.values import NoValue, Range, compare, kind
from runner.expressions.run import Run
from runner.expressions.temporal.arithmetic import between, moved
from runner.expressions.temporal.values import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Date,
    DateTime,
    DayTimeDuration,
    Time,
    YearMonthDuration,
)

Operation = Callable[[Any, Any, Run], Any]

_POINTS = frozenset({"date", "time", "date and time"})
_DAYS = frozenset({"date", "date and time"})
_DURATIONS = frozenset({"days and time duration", "years and months duration"})


def add(left: Any, right: Any, run: Run) -> Any:
    """Add numbers, join texts, add durations, move a point in time. Raises NoValue."""
    one, other = kind(left), kind(right)
    if one == other == "number":
        return numbers.add(left, right)
    if one == other == "string":
        run.string(len(left) + len(right))
        return left + right
    if one == other and one in _DURATIONS:
        return _sum(left, right, 1)
    if one in _POINTS and other in _DURATIONS:
        return moved(left, right)
    if one in _DURATIONS and other in _POINTS:
        return moved(right, left)
    raise _unfit("+", one, other)


def subtract(left: Any, right: Any, run: Run) -> Any:
    """Subtract numbers, durations, points in time. Raises NoValue."""
    one, other = kind(left), kind(right)
    if one == other == "number":
        return numbers.subtract(left, right)
    if one == other and one in _DURATIONS:
        return _sum(left, right, -1)
    if one == other == "time" and (left.zone is None) == (right.zone is None):
        return DayTimeDuration(left.universal - right.universal)
    if one in _DAYS and other in _DAYS:
        return between(left, right)
    if one in _POINTS and other in _DURATIONS:
        return moved(left, negate(right))
    raise _unfit("-", one, other)


def multiply(left: Any, right: Any, run: Run) -> Any:
    """Multiply numbers, or a duration by a number. Raises NoValue."""
    one, other = kind(left), kind(right)
    if one == other == "number":
        return numbers.multiply(left, right)
    if one == "number" and other in _DURATIONS:
        return _scaled(right, left, numbers.multiply)
    if other == "number" and one in _DURATIONS:
        return _scaled(left, right, numbers.multiply)
    raise _unfit("*", one, other)


def divide(left: Any, right: Any, run: Run) -> Any:
    """Divide numbers, a duration by a number, or durations of one kind. Raises NoValue."""
    one, other = kind(left), kind(right)
    if one == other == "number":
        return numbers.divide(left, right)
    if one in _DURATIONS and other == "number":
        return _scaled(left, right, numbers.divide)
    if one == other and one in _DURATIONS:
        return numbers.divide(_length(left), _length(right))
    raise _unfit("/", one, other)


def power(left: Any, right: Any, run: Run) -> Any:
    """Raise a number to a power. Raises NoValue."""
    one, other = kind(left), kind(right)
    if one == other == "number":
        return numbers.power(left, right)
    raise _unfit("**", one, other)


def negate(value: Any) -> Any:
    """Give the negative of a number or duration. Raises NoValue."""
    what = kind(value)
    if what == "number":
        return -value
    if what in _DURATIONS:
        return _duration(value, -_length(value))
    raise NoValue(f"Expected a number or duration after '-', but it is {what}.")


def _unfit(symbol: str, one: str, other: str) -> NoValue:
    return NoValue(f"Expected operands that fit '{symbol}', but they are {one} and {other}.")


def _length(duration: Any) -> int:
    return int(duration.months if isinstance(duration, YearMonthDuration) else duration.nanoseconds)


def _duration(like: Any, length: int) -> Any:
    return YearMonthDuration(length) if isinstance(like, YearMonthDuration) else DayTimeDuration(length)


def _sum(left: Any, right: Any, sign: int) -> Any:
    return _duration(left, _length(left) + sign * _length(right))


def _scaled(duration: Any, by: Any, operation: Callable[[Any, Any], Any]) -> Any:
    return _duration(duration, numbers.whole(operation(_length(duration), by)))


OPERATIONS: dict[str, Operation] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


def member(value: Any, name: str, run: Run) -> Any:
    """Give the entry of a context, the property of a value, or the list of both for a list; null if there is none."""
    if isinstance(value, Mapping):
        return value.get(name)
    if type(value) is list:
        run.take(2 * len(value) + 1)
        return [member(each, name, run) for each in value]
    read = _PROPERTIES.get(type(value), {}).get(name)
    return read(value) if read else None


def _signed(duration: DayTimeDuration, unit: int, limit: int) -> int:
    part = abs(duration.nanoseconds) // unit % limit
    return -part if duration.nanoseconds < 0 else part


def _offset(value: Time | DateTime) -> DayTimeDuration | None:
    return None if value.offset is None else DayTimeDuration(value.offset * SECOND)


def _years(duration: YearMonthDuration) -> int:
    years = abs(duration.months) // 12
    return -years if duration.months < 0 else years


_DATE: dict[str, Callable[[Date], Any]] = {
    "year": lambda date: date.year,
    "month": lambda date: date.month,
    "day": lambda date: date.day,
    "weekday": lambda date: date.weekday,
}
_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": lambda time: time.hour,
    "minute": lambda time: time.minute,
    "second": lambda time: time.second,
}
_ZONE: dict[str, Callable[[Any], Any]] = {
    "time offset": _offset,
    "timezone": lambda value: value.zone.region if value.zone else None,
}


def _of(part: str, table: Mapping[str, Callable[[Any], Any]]) -> dict[str, Callable[[Any], Any]]:
    def reader(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: read(getattr(value, part))

    return {name: reader(read) for name, read in table.items()}


# DMN 1.3 §10.3.2.12, table 65.
_PROPERTIES: dict[type, Mapping[str, Callable[[Any], Any]]] = {
    Date: _DATE,
    Time: {**_TIME, **_ZONE},
    DateTime: {**_of("date", _DATE), **_of("time", _TIME), **_ZONE},
    YearMonthDuration: {
        "years": _years,
        "months": lambda duration: duration.months - 12 * _years(duration),
    },
    DayTimeDuration: {
        "days": lambda duration: _signed(duration, DAY, 10**20),
        "hours": lambda duration: _signed(duration, HOUR, 24),
        "minutes": lambda duration: _signed(duration, MINUTE, 60),
        "seconds": lambda duration: _signed(duration, SECOND, 60),
    },
    Range: {
        "start": lambda interval: interval.start,
        "end": lambda interval: interval.end,
        "start included": lambda interval: interval.start_included and interval.start is not None,
        "end included": lambda interval: interval.end_included and interval.end is not None,
    },
}


def interval(start: Any, end: Any, *, start_included: bool, end_included: bool) -> Range | None:
    """Give the range between two values, or null if there is no order between them."""
    if start is not None and end is not None and compare(start, end) is None:
        return None
    return Range(start, end, start_included, end_included)
