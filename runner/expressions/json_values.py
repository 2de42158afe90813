"""The border between the values of an expression language and JSON data, or Python's own values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from runner.expressions.faults import EvaluationFault
from runner.expressions.run import Run
from runner.expressions.temporal.text import parse_temporal, temporal_text
from runner.expressions.temporal.values import DayTimeDuration

PLAIN = frozenset({bool, str, type(None)})
_MAX_NESTING = 200
_MAX_DIGITS = 34  # of a decimal128, what FEEL calculates with: beyond it an integer would only pretend to be exact


def to_json(value: Any, run: Run, depth: int = 0) -> Any:
    """Give `value` as JSON data: whole decimals as int, others as float, temporal values as ISO 8601 text.

    What is JSON already is not copied. Raises EvaluationFault for what has no JSON form (functions, ranges, endless
    numbers) and for absurd nesting.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if depth > _MAX_NESTING:
        raise EvaluationFault(f"Expected a value nested at most {_MAX_NESTING} deep, but it goes deeper.")
    if isinstance(value, (list, tuple)):
        run.take(len(value))
        items = [to_json(item, run, depth + 1) for item in value]
        return value if type(value) is list and all(map(_same, items, value)) else items
    if isinstance(value, Mapping):
        run.take(len(value))
        entries = {_key(key): to_json(item, run, depth + 1) for key, item in value.items()}
        return value if type(value) is dict and all(map(_same, entries.values(), value.values())) else entries
    text = value if isinstance(value, str) else temporal_text(value)
    if text is None:
        raise EvaluationFault(
            f"Expected a value that can be stored as JSON, but it is a {type(value).__name__.lower()}."
        )
    return str(text)


def from_python(value: Any, depth: int = 0) -> Any:
    """Give a value of Python as FEEL has it: dates, times and durations become FEEL's, all else stays as it is."""
    if depth > _MAX_NESTING:
        return value
    if isinstance(value, (datetime, date, time)):
        return parse_temporal(value.isoformat())
    if isinstance(value, timedelta):
        return DayTimeDuration((value.days * 86_400 + value.seconds) * 10**9 + value.microseconds * 1_000)
    if isinstance(value, (list, tuple)):
        return [from_python(each, depth + 1) for each in value]
    if isinstance(value, Mapping):
        return {name: from_python(each, depth + 1) for name, each in value.items()}
    return value


def _same(left: Any, right: Any) -> bool:
    return left is right


def _number(value: int | float | Decimal) -> int | float:
    if isinstance(value, int):
        return value
    number = float(value)
    if not math.isfinite(number):
        raise EvaluationFault("Expected a number below 1.8e308, but the result is larger.")
    if isinstance(value, Decimal):
        return int(value) if value.adjusted() < _MAX_DIGITS and value == value.to_integral_value() else number
    return value


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise EvaluationFault(f"Expected names that are text, but an entry is called {key!r}.")
    return key
