"""Temporal values as text: ISO 8601, with the zone as an offset or as "@Region/City" (DMN 1.3 §10.3.4.1)."""

from __future__ import annotations

import re
from typing import Any

from runner.expressions.temporal.values import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    UTC_ZONE,
    Date,
    DateTime,
    DayTimeDuration,
    Duration,
    TemporalError,
    Time,
    YearMonthDuration,
    Zone,
)

# Python's re is safe here: no pattern repeats a group that could match in two ways.
_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?([Zz]|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][\w+\-/]{0,60})?", re.ASCII
)
_DURATION = re.compile(
    r"(-)?P(?:(-?\d{1,12})Y)?(?:(-?\d{1,12})M)?(?:(-?\d{1,15})D)?"
    r"(?:T(?=[-\d])(?:(-?\d{1,15})H)?(?:(-?\d{1,15})M)?(?:(-?)(\d{1,18})(?:\.(\d{0,30}))?S)?)?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)(?::(\d\d))?")


def parse_date(text: str) -> Date:
    """Read YYYY-MM-DD. Raises TemporalError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise TemporalError
    return Date(int(match[1]), int(match[2]), int(match[3]))


def parse_time(text: str) -> Time:
    """Read HH:MM:SS with an optional fraction and zone. Raises TemporalError."""
    nanoseconds, zone = _clock(text)
    return Time(nanoseconds, zone)


def parse_date_time(text: str) -> DateTime:
    """Read a date, "T" and a time; 24:00:00 is the start of the next day. Raises TemporalError."""
    before, found, after = text.partition("T")
    date = parse_date(before)
    if not found:
        return DateTime(date, Time(0))
    nanoseconds, zone = _clock(after)
    if nanoseconds == DAY:
        return DateTime(Date.of_number(date.number + 1), Time(0, zone))
    return DateTime(date, Time(nanoseconds, zone))


def parse_duration(text: str) -> Duration:
    """Read an ISO 8601 duration of either years and months or days and time, not both. Raises TemporalError."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.group(2, 3, 4, 5, 6, 8)):
        raise TemporalError
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes = (int(part or 0) for part in match.group(2, 3, 4, 5, 6))
    calendar, clock = any(match.group(2, 3)), any(match.group(4, 5, 6, 8))
    if calendar and clock:
        raise TemporalError
    if calendar:
        return YearMonthDuration(sign * (years * 12 + months))
    seconds = int(match[8] or 0) * SECOND + _fraction(match[9])
    nanoseconds = days * DAY + hours * HOUR + minutes * MINUTE + (-seconds if match[7] else seconds)
    return DayTimeDuration(sign * nanoseconds)


def parse_zone(text: str) -> Zone:
    """Read "Z", an offset or "@Region/City". Raises TemporalError."""
    if text in ("Z", "z"):
        return UTC_ZONE
    if text.startswith("@"):
        return Zone.named(text[1:])
    match = _OFFSET.fullmatch(text)
    if match is None or int(match[3]) > 59 or int(match[4] or 0) > 59:
        raise TemporalError
    seconds = int(match[2]) * 3_600 + int(match[3]) * 60 + int(match[4] or 0)
    return Zone(-seconds if match[1] == "-" else seconds)


def parse_temporal(text: str) -> Date | Time | DateTime | Duration:
    """Read whichever temporal value the text is (FEEL's @"…" literal). Raises TemporalError."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if "T" in text and _DATE.match(text):
        return parse_date_time(text)
    return parse_date(text) if _DATE.fullmatch(text) else parse_time(text.removeprefix("T"))


def _clock(text: str) -> tuple[int, Zone | None]:
    match = _TIME.fullmatch(text)
    if match is None:
        raise TemporalError
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nanoseconds = hour * HOUR + minute * MINUTE + second * SECOND + _fraction(match[4])
    if hour > 24 or minute > 59 or second > 59 or nanoseconds > DAY:
        raise TemporalError
    return nanoseconds, parse_zone(match[5]) if match[5] else None


def _fraction(digits: str | None) -> int:
    return int(f"{digits or '0':0<9}"[:9])


def temporal_text(value: Any) -> str | None:
    """Give a temporal value as ISO 8601 text, or None for any other value."""
    printer = _PRINTERS.get(type(value))
    return printer(value) if printer else None


def _date_text(date: Date) -> str:
    sign = "-" if date.year < 0 else ""
    return f"{sign}{abs(date.year):04d}-{date.month:02d}-{date.day:02d}"


def _time_text(time: Time) -> str:
    return (
        f"{time.hour:02d}:{time.minute:02d}:{time.second:02d}{_fraction_text(time.nanoseconds)}{_zone_text(time.zone)}"
    )


def _date_time_text(moment: DateTime) -> str:
    return f"{_date_text(moment.date)}T{_time_text(moment.time)}"


def _zone_text(zone: Zone | None) -> str:
    if zone is None:
        return ""
    if zone.region is not None:
        return f"@{zone.region}"
    if zone.offset == 0:
        return "Z"
    minutes, seconds = divmod(abs(zone.offset), 60)
    text = f"{'-' if zone.offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def _day_time_text(duration: DayTimeDuration) -> str:
    length = abs(duration.nanoseconds)
    days, hours, minutes = length // DAY, length // HOUR % 24, length // MINUTE % 60
    seconds, fraction = length // SECOND % 60, _fraction_text(length)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if duration.nanoseconds < 0 else ''}P{text or 'T0S'}"


def _year_month_text(duration: YearMonthDuration) -> str:
    years, months = divmod(abs(duration.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    return f"{'-' if duration.months < 0 else ''}P{text}"


def _fraction_text(nanoseconds: int) -> str:
    rest = nanoseconds % SECOND
    return f".{rest:09d}".rstrip("0") if rest else ""


_PRINTERS: dict[type, Any] = {
    Date: _date_text,
    Time: _time_text,
    DateTime: _date_time_text,
    DayTimeDuration: _day_time_text,
    YearMonthDuration: _year_month_text,
}
