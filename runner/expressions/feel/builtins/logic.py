"""Built-ins about truth and presence (DMN 1.3 §10.3.4.2, .4, .11): not, is defined, assert, is, all, any, …"""

from __future__ import annotations

from typing import Any

from runner.expressions.feel.functions import Library
from runner.expressions.feel.values import AssertionFailed, NoValue, equal, kind
from runner.expressions.run import Run
from runner.expressions.temporal.text import temporal_text

LIBRARY = Library()
_ZONED = frozenset({"time", "date and time"})


@LIBRARY.define("not(negand: any)")
def _not(run: Run, negand: Any) -> bool | None:
    return not negand if isinstance(negand, bool) else None


@LIBRARY.define("is defined(value: any)")
def _is_defined(run: Run, value: Any) -> bool:
    return value is not None


@LIBRARY.define("get or else(value: any, default: any)")
def _get_or_else(run: Run, value: Any, default: Any) -> Any:
    return default if value is None else value


@LIBRARY.define("assert(value: any, condition: any, cause?: string)")
def _assert(run: Run, value: Any, condition: Any, cause: str | None = None) -> Any:
    if condition is True:
        return value
    raise AssertionFailed(
        f"Expected the condition of assert(…) to hold, but it does not{f': {cause}' if cause else '.'}"
    )


@LIBRARY.define("is(value1?: any, value2?: any)")
def _is(run: Run, one: Any = None, other: Any = None) -> bool:
    if kind(one) != kind(other):
        return False
    if kind(one) in _ZONED:
        return temporal_text(one) == temporal_text(other)
    return equal(one, other, run) is True


def _decided(values: list[Any], decisive: bool) -> bool | None:
    if any(each is decisive for each in values):
        return decisive
    if all(isinstance(each, bool) for each in values):
        return not decisive
    return None


@LIBRARY.define("all(list: list)", "and(list: list)")
def _all(run: Run, values: list[Any]) -> bool | None:
    return _decided(values, False)


@LIBRARY.define("all(...list: any)", "and(...list: any)")
def _all_of(run: Run, *values: Any) -> bool | None:
    return _decided(_some(values), False)


@LIBRARY.define("any(list: list)", "or(list: list)")
def _any(run: Run, values: list[Any]) -> bool | None:
    return _decided(values, True)


@LIBRARY.define("any(...list: any)", "or(...list: any)")
def _any_of(run: Run, *values: Any) -> bool | None:
    return _decided(_some(values), True)


def _some(values: tuple[Any, ...]) -> list[Any]:
    if not values:
        raise NoValue("Expected at least one argument, but there is none.")
    return list(values)
