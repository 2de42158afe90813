"""Cron when clocks are put forward and back. Each rule is compared with one that looks at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.schedules.firing import ZURICH, dues, fires, unhurried, utc

SPRING, AUTUMN = "2026-03-28T12:00:00", "2026-10-24T12:00:00"
MINUTE = timedelta(minutes=1)
# A day before a change, in UTC. Lord Howe moves by half an hour, Havana and Beirut at midnight, Apia left out a day.
CHANGES = [
    ("Europe/Zurich", "2026-03-28T20:00:00"),
    ("Europe/Zurich", "2026-10-24T20:00:00"),
    ("America/New_York", "2026-03-08T02:00:00"),
    ("America/New_York", "2026-11-01T01:00:00"),
    ("Australia/Lord_Howe", "2026-10-03T10:00:00"),
    ("Australia/Lord_Howe", "2026-04-04T10:00:00"),
    ("America/Havana", "2026-03-08T00:00:00"),
    ("America/Havana", "2026-11-01T00:00:00"),
    ("Asia/Beirut", "2026-03-28T18:00:00"),
    ("Pacific/Apia", "2011-12-29T22:00:00"),
    ("UTC", "2026-01-01T00:00:00"),
]
changes = st.sampled_from(CHANGES)
minutes = st.integers(0, 59)


def test_a_time_that_the_clock_skips_fires_where_it_goes_on() -> None:
    text = "CRON_TZ=Europe/Zurich 0 30 2 * * *"

    assert fires(text, now=SPRING, count=2, zone=ZURICH) == ["2026-03-29 03:00:00", "2026-03-30 02:30:00"]


def test_several_times_that_the_clock_skips_fire_once() -> None:
    text = "CRON_TZ=Europe/Zurich */10 2,3 * * *"

    assert fires(text, now=SPRING, count=2, zone=ZURICH) == ["2026-03-29 03:00:00", "2026-03-29 03:10:00"]


def test_a_time_that_the_clock_shows_twice_fires_the_first_time() -> None:
    text = "CRON_TZ=Europe/Zurich 30 2 * * *"

    assert fires(text, now=AUTUMN, count=2) == ["2026-10-25 00:30:00", "2026-10-26 01:30:00"]


def test_a_rule_for_every_hour_fires_in_both_of_two_equal_hours() -> None:
    text = "CRON_TZ=Europe/Zurich 30 * 25 10 *"

    assert fires(text, now="2026-10-24T23:45:00", count=3) == [f"2026-10-25 0{hour}:30:00" for hour in range(3)]


def test_a_rule_for_every_hour_does_not_fire_for_a_skipped_one() -> None:
    text = "CRON_TZ=Europe/Zurich 30 * * * *"

    assert fires(text, now="2026-03-29T00:00:00", count=2, zone=ZURICH) == [
        "2026-03-29 01:30:00",
        "2026-03-29 03:30:00",
    ]


def test_a_day_that_a_zone_left_out_is_made_up_for_where_the_clock_goes_on() -> None:
    zone = ZoneInfo("Pacific/Apia")
    found = fires("CRON_TZ=Pacific/Apia 0 0 9 * * *", now="2011-12-29T12:00:00", zone=zone)

    assert found == ["2011-12-29 09:00:00", "2011-12-31 00:00:00", "2011-12-31 09:00:00"]


@pytest.mark.parametrize(("start", "then"), [("2026-03-28", "03:30"), ("2026-10-24", "02:30")])
def test_a_daily_cycle_is_moved_as_java_moves_it(start: str, then: str) -> None:
    """java.time.ZonedDateTime.plusDays: later by what is skipped; the first of two equal times."""
    found = fires(f"R/{start}T02:30:00[Europe/Zurich]/P1D", now=start, zone=ZURICH)

    assert [when[11:16] for when in found] == ["02:30", then, "02:30"]


@unhurried
@example(("Europe/Zurich", "2026-03-28T20:00:00"), {15, 30}, 300)
@given(changes, st.sets(minutes, min_size=1, max_size=4), st.integers(0, 1800))
def test_a_rule_for_every_hour_fires_whenever_the_clock_shows_its_minutes(
    change: tuple[str, str], allowed: set[int], after: int
) -> None:
    zone, now = ZoneInfo(change[0]), utc(change[1]) + after * MINUTE
    text = f"CRON_TZ={zone.key} {','.join(map(str, allowed))} * * * *"
    found = [due.at for due in dues(text, now=now, count=8)]

    coming = (now + number * MINUTE for number in range(1, 9 * 60 + 1))
    assert found == [at for at in coming if at.astimezone(zone).minute in allowed][:8]


@unhurried
@given(changes, st.integers(0, 23), minutes, st.integers(0, 1800))
def test_a_rule_for_an_hour_fires_when_the_clock_first_shows_it_or_more(
    change: tuple[str, str], hour: int, minute: int, after: int
) -> None:
    zone, now = ZoneInfo(change[0]), utc(change[1]) + after * MINUTE
    (due,) = dues(f"CRON_TZ={zone.key} {minute} {hour} * * *", now=now, count=1)

    assert due.at == min(at for at in planned(zone, now, hour, minute) if at > now)


def planned(zone: ZoneInfo, now: datetime, hour: int, minute: int) -> list[datetime]:
    """Give, for each date around now, the first minute at which the clock shows this time of that date or later."""
    shown = [(at, at.astimezone(zone).replace(tzinfo=None)) for at in (now + n * MINUTE for n in range(-3000, 3000))]
    found = []
    for days in (-1, 0, 1, 2):
        date = now.astimezone(zone).date() + timedelta(days=days)
        wanted = datetime(date.year, date.month, date.day, hour, minute)
        found.append(next((at for at, local in shown if local >= wanted), datetime.max.replace(tzinfo=UTC)))
    return found
