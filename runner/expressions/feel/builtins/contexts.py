"""Built-ins on contexts (DMN 1.3 §10.3.4.7). They never change a context, they give a new one."""

from __future__ import annotations

from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.feel.values import NoValue, kind
from runner.expressions.run import Run

LIBRARY = Library()
Context = dict[str, Any]


@LIBRARY.define("get value(m: context, key: string)")
def _get(run: Run, context: Context, key: str) -> Any:
    return context.get(key)


@LIBRARY.define("get value(context: context, keys: list)", "get value(m: context, key: list)")
def _get_deep(run: Run, context: Context, keys: list[Any]) -> Any:
    value: Any = context
    for key in _names(keys):
        if not isinstance(value, dict):
            raise NoValue(f"Expected a context at '{key}', but it is {kind(value)}.")
        value = value.get(key)
    return value


def _names(keys: list[Any]) -> list[str]:
    if not keys or not all(isinstance(key, str) for key in keys):
        raise NoValue("Expected a list of names, but it is empty or an item is no text.")
    return keys


@LIBRARY.define("get entries(m: context)", "get entries(context: context)")
def _entries(run: Run, context: Context) -> list[Context]:
    run.items(2 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@LIBRARY.define(
    "context put(context: context, key: string, value: any)", "put(context: context, key: string, value: any)"
)
def _put(run: Run, context: Context, key: str, value: Any) -> Context:
    return _with(run, context, key, value)


def _with(run: Run, context: Context, key: str, value: Any) -> Context:
    run.items(len(context) + 1)
    return {**context, key: value}


@LIBRARY.define("context put(context: context, keys: list, value: any)")
def _put_deep(run: Run, context: Context, keys: list[Any], value: Any) -> Context:
    return _with_deep(run, context, _names(keys), value)


def _with_deep(run: Run, context: Context, keys: list[str], value: Any) -> Context:
    first, *rest = keys
    if not rest:
        return _with(run, context, first, value)
    inner = context.get(first)
    if inner is None:
        inner = {}
    if not isinstance(inner, dict):
        raise NoValue(f"Expected a context at '{first}', but it is {kind(inner)}.")
    return _with(run, context, first, _with_deep(run, inner, rest, value))


@LIBRARY.define("context merge(contexts: list)", "put all(contexts: list)")
def _merge(run: Run, contexts: list[Any]) -> Context:
    return _merged(run, contexts)


def _merged(run: Run, contexts: list[Any]) -> Context:
    merged: Context = {}
    for each in contexts:
        if not isinstance(each, dict):
            raise NoValue(f"Expected contexts only, but there is {kind(each)}.")
        merged |= each
        run.items(len(merged))
    return merged


@LIBRARY.define("context merge(...contexts: context)", "put all(...contexts: context)")
def _merge_items(run: Run, *contexts: Context) -> Context:
    if not contexts:
        raise NoValue("Expected at least one context, but there is none.")
    return _merged(run, list(contexts))


@LIBRARY.define("context(entries: list)")
def _context(run: Run, entries: list[Any]) -> Context:
    run.items(len(entries))
    made: Context = {}
    for each in entries:
        if not isinstance(each, dict) or not {"key", "value"} <= each.keys() or not isinstance(each["key"], str):
            raise NoValue("Expected entries such as {key: …, value: …}, but one is something else.")
        if each["key"] in made:
            raise NoValue(f"Expected different keys, but '{each['key']}' is given twice.")
        made[each["key"]] = each["value"]
    return made
