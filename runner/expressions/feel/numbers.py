"""FEEL's numbers: decimals of 34 digits (DMN 1.3 §10.3.2.3.1); whole ones stay ints as long as they are that short."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import TypeAlias

Number: TypeAlias = int | float | Decimal

# A context of our own instead of the thread's: nothing ambient, and the same result in every thread.
CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
_EXACT = 10**34
_MAX_EXPONENT = 10_000


def exact(value: Number) -> Decimal:
    """Give a number as a decimal; a float as the decimal that it is written as. Raises ArithmeticError for nan."""
    if isinstance(value, float):
        return CONTEXT.create_decimal(repr(value))
    return value if isinstance(value, Decimal) else CONTEXT.create_decimal(value)


def short(value: int) -> int | Decimal:
    """Give an int unchanged while it has at most 34 digits, else rounded as a decimal."""
    return value if -_EXACT < value < _EXACT else CONTEXT.create_decimal(value)


def add(left: Number, right: Number) -> Number:
    """Give left + right."""
    if type(left) is int and type(right) is int:
        return short(left + right)
    return CONTEXT.add(exact(left), exact(right))


def subtract(left: Number, right: Number) -> Number:
    """Give left - right."""
    if type(left) is int and type(right) is int:
        return short(left - right)
    return CONTEXT.subtract(exact(left), exact(right))


def multiply(left: Number, right: Number) -> Number:
    """Give left * right."""
    if type(left) is int and type(right) is int and -_EXACT < left < _EXACT and -_EXACT < right < _EXACT:
        return short(left * right)
    return CONTEXT.multiply(exact(left), exact(right))


def divide(left: Number, right: Number) -> Decimal:
    """Give left / right. Raises ArithmeticError for a divisor of 0."""
    return CONTEXT.divide(exact(left), exact(right))


def power(left: Number, right: Number) -> Decimal:
    """Give left ** right. Raises ArithmeticError if that is no number or too large."""
    exponent = exact(right)
    if abs(exponent) > _MAX_EXPONENT:
        raise decimal.Overflow
    result = CONTEXT.power(exact(left), exponent)
    if not result.is_finite():
        raise decimal.DivisionByZero  # 0 ** -1 is Infinity to decimal, but no number to FEEL
    return result


def floor_remainder(left: Number, right: Number) -> Decimal:
    """Give left - right * floor(left / right), with the sign of the divisor."""
    dividend, divisor = exact(left), exact(right)
    quotient = CONTEXT.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
    return CONTEXT.subtract(dividend, CONTEXT.multiply(divisor, quotient))


def order(left: Number, right: Number) -> int:
    """Give -1, 0 or 1."""
    if isinstance(left, float) or isinstance(right, float):
        left, right = exact(left), exact(right)
    return (left > right) - (left < right)


def whole(value: Number) -> int:
    """Give the integer part of a number. Raises ArithmeticError for absurdly large ones."""
    number = exact(value)
    if number and number.adjusted() > 40:
        raise decimal.Overflow
    return int(number)


def number_text(value: Number) -> str:
    """Write a number without exponent and without trailing zeros."""
    if isinstance(value, int):
        return str(value)
    number = exact(value)
    if number == 0:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
