"""Our SpiffWorkflow task: a token. It lives only while it waits or runs; what it did is in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from runner.engine.scopes import Scope

if TYPE_CHECKING:
    from SpiffWorkflow.specs.base import TaskSpec

READY, STARTED, WAITING = TaskState.READY, TaskState.STARTED, TaskState.WAITING


class Task(SpiffTask):  # type: ignore[misc]
    """A token at an element: READY to run, STARTED (its job is open) or WAITING (it has an incident).

    The stock constructor makes a UUID, a copy of all data and a node in a tree that every step walks
    (`benchmarks/` shows the cost); here ids count up per instance and data is the shared scope.
    """

    def __init__(self, workflow: Any, task_spec: TaskSpec, id: int, *, scope: Scope, state: int = READY) -> None:
        self.id = id
        self.workflow = workflow
        self.task_spec = task_spec
        self.scope = scope
        self._state = state
        self._parent = None
        self._children: list[int] = []
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0.0
        self.internal_data: dict[str, Any] = {}
        # The flows that were chosen when the element ran; taken when it completes.
        self.flows: tuple[Any, ...] = ()

    @property
    def data(self) -> Scope:
        """Give the variables that this token sees (what SpiffWorkflow calls the task's data)."""
        return self.scope

    def _set_state(self, value: int) -> None:
        self._state = value
        self.workflow.touched.add(self.id)

    def row(self) -> list[Any]:
        """Give the token as JSON data: element id, state, scope id, and its internal data if there is any."""
        row: list[Any] = [self.task_spec.name, self._state, self.scope.id]
        return [*row, self.internal_data] if self.internal_data else row
