"""A timer's value -> Schedule: what is read, and what is refused with which sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from unit.schedules.firing import ZURICH, utc

from runner.errors import Invalid, ScheduleInvalid
from runner.expressions.temporal.text import parse_temporal
from runner.schedules import Due, Schedule, first_due, read_schedule

NOW = utc("2026-01-31T12:00:00")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00"),
        ("2026-05-01T10:00:00.250+02:00", "2026-05-01T08:00:00.250"),
        ("2026-05-01T10:00+0200", "2026-05-01T08:00:00"),
        ("2026-05-01T10:00:00[Europe/Zurich]", "2026-05-01T08:00:00"),
        ("2026-05-01T10:00:00@Europe/Zurich", "2026-05-01T08:00:00"),
        ("2026-10-25T02:30:00+01:00[Europe/Zurich]", "2026-10-25T01:30:00"),
        ("2026-05-01T10:00:00", "2026-05-01T10:00:00"),
        ("20260501T100000Z", "2026-05-01T10:00:00"),
        ("2026-05-01", "2026-05-01T00:00:00"),
        ("  2026-05-01T10:00:00Z\n", "2026-05-01T10:00:00"),
    ],
)
def test_a_date_is_due_at_that_instant(text: str, at: str) -> None:
    assert first_due(read_schedule("date", text), now=NOW) == Due(utc(at), 0)


def test_a_date_in_the_past_is_due_at_once() -> None:
    assert first_due(read_schedule("date", "2020-01-01"), now=NOW) == Due(NOW, 0)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("PT0S", "2026-01-31T12:00:00"),
        ("PT10S", "2026-01-31T12:00:10"),
        ("PT1.5H", "2026-01-31T13:30:00"),
        ("PT0,25S", "2026-01-31T12:00:00.250"),
        ("P0.5W", "2026-02-04T00:00:00"),
        ("P2W", "2026-02-14T12:00:00"),
        ("P1M", "2026-02-28T12:00:00"),
        ("P1Y2M3DT4H", "2027-04-03T16:00:00"),
    ],
)
def test_a_duration_counts_from_now(text: str, at: str) -> None:
    assert first_due(read_schedule("duration", text), now=NOW) == Due(utc(at), 0)


def test_the_time_of_any_zone_may_be_given_as_now() -> None:
    now = NOW.astimezone(ZURICH)

    assert first_due(read_schedule("duration", "PT1H"), now=now).at.isoformat() == "2026-01-31T13:00:00+00:00"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("duration", timedelta(minutes=5, microseconds=1500), "PT300.0015S"),
        ("duration", parse_temporal("P2DT3.25S"), "P2DT3.25S"),
        ("duration", parse_temporal("P14M"), "P1Y2M"),
        ("date", date(2026, 5, 1), "2026-05-01"),
        ("date", datetime(2026, 5, 1, 9, tzinfo=UTC), "2026-05-01T09:00:00+00:00"),
        ("date", datetime(2026, 5, 1, 9, tzinfo=ZURICH), "2026-05-01T09:00:00+02:00[Europe/Zurich]"),
        ("date", datetime(2026, 5, 1, 9, tzinfo=timezone(timedelta(hours=5))), "2026-05-01T09:00:00+05:00"),
        ("date", parse_temporal("2026-05-01T09:00:00@Europe/Zurich"), "2026-05-01T09:00:00@Europe/Zurich"),
        ("date", parse_temporal("2026-05-01"), "2026-05-01"),
    ],
)
def test_values_become_texts_that_are_read_again(kind: str, value: object, text: str) -> None:
    schedule = read_schedule(kind, value)

    assert (schedule, read_schedule(kind, schedule.text)) == (Schedule(kind, text), schedule)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["PT5M", timedelta(minutes=5)])
def test_a_date_given_as_a_duration_is_one(value: object) -> None:
    assert read_schedule("date", value).kind == "duration"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("duration", "-PT5S", "not negative"),
        ("duration", "PT-5S", "not negative"),
        ("duration", timedelta(seconds=-1), "not negative"),
        ("duration", "5 minutes", "a duration like PT10S"),
        ("duration", "P", "a duration like PT10S"),
        ("duration", "P1DT", "a duration like PT10S"),
        ("duration", "P1.5DT1H", "in the last part"),
        ("duration", "P0.5Y", "a duration like PT10S"),
        ("duration", "P999999999W", "less than 10,000 years"),
        ("duration", "P10000Y", "less than 10,000 years"),
        ("duration", "2026-05-01", "a duration like PT10S"),
        ("date", "2026-02-30", "a date like 2026-03-29T09:00:00Z"),
        ("date", "tomorrow", "a date like 2026-03-29T09:00:00Z"),
        ("date", "0001-01-01T00:00:00+14:00", "years 1 to 9999"),
        ("date", "2026-05-01T10:00:00[Europe/Zuerich]", "Did you mean 'Europe/Zurich'"),
        ("date", "2026-05-01T10:00:00[../../etc/passwd]", "a date like"),
        ("date", parse_temporal("10:00:00"), "a date like"),
        ("date", None, "but got nothing"),
        ("date", 5, "a value of type int"),
        ("date", "2" * 201, "a longer text"),
        ("moment", "2026-05-01", "the kind 'moment'"),
    ],
)
def test_what_cannot_be_read_is_refused(kind: str, value: object, words: str) -> None:
    with pytest.raises(ScheduleInvalid, match=words) as refused:
        read_schedule(kind, value)
    assert (refused.value.code, isinstance(refused.value, Invalid)) == ("schedule_invalid", True)


@pytest.mark.parametrize("text", ["P9000Y", "P9999YT1S", "P3000000D"])
def test_a_duration_beyond_the_calendar_is_refused_when_it_begins(text: str) -> None:
    schedule = read_schedule("duration", text)

    with pytest.raises(ScheduleInvalid, match="before the year 10000"):
        first_due(schedule, now=NOW)


def test_a_zone_is_asked_for_by_its_whole_name() -> None:
    with pytest.raises(ScheduleInvalid, match="a time zone like Europe/Zurich, but got 'Zurich'"):
        read_schedule("date", "2026-05-01T10:00:00[Zurich]")
