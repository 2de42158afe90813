"""What the tests of schedules ask: when does this text fire, from this moment on?"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import settings

from runner.schedules import CatchUp, Due, first_due, next_due, read_schedule

# Each example asks many times, and machines that test are busy.
unhurried = settings(deadline=None, max_examples=40)
ZURICH = ZoneInfo("Europe/Zurich")


def utc(text: str) -> datetime:
    """Give the instant that an ISO text without a zone shows in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dues(text: str, *, now: datetime, count: int) -> list[Due]:
    """Give the first `count` occurrences of a cycle, or all if it has fewer, each fired in time."""
    schedule = read_schedule("cycle", text)
    found: list[Due] = []
    due: Due | None = first_due(schedule, now=now)
    while due is not None and len(found) < count:
        found.append(due)
        due = next_due(schedule, due, now=due.at, catch_up=CatchUp.ALL)
    return found


def fires(text: str, *, now: str, count: int = 3, zone: ZoneInfo | None = None) -> list[str]:
    """Give the occurrences of a cycle, set at `now` (UTC), as the clock of a zone or UTC shows them."""
    return [f"{due.at.astimezone(zone or UTC):%Y-%m-%d %H:%M:%S}" for due in dues(text, now=utc(now), count=count)]
