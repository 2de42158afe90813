"""Built-ins on numbers (DMN 1.3 §10.3.4.5): rounding, remainders, roots."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.feel.numbers import CONTEXT, exact, floor_remainder, whole
from runner.expressions.feel.values import NoValue
from runner.expressions.run import Run
from runner.expressions.temporal.values import DayTimeDuration, YearMonthDuration

LIBRARY = Library()
_LEAST_SCALE, _MOST_SCALE = -6_111, 6_176
_LONGEST = 6_200
_MODES = {
    "decimal(n: number, scale: number)": decimal.ROUND_HALF_EVEN,
    "round up(n: number, scale: number)": decimal.ROUND_UP,
    "round down(n: number, scale: number)": decimal.ROUND_DOWN,
    "round half up(n: number, scale: number)": decimal.ROUND_HALF_UP,
    "round half down(n: number, scale: number)": decimal.ROUND_HALF_DOWN,
    "floor(n: number)": decimal.ROUND_FLOOR,
    "floor(n: number, scale: number)": decimal.ROUND_FLOOR,
    "ceiling(n: number)": decimal.ROUND_CEILING,
    "ceiling(n: number, scale: number)": decimal.ROUND_CEILING,
}


def _rounded(run: Run, number: Any, scale: Any, mode: str) -> Decimal:
    places = 0 if scale is None else whole(scale)
    run.string(abs(places))
    if not _LEAST_SCALE <= places <= _MOST_SCALE:
        raise NoValue(f"Expected a scale from {_LEAST_SCALE:,} to {_MOST_SCALE:,}, but it is {places:,}.")
    context = decimal.Context(prec=_LONGEST + 6_200, rounding=mode, Emin=-20_000, Emax=20_000)
    return exact(number).quantize(Decimal(1).scaleb(-places, context), rounding=mode, context=context) + 0


def _rounding(mode: str) -> Callable[..., Decimal]:
    return lambda run, number, scale=None: _rounded(run, number, scale, mode)


for _signature, _mode in _MODES.items():
    LIBRARY.define(_signature)(_rounding(_mode))


@LIBRARY.define("abs(n: number)")
def _absolute(run: Run, number: Any) -> Any:
    return abs(number)


@LIBRARY.define("abs(n: days and time duration)")
def _absolute_time(run: Run, duration: DayTimeDuration) -> DayTimeDuration:
    return DayTimeDuration(abs(duration.nanoseconds))


@LIBRARY.define("abs(n: years and months duration)")
def _absolute_months(run: Run, duration: YearMonthDuration) -> YearMonthDuration:
    return YearMonthDuration(abs(duration.months))


@LIBRARY.define("modulo(dividend: number, divisor: number)")
def _modulo(run: Run, dividend: Any, divisor: Any) -> Decimal:
    return floor_remainder(dividend, divisor)


@LIBRARY.define("sqrt(number: number)")
def _root(run: Run, number: Any) -> Decimal:
    return CONTEXT.sqrt(exact(number))


@LIBRARY.define("log(number: number)")
def _logarithm(run: Run, number: Any) -> Decimal:
    if number <= 0:
        raise NoValue("Expected a number above 0 in log(…), but it is not.")
    return CONTEXT.ln(exact(number))


@LIBRARY.define("exp(number: number)")
def _exponential(run: Run, number: Any) -> Decimal:
    return CONTEXT.exp(exact(number))


@LIBRARY.define("odd(number: number)")
def _odd(run: Run, number: Any) -> bool:
    return CONTEXT.remainder(exact(number), Decimal(2)).copy_abs() == 1


@LIBRARY.define("even(number: number)")
def _even(run: Run, number: Any) -> bool:
    return CONTEXT.remainder(exact(number), Decimal(2)) == 0
