"""The occurrences of an ISO 8601 cycle: which is planned when, without adding up delays."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime

from runner.schedules.iso import Period, Repetition, later
from runner.schedules.schedule import Due
from runner.schedules.zones import Moment

# More days than the calendar has from year 1 to 9999: an occurrence with this number lies beyond it.
_BEYOND = 3_700_000


def first_occurrence(repetition: Repetition, now: datetime) -> Due | None:
    """Give the first occurrence from `now` on (UTC), or None if the last one is past.

    With a start the first is at that start, with an end the last at that end; with neither, the first is one period
    from now. Those before `now` count as done.
    """
    if repetition.start is not None:
        return _counted_from_start(repetition.start, repetition, now)
    if repetition.end is not None:
        return _counted_back_from_end(repetition.end, repetition, now)
    at = _at(Moment.of(now, UTC), repetition.period, 1)
    return _due(at, None if repetition.count is None else repetition.count - 1)


def next_occurrence(repetition: Repetition, last: Due, after: datetime) -> Due | None:
    """Give the first occurrence that follows `last` and comes after `after` (UTC), or None if there is none."""
    after = max(last.at, after)
    if repetition.start is not None:
        return _counted_from_start(repetition.start, repetition, after, beyond=True)
    if repetition.end is not None:
        return _counted_back_from_end(repetition.end, repetition, after, beyond=True)
    return _counted_from_last(repetition.period, last, after)


def _counted_from_start(start: Moment, repetition: Repetition, now: datetime, *, beyond: bool = False) -> Due | None:
    number = _number_at(start, repetition.period, now, beyond=beyond)
    if repetition.count is not None and number >= repetition.count:
        return None
    at = _at(start, repetition.period, number)
    return _due(at, None if repetition.count is None else repetition.count - 1 - number)


def _counted_back_from_end(end: Moment, repetition: Repetition, now: datetime, *, beyond: bool = False) -> Due | None:
    if end.at < now or (beyond and end.at == now):
        return None
    period = repetition.period
    if period.exact is not None:
        passed = (end.at - now) // period.exact
        number = passed - (beyond and end.at - period.exact * passed == now)
    else:
        before = bisect_left(range(_BEYOND), True, key=lambda count: _is_before(_at(end, period, -count), now, beyond))
        number = before - 1
    if repetition.count is not None:
        number = min(number, repetition.count - 1)
    at = _at(end, period, -number)
    return _due(at, number)


def _counted_from_last(period: Period, last: Due, after: datetime) -> Due | None:
    """Each occurrence counts from the one before it: 31 January, 28 February, 28 March."""
    at, passed, remaining = last.at, 0, last.remaining
    exact = period.rest if period.exact is not None else None
    if exact is None and not period.months:
        exact = later(Moment.of(at, UTC), period) - at  # a day has 24 hours in UTC
    if exact is not None:
        passed = (after - at) // exact
        at += exact * passed
    while at <= after:
        following = _at(Moment.of(at, UTC), period, 1)
        if following is None:
            return None
        at, passed = following, passed + 1
    if remaining is None:
        return Due(at, None)
    return Due(at, remaining - passed) if passed <= remaining else None


def _number_at(start: Moment, period: Period, now: datetime, *, beyond: bool) -> int:
    """Give the number of the first occurrence, from 0, that is not before `now`; `beyond`: that comes after it."""
    if period.exact is not None:
        number = -((start.at - now) // period.exact)
        return max(0, number + (beyond and start.at + period.exact * number == now))
    return bisect_left(range(_BEYOND), True, key=lambda count: _is_reached(_at(start, period, count), now, beyond))


def _is_before(at: datetime | None, now: datetime, beyond: bool) -> bool:
    return at is None or at < now or (beyond and at == now)


def _is_reached(at: datetime | None, now: datetime, beyond: bool) -> bool:
    return at is None or at > now or (not beyond and at == now)


def _due(at: datetime | None, remaining: int | None) -> Due | None:
    return None if at is None else Due(at, remaining)


def _at(moment: Moment, period: Period, count: int) -> datetime | None:
    """Give the instant that lies `count` periods later, or None beyond the calendar."""
    try:
        return later(moment, period.times(count))
    except (OverflowError, ValueError):
        return None
