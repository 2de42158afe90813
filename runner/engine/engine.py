"""The door to the engine: each verb takes an instance's state in memory and gives the `Advance` that followed.

Raises before it changes anything, or leaves an incident in the Advance; a caller that meets an exception drops the
`Execution` and restores it from what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runner.bpmn.diagram import Listener
from runner.engine import restoring
from runner.engine.advance import Advance, Happening
from runner.engine.build import Executable
from runner.engine.data_stores import LookUp, nowhere
from runner.engine.elements.activities import Activity
from runner.engine.elements.answering import Judgement, judge
from runner.engine.elements.people import UserTask
from runner.engine.elements.working import computed_rule
from runner.engine.scopes import Scope
from runner.engine.state import empty_state, fold
from runner.engine.tasks import READY, STARTED, WAITING, Task
from runner.engine.throwing import find_catch, throw_error, throw_escalation
from runner.engine.waits import Waits
from runner.engine.workflow import Workflow
from runner.errors import Conflict
from runner.expressions.moment import Moment
from runner.retry import RetryRule


class Execution:
    """One instance in memory. Not thread-safe: whoever uses it holds the instance."""

    def __init__(self, executable: Executable, moment: Moment | None = None) -> None:
        self.executable = executable
        # Whoever holds the instance sets its time for each step: expressions read no other clock.
        self.moment = moment or Moment()
        self._workflow = Workflow(executable, self.moment)

    @classmethod
    def restore(
        cls,
        executable: Executable,
        snapshot: dict[str, Any] | None,
        deltas: Iterable[dict[str, Any]],
        *,
        moment: Moment | None = None,
    ) -> Execution:
        """Put an instance together again from its last snapshot and the deltas since (both oldest first)."""
        execution = cls(executable, moment)
        restoring.load(execution._workflow, fold(snapshot or empty_state(), deltas))
        return execution

    def look_up_with(self, look_up: LookUp | None) -> None:
        """Say how to find what is in a data store (None: nothing is there); it may be asked by any verb."""
        self._workflow.look_up = look_up or nowhere

    # -- verbs ----------------------------------------------------------------------------------------------------

    def start(self, variables: Mapping[str, Any], *, event: str | None = None, index: int = 0) -> Advance:
        """Begin with these variables (checked JSON data) and run until every token waits.

        With `event`, at (definition `index` of) that start event, receive task or event behind an event-based gateway,
        which is given the variables as what its trigger brought. Raises ExpressionFailed if what the process itself
        waits for cannot be evaluated.
        """
        workflow, process = self._workflow, self.executable.process
        scope = workflow.add_scope(None, process.key, dict.fromkeys(self.executable.root.data_objects))
        workflow.advance.happenings.append(self.executable.started)
        if event is None:
            scope.variables.update(variables)
        if self.executable.root.event_starts:
            self._wait_for_event_subprocesses(scope, {} if event is None else variables)
        if self.executable.at_start is not None:
            workflow.add_task(self.executable.at_start, scope).remember(
                begin=[event, {} if event is None else dict(variables), index]
            )
        else:
            self.executable.begin(workflow, scope, event=event, payload=variables, index=index)
        return self._run()

    def complete(self, token_id: int, variables: Mapping[str, Any]) -> Advance:
        """Finish what a token waits for with its results: a job, a user task, a called process.

        Raises Conflict if the token does not wait for such a thing (any more).
        """
        task = self._task(token_id, STARTED)
        task.task_spec.finish(task, variables)
        if self.moment.warnings:
            self._workflow.note_warnings(task.task_spec)
        return self._run()

    def trigger(self, token_id: int, element_id: str, index: int, variables: Mapping[str, Any]) -> Advance:
        """Let an event happen that was waited for (see `OpenedWait`), with what it brings.

        Raises Conflict if nothing waits for it (any more).
        """
        spec = self.executable.element(element_id)
        # An event on the border happens also while the activity has an incident: its results could not be mapped.
        state = WAITING if spec.element.attached_to is not None and self.is_stuck(token_id) else STARTED
        host = None if token_id == 0 else self._task(token_id, state)
        spec.triggered(self._workflow, host, index, variables)
        self._workflow.note_warnings(spec)
        return self._run()

    def throw_error(self, token_id: int, code: str, variables: Mapping[str, Any], *, message: str = "") -> Advance:
        """Throw a BPMN error out of a token's activity, to the nearest event around it that catches it.

        Raises ErrorUncaught, with nothing changed, if none does.
        """
        throw_error(self._workflow, self._task(token_id, STARTED), code, dict(variables), message=message)
        return self._run()

    def throw_escalation(self, token_id: int, code: str, variables: Mapping[str, Any]) -> Advance:
        """Throw an escalation out of a token's activity, which goes on unless the event that catches it interrupts."""
        throw_escalation(self._workflow, self._task(token_id, STARTED), code, dict(variables))
        return self._run()

    def catches(self, token_id: int, kind: str, code: str) -> bool:
        """Tell whether an error or escalation ("error", "escalation") thrown at a token would be caught."""
        task: Task | None = self._workflow.tasks.get(token_id)
        return task is not None and find_catch(self._workflow, task, kind, code) is not None

    def retry(self, token_id: int) -> Advance:
        """Let a token with an incident try again, from where it stood. Raises Conflict if it has none."""
        task = self._task(token_id, WAITING)
        phase = task.internal_data.pop("phase", "entering")
        if phase == "completing":
            task._set_state(STARTED)
            self._activity(task).complete(task)
            self._workflow.note_warnings(task.task_spec)
        else:
            task._set_state(READY)
            self._workflow.ready.append(task)
        return self._run()

    def assigned(self, token_id: int, assignee: str | None) -> Advance:
        """Call the listeners of a user task that has been given to somebody (None: back). Raises Conflict."""
        task = self._task(token_id, STARTED)
        if isinstance(task.task_spec, UserTask):
            task.task_spec.assigned(task, assignee)
        return self._run()

    def run(self) -> Advance:
        """Let conditions that variables have come to fulfil happen (after `set_variables`)."""
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
        self._activity(task).map_inputs_again(task)

    def skip(self, token_id: int, variables: Mapping[str, Any]) -> Advance:
        """Let a token with an incident go on as if its activity had given these results, without doing its work.

        Raises Conflict if there is no such token, or it is at an element that has no results (a gateway).
        """
        task: Task | None = self._workflow.tasks.get(token_id)
        if task is None:
            raise Conflict(f"Expected token {token_id} to wait for this, but it has moved on.")
        activity = self._activity(task)
        if task._state == WAITING:
            if task.internal_data.pop("phase", "entering") == "entering":
                activity.enter_without_work(task)
            task._set_state(STARTED)
        self._workflow.record(activity, "skipped")
        activity.finish(task, variables)
        self._workflow.note_warnings(activity)
        return self._run()

    def call_again(self, token_id: int) -> Advance:
        """Let a call activity whose process could not be started ask for it anew. Raises ExpressionFailed."""
        task = self._task(token_id, STARTED)
        self._activity(task).begin(task)
        return self._run()

    def compensate(self) -> Advance:
        """Interrupt every token and undo all that has completed, newest first; then the instance is terminated.

        Raises Conflict if that goes on already.
        """
        self._workflow.advance.happenings.append(Happening(self.executable.process.key, "process", "compensating"))
        self.executable.undo_all.begin_in(self._workflow)
        return self._run()

    def cancel(self) -> Advance:
        """Interrupt every token; the instance is over."""
        self._workflow.ended = True
        self._workflow.cancel_scope(self._workflow.scopes[0])
        self._workflow.advance.happenings.append(self.executable.terminated)
        self._workflow.completed = True
        return self._workflow.settle()

    def idle_delta(self) -> dict[str, Any]:
        """Give the delta of a step in which no token moves: only variables that were written."""
        return self._workflow.settle().delta

    # -- questions ------------------------------------------------------------------------------------------------

    @property
    def variables(self) -> dict[str, Any]:
        """Give the process's own variables. Values are not copies: callers must not change them."""
        return dict(self._workflow.scopes[0].variables)

    def is_waiting(self, token_id: int) -> bool:
        """Tell whether a token waits at an activity, so that `complete` and the like can move it on."""
        task: Task | None = self._workflow.tasks.get(token_id)
        return task is not None and task._state == STARTED

    def variables_at(self, token_id: int) -> dict[str, Any]:
        """Give every variable that a token can see. Not a copy: callers must not change it.

        Raises Conflict if there is no such token: it has moved on, or was made by a step that is not known here.
        """
        task: Task | None = self._workflow.tasks.get(token_id)
        if task is None:
            raise Conflict(f"Expected token {token_id} to wait for this, but it is not here (any more).")
        return task.scope.visible()

    def judge(self, token_id: int, facts: Callable[[], Mapping[str, Any]]) -> Judgement | None:
        """Ask the diagram whether the end of a token's job stands for an error; see `elements/answering.py`.

        `facts` are asked for where the diagram has something to say about it.
        """
        task: Task | None = self._workflow.tasks.get(token_id)
        service = None if task is None else task.task_spec.element.service
        if task is None or service is None or service.results is None:
            return None
        return judge(service.results, task.scope, facts())

    def listener_at(self, token_id: int) -> Listener | None:
        """Give the listener whose job a token waits for, None if the job is its element's own work."""
        task: Task | None = self._workflow.tasks.get(token_id)
        return getattr(task.task_spec, "listener", None) if task is not None else None

    def rule_at(self, token_id: int) -> RetryRule | None:
        """Give the retry rule that was computed when the job that a token waits for opened, if one was."""
        task: Task | None = self._workflow.tasks.get(token_id)
        return None if task is None else computed_rule(task)

    def is_stuck(self, token_id: int) -> bool:
        """Tell whether a token waits with an incident, so that `retry` can try again."""
        task: Task | None = self._workflow.tasks.get(token_id)
        return task is not None and task._state == WAITING

    def snapshot(self) -> dict[str, Any]:
        """Give the whole state as JSON data (`engine/state.py`)."""
        return restoring.snapshot(self._workflow)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _run(self) -> Advance:
        self._workflow.run_until_waiting()
        advance = self._workflow.settle()
        if advance.completed:
            executable = self.executable
            advance.happenings.append(executable.terminated if advance.terminated else executable.completed)
        return advance

    def _task(self, token_id: int, state: int) -> Task:
        task: Task | None = self._workflow.tasks.get(token_id)
        if task is None or task._state != state:
            raise Conflict(f"Expected token {token_id} to wait for this, but it has moved on.")
        self.moment.facts["currentActivityId"] = task.task_spec.element.id
        return task

    @staticmethod
    def _activity(task: Task) -> Activity:
        spec = task.task_spec
        if not isinstance(spec, Activity):
            raise Conflict(f"Expected token {task.id} to wait for a result, but it is at '{spec.element.id}'.")
        return spec

    def _wait_for_event_subprocesses(self, scope: Scope, brought: Mapping[str, Any]) -> None:
        waits = Waits(self._workflow, 0, scope)
        waits.see(brought)
        self.executable.root.wait(waits)
        waits.open()
