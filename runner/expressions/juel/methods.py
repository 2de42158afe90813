"""The methods that JUEL may call: a white list by the kind of value, nothing else (Java's names and meanings)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from runner.expressions.faults import EvaluationFault, hint
from runner.expressions.juel.coercion import named, same, to_boolean, to_number, to_text
from runner.expressions.juel.moments import MOMENT_METHODS
from runner.expressions.run import Run
from runner.expressions.temporal.values import DateTime


class Method(NamedTuple):
    """A method: `apply(run, value, *arguments)`, with the least and the most arguments it takes."""

    apply: Callable[..., Any]
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class VariableAccess:
    """What `execution` and `task` are: read access to what the expression sees, and to facts around it."""

    variables: Mapping[str, Any]
    facts: Mapping[str, Any]


def _position(value: Any, size: int) -> int:
    position = to_number(value)
    if position != int(position) or not 0 <= position <= size:
        raise EvaluationFault(f"Expected a position from 0 to {size}, but it is {named(value)}.")
    return int(position)


def _substring(run: Run, text: str, start: Any, end: Any = None) -> str:
    last = len(text) if end is None else _position(end, len(text))
    first = _position(start, last)
    return text[first:last]


def _replace(run: Run, text: str, old: Any, new: Any) -> str:
    before, after = to_text(old, run), to_text(new, run)
    run.string(len(text) + text.count(before) * max(0, len(after) - len(before)))
    return text.replace(before, after)


def _concat(run: Run, text: str, other: Any) -> str:
    added = to_text(other, run)
    run.string(len(text) + len(added))
    return text + added


def _split(run: Run, text: str, separator: Any) -> list[str]:
    between = to_text(separator, run)
    if not between:
        raise EvaluationFault("Expected a separator in split(…), but it is empty.")
    run.items(text.count(between) + 1)
    return text.split(between)


def _character(run: Run, text: str, at: Any) -> str:
    return text[_position(at, len(text) - 1)]


def _item(run: Run, items: list[Any], at: Any) -> Any:
    return items[_position(at, len(items) - 1)]


def _index(run: Run, items: list[Any], wanted: Any) -> int:
    run.take(len(items))
    return next((at for at, each in enumerate(items) if same(each, wanted, run)), -1)


def _has_value(run: Run, entries: dict[str, Any], wanted: Any) -> bool:
    run.take(len(entries))
    return any(same(each, wanted, run) for each in entries.values())


def _listed(values: Callable[[dict[str, Any]], Any]) -> Method:
    def apply(run: Run, entries: dict[str, Any]) -> list[Any]:
        run.items(len(entries))
        return list(values(entries))

    return Method(apply)


def _compare(run: Run, one: Any, other: Any) -> int:
    if isinstance(one, str):
        left, right = one, to_text(other, run)
        return (left > right) - (left < right)
    first, second = to_number(one), to_number(other)
    return (first > second) - (first < second)


def _variables(run: Run, access: VariableAccess) -> dict[str, Any]:
    run.items(len(access.variables))
    return dict(access.variables)


def _variable(run: Run, access: VariableAccess, name: Any) -> Any:
    return access.variables.get(to_text(name, run))


def _fact(name: str) -> Method:
    return Method(lambda run, access: access.facts.get(name))


_SIZE = Method(lambda run, value: len(value))
_IS_EMPTY = Method(lambda run, value: not value)

_TEXT = {
    "length": _SIZE,
    "isEmpty": _IS_EMPTY,
    "isBlank": Method(lambda run, text: not text.strip()),
    "trim": Method(lambda run, text: text.strip()),
    "toLowerCase": Method(lambda run, text: text.lower()),
    "toUpperCase": Method(lambda run, text: text.upper()),
    "equalsIgnoreCase": Method(lambda run, text, other: text.lower() == to_text(other, run).lower(), 1, 1),
    "contains": Method(lambda run, text, part: to_text(part, run) in text, 1, 1),
    "startsWith": Method(lambda run, text, part: text.startswith(to_text(part, run)), 1, 1),
    "endsWith": Method(lambda run, text, part: text.endswith(to_text(part, run)), 1, 1),
    "indexOf": Method(lambda run, text, part: text.find(to_text(part, run)), 1, 1),
    "lastIndexOf": Method(lambda run, text, part: text.rfind(to_text(part, run)), 1, 1),
    "charAt": Method(_character, 1, 1),
    "concat": Method(_concat, 1, 1),
    "replace": Method(_replace, 2, 2),
    "split": Method(_split, 1, 1),
    "substring": Method(_substring, 1, 2),
}

_LIST = {
    "size": _SIZE,
    "isEmpty": _IS_EMPTY,
    "contains": Method(lambda run, items, wanted: _index(run, items, wanted) >= 0, 1, 1),
    "get": Method(_item, 1, 1),
    "indexOf": Method(_index, 1, 1),
    "elements": Method(lambda run, items: items),
}

_MAP = {
    "size": _SIZE,
    "isEmpty": _IS_EMPTY,
    "get": Method(lambda run, entries, key: entries.get(to_text(key, run)), 1, 1),
    "getOrDefault": Method(lambda run, entries, key, other: entries.get(to_text(key, run), other), 2, 2),
    "containsKey": Method(lambda run, entries, key: to_text(key, run) in entries, 1, 1),
    "containsValue": Method(_has_value, 1, 1),
    "keySet": _listed(lambda entries: entries.keys()),
    "fieldNames": _listed(lambda entries: entries.keys()),
    "values": _listed(lambda entries: entries.values()),
    "prop": Method(lambda run, entries, key: entries.get(to_text(key, run)), 1, 1),
    "hasProp": Method(lambda run, entries, key: to_text(key, run) in entries, 1, 1),
}

_ACCESS = {
    "getVariable": Method(_variable, 1, 1),
    "getVariableLocal": Method(_variable, 1, 1),
    "hasVariable": Method(lambda run, access, name: to_text(name, run) in access.variables, 1, 1),
    "hasVariables": Method(lambda run, access: len(access.variables) > 0),
    "getVariables": Method(_variables),
    "getVariableNames": Method(lambda run, access: list(_variables(run, access))),
    "getId": _fact("processInstanceId"),
    "getProcessInstanceId": _fact("processInstanceId"),
    "getExecutionId": _fact("processInstanceId"),
    "getProcessBusinessKey": _fact("processBusinessKey"),
    "getBusinessKey": _fact("processBusinessKey"),
    "getProcessDefinitionId": _fact("processDefinitionId"),
    "getProcessDefinitionKey": _fact("processDefinitionKey"),
    "getCurrentActivityId": _fact("currentActivityId"),
    "getTaskDefinitionKey": _fact("currentActivityId"),
    "getTenantId": Method(lambda run, access: None),
}

_ANY = {
    "equals": Method(lambda run, one, other: type(one) is type(other) and same(one, other, run), 1, 1),
    "toString": Method(lambda run, value: to_text(value, run)),
    "compareTo": Method(_compare, 1, 1),
    "intValue": Method(lambda run, value: int(to_number(value))),
    "longValue": Method(lambda run, value: int(to_number(value))),
    "doubleValue": Method(lambda run, value: float(to_number(value))),
    "booleanValue": Method(lambda run, value: to_boolean(value)),
    "numberValue": Method(lambda run, value: to_number(value)),
    "stringValue": Method(lambda run, value: to_text(value, run)),
    "boolValue": Method(lambda run, value: to_boolean(value)),
    "value": Method(lambda run, value: value),
    "isNull": Method(lambda run, value: value is None),
}

_MOMENT = {name: Method(apply, count, count) for name, (apply, count) in MOMENT_METHODS.items()}
_TABLES: dict[type, dict[str, Method]] = {
    str: _TEXT,
    list: _LIST,
    dict: _MAP,
    VariableAccess: _ACCESS,
    DateTime: _MOMENT,
}
NAMES = frozenset(name for table in (*_TABLES.values(), _ANY) for name in table)


def fact(run: Run, access: VariableAccess, name: Any) -> Any:
    """Give a property of `execution` or `task`, written without its getter. Raises EvaluationFault."""
    method = _ACCESS.get(f"get{str(name)[:1].upper()}{str(name)[1:]}")
    if method is not None and method.most == 0:
        return method.apply(run, access)
    known = [each[3].lower() + each[4:] for each, of in _ACCESS.items() if each[:3] == "get" and of.most == 0]
    raise EvaluationFault(
        f"Expected getVariable(…) or a property of execution and task, but it is .{name}.{hint(str(name), known)}"
    )


def is_getter(name: str) -> bool:
    """Tell whether this is the getter of a property in Java's manner: getStatus, isCaught."""
    return _property_of(name) is not None


def _property_of(name: str) -> str | None:
    for prefix in ("get", "is"):
        rest = name.removeprefix(prefix)
        if rest != name and rest[:1].isupper():
            return rest[0].lower() + rest[1:]
    return None


def call(run: Run, value: Any, name: str, arguments: list[Any]) -> Any:
    """Call a white-listed method, or a getter of a map's entry. Raises EvaluationFault."""
    table = _TABLES.get(type(value), {})
    method = table.get(name) or (None if isinstance(value, VariableAccess) else _ANY.get(name))
    if method is not None and value is not None:
        if method.least <= len(arguments) <= method.most:
            result = method.apply(run, value, *arguments)
            if type(result) is str:
                run.string(len(result))
            return result
        raise EvaluationFault(
            f"Expected {method.least} to {method.most} arguments in .{name}(…), but got {len(arguments)}."
        )
    wanted = _property_of(name)
    if isinstance(value, dict) and wanted in value and not arguments:
        return value[wanted]
    if value is None:
        raise EvaluationFault(f"Expected a value before .{name}(…), but it is null.")
    near = hint(name, (*table, *_ANY))
    raise EvaluationFault(f"Expected a method that {named(value)} has, but .{name}(…) is none of its.{near}")
