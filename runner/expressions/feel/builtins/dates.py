"""Built-ins on dates, times and durations (DMN 1.3 §10.3.4.1, §10.3.4.8) and Camunda's own: now, today, …"""

from __future__ import annotations

from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.feel.numbers import exact, whole
from runner.expressions.feel.values import NoValue
from runner.expressions.run import Run
from runner.expressions.temporal.arithmetic import months_between
from runner.expressions.temporal.text import parse_date, parse_date_time, parse_duration, parse_time, parse_zone
from runner.expressions.temporal.values import (
    HOUR,
    MINUTE,
    SECOND,
    UTC_ZONE,
    Date,
    DateTime,
    DayTimeDuration,
    Duration,
    Time,
    YearMonthDuration,
    Zone,
    month_length,
)

LIBRARY = Library()
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@LIBRARY.define("date(from: string)")
def _date(run: Run, text: str) -> Date:
    return parse_date(text)


@LIBRARY.define("date(from: date)")
def _same_date(run: Run, date: Date) -> Date:
    return date


@LIBRARY.define("date(from: date and time)")
def _date_of(run: Run, moment: DateTime) -> Date:
    return moment.date


@LIBRARY.define("date(year: number, month: number, day: number)")
def _date_from_parts(run: Run, year: Any, month: Any, day: Any) -> Date:
    return Date(whole(year), whole(month), whole(day))


@LIBRARY.define("time(from: string)")
def _time(run: Run, text: str) -> Time:
    return parse_time(text.removeprefix("T"))


@LIBRARY.define("time(from: time)")
def _same_time(run: Run, time: Time) -> Time:
    return time


@LIBRARY.define("time(from: date and time)")
def _time_of(run: Run, moment: DateTime) -> Time:
    return moment.time


@LIBRARY.define("time(from: date)")
def _midnight(run: Run, date: Date) -> Time:
    return Time(0, UTC_ZONE)


@LIBRARY.define("time(hour: number, minute: number, second: number, offset?: days and time duration)")
def _time_from_parts(run: Run, hour: Any, minute: Any, second: Any, offset: DayTimeDuration | None = None) -> Time:
    hours, minutes, seconds = whole(hour), whole(minute), exact(second)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds < 60):
        raise NoValue("Expected an hour, minute and second of the day, but they are beyond it.")
    zone = None if offset is None else Zone(offset.nanoseconds // SECOND)
    return Time(hours * HOUR + minutes * MINUTE + int(seconds * SECOND), zone)


@LIBRARY.define("date and time(from: string)")
def _date_and_time(run: Run, text: str) -> DateTime:
    return parse_date_time(text)


@LIBRARY.define("date and time(from: date and time)")
def _same_moment(run: Run, moment: DateTime) -> DateTime:
    return moment


@LIBRARY.define("date and time(from: date)")
def _start_of(run: Run, date: Date) -> DateTime:
    return DateTime.of_midnight(date)


@LIBRARY.define("date and time(date: date, time: time)")
def _combined(run: Run, date: Date, time: Time) -> DateTime:
    return DateTime(date, time)


@LIBRARY.define("date and time(date: date and time, time: time)")
def _combined_anew(run: Run, moment: DateTime, time: Time) -> DateTime:
    return DateTime(moment.date, time)


@LIBRARY.define("date and time(date: date and time, timezone: string)")
def _elsewhere(run: Run, moment: DateTime, region: str) -> DateTime:
    return DateTime.of_instant(moment.instant, _zone(region))


def _zone(text: str) -> Zone:
    """Give the zone of a region, "Z" or an offset such as +02:00, which Camunda takes here, too."""
    return parse_zone(text) if text in ("Z", "z") or text.startswith(("+", "-")) else Zone.named(text)


_PARTS = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@LIBRARY.define(
    f"date and time({_PARTS}, offset?: days and time duration)", f"date and time({_PARTS}, timezone: string)"
)
def _moment_from_parts(run: Run, year: Any, month: Any, day: Any, *clock: Any) -> DateTime:
    *time, where = clock if len(clock) > 3 else (*clock, None)
    date = _date_from_parts(run, year, month, day)
    if isinstance(where, str):
        return DateTime(date, Time(_time_from_parts(run, *time).nanoseconds, _zone(where)))
    return DateTime(date, _time_from_parts(run, *time, where))


@LIBRARY.define("duration(from: string)")
def _duration(run: Run, text: str) -> Duration:
    return parse_duration(text)


@LIBRARY.define("duration(from: days and time duration)", "duration(from: years and months duration)")
def _same_duration(run: Run, duration: Duration) -> Duration:
    return duration


@LIBRARY.define("years and months duration(from: any, to: any)")
def _months_between(run: Run, start: Any, end: Any) -> YearMonthDuration:
    return months_between(_day(start), _day(end))


def _day(value: Any) -> Date:
    if isinstance(value, DateTime):
        return value.date
    if isinstance(value, Date):
        return value
    raise NoValue("Expected a date or a date and time, but it is something else.")


@LIBRARY.define("now()")
def _now(run: Run) -> DateTime:
    return DateTime.of_datetime(run.clock.now())


@LIBRARY.define("today()")
def _today(run: Run) -> Date:
    return DateTime.of_datetime(run.clock.now()).date


@LIBRARY.define("day of week(date: any)")
def _day_of_week(run: Run, value: Any) -> str:
    return _DAYS[_day(value).weekday - 1]


@LIBRARY.define("month of year(date: any)")
def _month_of_year(run: Run, value: Any) -> str:
    return _MONTHS[_day(value).month - 1]


@LIBRARY.define("day of year(date: any)")
def _day_of_year(run: Run, value: Any) -> int:
    date = _day(value)
    return date.number - Date(date.year, 1, 1).number + 1


@LIBRARY.define("week of year(date: any)")
def _week_of_year(run: Run, value: Any) -> int:
    # ISO 8601: a week belongs to the year in which its Thursday lies.
    date = _day(value)
    thursday = Date.of_number(date.number - date.weekday + 4)
    return (thursday.number - Date(thursday.year, 1, 1).number) // 7 + 1


@LIBRARY.define("last day of month(date: any)")
def _last_day_of_month(run: Run, value: Any) -> Date:
    date = _day(value)
    return Date(date.year, date.month, month_length(date.year, date.month))
