"""Our SpiffWorkflow task: a token. It lives only while it waits or runs; what it did is in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from runner.engine.scopes import Scope

if TYPE_CHECKING:
    from SpiffWorkflow.specs.base import TaskSpec

READY, STARTED, WAITING, COMPLETED = TaskState.READY, TaskState.STARTED, TaskState.WAITING, TaskState.COMPLETED


class Task(SpiffTask):  # type: ignore[misc]
    """A token at an element: READY to run, STARTED (something it opened goes on) or WAITING (it has an incident).

    `home` is the scope in which it moves, `scope` the one whose variables it sees: its own if it has opened one, inside
    `home`. `flows` are chosen when its element has run, and taken when it completes.

    The stock constructor makes a UUID, a copy of all data and a node in a tree that every step walks (`benchmarks/`
    shows the cost); here ids count up per instance and data is the shared scope.
    """

    # What the stock class keeps of a tree and of time: here the same for all.
    _parent, _children, triggered, thread_id, last_state_change = None, (), False, 0, 0.0

    id: int
    home: Scope
    scope: Scope
    internal_data: dict[str, Any]
    flows: tuple[Any, ...]

    def __init__(self, workflow: Any, task_spec: TaskSpec, home: Scope) -> None:
        self.id = id = workflow.next_id
        self.workflow = workflow
        self.task_spec = task_spec
        self.home = self.scope = home
        self._state = READY
        self.internal_data = {}
        workflow.next_id = id + 1
        workflow.tasks[id] = workflow.touched[id] = home.tokens[id] = self
        workflow.ready.append(self)

    @classmethod
    def restored(
        cls, workflow: Any, task_spec: TaskSpec, id: int, scope: Scope, state: int, internal_data: dict[str, Any]
    ) -> Task:
        """Put a stored token back to where it was; its scope is its own if it says so, else the one it moves in."""
        task = cls.__new__(cls)
        task.id, task.workflow, task.task_spec = id, workflow, task_spec
        task.scope, task._state, task.internal_data = scope, state, internal_data
        task.home = scope.parent if scope.owner == id and scope.parent is not None else scope
        workflow.tasks[id] = task.home.tokens[id] = task
        return task

    @property
    def data(self) -> Scope:
        """Give the variables that this token sees (what SpiffWorkflow calls the task's data)."""
        return self.scope

    @property
    def own(self) -> Scope | None:
        """Give the scope that this token has opened, if any."""
        return None if self.scope is self.home else self.scope

    def remember(self, **facts: Any) -> None:
        """Keep JSON data with the token."""
        self.internal_data.update(facts)
        self.workflow.touched[self.id] = self

    def _set_state(self, value: int) -> None:
        self._state = value
        self.workflow.touched[self.id] = self

    def row(self) -> list[Any]:
        """Give the token as JSON data: spec name, state, scope id, and its internal data if there is any."""
        if self.internal_data:
            return [self.task_spec.name, self._state, self.scope.id, self.internal_data]
        return [self.task_spec.name, self._state, self.scope.id]
