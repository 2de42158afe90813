"""A timer's value, as a diagram writes it or as an expression gives it -> Schedule. Refuses what cannot be read or
would never fire, so that what is stored can be calculated with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from runner.errors import ScheduleInvalid
from runner.expressions.temporal.text import temporal_text
from runner.schedules.cron import Cron, parse_cron
from runner.schedules.cron_times import next_local
from runner.schedules.iso import Repetition, parse_moment, parse_period, parse_repetition
from runner.schedules.schedule import Schedule

_LONGEST = 200  # characters


def read_schedule(kind: str, value: object) -> Schedule:
    """Give the schedule of a timer: `kind` is "date", "duration" or "cycle".

    `value` is a text, a datetime, date or timedelta, or FEEL's date, date and time or duration. A date may also be
    written as a duration, and is one then (Camunda 7: DueDateBusinessCalendar). Raises ScheduleInvalid.
    """
    text = _text(value)
    if text is None or len(text) > _LONGEST:
        raise ScheduleInvalid(
            f"Expected a text or a temporal value for a timer's {kind}, of at most {_LONGEST} characters, "
            f"but got {'a longer text' if text else _described(value)}."
        )
    if kind == "cycle":
        read_cycle(text)
        return Schedule("cycle", text)
    if kind == "duration" or (kind == "date" and text.lstrip("+-").startswith("P")):
        parse_period(text)
        return Schedule("duration", text)
    if kind == "date":
        parse_moment(text)
        return Schedule("date", text)
    raise ScheduleInvalid(f"Expected a timer's date, duration or cycle, but got the kind '{kind}'.")


@lru_cache(maxsize=1024)
def read_cycle(text: str) -> Repetition | Cron:
    """Read a cycle's text: ISO 8601 or cron. Raises ScheduleInvalid, also for a cron rule that no day suits."""
    if text.lstrip("+-").startswith("P"):
        raise ScheduleInvalid(
            f"Expected how often a cycle repeats, as in R/{text} (without end) or R3/{text}, but got '{text}'."
        )
    if text.startswith("R"):
        return parse_repetition(text)
    rule = parse_cron(text)
    if next_local(rule, datetime(1969, 12, 31, 23, 59, 59)) is None:
        raise ScheduleInvalid(f"Expected a cron expression that fires at some time, but no day suits '{text}'.")
    return rule


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return " ".join(value.split()) if len(value) <= 10 * _LONGEST else value
    if isinstance(value, datetime):
        zone = f"[{value.tzinfo.key}]" if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key else ""
        return f"{value.isoformat()}{zone}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration_text(value)
    return temporal_text(value)


def _duration_text(length: timedelta) -> str:
    seconds, rest = divmod(abs(length), timedelta(seconds=1))
    fraction = f".{rest.microseconds:06d}".rstrip("0") if rest else ""
    return f"{'-' if length < timedelta() else ''}PT{seconds}{fraction}S"


def _described(value: object) -> str:
    return "nothing" if value is None or value == "" else f"a value of type {type(value).__name__}"
