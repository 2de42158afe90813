"""Wall clocks and instants: what a zone's clock shows, and when it shows it, summer time included."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from runner.errors import ScheduleInvalid, near_hint


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant (`at`, UTC) as a wall clock shows it: `local` without a zone, and the zone of that clock."""

    at: datetime
    local: datetime
    zone: tzinfo

    @classmethod
    def of(cls, at: datetime, zone: tzinfo) -> Moment:
        """Give what the clock of a zone shows at an aware instant."""
        shown = at.astimezone(zone)
        return cls(at.astimezone(UTC), shown.replace(tzinfo=None), zone)


def named_zone(name: str) -> ZoneInfo:
    """Give a zone of the tz database, such as Europe/Zurich. Raises ScheduleInvalid."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        hint = near_hint(name, available_timezones())
        raise ScheduleInvalid(f"Expected a time zone like Europe/Zurich, but got '{name}'.{hint}") from None


def instant(local: datetime, zone: tzinfo) -> datetime:
    """Give the instant (UTC) at which a zone's clock shows `local`.

    A time that the clock skips is as much later as the clock is put forward; of one that it shows twice it is the
    first (java.time.ZonedDateTime does the same). Raises OverflowError beyond the years 1 to 9999.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def is_skipped(local: datetime, zone: tzinfo) -> bool:
    """Tell whether the clock of the zone never shows this time, because it is put forward then."""
    return instant(local, zone).astimezone(zone).replace(tzinfo=None, fold=0) != local


def change_of_clock(after: datetime, until: datetime, zone: tzinfo) -> datetime | None:
    """Give the first instant (UTC, whole seconds) after `after` and up to `until` with another offset from UTC.

    The two may lie a day apart at most; a zone's offset changes once in that time.
    """
    start, before = after.replace(microsecond=0), _offset(after, zone)
    if _offset(until, zone) == before:
        return None
    seconds = range(int((until - start) / timedelta(seconds=1)) + 1)
    passed = bisect_left(seconds, True, key=lambda second: _offset(start + timedelta(seconds=second), zone) != before)
    return start + timedelta(seconds=passed)


def _offset(at: datetime, zone: tzinfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
