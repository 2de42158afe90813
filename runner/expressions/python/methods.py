"""The methods of the Python-like language: those of texts, lists and objects that only read, with Python's meanings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from runner.expressions.faults import EvaluationFault
from runner.expressions.python.operators import named, same
from runner.expressions.run import Run

_NAMES: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}


class Method(NamedTuple):
    """A method of values of one type: `apply(run, value, *arguments)`, with how many arguments it takes."""

    type: type
    apply: Callable[..., Any]
    least: int = 0
    most: int = 0


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise EvaluationFault(f"Expected a text in .{name}(…), but it is {named(value)}.")


def _replace(run: Run, text: str, old: Any, new: Any) -> str:
    before, after = _text("replace", old), _text("replace", new)
    run.string(len(text) + text.count(before) * max(0, len(after) - len(before)))
    return text.replace(before, after)


def _split(run: Run, text: str, separator: Any = None) -> list[str]:
    between = None if separator is None else _text("split", separator)
    if between == "":
        raise EvaluationFault("Expected a separator in .split(…), but it is empty.")
    run.string(len(text))
    found = text.split(between)
    run.items(len(found))
    return found


def _join(run: Run, between: str, parts: Any) -> str:
    if not isinstance(parts, list):
        raise EvaluationFault(f"Expected a list of texts in .join(…), but it is {named(parts)}.")
    texts = [_text("join", each) for each in parts]
    run.string(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _count(run: Run, items: list[Any], wanted: Any) -> int:
    run.take(len(items))
    return sum(same(each, wanted, run) for each in items)


def _index(run: Run, items: list[Any], wanted: Any) -> int:
    run.take(len(items))
    found = next((at for at, each in enumerate(items) if same(each, wanted, run)), None)
    if found is None:
        raise EvaluationFault("Expected an item of the list in .index(…), but it is none.")
    return found


def _listed(values: Callable[[dict[str, Any]], Any]) -> Callable[[Run, dict[str, Any]], list[Any]]:
    def apply(run: Run, entries: dict[str, Any]) -> list[Any]:
        run.items(2 * len(entries))
        return list(values(entries))

    return apply


def _get(run: Run, entries: dict[str, Any], name: Any, default: Any = None) -> Any:
    return entries.get(_text("get", name), default)


def _changed(name: str) -> Method:
    def apply(run: Run, text: str) -> str:
        run.string(len(text))
        changed: str = getattr(str, name)(text)
        return changed

    return Method(str, apply)


def _asked(name: str) -> Method:
    def apply(run: Run, text: str, part: Any) -> Any:
        run.scan(len(text))
        return getattr(str, name)(text, _text(name, part))

    return Method(str, apply, 1, 1)


METHODS: dict[str, Method] = {
    **{name: _changed(name) for name in ("lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize")},
    **{name: _asked(name) for name in ("startswith", "endswith", "find")},
    "isdigit": Method(str, lambda run, text: text.isdigit()),
    "replace": Method(str, _replace, 2, 2),
    "split": Method(str, _split, 0, 1),
    "join": Method(str, _join, 1, 1),
    "index": Method(list, _index, 1, 1),
    "count": Method(list, _count, 1, 1),
    "get": Method(dict, _get, 1, 2),
    "keys": Method(dict, _listed(lambda entries: entries.keys())),
    "values": Method(dict, _listed(lambda entries: entries.values())),
    "items": Method(dict, _listed(lambda entries: ([name, value] for name, value in entries.items()))),
}


def call(run: Run, value: Any, name: str, arguments: list[Any]) -> Any:
    """Call a method that is in METHODS. Raises EvaluationFault for a value of another type."""
    method = METHODS[name]
    if not isinstance(value, method.type):
        raise EvaluationFault(f"Expected {_NAMES[method.type]} before .{name}(…), but it is {named(value)}.")
    return method.apply(run, value, *arguments)
