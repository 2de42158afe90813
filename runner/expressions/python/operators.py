"""What the operators of the Python-like language mean on JSON values: as in Python, but bounded and strict."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from runner.expressions.arithmetic import calculate, power
from runner.expressions.faults import EvaluationFault, hint
from runner.expressions.run import Run

_NAMES = {
    bool: "true or false", type(None): "null", str: "text", list: "a list", dict: "an object",
    int: "a number", float: "a number",
}  # fmt: skip

Binary = Callable[[Any, Any, Run], Any]


def named(value: Any) -> str:
    """Say what kind of JSON value this is, for messages."""
    return _NAMES.get(type(value), f"a {type(value).__name__}")


def is_number(value: Any) -> bool:
    """Tell whether this is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(left: Any, right: Any, run: Run) -> bool:
    """Compare two JSON values by their content, paying for each part: shared parts could make it exponential."""
    if isinstance(left, list) and isinstance(right, list):
        run.take(len(left))
        return len(left) == len(right) and all(same(one, other, run) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        run.take(len(left))
        return left.keys() == right.keys() and all(same(value, right[key], run) for key, value in left.items())
    if isinstance(left, str):
        run.scan(len(left))
    return bool(left == right)


def contains(left: Any, right: Any, run: Run) -> bool:
    """Tell whether `left` is an item of a list, a part of a text or a name of an object."""
    if isinstance(right, list):
        run.take(len(right))
        return any(same(left, item, run) for item in right)
    if isinstance(right, str) and isinstance(left, str):
        run.take(len(right) >> 4)
        return left in right
    if isinstance(right, dict):
        return isinstance(left, str) and left in right
    raise EvaluationFault(
        f"Expected a list, a text or an object after 'in', but it is {named(right)} (looking for {named(left)})."
    )


def _ordered(symbol: str, compare: Callable[[Any, Any], bool]) -> Binary:
    def apply(left: Any, right: Any, run: Run) -> bool:
        if (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str)):
            return compare(left, right)
        raise EvaluationFault(
            f"Expected two numbers or two texts around '{symbol}', but they are {named(left)} and {named(right)}."
        )

    return apply


def _numeric(symbol: str, operation: Callable[[Any, Any], Any]) -> Binary:
    def apply(left: Any, right: Any, run: Run) -> Any:
        if is_number(left) and is_number(right):
            return calculate(operation, left, right)
        raise EvaluationFault(f"Expected two numbers around '{symbol}', but they are {named(left)} and {named(right)}.")

    return apply


_plus_numbers = _numeric("+", operator.add)


def _plus(left: Any, right: Any, run: Run) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        run.string(len(left) + len(right))
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        run.items(len(left) + len(right))
        return left + right
    return _plus_numbers(left, right, run)


BINARY: dict[type[ast.operator], Binary] = {
    ast.Add: _plus,
    ast.Sub: _numeric("-", operator.sub),
    ast.Mult: _numeric("*", operator.mul),
    ast.Div: _numeric("/", operator.truediv),
    ast.FloorDiv: _numeric("//", operator.floordiv),
    ast.Mod: _numeric("%", operator.mod),
    ast.Pow: _numeric("**", power),
}

COMPARISONS: dict[type[ast.cmpop], Binary] = {
    ast.Eq: same,
    ast.NotEq: lambda left, right, run: not same(left, right, run),
    ast.Lt: _ordered("<", operator.lt),
    ast.LtE: _ordered("<=", operator.le),
    ast.Gt: _ordered(">", operator.gt),
    ast.GtE: _ordered(">=", operator.ge),
    ast.In: contains,
    ast.NotIn: lambda left, right, run: not contains(left, right, run),
    ast.Is: lambda left, right, run: left is right,
    ast.IsNot: lambda left, right, run: left is not right,
}


def member(value: Any, name: str) -> Any:
    """Give the entry `name` of an object: the only thing that a dot does."""
    if not isinstance(value, dict):
        raise EvaluationFault(f"Expected an object before '.{name}', but it is {named(value)}.")
    if name not in value:
        raise EvaluationFault(f"Expected an entry '{name}', but the object has none.{hint(name, value)}")
    return value[name]


def item(value: Any, key: Any) -> Any:
    """Give the item of a list or text at a position (from 0, negative from the end), or the entry of an object."""
    if isinstance(value, dict) and isinstance(key, str):
        return member(value, key)
    if isinstance(value, (list, str)) and isinstance(key, int) and not isinstance(key, bool):
        if -len(value) <= key < len(value):
            return value[key]
        raise EvaluationFault(f"Expected a position within the {len(value)} of {named(value)}, but it is {key}.")
    raise EvaluationFault(
        f"Expected a list with a position or an object with a name, but it is {named(value)} with {named(key)}."
    )
