"""ISO 8601 as timers write it: moments, periods and repeating intervals, from text to records.

Calculating with a period is here, too; which occurrence of a cycle comes next is `repeating.py`'s."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from runner.errors import ScheduleInvalid
from runner.schedules.zones import Moment, instant, named_zone

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_PERIOD = re.compile(
    rf"P(?=[\dT])(?:(\d{{1,9}})Y)?(?:(\d{{1,9}})M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_MOMENT = re.compile(
    r"(\d[\dW-]{3,9}(?:T[\d:.,]{2,30}(?:Z|[+-]\d\d(?::?\d\d)?)?)?)(?:\[([\w+\-/]{1,60})\]|@([\w+\-/]{1,60}))?", re.ASCII
)
_REPEATS = re.compile(r"R(-1|\d{0,12})", re.ASCII)
_BETWEEN_PARTS = re.compile(r"/(?=-?P[\dT-]|\d)", re.ASCII)  # not the slash in Europe/Zurich
_TOO_MANY_MONTHS, _TOO_MANY_DAYS = 120_000, 3_652_500
_SHORTEST = timedelta(milliseconds=10)
_UNITS = (timedelta(weeks=1), timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time: months and days as the calendar counts them, and an exact rest (java.time.Period, Duration)."""

    months: int = 0
    days: int = 0
    rest: timedelta = timedelta()

    @property
    def exact(self) -> timedelta | None:
        """Give the length, if it is the same on every day of the calendar."""
        return None if self.months or self.days else self.rest

    def times(self, count: int) -> Period:
        """Give the period that many times. Raises OverflowError beyond 2,700,000 years."""
        return Period(self.months * count, self.days * count, self.rest * count)


@dataclass(frozen=True, slots=True)
class Repetition:
    """A repeating interval: how often (None: endlessly), how far apart, and its first or its last occurrence."""

    count: int | None
    period: Period
    start: Moment | None = None
    end: Moment | None = None


def later(moment: Moment, period: Period) -> datetime:
    """Give the instant (UTC) that lies a period later; of a shorter month it is the last day.

    Months and days move the wall clock of the moment's zone, hours and less move the instant, as java.time does.
    Raises OverflowError beyond the years 1 to 9999.
    """
    if period.exact is not None:
        return moment.at + period.rest
    year, month = divmod(moment.local.year * 12 + moment.local.month - 1 + period.months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    day = min(moment.local.day, monthrange(year, month + 1)[1])
    local = moment.local.replace(year=year, month=month + 1, day=day) + timedelta(days=period.days)
    return instant(local, moment.zone) + period.rest


def parse_period(text: str) -> Period:
    """Read "PT10S", "P1Y2M", "P2W", "PT1.5H" (ISO 8601-1 §5.5.2). Raises ScheduleInvalid, also for negative ones."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        if re.match(r"[+-]?P.*-|-P", text):
            raise ScheduleInvalid(f"Expected a duration that is not negative, like PT10S, but got '{text}'.")
        raise ScheduleInvalid(f"Expected a duration like PT10S, P1DT12H, P2W or P1Y2M, but got '{text}'.")
    written = [part for part in match.groups() if part]
    if any("." in part or "," in part for part in written[:-1]):
        raise ScheduleInvalid(f"Expected a fraction in the last part of the duration only, but got '{text}'.")
    parts = [part.replace(",", ".") for part in match.groups(default="0")]
    weeks_days = [float(part) for part in parts[2:4]]
    fractions = [number % 1 for number in weeks_days] + [float(part) for part in parts[4:]]
    period = Period(
        int(parts[0]) * 12 + int(parts[1]),
        int(weeks_days[0]) * 7 + int(weeks_days[1]),
        sum((unit * number for unit, number in zip(_UNITS, fractions, strict=True)), timedelta()),
    )
    if period.months >= _TOO_MANY_MONTHS or period.days + period.rest.days >= _TOO_MANY_DAYS:
        raise ScheduleInvalid(f"Expected a duration of less than 10,000 years, but got '{text}'.")
    return period


def parse_moment(text: str) -> Moment:
    """Read a date, or a date and time, with "Z", an offset, "[Europe/Zurich]" or nothing, which means UTC.

    A named zone says whose wall clock a cycle follows; an offset beside it says which instant is meant. Raises
    ScheduleInvalid.
    """
    match = _MOMENT.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        shown = datetime.fromisoformat(match[1])
    except ValueError:
        raise ScheduleInvalid(
            "Expected a date like 2026-03-29T09:00:00Z, 2026-03-29T09:00:00+02:00 or "
            f"2026-03-29T09:00:00[Europe/Zurich], but got '{text}'."
        ) from None
    region = match[2] or match[3]
    zone: tzinfo = named_zone(region) if region else shown.tzinfo or UTC
    try:
        return Moment.of(shown if shown.tzinfo else instant(shown, zone), zone)
    except OverflowError:
        raise ScheduleInvalid(f"Expected a date within the years 1 to 9999, but got '{text}'.") from None


def parse_repetition(text: str) -> Repetition:
    """Read "R3/PT10S", "R/start/P1D", "R3/start/end" or "R/P1D/end" (ISO 8601-1 §5.6). Raises ScheduleInvalid."""
    repeats, *parts = _BETWEEN_PARTS.split(text)
    match = _REPEATS.fullmatch(repeats)
    if match is None or not 1 <= len(parts) <= 2:
        raise ScheduleInvalid(
            f"Expected a cycle like R3/PT10S, R/2026-01-01T00:00:00Z/P1D or a cron expression, but got '{text}'."
        )
    count = None if match[1] in ("", "-1") else int(match[1])
    if count == 0:
        raise ScheduleInvalid(f"Expected at least one repetition, as in R1/PT10S, but got '{text}'.")
    repetition = _repetition(count, parts, text)
    exact = repetition.period.exact
    if exact is not None and exact < _SHORTEST:
        raise ScheduleInvalid(f"Expected a cycle of at least 10 milliseconds, but got '{text}'.")
    return repetition


def _repetition(count: int | None, parts: list[str], text: str) -> Repetition:
    if len(parts) == 1:
        return Repetition(count, parse_period(parts[0]))
    first, second = parts
    if "P" in first[:2]:
        return Repetition(count, parse_period(first), end=parse_moment(second))
    start = parse_moment(first)
    if "P" in second[:2]:
        return Repetition(count, parse_period(second), start=start)
    end = parse_moment(second)
    if end.at <= start.at:
        raise ScheduleInvalid(f"Expected a cycle that ends after it starts, but got '{text}'.")
    return Repetition(count, Period(rest=end.at - start.at), start=start)
