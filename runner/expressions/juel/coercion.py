"""What JUEL's operators mean: operands are coerced to each other's type (Jakarta EL 2.2 §1.7 to §1.10, §1.18)."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from runner.expressions.arithmetic import Number, bounded, calculate, truncated_remainder
from runner.expressions.faults import EvaluationFault
from runner.expressions.json_values import to_json
from runner.expressions.run import Run
from runner.expressions.temporal.text import temporal_text
from runner.expressions.temporal.values import Date, DateTime

Operation = Callable[[Any, Any, Run], Any]

_INTEGER = re.compile(r"[+-]?\d{1,300}", re.ASCII)


def is_number(value: Any) -> bool:
    """Tell whether this is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def named(value: Any) -> str:
    """Say what kind of value this is, for messages."""
    if value is None:
        return "null"
    if isinstance(value, str):
        shown = value if len(value) <= 40 else value[:40] + "…"
        return f"the text '{shown}'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a map"
    return "a date" if temporal_text(value) else "the execution"


def to_number(value: Any) -> Number:
    """Coerce to a number: null and "" are 0, a text must be one. Raises EvaluationFault."""
    if value is None or value == "":
        return 0
    if is_number(value):
        return bounded(value)
    if isinstance(value, str):
        try:
            return int(value) if _INTEGER.fullmatch(value) else bounded(float(value))
        except ValueError:
            pass
    raise EvaluationFault(f"Expected a number, but it is {named(value)}.")


def to_boolean(value: Any) -> bool:
    """Coerce to true or false: null and "" are false, a text is true if it says so. Raises EvaluationFault."""
    if isinstance(value, bool):
        return value
    if value is None or value == "":
        return False
    if isinstance(value, str):
        return value.lower() == "true"
    raise EvaluationFault(f"Expected true or false, but it is {named(value)}.")


def to_text(value: Any, run: Run) -> str:
    """Coerce to a text: null is "", lists and maps are JSON, dates ISO 8601."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        text = json.dumps(to_json(value, run), ensure_ascii=False)
    else:
        text = str(value) if is_number(value) else temporal_text(value) or ""
    if not text:
        raise EvaluationFault(f"Expected a value that can be written as text, but it is {named(value)}.")
    run.string(len(text))
    return text


def same(left: Any, right: Any, run: Run) -> bool:
    """Compare with == after coercion; null equals null only."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if is_number(left) or is_number(right):
        return to_number(left) == to_number(right)
    if isinstance(left, str) or isinstance(right, str):
        return to_text(left, run) == to_text(right, run)
    if isinstance(left, list) and isinstance(right, list):
        run.take(len(left))
        return len(left) == len(right) and all(same(one, other, run) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        run.take(len(left))
        return left.keys() == right.keys() and all(same(value, right[key], run) for key, value in left.items())
    return type(left) is type(right) and bool(left == right)


def _ordered(symbol: str, compare: Callable[[Any, Any], bool], *, equal: bool) -> Operation:
    def apply(left: Any, right: Any, run: Run) -> bool:
        if left is None or right is None:
            return equal and left is right
        if is_number(left) or is_number(right):
            return compare(to_number(left), to_number(right))
        if isinstance(left, str) or isinstance(right, str):
            return compare(to_text(left, run), to_text(right, run))
        if isinstance(left, (Date, DateTime)) and isinstance(right, (Date, DateTime)):
            return compare(_moment(left), _moment(right))
        raise EvaluationFault(
            f"Expected numbers, texts or dates around '{symbol}', but they are {named(left)} and {named(right)}."
        )

    return apply


def _moment(value: Date | DateTime) -> int:
    return value.instant if isinstance(value, DateTime) else DateTime.of_midnight(value).instant


def _numeric(operation: Callable[[Number, Number], Number]) -> Operation:
    return lambda left, right, run: calculate(operation, to_number(left), to_number(right))


OPERATIONS: dict[str, Operation] = {
    "==": same,
    "!=": lambda left, right, run: not same(left, right, run),
    "<": _ordered("<", operator.lt, equal=False),
    ">": _ordered(">", operator.gt, equal=False),
    "<=": _ordered("<=", operator.le, equal=True),
    ">=": _ordered(">=", operator.ge, equal=True),
    "+": _numeric(operator.add),
    "-": _numeric(operator.sub),
    "*": _numeric(operator.mul),
    "/": _numeric(operator.truediv),
    "%": _numeric(truncated_remainder),
}
