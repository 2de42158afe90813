"""What happens to the occurrences of a cycle that were due while nothing ran."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.schedules.firing import dues, unhurried, utc

from runner.schedules import CatchUp, Due, first_due, is_dropped, next_due, read_schedule

NOW = utc("2026-03-28T12:00:00")
CYCLES = [
    "R/PT7M",
    "R40/PT7M",
    "R/P1M",
    "R9/P1M",
    "R/P1DT1H",
    "R/2026-01-31T00:00:00Z/P1M",
    "R30/2026-03-27T02:30:00[Europe/Zurich]/P1D",
    "R/PT45M/2026-04-30T00:00:00Z",
    "R/P1M/2028-01-31",
    "*/20 * * * *",
    "CRON_TZ=Europe/Zurich 0 30 2 * * *",
    "0 0 9 ? * MON-FRI 2026",
]


def fired(text: str, *, catch_up: CatchUp, downtime: timedelta) -> list[Due]:
    """Give what fires at once when the runner, down since before the first due time, runs again."""
    schedule = read_schedule("cycle", text)
    due: Due | None = first_due(schedule, now=NOW)
    assert due is not None
    now, found = due.at + downtime, []
    while due is not None and due.at <= now:
        if not is_dropped(schedule, due, now=now, catch_up=catch_up):
            found.append(due)
        due = next_due(schedule, due, now=now, catch_up=catch_up)
    return found


def test_all_fires_each_missed_one_once() -> None:
    found = fired("R9/PT10M", catch_up=CatchUp.ALL, downtime=timedelta(minutes=35))

    assert found == dues("R9/PT10M", now=NOW, count=4)


def test_once_fires_a_single_time_for_all_that_were_missed() -> None:
    found = fired("R9/PT10M", catch_up=CatchUp.ONCE, downtime=timedelta(minutes=35))

    assert found == [Due(NOW + timedelta(minutes=10), 8)]


def test_skip_fires_none_that_was_missed() -> None:
    assert fired("R9/PT10M", catch_up=CatchUp.SKIP, downtime=timedelta(minutes=35)) == []


def test_skip_fires_what_is_only_as_late_as_schedulers_are() -> None:
    found = fired("R9/PT10M", catch_up=CatchUp.SKIP, downtime=timedelta(seconds=30))

    assert found == [Due(NOW + timedelta(minutes=10), 8)]


@pytest.mark.parametrize(("kind", "text"), [("date", "2020-01-01"), ("duration", "PT1S")])
@pytest.mark.parametrize("catch_up", CatchUp)
def test_a_date_or_duration_fires_however_late_and_never_again(kind: str, text: str, catch_up: CatchUp) -> None:
    schedule = read_schedule(kind, text)
    due, later = first_due(schedule, now=NOW), NOW + timedelta(days=400)

    assert not is_dropped(schedule, due, now=later, catch_up=catch_up)
    assert next_due(schedule, due, now=later, catch_up=catch_up) is None


@pytest.mark.parametrize("catch_up", [CatchUp.ONCE, CatchUp.SKIP])
def test_what_was_passed_over_counts_as_done(catch_up: CatchUp) -> None:
    schedule = read_schedule("cycle", "R9/PT10M")
    first = first_due(schedule, now=NOW)
    following = next_due(schedule, first, now=NOW + timedelta(minutes=45), catch_up=catch_up)

    assert following == Due(NOW + timedelta(minutes=50), 4)
    assert next_due(schedule, first, now=NOW + timedelta(hours=9), catch_up=catch_up) is None


@pytest.mark.parametrize("period", ["PT1H", "P1D"])
def test_nothing_follows_when_a_cycle_s_end_has_come(period: str) -> None:
    schedule = read_schedule("cycle", f"R/{period}/2026-03-30T12:00:00Z")
    end = utc("2026-03-30T12:00:00")

    assert next_due(schedule, first_due(schedule, now=NOW), now=end, catch_up=CatchUp.ONCE) is None


@unhurried
@given(st.sampled_from(CYCLES), st.integers(0, 10**7))
def test_catching_up_adds_no_delay_to_what_was_planned(text: str, late: int) -> None:
    planned = dues(text, now=NOW, count=30)
    now = planned[0].at + timedelta(seconds=late)
    found = next_due(read_schedule("cycle", text), planned[0], now=now, catch_up=CatchUp.ONCE)

    to_come = [due for due in planned[1:] if due.at > now]
    assert found == to_come[0] if to_come else found is None or found.at > planned[-1].at


@unhurried
@given(st.sampled_from(CYCLES), st.integers(-100, 10**7), st.sampled_from(CatchUp))
def test_the_next_one_comes_after_the_last(text: str, late: int, catch_up: CatchUp) -> None:
    schedule = read_schedule("cycle", text)
    last = first_due(schedule, now=NOW)
    following = next_due(schedule, last, now=last.at + timedelta(seconds=late), catch_up=catch_up)

    assert following is None or following.at > last.at
    assert following is None or following.remaining is None or following.remaining < (last.remaining or 0)


def test_a_long_downtime_of_a_fast_cycle_is_passed_over_without_counting() -> None:
    schedule = read_schedule("cycle", "R/PT0.01S")
    last, now = Due(utc("1970-01-01"), None), utc("9000-01-01")

    assert next_due(schedule, last, now=now, catch_up=CatchUp.SKIP) == Due(now + timedelta(milliseconds=10), None)


@pytest.mark.parametrize("text", CYCLES)
def test_nothing_follows_the_last_one(text: str) -> None:
    assert next_due(read_schedule("cycle", text), Due(NOW, 0), now=NOW, catch_up=CatchUp.ALL) is None
