"""The types of DMN: which values fit one, and what a value becomes on its way there.

Source: DMN 1.3 §7.3.3 (item definitions), §10.3.2.9.4 (conversions)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.expressions.faults import LimitReached
from runner.expressions.feel.values import kind
from runner.expressions.run import Closure, Run, Scope
from runner.expressions.temporal.text import parse_temporal
from runner.expressions.temporal.values import Date, DateTime, TemporalError

MISFIT = object()
_MOST_NESTED = 60
_TIMES = ("date", "time", "date and time", "days and time duration", "years and months duration")
_SHORT = {
    "dateTime": "date and time",
    "dateAndTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    # Camunda 7's own (Camunda 7 docs, DMN Engine > Data Types).
    **dict.fromkeys(("integer", "long", "double"), "number"),
}
BUILT_IN = frozenset({"string", "number", "boolean", "function", "list", "context", "range", "Any", *_TIMES, *_SHORT})


@dataclass(frozen=True, slots=True)
class Item:
    """An item definition: a `base` type, or `components`, or neither (a function); perhaps many, perhaps restricted.

    `allowed` is a unary test for each value, `text` as it is written, `constraint` one for the whole (DMN 1.5 §7.3.3).
    """

    base: str | None
    components: Mapping[str, Item]
    collection: bool
    allowed: Closure | None = None
    function: bool = False
    constraint: Closure | None = None
    text: str = ""


class Types:
    """The types that one file defines, by name. `strict` False: a value that does not fit is left as it is.

    Camunda's engines do not check types, so files of its Modeler are read that way.
    """

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.items: dict[str, Item] = {}
        self.imports: list[tuple[str, Types]] = []

    def knows(self, ref: str | None) -> bool:
        """Tell whether a reference names a type; none at all means any value."""
        return not ref or self.find(ref) is not None or plain(ref) in BUILT_IN

    def find(self, ref: str) -> tuple[Types, Item] | None:
        """Give the item definition of a name with the types around it: of this file, or of an import (name.type)."""
        if ref in self.items:
            return self, self.items[ref]
        for name, types in self.imports:
            if not name or ref.startswith(f"{name}."):
                found = types.find(ref.removeprefix(f"{name}.") if name else ref)
                if found is not None:
                    return found
        return None

    def is_instance(self, ref: str, value: Any, run: Run) -> bool | None:
        """Tell whether a value is of a type that is defined, without any conversion; None if there is no such type."""
        found = self.find(ref)
        if found is None:
            return None
        if value is None or (kind(value) == "list") is not found[1].collection:
            return value is not None and not found[1].collection and found[1].base == "list"
        return self.fit(ref, value, run) is not MISFIT

    def checked(self, ref: str | None, value: Any, run: Run, *, what: str, given: bool = False) -> Any:
        """Give a value as its type takes it; one that does not fit becomes null, with a warning (if strict).

        `given` is a value from outside: texts are read as dates and the like, and entries may be missing.
        """
        if not ref or value is None:
            return value
        fitted = self.fit(ref, value, run, given=given or not self.strict)
        if fitted is not MISFIT:
            return fitted
        if not self.strict:
            return value
        return run.null(f"Expected {what} to be of type '{ref}', but it is a {kind(value)} that does not fit.")

    def fit(self, ref: str, value: Any, run: Run, *, given: bool = False) -> Any:
        """Give a value as its type takes it, or MISFIT."""
        return self._fit(ref, value, run, given=given, depth=0)

    def _fit(self, ref: str, value: Any, run: Run, *, given: bool, depth: int) -> Any:
        if depth > _MOST_NESTED:
            raise LimitReached(f"Expected types nested at most {_MOST_NESTED} deep, but '{ref}' goes deeper.")
        run.take()
        found = self.find(ref)
        if found is not None:
            return found[0]._fit_item(found[1], value, run, given=given, depth=depth + 1)
        return _fit_built_in(plain(ref), value, given=given)

    def _fit_item(self, item: Item, value: Any, run: Run, *, given: bool, depth: int) -> Any:
        if value is None:
            return None
        if item.collection:
            items = value if isinstance(value, list) else [value]
            fitted = [self._fit_one(item, each, run, given=given, depth=depth) for each in items]
            return MISFIT if any(each is MISFIT for each in fitted) else _constrained(item, fitted, run)
        if isinstance(value, list) and len(value) == 1 and item.components:
            value = value[0]
        fitted_one = self._fit_one(item, value, run, given=given, depth=depth)
        return MISFIT if fitted_one is MISFIT else _constrained(item, fitted_one, run)

    def _fit_one(self, item: Item, value: Any, run: Run, *, given: bool, depth: int) -> Any:
        if value is None:
            return None
        if item.function:
            return value if kind(value) == "function" else MISFIT
        if item.components:
            value = self._fit_entries(item, value, run, given=given, depth=depth)
        elif item.base:
            value = self._fit(item.base, value, run, given=given, depth=depth)
        if value is MISFIT or item.allowed is None:
            return value
        return value if item.allowed(Scope({"?": value}, run)) is True else MISFIT

    def _fit_entries(self, item: Item, value: Any, run: Run, *, given: bool, depth: int) -> Any:
        if not isinstance(value, Mapping):
            return MISFIT
        fitted = dict(value)
        for name, component in item.components.items():
            if name in value:
                fitted[name] = self._fit_item(component, value[name], run, given=given, depth=depth + 1)
            elif not given:
                return MISFIT
        return MISFIT if any(each is MISFIT for each in fitted.values()) else fitted


def _constrained(item: Item, value: Any, run: Run) -> Any:
    return value if item.constraint is None or item.constraint(Scope({"?": value}, run)) is True else MISFIT


def plain(ref: str) -> str:
    """Give the name of a built-in type without a prefix such as "feel:"."""
    name = ref.rpartition(":")[2]
    return _SHORT.get(name, name)


def _fit_built_in(name: str, value: Any, *, given: bool) -> Any:
    if name not in BUILT_IN or name == "Any" or value is None:
        return value
    what = kind(value)
    if what == name:
        return value
    if name == "list":
        return [value]
    if what == "list" and len(value) == 1:
        return _fit_built_in(name, value[0], given=given)
    if name == "date and time" and isinstance(value, Date):
        return DateTime.of_midnight(value)
    if given and what == "string" and name in _TIMES:
        return _read_time(name, value)
    return MISFIT


def _read_time(name: str, text: str) -> Any:
    try:
        value = parse_temporal(text)
    except TemporalError:
        return MISFIT
    return value if kind(value) == name else _fit_built_in(name, value, given=False)
