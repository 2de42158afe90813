"""Adding, subtracting and scaling temporal values (DMN 1.3 §10.3.2.11, table 57). Instants move, not wall clocks."""

from __future__ import annotations

from typing import TypeVar

from runner.expressions.temporal.values import (
    DAY,
    Date,
    DateTime,
    DayTimeDuration,
    Duration,
    TemporalError,
    Time,
    YearMonthDuration,
    month_length,
)

Point = TypeVar("Point", Date, Time, DateTime)
Day = TypeVar("Day", Date, DateTime)


def moved(value: Point, by: Duration) -> Point:
    """Give `value` moved by a duration; a time goes round the clock, a date keeps whole days. Raises TemporalError."""
    if isinstance(by, YearMonthDuration):
        if isinstance(value, Time):
            raise TemporalError
        return add_months(value, by.months)
    if isinstance(value, Time):
        return Time((value.nanoseconds + by.nanoseconds) % DAY, value.zone)
    if isinstance(value, Date):
        return Date.of_number((value.number * DAY + by.nanoseconds) // DAY)
    return DateTime.of_instant(value.instant + by.nanoseconds, value.zone)


def add_months(value: Day, months: int) -> Day:
    """Give the same day some months later, or the last one of a shorter month. Raises TemporalError."""
    if isinstance(value, DateTime):
        return DateTime(_months_later(value.date, months), value.time)
    return _months_later(value, months)


def _months_later(date: Date, months: int) -> Date:
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return Date(year, month + 1, min(date.day, month_length(year, month + 1)))


def between(later: Date | DateTime, earlier: Date | DateTime) -> DayTimeDuration:
    """Give the time from `earlier` to `later`; a date is midnight UTC. Raises TemporalError if only one has a zone."""
    if isinstance(later, DateTime) or isinstance(earlier, DateTime):
        without = [isinstance(each, DateTime) and each.zone is None for each in (later, earlier)]
        if without[0] is not without[1]:
            raise TemporalError
    return DayTimeDuration(_instant(later) - _instant(earlier))


def _instant(value: Date | DateTime) -> int:
    return value.instant if isinstance(value, DateTime) else value.number * DAY


def months_between(start: Date | DateTime, end: Date | DateTime) -> YearMonthDuration:
    """Give the whole months from `start` to `end`, negative when `end` comes first; times of day do not count."""
    first, last = (each.date if isinstance(each, DateTime) else each for each in (start, end))
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearMonthDuration(months)
