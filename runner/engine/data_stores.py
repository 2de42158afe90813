"""What a step reads from data stores and puts into them (BPMN 2.0.2 §10.4.1): what was put there in the same step comes
first, the rest is looked up by whoever drives the engine, and written with the step by whoever stores it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from runner.engine.advance import StoredValue
from runner.engine.mappings import CompiledMapping, apply_mappings, evaluated, nested
from runner.engine.tasks import Task

# Gives the value of a data store by its name, None if there is none; True: it is about to be changed.
LookUp = Callable[[str, bool], Any]


def nowhere(name: str, changing: bool) -> Any:
    """Find nothing: for an execution that nobody has given a table of data stores."""
    return None


def read_inputs(mappings: Iterable[CompiledMapping], task: Task, visible: Any) -> dict[str, Any]:
    """Evaluate input mappings, those from data stores with what is there at this moment. Raises ExpressionFailed."""
    return apply_mappings(mappings, visible, look=partial(_value, task, changing=False))


def outputs(mappings: Iterable[CompiledMapping], task: Task) -> dict[str, Any]:
    """Evaluate what a completed activity puts into data stores, by their names. Raises ExpressionFailed.

    A variable that is not there puts nothing. In any other expression the name of the store is the activity's own
    variable of that name, else what is stored at this moment: so several may count in one store.
    """
    found: dict[str, Any] = {}
    own = {} if task.own is None else task.own.variables
    for mapping in mappings:
        text, store = mapping.mapping.source.text, mapping.store
        if text.isidentifier() and text not in task.scope:
            continue
        assert store is not None
        computes = not text.isidentifier()
        before = found.get(store, _value(task, store, changing=True)) if computes or mapping.path else None
        seen = ChainMap(own, {store: before}, task.scope) if computes else task.scope  # type: ignore[arg-type]
        found[store] = nested(before, mapping.path, evaluated(mapping, seen))
    return found


def put(task: Task, values: dict[str, Any]) -> None:
    """Put values into data stores, with the step."""
    advance = task.workflow.advance
    stored = advance.stored = dict(advance.stored)  # it may be the empty one that all share
    for name, value in values.items():
        stored[name] = StoredValue(task.task_spec.element.id, value)
        task.workflow.record(task.task_spec, "data_written", {"store": name, "value": value})


def _value(task: Task, name: str, *, changing: bool) -> Any:
    stored = task.workflow.advance.stored.get(name)
    return task.workflow.look_up(name, changing) if stored is None else stored.value
