"""ISO 8601 repeating intervals: when each occurrence is planned, and how many follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.schedules.firing import ZURICH, dues, fires, unhurried, utc

from runner.errors import ScheduleInvalid
from runner.schedules import Due, first_due, read_schedule

NOW = "2026-03-28T12:00:00"


def test_a_counted_cycle_fires_that_often() -> None:
    found = dues("R3/PT10S", now=utc(NOW), count=9)

    assert [due.remaining for due in found] == [2, 1, 0]
    assert [due.at - utc(NOW) for due in found] == [timedelta(seconds=number) for number in (10, 20, 30)]


@pytest.mark.parametrize("text", ["R/PT10S", "R-1/PT10S"])
def test_a_cycle_without_a_count_goes_on_for_ever(text: str) -> None:
    assert [due.remaining for due in dues(text, now=utc(NOW), count=50)] == [None] * 50


def test_a_cycle_with_a_start_fires_first_at_that_start() -> None:
    assert fires("R2/2026-04-01T09:00:00Z/P1D", now=NOW) == ["2026-04-01 09:00:00", "2026-04-02 09:00:00"]


def test_a_start_in_the_past_leaves_the_occurrences_that_are_still_to_come() -> None:
    (due, *rest) = dues("R10/2026-03-27T09:00:00Z/P1D", now=utc(NOW), count=20)

    assert (due, len(rest)) == (Due(utc("2026-03-29T09:00:00"), 7), 7)


@pytest.mark.parametrize("period", ["PT10S", "P1D", "P1M"])
@pytest.mark.parametrize(
    "text", ["R/2026-03-28T12:00:00Z/{}", "R/2025-03-28T12:00:00Z/{}", "R/{}/2028-03-28T12:00:00Z"]
)
def test_an_occurrence_at_the_very_moment_is_still_to_come(text: str, period: str) -> None:
    assert first_due(read_schedule("cycle", text.format(period)), now=utc(NOW)).at == utc(NOW)


def test_a_start_in_the_past_is_not_moved_to_now() -> None:
    found = dues("R400/2026-03-28T11:00:05Z/PT10S", now=utc(NOW), count=2)

    assert found == [Due(utc("2026-03-28T12:00:05"), 39), Due(utc("2026-03-28T12:00:15"), 38)]


def test_a_cycle_between_two_dates_repeats_the_time_between_them() -> None:
    text = "R3/2026-04-01T09:00:00Z/2026-04-01T10:30:00Z"

    assert fires(text, now=NOW) == ["2026-04-01 09:00:00", "2026-04-01 10:30:00", "2026-04-01 12:00:00"]


def test_a_cycle_with_an_end_fires_last_at_that_end() -> None:
    found = dues("R/PT1M/2026-03-28T12:02:30Z", now=utc(NOW), count=9)

    assert [(f"{due.at:%M:%S}", due.remaining) for due in found] == [("00:30", 2), ("01:30", 1), ("02:30", 0)]


def test_a_counted_cycle_with_an_end_begins_as_late_as_its_count_allows() -> None:
    found = dues("R4/P1M/2026-07-31", now=utc("2026-01-01"), count=9)

    assert [(f"{due.at:%d.%m.}", due.remaining) for due in found] == [
        ("30.04.", 3),
        ("31.05.", 2),
        ("30.06.", 1),
        ("31.07.", 0),
    ]


@pytest.mark.parametrize("text", ["R2/2020-01-01T00:00:00Z/PT1S", "R/PT1M/2020-01-01T00:00:00Z"])
def test_a_cycle_that_is_over_is_due_at_once_and_once(text: str) -> None:
    assert dues(text, now=utc(NOW), count=9) == [Due(utc(NOW), 0)]


def test_months_from_a_start_keep_its_day_wherever_there_is_one() -> None:
    expected = ["2026-01-31 00:00:00", "2026-02-28 00:00:00", "2026-03-31 00:00:00"]

    assert fires("R/2026-01-31T00:00:00Z/P1M", now="2026-01-01") == expected


def test_months_without_a_start_count_from_the_occurrence_before() -> None:
    expected = ["2026-02-28 00:00:00", "2026-03-28 00:00:00", "2026-04-28 00:00:00"]

    assert fires("R/P1M", now="2026-01-31") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PT10S", "R/PT10S .without end. or R3/PT10S"),
        ("R0/PT10S", "at least one repetition"),
        ("R3", "a cycle like R3/PT10S"),
        ("R3/", "a cycle like R3/PT10S"),
        ("R3/PT10S/PT10S", "a date like"),
        ("R3/2026-01-01/PT10S/2026-02-01", "a cycle like R3/PT10S"),
        ("R3/2026-01-02/2026-01-01", "ends after it starts"),
        ("R/PT-10S", "not negative"),
        ("R/PT0S", "at least 10 milliseconds"),
        ("R1000000000/PT0.000001S", "at least 10 milliseconds"),
        ("R/2026-01-01T00:00:00[Mars/Olympus]/P1D", "a time zone"),
    ],
)
def test_cycles_that_cannot_be_are_refused(text: str, words: str) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        read_schedule("cycle", text)


@pytest.mark.parametrize(
    "text", ["R/2026-01-01T00:00:00[America/Port-au-Prince]/P1D", "R/2026-01-01T00:00:00@America/Port-au-Prince/P1D"]
)
def test_the_slash_of_a_zone_separates_no_parts(text: str) -> None:
    assert fires(text, now="2026-01-01", count=1) == ["2026-01-01 05:00:00"]


def test_a_cycle_ends_with_the_calendar() -> None:
    expected = ["9998-12-31 23:59:59", "9999-12-31 23:59:59"]

    assert fires("R/9998-12-31T23:59:59Z/P1Y", now=NOW) == expected


def test_a_cycle_that_begins_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ScheduleInvalid, match="before the year 10000"):
        first_due(read_schedule("cycle", "R/P8000Y"), now=utc(NOW))


periods = st.builds("PT{}S".format, st.integers(1, 10**6)) | st.builds(
    "P{}M{}DT{}S".format, st.integers(0, 30), st.integers(0, 60), st.integers(1, 10**6)
)
starts = st.datetimes(utc("2000-01-01").replace(tzinfo=None), utc("2030-01-01").replace(tzinfo=None))
counts = st.none() | st.integers(1, 40)


@unhurried
@given(starts, periods, counts, st.integers(0, 10**8))
def test_the_first_one_from_now_on_is_found_as_by_counting(
    start: datetime, period: str, count: int | None, later: int
) -> None:
    text = f"R{count or ''}/{start:%Y-%m-%dT%H:%M:%S}[Europe/Zurich]/{period}"
    since_start = dues(text, now=utc("1999-01-01"), count=60)
    now = since_start[0].at + timedelta(seconds=later)
    to_come = [due for due in since_start if due.at >= now]

    if to_come or count is not None:
        found = dues(text, now=now, count=max(1, len(to_come)))
        assert found == (to_come or [Due(now, 0)])


@unhurried
@given(periods, counts, starts, st.sampled_from(["", "start", "end"]))
def test_occurrences_ascend_and_are_counted_down(period: str, count: int | None, moment: datetime, at: str) -> None:
    shown = f"{moment:%Y-%m-%dT%H:%M:%S}[Europe/Zurich]"
    parts = {"": [period], "start": [shown, period], "end": [period, shown]}[at]
    found = dues("/".join([f"R{count or ''}", *parts]), now=utc("1999-01-01"), count=40)

    assert all(before.at < after.at for before, after in pairwise(found))
    left = [due.remaining for due in found if due.remaining is not None]
    assert left == [*range(left[0], left[0] - len(left), -1)] if left else count is None and at != "end"


def test_days_follow_the_wall_clock_of_the_start() -> None:
    text = "R/2026-03-28T09:00:00[Europe/Zurich]/P1D"

    assert {when[11:] for when in fires(text, now="2026-03-28", count=5, zone=ZURICH)} == {"09:00:00"}


def test_hours_follow_the_time_that_passes() -> None:
    text = "R/2026-03-28T09:00:00[Europe/Zurich]/PT24H"

    assert [when[11:16] for when in fires(text, now="2026-03-28", zone=ZURICH)] == ["09:00", "10:00", "10:00"]
