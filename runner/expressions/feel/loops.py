"""The closures of FEEL that open a scope of their own: lists, contexts, filters, for, some, every, functions.

`weight` is the number of parts of a body: what one turn through it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from runner.expressions.feel.functions import Defined
from runner.expressions.feel.numbers import whole
from runner.expressions.feel.types import FeelType
from runner.expressions.feel.values import NoValue, Range, kind
from runner.expressions.run import Closure, Run, Scope
from runner.expressions.temporal.values import Date


class Iteration(NamedTuple):
    """One `name in source` of a loop; with `end` it is `name in source..end`."""

    name: str
    source: Closure
    end: Closure | None


def list_of(items: list[Closure]) -> Closure:
    """Give a closure for [items]."""
    return lambda scope: [each(scope) for each in items]


def context_of(entries: list[tuple[str, Closure]]) -> Closure:
    """Give a closure for {entries}: each sees those before it; a name given twice makes it null."""
    if len({name for name, _ in entries}) < len(entries):
        return lambda scope: scope.run.null("Expected different names in a context, but one is given twice.")

    def apply(scope: Scope) -> dict[str, Any]:
        values: dict[str, Any] = {}
        inner = Scope(values, scope.run, scope)
        for name, entry in entries:
            values[name] = entry(inner)
        return values

    return apply


def filtered(source: Closure, condition: Closure, weight: int) -> Closure:
    """Give a closure for source[condition]: a number picks an item (from 1, or from the end if negative)."""

    def apply(scope: Scope) -> Any:
        value = source(scope)
        if value is None:
            # Nothing has no items, and none at a position either.
            return None if _is_position(condition(_item_scope(None, scope))) else []
        items = value if type(value) is list else [value]
        first = condition(_item_scope(items[0] if items else None, scope))
        if _is_position(first):
            return _picked(items, first)
        if not items:
            return []
        found = [items[0]] if first is True else []
        scope.run.take(weight * len(items))
        found += [each for each in items[1:] if condition(_item_scope(each, scope)) is True]
        return found

    return apply


def _is_position(value: Any) -> bool:
    return isinstance(value, (int, Decimal, float)) and not isinstance(value, bool)


def _picked(items: list[Any], position: Any) -> Any:
    try:
        at = whole(position)
    except ArithmeticError:
        return None
    if 0 < at <= len(items):
        return items[at - 1]
    return items[at] if -len(items) <= at < 0 else None


def _item_scope(item: Any, scope: Scope) -> Scope:
    inner = Scope({"item": item}, scope.run, scope)
    return Scope(item, scope.run, inner) if isinstance(item, dict) else inner


class _Partial(Mapping[str, Any]):
    """The name `partial`: what has been collected so far, as it is when it is asked for."""

    def __init__(self, results: list[Any], run: Run) -> None:
        self._results, self._run = results, run

    def __getitem__(self, name: str) -> Any:
        if name != "partial":
            raise KeyError(name)
        self._run.take(len(self._results) >> 3)
        return list(self._results)

    def __iter__(self) -> Iterator[str]:
        return iter(("partial",))

    def __len__(self) -> int:
        return 1


def collected(iterations: list[Iteration], body: Closure, weight: int) -> Closure:
    """Give a closure for `for … return body`; the body sees what was collected before as `partial`."""

    def apply(scope: Scope) -> Any:
        results: list[Any] = []
        try:
            for inner in _turns(iterations, Scope(_Partial(results, scope.run), scope.run, scope), weight):
                results.append(body(inner))
        except (NoValue, ArithmeticError) as error:
            return scope.run.null(str(error))
        scope.run.items(len(results))
        return results

    return apply


def quantified(iterations: list[Iteration], condition: Closure, *, weight: int, decisive: bool) -> Closure:
    """Give a closure for `some` (one true is decisive) or `every` (one false is)."""

    def apply(scope: Scope) -> Any:
        unknown = False
        try:
            for inner in _turns(iterations, scope, weight):
                answer = condition(inner)
                if answer is decisive:
                    return decisive
                unknown = unknown or type(answer) is not bool
        except (NoValue, ArithmeticError) as error:
            return scope.run.null(str(error))
        return None if unknown else not decisive

    return apply


def _turns(iterations: list[Iteration], scope: Scope, weight: int) -> Iterator[Scope]:
    if not iterations:
        scope.run.take(weight)
        yield scope
        return
    iteration, *rest = iterations
    for value in _domain(iteration, scope):
        scope.run.take()
        yield from _turns(rest, Scope({iteration.name: value}, scope.run, scope), weight)


def _domain(iteration: Iteration, scope: Scope) -> Sequence[Any]:
    source = iteration.source(scope)
    if iteration.end is not None:
        return _steps(source, iteration.end(scope), scope.run)
    if isinstance(source, Range):
        values = _steps(source.start, source.end, scope.run, upwards=True)
        return values[0 if source.start_included else 1 : len(values) if source.end_included else -1]
    if source is None:
        raise NoValue("Expected a list or range to go through, but it is null.")
    return source if type(source) is list else [source]


def _steps(start: Any, end: Any, run: Run, *, upwards: bool = False) -> Sequence[Any]:
    if kind(start) == kind(end) == "number":
        first, last = whole(start), whole(end)
    elif isinstance(start, Date) and isinstance(end, Date):
        first, last = start.number, end.number
    else:
        raise NoValue(f"Expected two numbers or dates around '..', but they are {kind(start)} and {kind(end)}.")
    if upwards and first > last:
        raise NoValue("Expected a range whose start is not behind its end.")
    run.items(abs(last - first) + 1)
    numbers = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    return [Date.of_number(each) for each in numbers] if isinstance(start, Date) else numbers


def function_of(names: tuple[str, ...], types: tuple[FeelType, ...], body: Closure, weight: int) -> Closure:
    """Give a closure for function(names) body."""
    return lambda scope: Defined(names, types, body, scope, weight)
