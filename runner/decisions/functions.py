"""What can be called beside FEEL's own functions: business knowledge models, decision services, boxed functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.decisions.types import MISFIT, Types
from runner.expressions.faults import LimitReached
from runner.expressions.feel.values import NoValue
from runner.expressions.run import MAX_CALLS, Run


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters (name, type) in order, and the type of what comes out (DMN 1.3 §10.4)."""

    parameters: tuple[tuple[str, str | None], ...]
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A function of the file; `carry_out` is given the arguments by name, as the parameters' types take them."""

    name: str
    signature: Signature
    types: Types
    carry_out: Callable[[Run, dict[str, Any]], Any]

    def call(self, run: Run, arguments: list[Any]) -> Any:
        """Call with positional arguments. Raises NoValue if their number or types differ from the parameters'."""
        parameters = self.signature.parameters
        if len(arguments) != len(parameters):
            raise NoValue(f"Expected {len(parameters)} arguments for {self.name}(…), but there are {len(arguments)}.")
        fitted = {
            name: self._argument(name, ref, value, run)
            for (name, ref), value in zip(parameters, arguments, strict=True)
        }
        if run.calls >= MAX_CALLS:
            raise LimitReached(f"Expected at most {MAX_CALLS} calls within each other, but there are more.")
        run.take()
        run.calls += 1
        try:
            result = self.carry_out(run, fitted)
        finally:
            run.calls -= 1
        return self.types.checked(self.signature.result, result, run, what=f"the result of {self.name}(…)")

    def call_named(self, run: Run, arguments: dict[str, Any]) -> Any:
        """Call with named arguments. Raises NoValue if they are not exactly the parameters."""
        names = [name for name, _ in self.signature.parameters]
        if set(arguments) != set(names):
            raise NoValue(f"Expected the arguments {', '.join(names)}, but got {', '.join(arguments)}.")
        return self.call(run, [arguments[name] for name in names])

    def _argument(self, name: str, ref: str | None, value: Any, run: Run) -> Any:
        if not ref:
            return value
        fitted = self.types.fit(ref, value, run, given=not self.types.strict)
        if fitted is not MISFIT:
            return fitted
        if not self.types.strict:
            return value
        raise NoValue(f"Expected argument '{name}' of {self.name}(…) to be of type '{ref}', but it does not fit.")
