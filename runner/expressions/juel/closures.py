"""The closures that JUEL expressions are made of; each knows the position that its faults point to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.expressions.faults import EvaluationFault, hint
from runner.expressions.juel.coercion import OPERATIONS, named, to_boolean, to_number, to_text
from runner.expressions.juel.methods import VariableAccess, call, fact
from runner.expressions.run import Closure, Scope

_FACADES = ("execution", "task")


def _at(position: int, closure: Closure) -> Closure:
    def located(scope: Scope) -> Any:
        try:
            return closure(scope)
        except EvaluationFault as fault:
            if fault.position is None:
                fault.position = position
            raise

    return located


def constant(value: Any) -> Closure:
    """Give a closure for a literal."""
    return lambda scope: value


def variable(name: str, position: int) -> Closure:
    """Give a closure that looks a variable up; an unknown one is a fault, as in Camunda 7."""

    def lookup(scope: Scope) -> Any:
        if name in scope.names:
            return scope.names[name]
        if name in _FACADES:
            return VariableAccess(scope.names, scope.run.facts)
        raise EvaluationFault(f"Expected a variable '{name}', but there is none.{hint(name, scope.names)}", position)

    return lookup


def chain(first: Closure, rest: list[tuple[str, Closure]], position: int) -> Closure:
    """Give a closure for operands of one precedence; && and || stop as soon as the answer is known."""
    if rest[0][0] in ("&&", "||"):
        return _logical([first, *(operand for _, operand in rest)], position, stop=rest[0][0] == "||")
    steps = [(OPERATIONS[symbol], operand) for symbol, operand in rest]

    def apply(scope: Scope) -> Any:
        value = first(scope)
        for operation, operand in steps:
            value = operation(value, operand(scope), scope.run)
        return value

    return _at(position, apply)


def _logical(operands: list[Closure], position: int, *, stop: bool) -> Closure:
    def apply(scope: Scope) -> bool:
        return stop if any(to_boolean(each(scope)) is stop for each in operands) else not stop

    return _at(position, apply)


def negation(operand: Closure, position: int) -> Closure:
    """Give a closure for !."""
    return _at(position, lambda scope: not to_boolean(operand(scope)))


def minus(operand: Closure, position: int) -> Closure:
    """Give a closure for a sign."""
    return _at(position, lambda scope: -to_number(operand(scope)))


def empty(operand: Closure) -> Closure:
    """Give a closure for `empty`: null, "", an empty list or map (Jakarta EL 2.2 §1.10)."""

    def apply(scope: Scope) -> bool:
        value = operand(scope)
        return value is None or (isinstance(value, (str, list, dict)) and not value)

    return apply


def conditional(test: Closure, first: Closure, second: Closure, position: int) -> Closure:
    """Give a closure for test ? first : second."""
    condition = _at(position, lambda scope: to_boolean(test(scope)))
    return lambda scope: first(scope) if condition(scope) else second(scope)


def member(value: Closure, name: str, position: int) -> Closure:
    """Give a closure for value.name."""
    return _at(position, lambda scope: _entry(value(scope), name, scope))


def element(value: Closure, key: Closure, position: int) -> Closure:
    """Give a closure for value[key]."""
    return _at(position, lambda scope: _entry(value(scope), key(scope), scope))


def method(value: Closure, name: str, arguments: list[Closure], position: int) -> Closure:
    """Give a closure for value.name(arguments)."""
    return _at(position, lambda scope: call(scope.run, value(scope), name, [each(scope) for each in arguments]))


def function(apply: Callable[..., Any], arguments: list[Closure], position: int) -> Closure:
    """Give a closure for a call by name."""
    return _at(position, lambda scope: apply(scope.run, *[each(scope) for each in arguments]))


def _entry(value: Any, key: Any, scope: Scope) -> Any:
    if value is None or key is None:
        return None
    if isinstance(value, dict):
        return value.get(to_text(key, scope.run))
    if isinstance(value, list):
        position = to_number(key)
        return value[int(position)] if 0 <= position < len(value) else None
    if isinstance(value, VariableAccess):
        return fact(scope.run, value, key)
    raise EvaluationFault(f"Expected a map or a list before .{key}, but it is {named(value)}.")
