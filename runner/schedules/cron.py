"""Cron expressions in the dialects that diagrams use, from text to the values that each field allows.

Read are Spring's (Camunda 8: six fields), Quartz's (Camunda 7: six or seven fields, one of them "?") and those of Unix
(five fields). When a rule fires is `cron_times.py`'s."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Never

from runner.errors import ScheduleInvalid
from runner.schedules.zones import named_zone

MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_TERM = re.compile(r"(\*|\w{1,4})(?:-(\w{1,4}))?(?:/(\d{1,4}))?", re.ASCII)
_DAY_OF_MONTH = re.compile(r"L(?:-(\d{1,2}))?(W)?|(\d{1,2})W", re.ASCII)
_DAY_OF_WEEK = re.compile(r"(\w{1,3})L|(\w{1,3})#([1-5])", re.ASCII)
_ZONE = re.compile(r"(?:CRON_TZ|TZ)=(\S{1,64})\s+(.*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class MarkedDay:
    """A day found anew in each month: `day` from 1, or from the last one back (0, -1 …); "W": the nearest weekday."""

    day: int
    is_weekday: bool


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a rule allows: those of the month, and those of the week in words of the walker ("1,5L,3#2")."""

    numbers: frozenset[int]
    marked: tuple[MarkedDay, ...]
    of_week: str
    both: bool  # a day must suit both fields; else one of them is enough


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression: the values each field allows, the days, the years (None: all), whose wall clock it reads."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    days: Days
    years: frozenset[int] | None
    zone: tzinfo

    @property
    def is_running(self) -> bool:
        """Tell whether it fires in every hour: it follows the time that passes, not the planned hours of a day."""
        return len(self.hours) == 24


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field's name is, its numbers, and names for them from the first number on."""

    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()
    is_week: bool = False

    def refuse(self, term: str) -> Never:
        raise ScheduleInvalid(f"Expected a {self.name} from {self.first} to {self.last}, but got '{term}'.")

    def number(self, word: str) -> int:
        if word in self.names:
            return self.names.index(word) + self.first
        if not word.isdigit() or not self.first <= int(word) <= self.last:
            self.refuse(word)
        return int(word)

    def values(self, text: str) -> frozenset[int]:
        """Read "*", "5", "1-5", "FRI-MON", "*/10", "5/15" and lists of them."""
        found: set[int] = set()
        for term in text.split(","):
            match = _TERM.fullmatch(term)
            if match is None or (match[1] == "*" and match[2]):
                self.refuse(term)
            step = int(match[3] or 1)
            if not step:
                self.refuse(term)
            found.update(self._span(match[1], match[2], has_step=bool(match[3]))[::step])
        return frozenset(found)

    def _span(self, low: str, high: str | None, *, has_step: bool) -> list[int]:
        last = self.first + 6 if self.is_week else self.last
        if low == "*":
            return list(range(self.first, last + 1))
        start = self.number(low)
        if high is None:
            return list(range(start, self.last + 1)) if has_step else [start]
        end = self.number(high)
        if start <= end:
            return list(range(start, end + 1))
        return [*range(start, last + 1), *range(self.first, end + 1)]


_SECOND, _MINUTE, _HOUR = _Field("second", 0, 59), _Field("minute", 0, 59), _Field("hour", 0, 23)
_DAY, _MONTH = _Field("day of the month", 1, 31), _Field("month", 1, 12, _MONTHS)
_UNIX_WEEKDAY = _Field("day of the week", 0, 7, _WEEKDAYS, is_week=True)  # 0 and 7 are Sunday, as in Spring
_QUARTZ_WEEKDAY = _Field("day of the week", 1, 7, _WEEKDAYS, is_week=True)  # 1 is Sunday
_YEAR = _Field("year", 1970, 2099)


def parse_cron(text: str) -> Cron:
    """Read a cron expression, with "CRON_TZ=Europe/Zurich " before it for another zone than UTC.

    Five fields are Unix's; seven, or six with a "?", are Quartz's, which counts weekdays from Sunday as 1; other six
    are Spring's. Raises ScheduleInvalid. Sources: org.springframework.scheduling.support.CronExpression,
    org.quartz.CronExpression, crontab(5).
    """
    zoned = _ZONE.fullmatch(text)
    zone: tzinfo = named_zone(zoned[1]) if zoned else UTC
    rule = zoned[2].strip() if zoned else text
    fields = MACROS.get(rule.lower(), rule).upper().split()
    if not 5 <= len(fields) <= 7:
        raise ScheduleInvalid(
            "Expected a cycle like R3/PT10S, a cron expression of five to seven fields like '0 0 9 * * MON-FRI', "
            f"or one of {', '.join(MACROS)}, but got '{text}'."
        )
    is_unix, is_quartz = len(fields) == 5, len(fields) == 7 or "?" in fields
    if is_unix:
        fields.insert(0, "0")
    try:
        return Cron(
            _SECOND.values(fields[0]),
            _MINUTE.values(fields[1]),
            _HOUR.values(fields[2]),
            _MONTH.values(fields[4]),
            _days(fields[3], fields[5], _QUARTZ_WEEKDAY if is_quartz else _UNIX_WEEKDAY, is_unix=is_unix),
            _YEAR.values(fields[6]) if len(fields) == 7 and fields[6] != "*" else None,
            zone,
        )
    except ScheduleInvalid as error:
        raise ScheduleInvalid(f"{error} It stands in the cron expression '{text}'.") from None


def _days(of_month: str, of_week: str, weekday: _Field, *, is_unix: bool) -> Days:
    is_any = [field[0] in "*?" for field in (of_month, of_week)]
    of_month, of_week = ("*" if field == "?" else field for field in (of_month, of_week))
    plain, marked = [], []
    for term in of_month.split(","):
        if match := _DAY_OF_MONTH.fullmatch(term):
            day = _DAY.number(match[3]) if match[3] else -int(match[1] or 0)
            if day < -30:
                _DAY.refuse(term)
            marked.append(MarkedDay(day, is_weekday=bool(match[2] or match[3])))
        else:
            plain.append(term)
    numbers = _DAY.values(",".join(plain)) if plain else frozenset()
    return Days(numbers, tuple(marked), _walker_weekdays(of_week, weekday), both=not is_unix or any(is_any))


def _walker_weekdays(text: str, weekday: _Field) -> str:
    """Give weekdays as cronsim reads them: "0" is Sunday, "5L" the last Friday, "3#2" the second Wednesday."""
    found = []
    for term in text.split(","):
        if term == "L" and weekday is _QUARTZ_WEEKDAY:
            found.append("6")
        elif match := _DAY_OF_WEEK.fullmatch(term):
            number = str((weekday.number(match[1] or match[2]) - weekday.first) % 7)
            found.append(f"{number}#{match[3]}" if match[3] else f"{number}L")
        else:
            found += [str((number - weekday.first) % 7) for number in sorted(weekday.values(term))]
    return ",".join(found)
