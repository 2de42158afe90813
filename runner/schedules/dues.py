"""When a schedule is due, first and next. Pure: the time is a parameter, and only the last occurrence is remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from runner.errors import ScheduleInvalid
from runner.schedules.cron import Cron
from runner.schedules.cron_times import next_time
from runner.schedules.iso import Repetition, later, parse_moment, parse_period
from runner.schedules.reading import read_cycle
from runner.schedules.repeating import first_occurrence, next_occurrence
from runner.schedules.schedule import CatchUp, Due, Schedule
from runner.schedules.zones import Moment

ON_TIME = timedelta(minutes=1)


def first_due(schedule: Schedule, *, now: datetime) -> Due:
    """Give when a timer that is set at `now` (aware) fires first.

    A date in the past, and a cycle that is over already, are due at once, and for the last time: who waits for them
    must not wait for ever. Raises ScheduleInvalid for what lies beyond the year 9999.
    """
    now = now.astimezone(UTC)
    if schedule.kind == "date":
        return Due(max(parse_moment(schedule.text).at, now), 0)
    if schedule.kind == "duration":
        try:
            return Due(later(Moment.of(now, UTC), parse_period(schedule.text)), 0)
        except (OverflowError, ValueError):
            raise _beyond(schedule) from None
    cycle = read_cycle(schedule.text)
    if isinstance(cycle, Cron):
        at = next_time(cycle, now)
        return Due(now, 0) if at is None else Due(at, None)
    due = first_occurrence(cycle, now)
    if due is None and cycle.start is None and cycle.end is None:
        raise _beyond(schedule)
    return due or Due(now, 0)


def next_due(schedule: Schedule, last: Due, *, now: datetime, catch_up: CatchUp) -> Due | None:
    """Give the occurrence after `last`, or None if that was the last one.

    ALL gives the next planned one, which may be past already. ONCE and SKIP pass over what was planned up to `now`;
    they differ in whether a late `last` fires itself, which `is_dropped` tells.
    """
    if schedule.kind != "cycle" or last.remaining == 0:
        return None
    after = last.at if catch_up is CatchUp.ALL else max(last.at, now.astimezone(UTC))
    cycle = read_cycle(schedule.text)
    if isinstance(cycle, Repetition):
        return next_occurrence(cycle, last, after)
    at = next_time(cycle, after)
    return None if at is None else Due(at, None)


def is_dropped(schedule: Schedule, due: Due, *, now: datetime, catch_up: CatchUp) -> bool:
    """Tell whether an occurrence that is due is passed over: one of a cycle to SKIP, more than a minute late."""
    return schedule.kind == "cycle" and catch_up is CatchUp.SKIP and now - due.at > ON_TIME


def _beyond(schedule: Schedule) -> ScheduleInvalid:
    return ScheduleInvalid(f"Expected a timer that fires before the year 10000, but got '{schedule.text}'.")
