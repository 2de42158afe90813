"""Between JSON variables and typed functions: arguments by name and annotation, results back to variables.

Knows nothing of jobs' lives; `work/executor.py` decides what a refusal means."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, is_dataclass
from functools import lru_cache, partial
from typing import Any, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from runner.engine.state import checked_variables, plain_copy
from runner.errors import Invalid, near_hint
from runner.handling import Job

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class InputInvalid(Invalid):
    """A handler's parameter cannot be filled from the variables."""

    code = "input_invalid"


class OutputInvalid(Invalid):
    """What a handler returned cannot become variables."""

    code = "output_invalid"


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter that is filled from a variable; `default` is `inspect.Parameter.empty` if it must be.

    `positional` is one that has to be given by position, `placed` one that may be.
    """

    name: str
    adapter: TypeAdapter[Any]
    positional: bool
    default: Any
    placed: bool = True


@dataclass(frozen=True, slots=True)
class Signature:
    """How a handler wants to be called. `job` names the parameters that take the job; `rest` is for **variables, which
    never hold one of `names`."""

    arguments: tuple[Argument, ...]
    job: tuple[str, ...]
    rest: bool
    names: frozenset[str]


@lru_cache(maxsize=1024)
def signature_of(function: Callable[..., Any]) -> Signature:
    """Read how a handler wants to be called. Raises InputInvalid if an annotation cannot be used."""
    try:
        hints = get_type_hints(_annotated(function), include_extras=True)
        parameters = inspect.signature(function).parameters
        arguments: list[Argument] = []
        jobs: list[str] = []
        rest = False
        for parameter in parameters.values():
            hint = hints.get(parameter.name, Any)
            if hint is Job or hint == Job | None:
                jobs.append(parameter.name)
            elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
                rest = True
            elif _is_variable(parameter):
                positional = parameter.kind is inspect.Parameter.POSITIONAL_ONLY
                placed = parameter.kind in _POSITIONAL
                arguments.append(Argument(parameter.name, _adapter(hint), positional, parameter.default, placed))
    except Exception as error:  # annotations are foreign code: evaluating them can raise anything
        raise InputInvalid(
            f"Expected {_named(function)} to have parameters with usable annotations, but {error}"
        ) from error
    names = frozenset(name for name, parameter in parameters.items() if parameter.kind not in _VARIADIC)
    return Signature(tuple(arguments), tuple(jobs), rest, names)


def call(
    function: Callable[..., Any],
    variables: Mapping[str, Any],
    *,
    passed: Sequence[Any] = (),
    job: Callable[[], Job],
    loop: asyncio.Runner,
    seconds: float,
) -> Any:
    """Call a handler with what it asks for; `job` makes the record of the job, `loop` runs a coroutine, for at most
    so many seconds. `passed` comes before variables, parameter by parameter, if there are as many as the handler takes.

    Raises InputInvalid, and whatever the handler raises.
    """
    signature = signature_of(function)
    if passed:
        variables = {**variables, **_by_place(signature, passed)}
    positional: list[Any] = []
    named: dict[str, Any] = {name: job() for name in signature.job}
    for argument in signature.arguments:
        missing = argument.name not in variables and argument.default is not inspect.Parameter.empty
        if missing and not argument.positional:
            continue
        # A positional default is handed over, or what follows would take its place.
        value = argument.default if missing else _argument(argument, function, variables)
        if argument.positional:
            positional.append(value)
        else:
            named[argument.name] = value
    if signature.rest:
        named |= {name: copied(value) for name, value in variables.items() if name not in signature.names}
    result = function(*positional, **named)
    return loop.run(_bounded(result, seconds)) if inspect.iscoroutine(result) else result


def _by_place(signature: Signature, passed: Sequence[Any]) -> dict[str, Any]:
    """Give what is passed by the parameters' names; nothing if it does not fit or the handler wants the list itself."""
    placed = [each for each in signature.arguments if each.placed]
    least = sum(each.default is inspect.Parameter.empty for each in placed)
    if not least <= len(passed) <= len(placed) or "arguments" in signature.names:
        return {}
    return {each.name: value for each, value in zip(placed, passed, strict=False)}


async def _bounded(coroutine: Coroutine[Any, Any, Any], seconds: float) -> Any:
    async with asyncio.timeout(seconds):
        return await coroutine


def output_variables(function: Callable[..., Any], result: Any) -> dict[str, Any]:
    """Give the variables that a handler's result stands for: the fields of a model, dataclass or dict; None is none.

    Raises OutputInvalid.
    """
    if result is None:
        return {}
    if not isinstance(result, BaseModel | Mapping) and not (is_dataclass(result) and not isinstance(result, type)):
        raise OutputInvalid(
            f"Expected {_named(function)} to return a model, a dataclass, a dict or nothing, "
            f"but it returned a {type(result).__name__}: name it, as in {{'result': …}}."
        )
    quick = plain_copy(result)
    if quick is not None:
        return quick
    try:
        return checked_variables(to_jsonable_python(result, by_alias=True))
    except (ValueError, Invalid, RecursionError) as error:  # pydantic's own refusals are ValueErrors
        raise OutputInvalid(f"Expected {_named(function)} to return JSON data, but {error}") from error


def copied(value: Any) -> Any:
    """Give a deep copy of JSON data; `copy.deepcopy` would take a hundred times as long."""
    if isinstance(value, dict | list):
        try:
            return orjson.loads(orjson.dumps(value))
        except orjson.JSONEncodeError:  # integers above 64 bits
            return deepcopy(value)
    return value


def _named(function: Callable[..., Any]) -> str:
    name = getattr(function, "__qualname__", None)
    return name if isinstance(name, str) else repr(function)


def _annotated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give what carries a callable's annotations: partials and objects have none of their own."""
    if isinstance(function, partial):
        return _annotated(function.func)
    return function if inspect.isroutine(function) or inspect.isclass(function) else type(function).__call__


def _is_variable(parameter: inspect.Parameter) -> bool:
    if parameter.kind in _POSITIONAL:
        return True
    # A keyword-only parameter with a default is a seam for tests and is never filled from a variable of that name.
    return parameter.kind is inspect.Parameter.KEYWORD_ONLY and parameter.default is inspect.Parameter.empty


def _adapter(hint: Any) -> TypeAdapter[Any]:
    if isinstance(hint, type) and (issubclass(hint, BaseModel) or is_dataclass(hint)):
        return TypeAdapter(hint)
    try:
        return TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True))
    except Exception:  # some annotations (TypedDict, …) bring their own configuration and accept no other
        return TypeAdapter(hint)


def _argument(argument: Argument, function: Callable[..., Any], variables: Mapping[str, Any]) -> Any:
    if argument.name not in variables:
        raise InputInvalid(
            f"Expected a variable '{argument.name}' for {_named(function)}, but the process has "
            f"{', '.join(sorted(variables)) or 'no variables'}.{near_hint(argument.name, variables)}"
        )
    try:
        # A copy: what the handler does to it must not reach the process, nor another handler.
        return argument.adapter.validate_python(copied(variables[argument.name]))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join([argument.name, *map(str, each['loc'])])}: {each['msg']} (got {_brief(each['input'])})"
            for each in error.errors(include_url=False)[:5]
        )
        wanted = f"variable '{argument.name}' to fit {_named(function)}"
        raise InputInvalid(f"Expected {wanted}, but {problems}.") from error


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
