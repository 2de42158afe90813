"""Dates and times of forms: how they are kept, how an input has them, and whether a text is one.

No time zone is known of whoever fills in a form: times that are kept with a zone are in UTC, and said to be."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from runner.forms.form import Kind


def read(value: Any, kind: Kind) -> date | time | datetime | None:
    """Give the moment that a text is, None if it is none of this kind."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        if kind is Kind.DATE:
            return date.fromisoformat(value) if len(value) == 10 else None
        if kind is Kind.TIME:
            return time.fromisoformat(value) if ":" in value else None
        return datetime.fromisoformat(value) if "T" in value or " " in value else None
    except ValueError:
        return None


def kept(value: Any, kind: Kind, zone: str) -> Any:
    """Give a time as a form keeps it: `zone` "offset" and "utc" put UTC to one that has no zone, "" leaves it."""
    moment = read(value, kind)
    if not zone or kind is Kind.DATE or moment is None or not isinstance(moment, time | datetime) or moment.tzinfo:
        return value
    return f"{value}{'Z' if zone == 'utc' else '+00:00'}"


def typed(value: Any, kind: Kind) -> str:
    """Give a value as an input of its kind has it; what is no such time is shown as it is."""
    moment = read(value, kind)
    if moment is None or kind is Kind.DATE:
        return "" if value is None else str(value)
    if isinstance(moment, datetime):
        plain = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        return plain.isoformat(timespec="seconds" if plain.second else "minutes")
    if not isinstance(moment, time):
        return str(value)
    if moment.tzinfo:
        moment = datetime.combine(date(2000, 1, 2), moment).astimezone(UTC).time()
    return moment.isoformat(timespec="seconds" if moment.second else "minutes")
