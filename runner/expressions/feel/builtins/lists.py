"""Built-ins that take lists apart and put them together (DMN 1.3 §10.3.4.4). Positions count from 1."""

from __future__ import annotations

import functools
from typing import Any

from runner.expressions.faults import LimitReached
from runner.expressions.feel.functions import Library
from runner.expressions.feel.numbers import whole
from runner.expressions.feel.values import Function, NoValue, compare, equal, kind
from runner.expressions.run import MAX_DEPTH, Run

LIBRARY = Library()


@LIBRARY.define("list contains(list: list, element: any)")
def _contains(run: Run, items: list[Any], element: Any) -> bool:
    run.take(len(items))
    return any(equal(each, element, run) is True for each in items)


@LIBRARY.define("count(list: list)")
def _count(run: Run, items: list[Any]) -> int:
    return len(items)


@LIBRARY.define("is empty(list: list)")
def _is_empty(run: Run, items: list[Any]) -> bool:
    return not items


@LIBRARY.define("sublist(list: list, start position: number, length?: number)")
def _sublist(run: Run, items: list[Any], start: Any, length: Any = None) -> list[Any]:
    first = _index(items, start)
    run.items(len(items))
    if length is None:
        return items[first:]
    count = whole(length)
    if count < 1 or first + count > len(items):
        raise NoValue(f"Expected a length within the list, but it is {count}.")
    return items[first : first + count]


def _index(items: list[Any], position: Any) -> int:
    at = whole(position)
    if at == 0 or abs(at) > len(items):
        raise NoValue(f"Expected a position from 1 to {len(items)} or its negative, but it is {at}.")
    return at - 1 if at > 0 else len(items) + at


@LIBRARY.define("append(list: list, ...items: any)")
def _append(run: Run, items: list[Any], *added: Any) -> list[Any]:
    run.items(len(items) + len(added))
    return [*items, *added]


@LIBRARY.define("append(list: any, ...items: any)")
def _append_to_null(run: Run, item: Any, *added: Any) -> list[Any]:
    return [item, *added]


@LIBRARY.define("concatenate(...lists: list)")
def _concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    if not lists:
        raise NoValue("Expected at least one list in concatenate(…), but there is none.")
    run.items(sum(map(len, lists)))
    return [each for items in lists for each in items]


@LIBRARY.define("insert before(list: list, position: number, newItem: any)")
def _insert(run: Run, items: list[Any], position: Any, item: Any) -> list[Any]:
    at = _index(items, position)
    run.items(len(items) + 1)
    return [*items[:at], item, *items[at:]]


@LIBRARY.define("remove(list: list, position: number)")
def _remove(run: Run, items: list[Any], position: Any) -> list[Any]:
    at = _index(items, position)
    run.items(len(items))
    return [*items[:at], *items[at + 1 :]]


@LIBRARY.define("list replace(list: list, position: number, newItem: any)")
def _replace(run: Run, items: list[Any], position: Any, item: Any) -> list[Any]:
    at = _index(items, position)
    run.items(len(items))
    return [*items[:at], item, *items[at + 1 :]]


@LIBRARY.define("list replace(list: list, match: function, newItem: any)")
def _replace_matching(run: Run, items: list[Any], match: Function, item: Any) -> list[Any]:
    answers = [match.call(run, [each, item]) for each in items]
    if not all(isinstance(answer, bool) for answer in answers):
        raise NoValue("Expected a function that gives true or false in list replace(…), but it gives something else.")
    run.items(len(items))
    return [item if answer else each for each, answer in zip(items, answers, strict=True)]


@LIBRARY.define("reverse(list: list)")
def _reverse(run: Run, items: list[Any]) -> list[Any]:
    run.items(len(items))
    return items[::-1]


@LIBRARY.define("index of(list: list, match: any)")
def _index_of(run: Run, items: list[Any], match: Any) -> list[int]:
    run.items(len(items))
    return [at for at, each in enumerate(items, 1) if equal(each, match, run) is True]


@LIBRARY.define("flatten(list: list)")
def _flatten(run: Run, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    _pour(items, flat, run, 0)
    run.items(len(flat))
    return flat


def _pour(items: list[Any], into: list[Any], run: Run, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise LimitReached(f"Expected lists nested at most {MAX_DEPTH} deep, but they go deeper.")
    run.take(len(items) + 1)
    for each in items:
        if isinstance(each, list):
            _pour(each, into, run, depth + 1)
        else:
            into.append(each)


@LIBRARY.define("sort(list: list)")
def _sort(run: Run, items: list[Any]) -> list[Any]:
    def order(one: Any, other: Any) -> int:
        run.take()
        answer = compare(one, other)
        if answer is None:
            raise NoValue(f"Expected items in one order in sort(…), but there are {kind(one)} and {kind(other)}.")
        return answer

    return sorted(items, key=functools.cmp_to_key(order))


@LIBRARY.define("sort(list: list, precedes: function)")
def _sort_by(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    def order(one: Any, other: Any) -> int:
        run.take()
        if precedes.call(run, [one, other]) is True:
            return -1
        return 1 if precedes.call(run, [other, one]) is True else 0

    return sorted(items, key=functools.cmp_to_key(order))


@LIBRARY.define("partition(list: list, size: number)")
def _partition(run: Run, items: list[Any], size: Any) -> list[list[Any]]:
    length = whole(size)
    if length < 1:
        raise NoValue(f"Expected a size of at least 1, but it is {length}.")
    run.items(len(items))
    return [items[at : at + length] for at in range(0, len(items), length)]
