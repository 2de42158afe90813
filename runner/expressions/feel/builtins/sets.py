"""Built-ins that look at a list as a whole: sets, extremes and statistics (DMN 1.3 §10.3.4.4)."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.feel.numbers import CONTEXT, exact
from runner.expressions.feel.operators import add, multiply
from runner.expressions.feel.values import NoValue, compare, equal, kind
from runner.expressions.run import Run

LIBRARY = Library()
_ADDABLE = frozenset({"number", "days and time duration", "years and months duration"})
_HASHED = frozenset({"null", "boolean", "string", "date", "days and time duration", "years and months duration"})
_ORDERED = frozenset({"string", "date", "time", "date and time", *_ADDABLE})


def _groups(items: Sequence[Any], run: Run) -> list[list[Any]]:
    """Give the items with equal ones together, in the order of their first appearance."""
    groups: list[list[Any]] = []
    by_key: dict[Hashable, list[Any]] = {}
    others: list[list[Any]] = []
    for each in items:
        key = _key(each)
        if key is None:
            run.take(4 * len(others) + 1)
            known = next((group for group in others if equal(each, group[0], run) is True), None)
        else:
            run.take(2)
            known = by_key.get(key)
        if known is not None:
            known.append(each)
            continue
        groups.append([each])
        if key is None:
            others.append(groups[-1])
        else:
            by_key[key] = groups[-1]
    return groups


def _key(value: Any) -> Hashable | None:
    """Give something that is equal for equal values, or None where only comparing tells (lists, contexts, times)."""
    what = kind(value)
    if what == "number":
        return exact(value)
    return (what, value) if what in _HASHED else None


def _distinct(items: Sequence[Any], run: Run) -> list[Any]:
    return [group[0] for group in _groups(items, run)]


@LIBRARY.define("union(...lists: list)")
def _union(run: Run, *lists: list[Any]) -> list[Any]:
    if not lists:
        raise NoValue("Expected at least one list in union(…), but there is none.")
    return _distinct([each for items in lists for each in items], run)


@LIBRARY.define("distinct values(list: list)")
def _distinct_values(run: Run, items: list[Any]) -> list[Any]:
    return _distinct(items, run)


@LIBRARY.define("duplicate values(list: list)")
def _duplicate_values(run: Run, items: list[Any]) -> list[Any]:
    return [group[0] for group in _groups(items, run) if len(group) > 1]


def _for_list_or_items(name: str, apply: Callable[[Run, list[Any]], Any]) -> None:
    """Define name(list) and name(a, b, …): most statistics take either."""

    def of_items(run: Run, *items: Any) -> Any:
        if not items:
            raise NoValue(f"Expected at least one argument in {name}(…), but there is none.")
        return apply(run, list(items))

    LIBRARY.define(f"{name}(list: list)")(apply)
    LIBRARY.define(f"{name}(...items: any)")(of_items)


def _extreme(wanted: int) -> Callable[[Run, list[Any]], Any]:
    def choose(one: Any, other: Any) -> Any:
        order = compare(other, one)
        if order is None:
            raise NoValue(f"Expected values in one order, but there are {kind(one)} and {kind(other)}.")
        return other if order == wanted else one

    def apply(run: Run, items: list[Any]) -> Any:
        run.take(len(items))
        if not items or kind(items[0]) not in _ORDERED:
            raise NoValue("Expected at least one value that has an order, but there is none.")
        return functools.reduce(choose, items)

    return apply


def _numbers(items: list[Any], run: Run) -> list[Decimal]:
    run.take(len(items))
    if not items or any(kind(each) != "number" for each in items):
        raise NoValue("Expected a list of numbers, but it is empty or an item is something else.")
    return [exact(each) for each in items]


def _sum(run: Run, items: list[Any]) -> Any:
    run.take(len(items))
    if not items or any(kind(each) not in _ADDABLE for each in items):
        raise NoValue("Expected a list of numbers or durations, but it is empty or an item is something else.")
    return functools.reduce(lambda one, other: add(one, other, run), items)


def _product(run: Run, items: list[Any]) -> Any:
    return functools.reduce(lambda one, other: multiply(one, other, run), _numbers(items, run))


def _total(numbers: Sequence[Decimal]) -> Decimal:
    return functools.reduce(CONTEXT.add, numbers)


def _mean(run: Run, items: list[Any]) -> Decimal:
    numbers = _numbers(items, run)
    return CONTEXT.divide(_total(numbers), Decimal(len(numbers)))


def _median(run: Run, items: list[Any]) -> Decimal:
    numbers = sorted(_numbers(items, run))
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return CONTEXT.divide(CONTEXT.add(numbers[middle - 1], numbers[middle]), Decimal(2))


def _stddev(run: Run, items: list[Any]) -> Decimal:
    numbers = _numbers(items, run)
    if len(numbers) < 2:
        raise NoValue("Expected at least two numbers in stddev(…), but there is one.")
    mean = CONTEXT.divide(_total(numbers), Decimal(len(numbers)))
    gaps = [CONTEXT.subtract(each, mean) for each in numbers]
    squares = _total([CONTEXT.multiply(gap, gap) for gap in gaps])
    return CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(numbers) - 1)))


def _mode(run: Run, items: list[Any]) -> list[Decimal]:
    return sorted(statistics.multimode(_numbers(items, run))) if items else []


for _name, _apply in (
    ("min", _extreme(-1)),
    ("max", _extreme(1)),
    ("sum", _sum),
    ("product", _product),
    ("mean", _mean),
    ("median", _median),
    ("stddev", _stddev),
    ("mode", _mode),
):
    _for_list_or_items(_name, _apply)
