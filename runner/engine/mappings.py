"""Input and output mappings: how variables enter an activity's own scope and leave it again.

Source: Camunda 8 docs, Concepts > Variables > Input/output variable mappings; Camunda 7 docs, User Guide > Process
Engine > Process Variables > Input/Output Variable Mapping."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runner.bpmn.diagram import DataMove, VariableMapping
from runner.errors import ExpressionFailed
from runner.expressions import compile_expression, variable_of
from runner.expressions.language import Compiled


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """A mapping that is ready to be applied; `name` is its target, `path` where in it, `variable` the one that it only
    moves, if it computes nothing, `store` the data store that it reads or writes (None: it moves variables only).
    """

    mapping: VariableMapping
    name: str
    path: tuple[str, ...]
    source: Compiled
    variable: str | None
    store: str | None = None


def compile_mappings(mappings: Iterable[VariableMapping]) -> tuple[CompiledMapping, ...]:
    """Compile mappings once per version. Raises ExpressionInvalid."""
    return tuple(_compiled(each) for each in mappings)


def _compiled(mapping: VariableMapping) -> CompiledMapping:
    name, *path = mapping.target.split(".")
    return CompiledMapping(mapping, name, tuple(path), compile_expression(mapping.source), variable_of(mapping.source))


def compile_moves(moves: Iterable[DataMove]) -> tuple[CompiledMapping, ...]:
    """Compile data associations once per version. Raises ExpressionInvalid."""
    return tuple(
        replace(compiled, store=move.store)
        for move in moves
        for compiled in compile_mappings([VariableMapping(move.target, move.source)])
    )


def apply_mappings(
    mappings: Iterable[CompiledMapping], visible: Mapping[str, Any], *, look: Callable[[str], Any] | None = None
) -> dict[str, Any]:
    """Evaluate mappings in order, each seeing the results of those before it, and give the new variables.

    `look` gives what is in the data store that a mapping reads. Raises ExpressionFailed, naming the target, before
    anything is changed.
    """
    results: dict[str, Any] = {}
    scope = ChainMap(results, visible)  # type: ignore[arg-type]  # only the first, writable, map is written to
    for mapping in mappings:
        if mapping.store is not None and look is not None:
            value = evaluated(mapping, ChainMap({mapping.store: look(mapping.store)}, *scope.maps))
        elif mapping.variable is not None and mapping.variable in scope:
            value = scope[mapping.variable]
        else:
            value = evaluated(mapping, scope)
        results[mapping.name] = nested(scope.get(mapping.name), mapping.path, value) if mapping.path else value
    return results


def evaluated(mapping: CompiledMapping, visible: Mapping[str, Any]) -> Any:
    """Evaluate what a mapping moves. Raises ExpressionFailed, naming the target."""
    try:
        return mapping.source.evaluate(visible)
    except ExpressionFailed as error:
        target, line = mapping.mapping.target, mapping.mapping.source.line
        raise ExpressionFailed(f"Mapping to '{target}' (line {line}): {error}") from error


def nested(existing: Any, path: Sequence[str], value: Any) -> Any:
    """Give `existing` with `value` put at `path`, copying the objects on the way."""
    if not path:
        return value
    outer = dict(existing) if isinstance(existing, dict) else {}
    outer[path[0]] = nested(outer.get(path[0]), path[1:], value)
    return outer
