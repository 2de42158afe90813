"""Arithmetic on ints and floats whose results stay small, for languages that count in binary (JUEL, Python-like)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from runner.expressions.faults import EvaluationFault

Number: TypeAlias = int | float

_MAX_BITS = 1024


def bounded(value: Number | complex) -> Number:
    """Give `value` back. Raises EvaluationFault unless it is a real, finite number below 2**1024."""
    if isinstance(value, complex):
        raise EvaluationFault("Expected a real number, but the root of a negative number is none.")
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise EvaluationFault("Expected a number below 2**1024, but the result is larger.")
    elif not math.isfinite(value):
        raise EvaluationFault("Expected a finite number, but the result is none.")
    return value


def power(left: Number, right: Number) -> Number:
    """Give left ** right, refusing before calculating what would be too large."""
    if isinstance(left, int) and isinstance(right, int) and abs(left) > 1 and left.bit_length() * right > 2 * _MAX_BITS:
        raise EvaluationFault("Expected a number below 2**1024, but the power is larger.")
    return bounded(left**right)


def truncated_remainder(left: Number, right: Number) -> Number:
    """Give the remainder with the sign of the dividend, as Java's % does."""
    if isinstance(left, int) and isinstance(right, int):
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return math.fmod(left, right)


def calculate(operation: Callable[[Number, Number], Number], left: Number, right: Number) -> Number:
    """Apply `operation`; overflow and division by zero become an EvaluationFault."""
    try:
        return bounded(operation(left, right))
    except ZeroDivisionError:
        raise EvaluationFault("Expected a divisor other than 0, but it is 0.") from None
    except OverflowError:
        raise EvaluationFault("Expected a number below 1.8e308, but the result is larger.") from None
