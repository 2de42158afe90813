"""The closures of FEEL's operators, names and calls. An operation without a result is null, with a warning."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from runner.expressions.faults import hint
from runner.expressions.feel.operators import OPERATIONS, interval, member, negate
from runner.expressions.feel.types import FeelType
from runner.expressions.feel.values import (
    Difference,
    Function,
    NoValue,
    Range,
    compare,
    equal,
    kind,
    passes,
    same,
    within,
)
from runner.expressions.run import Closure, Scope

# What an operation may raise when it has no result: overflow and division by zero, no such date, texts out of range.
NO_RESULT = (NoValue, ArithmeticError, ValueError)

# Built-ins that ask whether there is anything: nothing is an answer to them.
_ASK = frozenset({"is defined", "get or else"})
_DIRECT = frozenset({int, str, Decimal})
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _excuse(scope: Scope, error: Exception) -> Any:
    if isinstance(error, NoValue):
        return scope.run.null(str(error))
    return scope.run.null("Expected a result, but it is beyond what numbers, dates or texts can be.")


def constant(value: Any) -> Closure:
    """Give a closure for a literal."""
    return lambda scope: value


NULL: Closure = constant(None)


def _quietly(closure: Closure) -> Closure:
    """Give a closure whose nulls are no surprise to whoever wrote it: it is compared with null."""

    def apply(scope: Scope) -> Any:
        scope.run.quiet += 1
        try:
            return closure(scope)
        finally:
            scope.run.quiet -= 1

    return apply


def variable(name: str, builtin: Function | None) -> Closure:
    """Give a closure that looks a name up from the inner scope to the outer; unknown is null, with a warning."""

    def lookup(scope: Scope) -> Any:
        names = scope.names
        if name in names:
            return names[name]
        frame = scope.parent
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.parent
        if builtin is None:
            message = f"Expected a variable '{name}', but there is none: taken as null."
            return scope.run.null(message, lambda: hint(name, scope.known()))
        return builtin

    return lookup


def chain(first: Closure, rest: list[tuple[str, Closure]]) -> Closure:
    """Give a closure for operands of one precedence, left to right."""
    symbol, second = rest[0]
    if symbol in ("and", "or"):
        return _logical([first, *(operand for _, operand in rest)], decisive=symbol == "or")
    if len(rest) > 1:
        return _arithmetic(first, rest)
    operation = OPERATIONS[symbol]

    def apply(scope: Scope) -> Any:
        try:
            return operation(first(scope), second(scope), scope.run)
        except NO_RESULT as error:
            return _excuse(scope, error)

    return apply


def _arithmetic(first: Closure, rest: list[tuple[str, Closure]]) -> Closure:
    steps = [(OPERATIONS[symbol], operand) for symbol, operand in rest]

    def apply(scope: Scope) -> Any:
        value = first(scope)
        for operation, operand in steps:
            try:
                value = operation(value, operand(scope), scope.run)
            except NO_RESULT as error:
                value = _excuse(scope, error)
        return value

    return apply


def _logical(operands: list[Closure], *, decisive: bool) -> Closure:
    """Three-valued logic (DMN 1.3 §10.3.2.10, table 55): one `decisive` operand decides, what is no boolean is null."""

    def apply(scope: Scope) -> bool | None:
        unknown = False
        for operand in operands:
            value: object = operand(scope)
            if value is decisive:
                return decisive
            unknown = unknown or type(value) is not bool
        return None if unknown else not decisive

    return apply


def comparison(symbol: str, left: Closure, right: Closure) -> Closure:
    """Give a closure for =, !=, <, <=, > or >=."""
    if symbol in ("=", "!="):
        return _equality(left, right, wanted=symbol == "=")
    test = _COMPARISONS[symbol]

    def apply(scope: Scope) -> Any:
        one, other = left(scope), right(scope)
        if type(one) is type(other) and type(one) in _DIRECT:
            return test(one, other)
        order = compare(one, other)
        if order is None:
            return scope.run.null(
                f"Expected comparable values around '{symbol}', but they are {kind(one)} and {kind(other)}."
            )
        return test(order, 0)

    return apply


def _equality(left: Closure, right: Closure, *, wanted: bool) -> Closure:
    if left is NULL or right is NULL:
        left, right = _quietly(left), _quietly(right)

    def apply(scope: Scope) -> bool | None:
        one, other = left(scope), right(scope)
        if type(one) is type(other) and type(one) in _DIRECT:
            if type(one) is str:
                scope.run.scan(len(one))
            return bool(one == other) is wanted
        answer = equal(one, other, scope.run)
        return None if answer is None else answer is wanted

    return apply


def between(value: Closure, low: Closure, high: Closure) -> Closure:
    """Give a closure for value between low and high, both included."""

    def apply(scope: Scope) -> bool | None:
        start, end = low(scope), high(scope)
        if start is None or end is None:
            return None
        return within(value(scope), Range(start, end, True, True))

    return apply


def membership(value: Closure, tests: list[Closure]) -> Closure:
    """Give a closure for value in (tests): true if one of them passes."""
    if len(tests) == 1:
        test = tests[0]
        return lambda scope: passes(value(scope), test(scope), scope.run)

    def apply(scope: Scope) -> bool:
        tested = value(scope)
        return any(passes(tested, each(scope), scope.run) is True for each in tests)

    return apply


def unary_test(symbol: str, operand: Closure) -> Closure:
    """Give a closure for the value of a test such as < 5; = 5 is the range [5..5] where values have an order."""
    if symbol == "!=":
        return lambda scope: Difference(operand(scope))
    if symbol == "=":
        return lambda scope: same(operand(scope))
    upwards, included = symbol[0] == ">", symbol.endswith("=")

    def apply(scope: Scope) -> Range:
        limit = operand(scope)
        return Range(limit, None, included, False) if upwards else Range(None, limit, False, included)

    return apply


def span(start: Closure, end: Closure, *, start_included: bool, end_included: bool) -> Closure:
    """Give a closure for a range such as [1..10)."""
    return lambda scope: interval(start(scope), end(scope), start_included=start_included, end_included=end_included)


def instance(value: Closure, type: FeelType) -> Closure:
    """Give a closure for value instance of type."""

    def apply(scope: Scope) -> Any:
        try:
            return type.of(value(scope), scope)
        except NoValue as error:
            return _excuse(scope, error)

    return apply


def minus(operand: Closure) -> Closure:
    """Give a closure for a sign."""

    def apply(scope: Scope) -> Any:
        try:
            return negate(operand(scope))
        except NO_RESULT as error:
            return _excuse(scope, error)

    return apply


def path(value: Closure, names: list[str]) -> Closure:
    """Give a closure for value.name.name…"""
    if len(names) == 1:
        name = names[0]

        def read_one(scope: Scope) -> Any:
            found = value(scope)
            if type(found) is dict:
                return found[name] if name in found else _missing(found, name, scope)
            return member(found, name, scope.run)

        return read_one

    def read(scope: Scope) -> Any:
        found = value(scope)
        for name in names:
            if type(found) is dict and name not in found:
                return _missing(found, name, scope)
            found = member(found, name, scope.run)
        return found

    return read


def _missing(context: dict[str, Any], name: str, scope: Scope) -> Any:
    message = f"Expected an entry '{name}', but the context has none: taken as null."
    return scope.run.null(message, lambda: hint(name, context))


def conditional(test: Closure, first: Closure, second: Closure) -> Closure:
    """Give a closure for if … then … else: everything but true takes the else branch."""
    return lambda scope: first(scope) if test(scope) is True else second(scope)


def call(function: Closure, arguments: list[Closure]) -> Closure:
    """Give a closure for a call with positional arguments."""
    asked = [_quietly(each) for each in arguments]

    def apply(scope: Scope) -> Any:
        called = function(scope)
        run = scope.run
        run.take()
        if not hasattr(called, "call_named"):
            return run.null("Expected a function before '(…)', but there is none of this name: taken as null.")
        given = asked if getattr(called, "name", None) in _ASK else arguments
        try:
            return called.call(run, [each(scope) for each in given])
        except NO_RESULT as error:
            return _excuse(scope, error)

    return apply


def call_named(function: Closure, arguments: dict[str, Closure]) -> Closure:
    """Give a closure for a call with named arguments."""

    def apply(scope: Scope) -> Any:
        called = function(scope)
        run = scope.run
        run.take()
        if not hasattr(called, "call_named"):
            return run.null("Expected a function before '(…)', but there is none of this name: taken as null.")
        try:
            return called.call_named(run, {name: each(scope) for name, each in arguments.items()})
        except NO_RESULT as error:
            return _excuse(scope, error)

    return apply
