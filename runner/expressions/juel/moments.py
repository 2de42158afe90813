"""Dates in JUEL: now(), dateTime() and the methods of Joda-Time that Camunda 7 diagrams call on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.expressions.faults import EvaluationFault
from runner.expressions.juel.coercion import named, to_number
from runner.expressions.run import Run
from runner.expressions.temporal.arithmetic import moved
from runner.expressions.temporal.text import parse_date_time
from runner.expressions.temporal.values import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    UTC_ZONE,
    DateTime,
    DayTimeDuration,
    TemporalError,
    Time,
    YearMonthDuration,
)

_CLOCK_UNITS = {
    "Weeks": 7 * DAY, "Days": DAY, "Hours": HOUR, "Minutes": MINUTE, "Seconds": SECOND, "Millis": SECOND // 1000,
}  # fmt: skip
_CALENDAR_UNITS = {"Months": 1, "Years": 12}


def now(run: Run) -> DateTime:
    """Give the current instant in UTC."""
    return DateTime.of_datetime(run.clock.now())


def date_time(run: Run, text: Any = None) -> DateTime:
    """Give the current instant, or the one that an ISO 8601 text says; without a zone it is UTC."""
    if text is None:
        return now(run)
    if isinstance(text, DateTime):
        return text
    try:
        read = parse_date_time(text) if isinstance(text, str) else None
    except TemporalError:
        read = None
    if read is None:
        raise EvaluationFault(f"Expected a date and time such as 2026-01-31T12:00:00Z, but it is {named(text)}.")
    return DateTime(read.date, Time(read.time.nanoseconds, read.zone or UTC_ZONE))


def _mover(unit: str, sign: int) -> Callable[..., DateTime]:
    def apply(run: Run, moment: DateTime, amount: Any) -> DateTime:
        count = sign * int(to_number(amount))
        try:
            by = (
                YearMonthDuration(count * _CALENDAR_UNITS[unit])
                if unit in _CALENDAR_UNITS
                else DayTimeDuration(count * _CLOCK_UNITS[unit])
            )
            return moved(moment, by)
        except TemporalError:
            raise EvaluationFault(
                f"Expected a date of the calendar, but {count} {unit.lower()} lead beyond it."
            ) from None

    return apply


def _start_of_day(run: Run, moment: DateTime) -> DateTime:
    return DateTime(moment.date, Time(0, moment.zone))


def _milliseconds(run: Run, moment: DateTime) -> int:
    return moment.instant // 1_000_000


MOMENT_METHODS: dict[str, tuple[Callable[..., Any], int]] = {
    **{f"plus{unit}": (_mover(unit, 1), 1) for unit in (*_CLOCK_UNITS, *_CALENDAR_UNITS)},
    **{f"minus{unit}": (_mover(unit, -1), 1) for unit in (*_CLOCK_UNITS, *_CALENDAR_UNITS)},
    "toDate": (lambda run, moment: moment, 0),
    "toDateTime": (lambda run, moment: moment, 0),
    "withTimeAtStartOfDay": (_start_of_day, 0),
    "getTime": (_milliseconds, 0),
    "getMillis": (_milliseconds, 0),
    "isBefore": (lambda run, moment, other: moment.instant < date_time(run, other).instant, 1),
    "isAfter": (lambda run, moment, other: moment.instant > date_time(run, other).instant, 1),
    # Those of java.util.Date, which a date variable is in Camunda 7.
    "before": (lambda run, moment, other: moment.instant < date_time(run, other).instant, 1),
    "after": (lambda run, moment, other: moment.instant > date_time(run, other).instant, 1),
    "getYear": (lambda run, moment: moment.date.year, 0),
    "getMonthOfYear": (lambda run, moment: moment.date.month, 0),
    "getDayOfMonth": (lambda run, moment: moment.date.day, 0),
    "getDayOfWeek": (lambda run, moment: moment.date.weekday, 0),
    "getHourOfDay": (lambda run, moment: moment.time.hour, 0),
    "getMinuteOfHour": (lambda run, moment: moment.time.minute, 0),
    "getSecondOfMinute": (lambda run, moment: moment.time.second, 0),
}
