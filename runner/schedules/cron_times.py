"""When a cron rule fires: cronsim walks the days and the wall clock, the zone's summer time is settled here."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from cronsim import CronSim

from runner.schedules.cron import Cron, MarkedDay
from runner.schedules.zones import Moment, change_of_clock, instant, is_skipped

# No clock is put back by more: within so long after an hour, that hour may come again.
_SOON = timedelta(hours=4)
# Clocks are put forward by this at most: Samoa left out 30 December 2011.
_A_DAY = timedelta(hours=25)
_SECOND = timedelta(seconds=1)


class _Walk(CronSim):
    """The wall-clock times of a rule, ascending; days and years that cronsim does not know are added."""

    def __init__(self, rule: Cron, after: datetime) -> None:
        super().__init__(f"0 0 0 * * {rule.days.of_week}", after)
        self.seconds, self.minutes, self.hours = set(rule.seconds), set(rule.minutes), set(rule.hours)
        self.months = set(rule.months)
        self.day_and = rule.days.both
        self.allowed = rule.days
        self.month, self.days_of_month = (0, 0), rule.days.numbers

    def match_dom(self, d: date) -> bool:
        """Tell whether a day suits the field of the days of the month."""
        if self.month != (d.year, d.month):
            self.month = (d.year, d.month)
            self.days_of_month = self.allowed.numbers | {_day_in(mark, *self.month) for mark in self.allowed.marked}
        return d.day in self.days_of_month


def _day_in(mark: MarkedDay, year: int, month: int) -> int:
    """Give the day on which a marked day falls in a month, or 0 if the month is too short."""
    last = monthrange(year, month)[1]
    day = mark.day if mark.day > 0 else last + mark.day
    if not 1 <= day <= last:
        return 0
    if mark.is_weekday:
        weekday = date(year, month, day).weekday()
        if weekday == 5:
            return day - 1 if day > 1 else day + 2
        if weekday == 6:
            return day + 1 if day < last else day - 2
    return day


def next_local(rule: Cron, after: datetime) -> datetime | None:
    """Give the first wall-clock time after `after` that the rule allows, or None if there is none within 50 years."""
    start = after
    while True:
        try:
            found = next(_Walk(rule, start), None)
        except OverflowError:
            return None
        if found is None or rule.years is None or found.year in rule.years:
            return found
        year = min((year for year in rule.years if year > found.year), default=None)
        if year is None:
            return None
        start = datetime(year, 1, 1) - _SECOND


def next_time(rule: Cron, after: datetime) -> datetime | None:
    """Give the first instant (UTC) after `after` at which the rule fires, or None if there is none.

    A rule for certain hours fires once for each planned time: at the end of an hour that the clock skips, and in the
    first of two equal hours (cron(8) of Debian). One for every hour fires as the time passes: not in an hour that is
    skipped, and in both of two equal ones.
    """
    try:
        return _next_as_it_passes(rule, after) if rule.is_running else _next_planned(rule, after)
    except OverflowError:
        return None


def _next_planned(rule: Cron, after: datetime) -> datetime | None:
    local: datetime | None = Moment.of(after, rule.zone).local
    while local is not None and (local := next_local(rule, local)) is not None:
        at = _end_of_skipped(local, rule) or instant(local, rule.zone)
        if at > after:
            return at
    return None


def _next_as_it_passes(rule: Cron, after: datetime) -> datetime | None:
    """Go on with the clock that holds now; where it is changed, begin again with what it shows then."""
    moment = Moment.of(after, rule.zone)
    start = moment.local
    while (local := next_local(rule, start)) is not None:
        at = moment.at + (local - moment.local)
        changed = change_of_clock(moment.at, min(at, moment.at + _SOON), rule.zone)
        if changed is None:
            if at <= moment.at + _SOON:
                return at
            changed = _end_of_skipped(local, rule)
            if changed is None:
                return instant(local, rule.zone)
        moment = Moment.of(changed, rule.zone)
        start = moment.local - _SECOND
    return None


def _end_of_skipped(local: datetime, rule: Cron) -> datetime | None:
    """Give the instant at which the clock is put forward past a time, or None if it shows that time."""
    if not is_skipped(local, rule.zone):
        return None
    at = instant(local, rule.zone)
    return change_of_clock(at - _A_DAY, at, rule.zone)
