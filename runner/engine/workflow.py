"""Our SpiffWorkflow workflow: one instance in memory. Holds tokens, scopes and half-met joins by id, knows what changed
since it was last asked, and drives READY tokens one at a time until every token waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.util.task import TaskState

from runner.engine.advance import Advance, Happening, OpenedIncident
from runner.engine.faults import incident_kind
from runner.engine.scopes import Scope
from runner.engine.tasks import READY, WAITING, Task
from runner.errors import EngineError
from runner.model import IncidentKind

# A modeled loop without a wait state would never return; no real process passes this many elements in one step.
STEP_LIMIT = 100_000
# Never called: every expression goes through runner.expressions. One object, because the stock default is costly.
_NO_SCRIPTS = PythonScriptEngine()


class Workflow(BpmnWorkflow):  # type: ignore[misc]
    """One instance: `tasks` are its live tokens only, `scopes` its variables, `joins` what arrived at a join so far."""

    def __init__(self, spec: Any) -> None:
        self.touched: set[int] = set()
        self.next_id = 1
        self.ready: deque[Task] = deque()
        self.scopes: dict[int, Scope] = {}
        self.joins: dict[str, dict[str, int]] = {}
        self.advance = Advance()
        # Ids from here on were made since the last delta: whoever reads deltas never heard of them.
        self._first_new_id = 1
        self._gone_tasks: list[int] = []
        self._gone_scopes: list[int] = []
        self._new_scopes: dict[int, Scope] = {}
        self._changed_joins: set[str] = set()
        self.completed = False
        super().__init__(spec, script_engine=_NO_SCRIPTS, deserializing=True)

    # -- tokens ---------------------------------------------------------------------------------------------------

    def add_task(self, spec: Any, scope: Scope) -> Task:
        """Put a new token, ready to run, at the element of `spec`."""
        task = Task(self, spec, self._new_id(), scope=scope)
        self.tasks[task.id] = task
        self.touched.add(task.id)
        self.ready.append(task)
        return task

    def take(self, outgoing: Any, scope: Scope) -> None:
        """Move a token along a flow to the element at its end."""
        self.advance.happenings.append(Happening(outgoing.flow.id, "sequenceFlow", "taken"))
        outgoing.target.arrive(self, outgoing.flow.id, scope)

    def remove_task(self, task: Task) -> None:
        """Take a token away, and with it the scope that was its own."""
        del self.tasks[task.id]
        self.touched.discard(task.id)
        if task.id < self._first_new_id:
            self._gone_tasks.append(task.id)
        if task.scope.element_id == task.task_spec.name and task.scope.parent is not None:
            del self.scopes[task.scope.id]
            if self._new_scopes.pop(task.scope.id, None) is None:
                self._gone_scopes.append(task.scope.id)

    def add_scope(self, parent: Scope | None, element_id: str, variables: dict[str, Any]) -> Scope:
        """Open a scope inside `parent` for one visit of an element."""
        scope = Scope(0 if parent is None else self._new_id(), parent, element_id, variables)
        self.scopes[scope.id] = scope
        self._new_scopes[scope.id] = scope
        return scope

    def record(self, spec: Any, event: str, detail: dict[str, Any] | None = None) -> None:
        """Note for the history what happened at an element."""
        self.advance.happenings.append(Happening(spec.name, spec.element.type, event, detail))

    def join(self, key: str) -> dict[str, int]:
        """Give the counts of tokens per incoming flow that wait at a join, for changing them."""
        self._changed_joins.add(key)
        return self.joins.setdefault(key, {})

    def _new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    # -- running --------------------------------------------------------------------------------------------------

    def run_until_waiting(self) -> None:
        """Run READY tokens, one at a time, oldest first, until none is left.

        The stock `do_engine_steps` works through a list made beforehand and so runs tokens that were canceled
        meanwhile; here a token is looked up when its turn comes.
        """
        for _ in range(STEP_LIMIT):
            if not self.ready:
                return
            task = self.ready.popleft()
            if self.tasks.get(task.id) is task and task._state == READY:
                self.run_one(task)
        error = EngineError(
            f"Expected every token to wait at some point, but {STEP_LIMIT} elements were passed in one step: "
            "the diagram has a loop without a task in it."
        )
        while self.ready:
            self.park(self.ready.popleft(), phase="entering", error=error)

    def run_one(self, task: Task) -> None:
        """Run one token; if that fails, it waits where it is, with an incident, and the others go on."""
        try:
            task.run()
        except EngineError as error:
            self.park(task, phase="entering", error=error)

    def park(self, task: Task, *, phase: str, error: EngineError) -> None:
        """Make a token wait for a person; `phase` says where a retry resumes ("entering" or "completing")."""
        task._set_state(WAITING)
        task.internal_data["phase"] = phase
        self.record(task.task_spec, "incident_opened", {"kind": incident_kind(error), "message": str(error)})
        incident = OpenedIncident(task.id, task.task_spec.name, incident_kind(error), str(error))
        self.advance.incidents.append(incident)

    def cancel_task(self, task: Task) -> None:
        """Interrupt a token wherever it waits."""
        task._set_state(TaskState.CANCELLED)
        self.record(task.task_spec, "canceled")
        self.advance.canceled.append(task.id)
        self.remove_task(task)

    def cancel_all(self) -> None:
        """Interrupt every token (terminate end event, cancel command)."""
        for task in list(self.tasks.values()):
            self.cancel_task(task)
        for key in list(self.joins):
            self._changed_joins.add(key)
            del self.joins[key]

    def settle(self) -> Advance:
        """Give what changed since the last call, and note the end of the process or a standstill."""
        advance, self.advance = self.advance, Advance()
        if not self.tasks and not self.completed:
            if self.joins:
                self._stalled(advance)
            else:
                self.completed = True
                advance.completed = True
        advance.delta = self._delta()
        return advance

    def _stalled(self, advance: Advance) -> None:
        for key, counts in self.joins.items():
            element_id = key.partition("|")[0]
            spec = self.spec.task_specs[element_id]
            missing = [flow for flow in spec.element.incoming if not counts.get(flow)]
            message = (
                f"Expected a token on every flow into '{element_id}', but none can arrive any more on "
                f"{', '.join(missing)}: the other branch went elsewhere."
            )
            advance.incidents.append(OpenedIncident(0, element_id, IncidentKind.STALLED, message))
            detail = {"kind": IncidentKind.STALLED, "message": message}
            advance.happenings.append(Happening(element_id, spec.element.type, "incident_opened", detail))

    # -- state ----------------------------------------------------------------------------------------------------

    def _delta(self) -> dict[str, Any]:
        """Give the change since the last call as JSON data; the format is described in `engine/state.py`."""
        delta: dict[str, Any] = {"next": self.next_id}
        if self.touched:
            delta["tokens"] = {str(id): self.tasks[id].row() for id in sorted(self.touched)}
            self.touched.clear()
        if self._gone_tasks:
            delta["gone"] = self._gone_tasks
            self._gone_tasks = []
        self._first_new_id = self.next_id
        self._scope_delta(delta)
        if self._changed_joins:
            delta["joins"] = {key: dict(self.joins.get(key, {})) for key in sorted(self._changed_joins)}
            self._changed_joins.clear()
        return delta

    def _scope_delta(self, delta: dict[str, Any]) -> None:
        if self._new_scopes:
            delta["scopes"] = {str(scope.id): scope.row() for scope in self._new_scopes.values()}
        touched = self.scopes[0].touched
        changed = {
            str(scope.id): {name: scope.variables[name] for name in sorted(scope.changed)}
            for scope in touched.values()
            if scope.id in self.scopes and scope.id not in self._new_scopes
        }
        if changed:
            delta["variables"] = changed
        for scope in touched.values():
            scope.changed.clear()
        touched.clear()
        self._new_scopes.clear()
        if self._gone_scopes:
            delta["gone_scopes"] = self._gone_scopes
            self._gone_scopes = []

    def snapshot(self) -> dict[str, Any]:
        """Give the whole state as JSON data."""
        return {
            "next": self.next_id,
            "tokens": {str(task.id): task.row() for task in self.tasks.values()},
            "scopes": {str(scope.id): scope.row() for scope in self.scopes.values()},
            "joins": self.joins,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over a whole state, as `snapshot` gave it or `engine/state.py` put it together."""
        self.next_id = self._first_new_id = state["next"]
        for id, (parent, element_id, variables) in sorted(state["scopes"].items(), key=lambda item: int(item[0])):
            self.scopes[int(id)] = Scope(
                int(id), None if parent is None else self.scopes[parent], element_id, variables
            )
        for id, (element_id, task_state, scope_id, *rest) in state["tokens"].items():
            task = Task(self, self.spec.task_specs[element_id], int(id), scope=self.scopes[scope_id], state=task_state)
            task.internal_data = rest[0] if rest else {}
            self.tasks[task.id] = task
        self.joins = {key: dict(counts) for key, counts in state["joins"].items()}
        self.completed = not self.tasks and not self.joins
