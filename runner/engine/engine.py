"""The door to the engine: each verb takes an instance's state in memory and gives the `Advance` that followed.

Raises before it changes anything, or leaves an incident in the Advance; a caller that meets an exception drops the
`Execution` and restores it from what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.engine.advance import Advance, Happening
from runner.engine.build import Executable
from runner.engine.elements.activities import ServiceTask
from runner.engine.elements.element import ElementSpec
from runner.engine.faults import ErrorUncaught
from runner.engine.state import empty_state, fold
from runner.engine.tasks import READY, STARTED, WAITING, Task
from runner.engine.workflow import Workflow
from runner.errors import Conflict


class Execution:
    """One instance in memory. Not thread-safe: whoever uses it holds the instance."""

    def __init__(self, executable: Executable) -> None:
        self.executable = executable
        self._workflow = Workflow(executable.spec)

    @classmethod
    def restore(
        cls, executable: Executable, snapshot: dict[str, Any] | None, deltas: Iterable[dict[str, Any]]
    ) -> Execution:
        """Put an instance together again from its last snapshot and the deltas since (both oldest first)."""
        execution = cls(executable)
        execution._workflow.load(fold(snapshot or empty_state(), deltas))
        return execution

    # -- verbs ----------------------------------------------------------------------------------------------------

    def start(self, variables: Mapping[str, Any]) -> Advance:
        """Begin with these variables (checked JSON data) and run until every token waits."""
        workflow, process = self._workflow, self.executable.process
        scope = workflow.add_scope(None, process.key, dict(variables))
        workflow.advance.happenings.append(Happening(process.key, "process", "started"))
        for spec in self.executable.starts:
            workflow.add_task(spec, scope)
        return self._run()

    def complete(self, token_id: int, variables: Mapping[str, Any]) -> Advance:
        """Finish the job of a token with its handler's variables. Raises Conflict if the token has no open job."""
        task = self._task(token_id, STARTED)
        self._service_task(task).finish(task, variables)
        return self._run()

    def throw_error(self, token_id: int, code: str, variables: Mapping[str, Any]) -> Advance:
        """Throw a BPMN error out of a token's job: its error boundary event with that code, else one without a code.

        Only events attached to this very element catch (BPMN 2.0.2 §10.5.7); SpiffWorkflow would offer the error to
        those of its neighbours too. Raises ErrorUncaught, with nothing changed, if none does.
        """
        task = self._task(token_id, STARTED)
        boundary = self._catching(task.task_spec, code)
        workflow, scope = self._workflow, task.task_spec.outer_scope(task)
        workflow.record(task.task_spec, "error_thrown", {"code": code})
        workflow.remove_task(task)
        scope.propagate(variables)
        workflow.add_task(boundary, scope)
        return self._run()

    def retry(self, token_id: int) -> Advance:
        """Let a token with an incident try again, from where it stood. Raises Conflict if it has none."""
        task = self._task(token_id, WAITING)
        phase = task.internal_data.pop("phase", "entering")
        if phase == "completing":
            task._set_state(STARTED)
            self._service_task(task).complete(task)
        else:
            task._set_state(READY)
            self._workflow.ready.append(task)
        return self._run()

    def set_variables(self, variables: Mapping[str, Any]) -> None:
        """Write process variables; part of the next Advance."""
        for name, value in variables.items():
            self._workflow.scopes[0].set(name, value)

    def map_inputs_again(self, token_id: int) -> None:
        """Let a token that waits for its job see changed variables through its input mappings, too.

        Part of the next Advance. Raises ExpressionFailed.
        """
        task = self._task(token_id, STARTED)
        self._service_task(task).map_inputs_again(task)

    def cancel(self) -> Advance:
        """Interrupt every token; the instance is over."""
        self._workflow.cancel_all()
        process = self.executable.process
        self._workflow.advance.happenings.append(Happening(process.key, "process", "terminated"))
        self._workflow.completed = True
        return self._workflow.settle()

    def idle_delta(self) -> dict[str, Any]:
        """Give the delta of a step in which no token moves: only variables that were written."""
        return self._workflow.settle().delta

    # -- questions ------------------------------------------------------------------------------------------------

    def variables_at(self, token_id: int) -> dict[str, Any]:
        """Give every variable that a token can see. Not a copy: callers must not change it.

        Raises Conflict if there is no such token: it has moved on, or was made by a step that is not known here.
        """
        task: Task | None = self._workflow.tasks.get(token_id)
        if task is None:
            raise Conflict(f"Expected token {token_id} to wait for this, but it is not here (any more).")
        return task.scope.visible()

    def snapshot(self) -> dict[str, Any]:
        """Give the whole state as JSON data (`engine/state.py`)."""
        return self._workflow.snapshot()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _run(self) -> Advance:
        self._workflow.run_until_waiting()
        advance = self._workflow.settle()
        if advance.completed:
            advance.happenings.append(Happening(self.executable.process.key, "process", "completed"))
        return advance

    def _task(self, token_id: int, state: int) -> Task:
        task: Task | None = self._workflow.tasks.get(token_id)
        if task is None or task._state != state:
            raise Conflict(f"Expected token {token_id} to wait for this, but it has moved on.")
        return task

    @staticmethod
    def _service_task(task: Task) -> ServiceTask:
        spec = task.task_spec
        assert isinstance(spec, ServiceTask), f"{spec.name} has no job"
        return spec

    def _catching(self, spec: ElementSpec, code: str) -> ElementSpec:
        boundaries = self.executable.error_boundaries.get(spec.name, [])
        for wanted in (code, None):
            for boundary in boundaries:
                if any(event.kind == "error" and event.code == wanted for event in boundary.element.events):
                    return boundary
        raise ErrorUncaught(spec.name, code)
