"""Input and output mappings: how variables enter an activity's own scope and leave it again.

Source: Camunda 8 docs, Concepts > Variables > Input/output variable mappings; Camunda 7 docs, User Guide > Process
Engine > Process Variables > Input/Output Variable Mapping."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.bpmn.diagram import VariableMapping
from runner.errors import ExpressionFailed
from runner.expressions import compile_expression
from runner.expressions.language import Compiled


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """A mapping that is ready to be applied; `path` is its target, split at the dots."""

    mapping: VariableMapping
    path: tuple[str, ...]
    source: Compiled


def compile_mappings(mappings: Iterable[VariableMapping]) -> tuple[CompiledMapping, ...]:
    """Compile mappings once per version. Raises ExpressionInvalid."""
    return tuple(
        CompiledMapping(each, tuple(each.target.split(".")), compile_expression(each.source)) for each in mappings
    )


def apply_mappings(mappings: Iterable[CompiledMapping], visible: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluate mappings in order, each seeing the results of those before it, and give the new variables.

    Raises ExpressionFailed, naming the target, before anything is changed.
    """
    results: dict[str, Any] = {}
    scope = ChainMap(results, visible)  # type: ignore[arg-type]  # only the first, writable, map is written to
    for mapping in mappings:
        try:
            value = mapping.source.evaluate(scope)
        except ExpressionFailed as error:
            raise ExpressionFailed(
                f"Mapping to '{mapping.mapping.target}' (line {mapping.mapping.source.line}): {error}"
            ) from error
        name, *rest = mapping.path
        results[name] = _nested(scope.get(name), rest, value)
    return results


def _nested(existing: Any, path: list[str], value: Any) -> Any:
    """Give `existing` with `value` put at `path`, copying the objects on the way."""
    if not path:
        return value
    outer = dict(existing) if isinstance(existing, dict) else {}
    outer[path[0]] = _nested(outer.get(path[0]), path[1:], value)
    return outer
