"""Calling functions: built-ins with typed, overloaded signatures, and functions that an expression defines itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.expressions.faults import LimitReached
from runner.expressions.feel.types import FeelType
from runner.expressions.feel.values import NoValue, kind
from runner.expressions.run import MAX_CALLS, Closure, Run, Scope

_MISFIT = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a built-in: `optional` ones may be left out or null, a `variadic` last one takes all the rest."""

    name: str
    type: str
    optional: bool = False
    variadic: bool = False

    @classmethod
    def read(cls, text: str) -> Parameter:
        """Read "name: type", "name?: type" or "...name: type"."""
        name, _, type_name = (part.strip() for part in text.partition(":"))
        return cls(name.strip(".?"), type_name, name.endswith("?"), name.startswith("..."))

    def fit(self, value: Any) -> Any:
        """Give `value` as this parameter takes it: x and [x] are the same here (DMN 1.3 §10.3.2.9.4)."""
        if self.type == "any" or (value is None and self.optional):
            return value
        what = kind(value)
        if what == self.type:
            return value
        if self.type == "list" and value is not None:
            return [value]
        if what == "list" and len(value) == 1 and kind(value[0]) == self.type:
            return value[0]
        return _MISFIT


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a built-in with the function that carries it out: `apply(run, *arguments)`."""

    parameters: tuple[Parameter, ...]
    apply: Callable[..., Any]

    def bind(self, arguments: list[Any]) -> list[Any] | None:
        """Give the arguments as `apply` takes them, or None if they do not fit this signature."""
        parameters = self.parameters
        if parameters and parameters[-1].variadic:
            parameters = parameters[:-1] + (parameters[-1],) * max(0, len(arguments) - len(parameters) + 1)
        if len(arguments) > len(parameters):
            return None
        if not all(parameter.optional for parameter in parameters[len(arguments) :]):
            return None
        bound = [parameter.fit(value) for parameter, value in zip(parameters, arguments, strict=False)]
        return None if _MISFIT in bound else bound

    def carry_out(self, run: Run, arguments: list[Any]) -> Any:
        """Apply the function to bound arguments; texts are paid for here, going in and coming out."""
        for value in arguments:
            if type(value) is str:
                run.scan(len(value))
        result = self.apply(run, *arguments)
        if type(result) is str:
            run.string(len(result))
        return result

    def arrange(self, arguments: dict[str, Any]) -> list[Any] | None:
        """Give named arguments in the order of the parameters, or None if they are not this signature's."""
        names = [parameter.name for parameter in self.parameters]
        if not set(arguments) <= set(names):
            return None
        if any(parameter.variadic for parameter in self.parameters):
            return None
        if not all(each.optional or each.name in arguments for each in self.parameters):
            return None
        return [arguments.get(name) for name in names]


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function; the first signature that fits the arguments is the one that is called."""

    name: str
    overloads: tuple[Overload, ...]

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """Call with positional arguments. Raises NoValue if no signature fits, or the function has no result."""
        for overload in self.overloads:
            bound = overload.bind(arguments)
            if bound is not None:
                return overload.carry_out(run, bound)
        raise NoValue(f"Expected arguments that fit {self.name}(…), but they are ({', '.join(map(kind, arguments))}).")

    def call_named(self, run: Run, arguments: dict[str, Any]) -> Any:
        """Call with named arguments. Raises NoValue as `call` does."""
        for overload in self.overloads:
            arranged = overload.arrange(arguments)
            bound = None if arranged is None else overload.bind(arranged)
            if bound is not None:
                return overload.carry_out(run, bound)
        raise NoValue(f"Expected arguments that fit {self.name}(…), but they are named {', '.join(arguments)}.")


@dataclass(frozen=True, slots=True)
class Defined:
    """A function that the expression defines; `scope` is where, `weight` what a call of its body costs.

    Null is of every type of a parameter.
    """

    parameters: tuple[str, ...]
    types: tuple[FeelType, ...]
    body: Closure
    scope: Scope
    weight: int

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """Call with positional arguments. Raises NoValue if their number or types differ from the parameters'."""
        if len(arguments) != len(self.parameters):
            raise NoValue(f"Expected {len(self.parameters)} arguments, but there are {len(arguments)}.")
        if not all(
            value is None or each.of(value, self.scope) for each, value in zip(self.types, arguments, strict=True)
        ):
            raise NoValue("Expected arguments of the declared types, but one is of another.")
        run.take(self.weight)
        if run.calls >= MAX_CALLS:
            raise LimitReached(f"Expected at most {MAX_CALLS} calls within each other, but there are more.")
        run.calls += 1
        try:
            return self.body(Scope(dict(zip(self.parameters, arguments, strict=True)), run, self.scope))
        finally:
            run.calls -= 1

    def call_named(self, run: Run, arguments: dict[str, Any]) -> Any:
        """Call with named arguments. Raises NoValue if they are not exactly the parameters."""
        if set(arguments) != set(self.parameters):
            raise NoValue(f"Expected the arguments {', '.join(self.parameters)}, but got {', '.join(arguments)}.")
        return self.call(run, [arguments[name] for name in self.parameters])


class Library:
    """A collection of built-ins, filled by decorating their functions with signatures."""

    def __init__(self) -> None:
        self.functions: dict[str, Builtin] = {}

    def define(self, *signatures: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a function under signatures such as "substring(string: string, start position: number)"."""

        def register(apply: Callable[..., Any]) -> Callable[..., Any]:
            for signature in signatures:
                name, _, rest = signature.removesuffix(")").partition("(")
                parameters = tuple(Parameter.read(part) for part in rest.split(",") if part.strip())
                known = self.functions.get(name)
                overloads = (*(known.overloads if known else ()), Overload(parameters, apply))
                self.functions[name] = Builtin(name, overloads)
            return apply

        return register
