"""A whole instance as JSON data (`engine/state.py` has the format), and put together again from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.hearing import wait_again
from runner.engine.scopes import Scope
from runner.engine.tasks import Task
from runner.engine.workflow import Workflow


def snapshot(workflow: Workflow) -> dict[str, Any]:
    """Give the whole state."""
    scopes, memory = workflow.scopes.values(), workflow.memory(None)
    state = {
        "next": workflow.next_id,
        "tokens": {str(task.id): task.row() for task in workflow.tasks.values()},
        "scopes": {str(scope.id): scope.row() for scope in scopes},
        "joins": {f"{id}|{scope.id}": counts for scope in scopes for id, counts in scope.joins.items()},
    }
    if memory:
        state["memory"] = dict(memory)
    return {**state, "undo": workflow.undo.rows()} if workflow.undo else state


def load(workflow: Workflow, state: Mapping[str, Any]) -> None:
    """Let a workflow that has not begun take over a whole state."""
    workflow.next_id = workflow.changes.first_new_id = state["next"]
    for id, row in sorted(state["scopes"].items(), key=lambda row: int(row[0])):
        _load_scope(workflow, int(id), *row)
    for id, (name, task_state, scope_id, *rest) in state["tokens"].items():
        _load_task(workflow, int(id), name, task_state, workflow.scopes[scope_id], rest[0] if rest else {})
    for key, counts in state["joins"].items():
        element_id, _, scope_id = key.partition("|")
        scope = workflow.scopes[int(scope_id)]
        scope.joins[element_id] = dict(counts)
        workflow.spec.task_specs[element_id].note_pending(workflow, scope)
    workflow.undo.load(state.get("undo", {}))
    workflow.memory(None).update(state.get("memory", {}))
    workflow.completed = not workflow.tasks and not (workflow.scopes and workflow.scopes[0].joins)
    wait_again(workflow)
    workflow.moment.warnings.clear()
    workflow.changes.clear()


def _load_scope(
    workflow: Workflow, id: int, parent: int | None, element_id: str, variables: dict[str, Any], owner: int = 0
) -> None:
    outer = None if parent is None else workflow.scopes[parent]
    scope = workflow.scopes[id] = Scope(id, outer, element_id, variables, workflow.changes, workflow.moment)
    scope.owner = owner


def _load_task(workflow: Workflow, id: int, name: str, state: int, scope: Scope, internal: dict[str, Any]) -> None:
    spec = workflow.spec.task_specs[name]
    # The first release did not store owners: a scope with the name of the token's element was its own.
    is_own = scope.owner == id or (not scope.owner and scope.parent is not None and scope.element_id == spec.element.id)
    if is_own:
        scope.owner, scope.past = id, "undoes" in internal
    Task.restored(workflow, spec, id, scope, state, internal)
