"""The functions of the Python-like language: Python's own names and meanings, on JSON values, bounded."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from runner.expressions.arithmetic import bounded, calculate
from runner.expressions.faults import EvaluationFault
from runner.expressions.json_values import to_json
from runner.expressions.python.operators import is_number, named
from runner.expressions.run import Run

_MAX_SCALE = 300


class Function(NamedTuple):
    """A function that expressions may call, with how many arguments it takes and which it takes by name."""

    apply: Callable[..., Any]
    least: int
    most: int
    keywords: tuple[str, ...] = ()


def _length(run: Run, value: Any) -> int:
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise EvaluationFault(f"Expected a text, a list or an object in len(…), but it is {named(value)}.")


def _items(name: str, value: Any, run: Run) -> list[Any]:
    if isinstance(value, (list, str, dict)):
        run.items(len(value))
        return list(value)
    raise EvaluationFault(f"Expected a list in {name}(…), but it is {named(value)}.")


def _comparable(name: str, items: list[Any]) -> list[Any]:
    if all(map(is_number, items)) or all(isinstance(item, str) for item in items):
        return items
    raise EvaluationFault(f"Expected only numbers or only texts in {name}(…), but they are mixed or something else.")


def _extreme(name: str, choose: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def apply(run: Run, *values: Any) -> Any:
        items = _comparable(name, _items(name, values[0], run) if len(values) == 1 else list(values))
        if not items:
            raise EvaluationFault(f"Expected at least one item in {name}(…), but there is none.")
        return choose(items)

    return apply


def _number(name: str, value: Any) -> Any:
    if is_number(value):
        return value
    raise EvaluationFault(f"Expected a number in {name}(…), but it is {named(value)}.")


def _absolute(run: Run, value: Any) -> Any:
    return abs(_number("abs", value))


def _round(run: Run, value: Any, digits: Any = None) -> Any:
    if digits is not None and (not isinstance(digits, int) or abs(digits) > _MAX_SCALE):
        raise EvaluationFault(f"Expected round(number, digits) with at most {_MAX_SCALE} digits, but got {digits!r}.")
    return bounded(round(_number("round", value), digits))


def _sum(run: Run, values: Any, start: Any = 0) -> Any:
    total = _number("sum", start)
    for each in _items("sum", values, run):
        total = calculate(operator.add, total, _number("sum", each))
    return total


def _sorted(run: Run, values: Any, reverse: Any = False) -> list[Any]:
    return sorted(_comparable("sorted", _items("sorted", values, run)), reverse=bool(reverse))


def _any(run: Run, values: Any) -> bool:
    return any(_items("any", values, run))


def _all(run: Run, values: Any) -> bool:
    return all(_items("all", values, run))


def _string(run: Run, value: Any = "") -> str:
    if isinstance(value, str):
        return value
    text = json.dumps(to_json(value, run), ensure_ascii=False) if isinstance(value, (list, dict)) else str(value)
    run.string(len(text))
    return text


def _integer(run: Run, value: Any = 0) -> Any:
    return bounded(_converted(int, "int", value))


def _float(run: Run, value: Any = 0.0) -> Any:
    return bounded(_converted(float, "float", value))


def _converted(convert: Callable[[Any], Any], name: str, value: Any) -> Any:
    if not isinstance(value, (int, float, str)):
        raise EvaluationFault(f"Expected a number or a text in {name}(…), but it is {named(value)}.")
    try:
        return convert(value)
    except (ValueError, OverflowError):
        shown = repr(value[:40] if isinstance(value, str) else value)
        raise EvaluationFault(f"Expected a text that is a number in {name}(…), but it is {shown}.") from None


def _boolean(run: Run, value: Any = False) -> bool:
    return bool(value)


FUNCTIONS: dict[str, Function] = {
    "len": Function(_length, 1, 1),
    "min": Function(_extreme("min", min), 1, 100),
    "max": Function(_extreme("max", max), 1, 100),
    "round": Function(_round, 1, 2),
    "abs": Function(_absolute, 1, 1),
    "sum": Function(_sum, 1, 2),
    "sorted": Function(_sorted, 1, 1, ("reverse",)),
    "any": Function(_any, 1, 1),
    "all": Function(_all, 1, 1),
    "str": Function(_string, 0, 1),
    "int": Function(_integer, 0, 1),
    "float": Function(_float, 0, 1),
    "bool": Function(_boolean, 0, 1),
}
