"""The temporal values: plain numbers in frozen records, years up to nine digits, nanoseconds (DMN 1.3 §10.3.2.3).

Reading and printing them is `text.py`'s, calculating with them `arithmetic.py`'s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

SECOND = 1_000_000_000  # nanoseconds
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MAX_YEAR = 999_999_999
_MAX_DURATION = 10**27  # nanoseconds: more than the span between the first and the last year
_MAX_MONTHS = 12 * 2 * MAX_YEAR
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MAX_OFFSET = 18 * 3600


def month_length(year: int, month: int) -> int:
    """Give the number of days of a month (1 to 12)."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTH_LENGTHS[month - 1] + leap


class TemporalError(ValueError):
    """There is no such date, time, zone or duration."""


@dataclass(frozen=True, slots=True)
class Date:
    """A day of the proleptic Gregorian calendar. Raises TemporalError if there is none such."""

    year: int
    month: int
    day: int

    def __post_init__(self) -> None:
        if not -MAX_YEAR <= self.year <= MAX_YEAR or not 1 <= self.month <= 12:
            raise TemporalError
        if not 1 <= self.day <= month_length(self.year, self.month):
            raise TemporalError

    @property
    def number(self) -> int:
        """Give the days since 1970-01-01."""
        year = self.year - (self.month <= 2)
        of_year = (153 * ((self.month + 9) % 12) + 2) // 5 + self.day - 1
        era, of_era = divmod(year, 400)
        return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468

    @classmethod
    def of_number(cls, number: int) -> Date:
        """Give the date that lies `number` days after 1970-01-01."""
        era, of_era = divmod(number + 719_468, 146_097)
        years = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
        of_year = of_era - (365 * years + years // 4 - years // 100)
        shifted = (5 * of_year + 2) // 153
        month = shifted + 3 if shifted < 10 else shifted - 9
        return cls(years + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1)

    @property
    def weekday(self) -> int:
        """Give the day of the week, Monday being 1 and Sunday 7 (ISO 8601)."""
        return (self.number + 3) % 7 + 1


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: a region of the tz database, or a fixed offset (seconds east of UTC) if `region` is None."""

    offset: int = 0
    region: str | None = None

    def __post_init__(self) -> None:
        if abs(self.offset) > _MAX_OFFSET:
            raise TemporalError

    def offset_of_local(self, date: Date, nanoseconds: int) -> int:
        """Give the seconds east of UTC when clocks in this zone show this date and time."""
        if self.region is None:
            return self.offset
        shown = _datetime(date, nanoseconds).replace(tzinfo=_region(self.region))
        return round((shown.utcoffset() or shown - shown).total_seconds())

    def offset_of_instant(self, nanoseconds: int) -> int:
        """Give the seconds east of UTC at an instant (nanoseconds since 1970-01-01T00:00:00Z)."""
        if self.region is None:
            return self.offset
        days, rest = divmod(nanoseconds, DAY)
        moment = _datetime(Date.of_number(days), rest).replace(tzinfo=UTC).astimezone(_region(self.region))
        return round((moment.utcoffset() or moment - moment).total_seconds())

    @classmethod
    def named(cls, region: str) -> Zone:
        """Give the zone of a region such as Europe/Paris. Raises TemporalError if the tz database has none."""
        _region(region)
        return cls(region=region)


UTC_ZONE = Zone()
_ANY_DAY = Date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day in nanoseconds since midnight, in a zone or (None) wherever it is read."""

    nanoseconds: int
    zone: Zone | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.nanoseconds < DAY:
            raise TemporalError

    @property
    def hour(self) -> int:
        """Give the hour, 0 to 23."""
        return self.nanoseconds // HOUR

    @property
    def minute(self) -> int:
        """Give the minute, 0 to 59."""
        return self.nanoseconds // MINUTE % 60

    @property
    def second(self) -> int:
        """Give the second, 0 to 59, without its fraction."""
        return self.nanoseconds // SECOND % 60

    @property
    def offset(self) -> int | None:
        """Give the seconds east of UTC, or None without a zone. A region's is that of 2000-01-01, so it is stable."""
        return None if self.zone is None else self.zone.offset_of_local(_ANY_DAY, self.nanoseconds)

    @property
    def universal(self) -> int:
        """Give the nanoseconds since midnight UTC; they order times, a time without a zone counting as UTC."""
        return self.nanoseconds - (self.offset or 0) * SECOND


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and a time of day; the zone is the time's."""

    date: Date
    time: Time

    @property
    def zone(self) -> Zone | None:
        """Give the zone, or None for a local date and time."""
        return self.time.zone

    @property
    def offset(self) -> int | None:
        """Give the seconds east of UTC, or None without a zone."""
        return None if self.zone is None else self.zone.offset_of_local(self.date, self.time.nanoseconds)

    @property
    def instant(self) -> int:
        """Give the nanoseconds since 1970-01-01T00:00:00Z; a local one counts as UTC."""
        return self.date.number * DAY + self.time.nanoseconds - (self.offset or 0) * SECOND

    @classmethod
    def of_midnight(cls, date: Date) -> DateTime:
        """Give the start of a day, in UTC."""
        return cls(date, Time(0, UTC_ZONE))

    @classmethod
    def of_instant(cls, instant: int, zone: Zone | None) -> DateTime:
        """Give what clocks in `zone` show at an instant; without a zone, what UTC clocks show."""
        shift = 0 if zone is None else zone.offset_of_instant(instant)
        days, rest = divmod(instant + shift * SECOND, DAY)
        return cls(Date.of_number(days), Time(rest, zone))

    @classmethod
    def of_datetime(cls, moment: datetime) -> DateTime:
        """Give an aware Python datetime as a date and time in UTC."""
        passed = moment - datetime(1970, 1, 1, tzinfo=UTC)
        return cls.of_instant((passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds * 1_000, UTC_ZONE)


@dataclass(frozen=True, slots=True)
class DayTimeDuration:
    """A span of time in nanoseconds: days, hours, minutes and seconds. Raises TemporalError beyond all calendars."""

    nanoseconds: int

    def __post_init__(self) -> None:
        if abs(self.nanoseconds) > _MAX_DURATION:
            raise TemporalError


@dataclass(frozen=True, slots=True)
class YearMonthDuration:
    """A span of the calendar in months. Raises TemporalError beyond all calendars."""

    months: int

    def __post_init__(self) -> None:
        if abs(self.months) > _MAX_MONTHS:
            raise TemporalError


Duration: TypeAlias = DayTimeDuration | YearMonthDuration


@lru_cache(maxsize=512)
def _region(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (OSError, ValueError, KeyError):
        raise TemporalError from None


def _datetime(date: Date, nanoseconds: int) -> datetime:
    # Python's years are 2 to 9998 here (a zone may shift by a day); the calendar repeats itself every 400 years.
    year = date.year if 2 <= date.year <= 9_998 else date.year % 400 + (400 if date.year < 2 else 9_200)
    seconds, rest = divmod(nanoseconds, SECOND)
    minutes, second = divmod(seconds, 60)
    return datetime(year, date.month, date.day, minutes // 60, minutes % 60, second, rest // 1_000)
