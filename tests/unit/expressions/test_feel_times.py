"""FEEL: dates, times, zones and durations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.expressions.asking import at_fixed_time, feel

from runner.expressions import Language
from runner.expressions.temporal.text import parse_temporal, temporal_text
from runner.expressions.temporal.values import Date


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('@"2024-01-31" + @"P1M"', "2024-02-29"),
        ('@"2024-02-29" + @"P1Y"', "2025-02-28"),
        ('@"2026-01-01" - @"P1D"', "2025-12-31"),
        ('@"2026-03-01" - @"2026-02-01"', "P28D"),
        ('@"23:30:00" + @"PT1H"', "00:30:00"),
        ('@"10:00:00" - @"09:30:00"', "PT30M"),
        ('@"2026-01-01T00:00:00Z" + @"PT0.5S"', "2026-01-01T00:00:00.5Z"),
        ('@"2026-03-29T01:30:00@Europe/Berlin" + @"PT1H"', "2026-03-29T03:30:00@Europe/Berlin"),
        ('@"2021-01-01T24:00:00"', "2021-01-02T00:00:00"),
        ('@"P1D" * 1.5', "P1DT12H"),
        ('@"P1Y" / @"P3M"', 4),
        ('@"PT1H" / 4', "PT15M"),
        ('-@"P1Y2M"', "-P1Y2M"),
        ('@"PT90M" + @"PT30M"', "PT2H"),
        ('@"P1Y" + @"P1D"', None),
        ('@"10:00:00" + @"P1Y"', None),
        ('@"999999999-12-31" + @"P1D"', None),
        ('@"-2021-01-01T10:10:10@Australia/Melbourne" + @"P1M"', "-2021-02-01T10:10:10@Australia/Melbourne"),
    ],
)
def test_arithmetic(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('@"2026-01-01T12:00:00+02:00" = @"2026-01-01T10:00:00Z"', True),
        ('@"2026-01-01T12:00:00@Europe/Paris" = @"2026-01-01T11:00:00Z"', True),
        ('@"2026-01-01T12:00:00" < @"2026-01-01T12:00:00Z"', None),
        ('@"10:00:00" < @"11:00:00"', True),
        ('@"P1Y" = @"P12M"', True),
        ('@"P1Y" = @"P365D"', None),
        ('@"2026-01-01" < @"2026-01-02"', True),
    ],
)
def test_order(text: str, value: bool | None) -> None:
    assert feel(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('date("2026-02-29")', None),
        ("date(2026, 2, 28)", "2026-02-28"),
        ('date(date and time("2026-01-01T10:00:00Z"))', "2026-01-01"),
        ('time("10:00:00@Europe/Nowhere")', None),
        ('time(10, 30, 5.25, @"-PT2H")', "10:30:05.25-02:00"),
        ("time(24, 0, 0)", None),
        ('date and time(@"2026-01-01", @"10:00:00Z")', "2026-01-01T10:00:00Z"),
        ('date and time(@"2026-01-01T10:00:00Z", "Asia/Tokyo")', "2026-01-01T19:00:00@Asia/Tokyo"),
        ('duration("P1Y1D")', None),
        ('duration("PT")', None),
        ('years and months duration(@"2024-12-31", @"2026-12-30")', "P1Y11M"),
        ('string(date("-0044-03-15"))', "-0044-03-15"),
        ('string(@"23:59:59.123456789Z")', "23:59:59.123456789Z"),
        ('@"2026-03-29".weekday', 7),
        ('@"2026-01-01T10:20:30+02:00".time offset', "PT2H"),
        ('@"2026-01-01T10:20:30@Europe/Paris".timezone', "Europe/Paris"),
        ('[@"10:20:30".hour, @"10:20:30".minute, @"10:20:30".second]', [10, 20, 30]),
        ('[@"P1Y2M".years, @"P1Y2M".months, @"-P1DT2H".days, @"-P1DT2H".hours]', [1, 2, -1, -2]),
        ('day of week(@"2026-03-29")', "Sunday"),
        ('month of year(@"2026-03-29")', "March"),
        ('day of year(@"2024-12-31")', 366),
        ('week of year(@"2021-01-03")', 53),
        ('last day of month(@"2024-02-10T10:00:00")', "2024-02-29"),
    ],
)
def test_built_ins(text: str, value: Any) -> None:
    assert feel(text) == value


def test_now_and_today_are_what_the_clock_says() -> None:
    assert at_fixed_time("now()", Language.FEEL) == "2026-03-29T12:30:00.25Z"
    assert at_fixed_time("today()", Language.FEEL) == "2026-03-29"
    assert at_fixed_time("${now().plusDays(2)}", Language.JUEL) == "2026-03-31T12:30:00.25Z"


@given(st.integers(-(10**11), 10**11))
def test_a_day_number_and_its_date_are_the_same(number: int) -> None:
    assert Date.of_number(number).number == number


@given(st.dates())
def test_the_calendar_is_pythons(day: Any) -> None:
    date = Date(day.year, day.month, day.day)
    assert date.number == day.toordinal() - 719_163
    assert date.weekday == day.isoweekday()


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "-999999999-01-01",
        "10:00:00",
        "10:00:00.5-18:00",
        "2026-01-01T00:00:00@Asia/Kathmandu",
        "P1Y1M",
        "-P3D",
        "PT0S",
        "P1DT2H3M4.000000005S",
    ],
)
def test_what_is_read_is_written_the_same(text: str) -> None:
    assert temporal_text(parse_temporal(text)) == text
