"""Cron expressions: Spring's, Quartz's and Unix's, and how many days a search may take."""

from __future__ import annotations

import pytest
from unit.schedules.firing import ZURICH, fires, utc

from runner.errors import ScheduleInvalid
from runner.schedules import Due, first_due, read_schedule

NOW = "2026-03-28T12:00:00"  # a Saturday


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("* * * * * *", "2026-03-28 12:00:01", "2026-03-28 12:00:02"),
        ("*/10 * * * * *", "2026-03-28 12:00:10", "2026-03-28 12:00:20"),
        ("0 0 9-17 * * MON-FRI", "2026-03-30 09:00:00", "2026-03-30 10:00:00"),
        ("0 0 6,19 * * *", "2026-03-28 19:00:00", "2026-03-29 06:00:00"),
        ("0 0 9 * * 1", "2026-03-30 09:00:00", "2026-04-06 09:00:00"),
        ("0 0 9 * * 7", "2026-03-29 09:00:00", "2026-04-05 09:00:00"),
        ("0 0 9 1 * MON", "2026-06-01 09:00:00", "2027-02-01 09:00:00"),
        ("0 0 0 L * *", "2026-03-31 00:00:00", "2026-04-30 00:00:00"),
        ("0 0 0 L-3 * *", "2026-04-27 00:00:00", "2026-05-28 00:00:00"),
        ("0 0 0 LW * *", "2026-03-31 00:00:00", "2026-04-30 00:00:00"),
        ("0 0 0 1W * *", "2026-04-01 00:00:00", "2026-05-01 00:00:00"),
        ("0 0 0 * * 5L", "2026-04-24 00:00:00", "2026-05-29 00:00:00"),
        ("0 0 0 * * THUL", "2026-04-30 00:00:00", "2026-05-28 00:00:00"),
        ("0 0 0 * * MON#1", "2026-04-06 00:00:00", "2026-05-04 00:00:00"),
        ("0 0 0 25 DEC *", "2026-12-25 00:00:00", "2027-12-25 00:00:00"),
        ("0 0 22-1 * * *", "2026-03-28 22:00:00", "2026-03-28 23:00:00"),
        ("@yearly", "2027-01-01 00:00:00", "2028-01-01 00:00:00"),
        ("@Monthly", "2026-04-01 00:00:00", "2026-05-01 00:00:00"),
        ("@weekly", "2026-03-29 00:00:00", "2026-04-05 00:00:00"),
        ("@daily", "2026-03-29 00:00:00", "2026-03-30 00:00:00"),
        ("@hourly", "2026-03-28 13:00:00", "2026-03-28 14:00:00"),
    ],
)
def test_spring_has_six_fields_and_macros(text: str, first: str, second: str) -> None:
    assert fires(text, now=NOW, count=2) == [first, second]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("0 0/5 * * * ?", "2026-03-28 12:05:00", "2026-03-28 12:10:00"),
        ("0 0 9 ? * 2", "2026-03-30 09:00:00", "2026-04-06 09:00:00"),
        ("0 0 9 ? * 2-6", "2026-03-30 09:00:00", "2026-03-31 09:00:00"),
        ("0 0 9 ? * FRI-MON", "2026-03-29 09:00:00", "2026-03-30 09:00:00"),
        ("0 0 9 ? * 1/3", "2026-03-29 09:00:00", "2026-04-01 09:00:00"),
        ("0 0 9 ? * L", "2026-04-04 09:00:00", "2026-04-11 09:00:00"),
        ("0 0 9 ? * 6L", "2026-04-24 09:00:00", "2026-05-29 09:00:00"),
        ("0 0 9 ? * 6#3", "2026-04-17 09:00:00", "2026-05-15 09:00:00"),
        ("0 0 9 15W * ?", "2026-04-15 09:00:00", "2026-05-15 09:00:00"),
        ("0 0 9 15W 8 ?", "2026-08-14 09:00:00", "2027-08-16 09:00:00"),
        ("0 0 9 1W 8 ?", "2026-08-03 09:00:00", "2027-08-02 09:00:00"),
        ("0 0 9 31W 5 ?", "2026-05-29 09:00:00", "2027-05-31 09:00:00"),
        ("0 0 9 1,LW 4 ?", "2026-04-01 09:00:00", "2026-04-30 09:00:00"),
        ("0 15 10 * * ? 2028", "2028-01-01 10:15:00", "2028-01-02 10:15:00"),
        ("0 0 0 29 2 ? 2026/1", "2028-02-29 00:00:00", "2032-02-29 00:00:00"),
    ],
)
def test_quartz_has_a_question_mark_and_counts_weekdays_from_sunday(text: str, first: str, second: str) -> None:
    assert fires(text, now=NOW, count=2) == [first, second]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("*/5 * * * *", "2026-03-28 12:05:00", "2026-03-28 12:10:00"),
        ("0 9 * * 1-5", "2026-03-30 09:00:00", "2026-03-31 09:00:00"),
        ("0 9 1 * MON", "2026-03-30 09:00:00", "2026-04-01 09:00:00"),
        ("0 9 */2 * MON", "2026-04-13 09:00:00", "2026-04-27 09:00:00"),
        ("0 9 * * FRI-MON/2", "2026-03-29 09:00:00", "2026-04-03 09:00:00"),
        ("0 9 * * sat-sun", "2026-03-29 09:00:00", "2026-04-04 09:00:00"),
    ],
)
def test_unix_has_five_fields_and_fires_if_one_of_two_days_suits(text: str, first: str, second: str) -> None:
    assert fires(text, now=NOW, count=2) == [first, second]


@pytest.mark.parametrize("name", ["CRON_TZ", "TZ"])
def test_a_zone_before_the_fields_says_whose_clock_is_read(name: str) -> None:
    text = f"{name}=Europe/Zurich 0 0 9 * * MON-FRI"

    assert fires(text, now=NOW, count=2, zone=ZURICH) == ["2026-03-30 09:00:00", "2026-03-31 09:00:00"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a cycle like R3/PT10S"),
        ("0 9 * *", "five to seven fields"),
        ("@every 5m", "one of @yearly"),
        ("61 * * * *", "a minute from 0 to 59, but got '61'.*'61 . . . .'"),
        ("0 24 * * *", "an? hour from 0 to 23"),
        ("0 0 9 0 * *", "a day of the month from 1 to 31"),
        ("0 0 9 32W * ?", "a day of the month from 1 to 31"),
        ("0 0 9 L-31 * ?", "a day of the month from 1 to 31"),
        ("0 0 9 * FEBRUARY *", "a month from 1 to 12"),
        ("0 0 9 ? * 8", "a day of the week from 1 to 7"),
        ("0 0 9 ? * MON#6", "a day of the week from 1 to 7"),
        ("0 0 9 * * 1-", "a day of the week from 0 to 7"),
        ("0 0 9 * * L", "a day of the week from 0 to 7"),
        ("0 0 9 ? * MON 2500", "a year from 1970 to 2099"),
        ("*/0 * * * *", "a minute from 0 to 59"),
        ("1,,2 * * * *", "a minute from 0 to 59"),
        ("*-5 * * * *", "a minute from 0 to 59"),
        ("٣ * * * *", "a minute from 0 to 59"),
        ("CRON_TZ=Zurich 0 9 * * *", "a time zone like Europe/Zurich"),
        ("CRON_TZ=Europe/Zurich @every", "one of @yearly"),
    ],
)
def test_what_is_no_cron_expression_is_refused(text: str, words: str) -> None:
    with pytest.raises(ScheduleInvalid, match=words):
        read_schedule("cycle", text)


@pytest.mark.parametrize("text", ["0 0 0 30 2 *", "0 0 0 31W 4,6 ?", "0 0 0 29 2 ? 2099", "0 0 0 1 * MON#2"])
def test_a_rule_that_no_day_suits_is_refused(text: str) -> None:
    with pytest.raises(ScheduleInvalid, match="no day suits"):
        read_schedule("cycle", text)


def test_a_rule_whose_years_are_over_is_due_at_once_and_once() -> None:
    now = utc(NOW)

    assert first_due(read_schedule("cycle", "0 0 9 1 1 ? 2020"), now=now) == Due(now, 0)


def test_a_rule_ends_with_its_last_year() -> None:
    assert fires("0 0 9 1 1,6 ? 2026", now=NOW, count=9) == ["2026-06-01 09:00:00"]
