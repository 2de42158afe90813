"""Our SpiffWorkflow workflow: one instance in memory. Holds tokens and scopes by id and drives READY tokens one at a
time until every token waits. What changed since it was last asked is kept by `changes.py`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow

from runner.engine.advance import Advance, Happening, OpenedIncident
from runner.engine.changes import Changes
from runner.engine.conditions import Conditions
from runner.engine.data_stores import LookUp, nowhere
from runner.engine.faults import incident_kind
from runner.engine.scopes import Scope
from runner.engine.tasks import COMPLETED, READY, WAITING, Task
from runner.engine.undo import UndoLog
from runner.errors import EngineError
from runner.expressions.moment import Moment
from runner.model import IncidentKind

# A modeled loop without a wait state would never return; no real process passes this many elements in one step. What
# makes no token (`ElementSpec.pass_by`) is not counted; a token runs after each, so there are at most twice as many.
STEP_LIMIT = 100_000


class Workflow(BpmnWorkflow):  # type: ignore[misc]
    """One instance: `tasks` are its live tokens only, `scopes` its variables, `undo` what compensation would do.

    `pending` are joins that can only be judged when nothing moves (inclusive and complex gateways), by element
    id and scope id; `halted` are scopes in which joins wait and no token moves. `look_up` finds the value of a data
    store.

    The stock constructor makes a script engine, an event manager and a tree of tasks, none of which is asked here.
    """

    def __init__(self, executable: Any, moment: Moment) -> None:
        self.executable = executable
        self.spec = executable.spec
        self.moment = moment
        self.tasks: dict[int, Task] = {}
        self.next_id = 1
        self.ready: deque[Task] = deque()
        self.scopes: dict[int, Scope] = {}
        self.pending: dict[tuple[str, int], Scope] = {}
        self.halted: dict[int, Scope] = {}
        self.conditions = Conditions()
        self.undo = UndoLog()
        self.changes = Changes()
        self.touched: dict[int, Task] = self.changes.tokens
        self.advance = Advance()
        self.completed = False
        self.look_up: LookUp = nowhere
        # Set when the listeners of its end have been called, or it is ended from outside: nothing begins any more.
        self.ended = False
        self._is_amid = False
        self._memory: dict[str, Any] = {}

    # -- tokens ---------------------------------------------------------------------------------------------------

    def add_task(self, spec: Any, home: Scope) -> Task:
        """Put a new token, ready to run, at the element of `spec`."""
        return Task(self, spec, home)

    def take(self, outgoing: Any, home: Scope, *, alone: bool = False) -> None:
        """Move a token along a flow; `alone`: it is the only one that leaves an element."""
        self.advance.happenings.append(outgoing.taken)
        if outgoing.next is None:
            outgoing.target.arrive(self, outgoing.flow.id, home)
        elif alone:
            self.go_to(outgoing.next, home)
        else:
            Task(self, outgoing.next, home)

    def go_to(self, spec: Any, home: Scope) -> None:
        """Put a new token at an element; where it would only pass, none is made if it would be the next to run, with
        nothing to be looked at or noted before.

        In the process's own scope only: what is around others takes note of each token that leaves.
        """
        waits = home.owner or self.ready or self._is_amid or self.conditions.watched or self.moment.warnings
        if spec.passes and not waits:
            spec.pass_by(self, home)
        else:
            Task(self, spec, home)

    def remove_task(self, task: Task) -> None:
        """Take a token away, and with it the scope that was its own."""
        id, home, changes = task.id, task.home, self.changes
        task._state = COMPLETED  # also where it was interrupted: should it still be in the queue, it does not run
        del self.tasks[id], home.tokens[id]
        changes.tokens.pop(id, None)
        if id < changes.first_new_id:
            changes.gone_tokens.append(id)
        if task.scope is not home:
            self._remove_scope(task.scope)
        if task.task_spec.waits:
            self.advance.note("left", id)
            self.conditions.forget(id)

    @contextmanager
    def amid(self) -> Iterator[None]:
        """Let events happen in the midst of what one token does: it goes on before those run that leave meanwhile."""
        before, self._is_amid = self._is_amid, True
        try:
            yield
        finally:
            self._is_amid = before

    def open_scope(self, task: Task, variables: dict[str, Any]) -> Scope:
        """Give a token a scope of its own inside its home, with these variables."""
        task.scope = self.add_scope(task.home, task.task_spec.element.id, variables, owner=task.id)
        self.touched[task.id] = task
        return task.scope

    def close_scope(self, task: Task) -> None:
        """Take back the scope that a token has just opened: its element could not begin."""
        self._remove_scope(task.scope)
        task.scope = task.home

    def add_scope(self, parent: Scope | None, element_id: str, variables: dict[str, Any], *, owner: int = 0) -> Scope:
        """Open a scope inside `parent` for one visit of an element."""
        id = 0 if parent is None else self.new_id()
        scope = Scope(id, parent, element_id, variables, self.changes, self.moment)
        scope.owner = owner
        self.scopes[scope.id] = scope
        self.changes.scope_new(scope)
        return scope

    def _remove_scope(self, scope: Scope) -> None:
        for inner in list(scope.inner.values()):
            self._remove_scope(inner)
        self.drop_joins(scope)
        if scope.parent is not None:
            del scope.parent.inner[scope.id]
        del self.scopes[scope.id]
        self.changes.scope_gone(scope)

    def owner_of(self, scope: Scope) -> Task | None:
        """Give the token that opened a scope, None for the process."""
        owner: Task | None = self.tasks.get(scope.owner) if scope.owner else None
        return owner

    def record(self, spec: Any, event: str, detail: dict[str, Any] | None = None) -> None:
        """Note for the history what happened at an element."""
        self.advance.happenings.append(Happening(spec.element.id, spec.element.type, event, detail))

    def memory(self, host: Task | None) -> dict[str, Any]:
        """Give what a token remembers, or the process itself (None)."""
        return self._memory if host is None else host.internal_data

    def remember(self, host: Task | None, **facts: Any) -> None:
        """Keep JSON data with a token, or with the process itself (None)."""
        if host is None:
            self._memory.update(facts)
            self.changes.memory = True
        else:
            host.remember(**facts)

    def join(self, element_id: str, scope: Scope) -> dict[str, int]:
        """Give the counts of tokens per incoming flow that wait at a join of a scope, for changing them."""
        self.changes.joins.add((element_id, scope.id))
        return scope.joins.setdefault(element_id, {})

    def drop_join(self, element_id: str, scope: Scope) -> None:
        """Forget what has arrived at a join."""
        self.changes.joins.add((element_id, scope.id))
        scope.joins.pop(element_id, None)
        self.pending.pop((element_id, scope.id), None)

    def drop_joins(self, scope: Scope) -> None:
        """Forget what has arrived at all joins of a scope."""
        for element_id in list(scope.joins):
            self.drop_join(element_id, scope)

    def new_id(self) -> int:
        """Give the next number for a token, a scope or an entry of the undo log."""
        self.next_id += 1
        return self.next_id - 1

    # -- running --------------------------------------------------------------------------------------------------

    def run_until_waiting(self) -> None:
        """Run READY tokens, one at a time, oldest first, until none is left and no condition or join makes another.

        Conditions are looked at between two tokens, so that none misses a value that the next one changes.

        The stock `do_engine_steps` works through a list made beforehand and so runs tokens that were canceled
        meanwhile; here its state is looked at when its turn comes.
        """
        watched, ready, warnings = self.conditions.watched, self.ready, self.moment.warnings
        for _ in range(STEP_LIMIT):
            if watched and self.conditions.check(self):
                continue
            if ready:
                task = ready.popleft()
                if task._state == READY:
                    self.run_one(task)
                    if warnings:
                        self.note_warnings(task.task_spec)
            elif not (self.pending and self._judge_joins()) and not (self.executable.at_end and self._let_end()):
                return
        error = EngineError(
            f"Expected every token to wait at some point, but more than {STEP_LIMIT} elements were passed in one "
            "step: the diagram has a loop without a task in it."
        )
        while ready:
            task = ready.popleft()
            if task._state == READY:
                self.park(task, phase="entering", error=error)

    def note_warnings(self, spec: Any) -> None:
        """Note for the history what expressions took for null at an element."""
        if self.moment.warnings:
            self.record(spec, "warned", {"warnings": list(self.moment.warnings)})
            self.moment.warnings.clear()

    @contextmanager
    def looking_at(self, spec: Any) -> Iterator[None]:
        """Evaluate something of another element than the one that acts: it is the current one meanwhile, and what was
        taken for null is told of it."""
        facts, warnings = self.moment.facts, self.moment.warnings
        before, known = facts.get("currentActivityId"), len(warnings)
        facts["currentActivityId"] = spec.element.id
        try:
            yield
        finally:
            facts["currentActivityId"] = before
            if warnings[known:]:
                self.record(spec, "warned", {"warnings": warnings[known:]})
                del warnings[known:]

    def run_one(self, task: Task) -> None:
        """Run one token; if that fails, it waits where it is, with an incident, and the others go on."""
        self.moment.facts["currentActivityId"] = task.task_spec.element.id
        try:
            task.task_spec._run(task)
        except EngineError as error:
            self.park(task, phase="entering", error=error)

    def _judge_joins(self) -> bool:
        """Let joins that nothing more can reach fire; tell whether one did."""
        fired = False
        for (element_id, _), scope in sorted(self.pending.items(), key=lambda item: item[0]):
            spec = self.spec.task_specs[element_id]
            try:
                fired = spec.judge(self, scope) or fired
            except EngineError as error:
                incident = OpenedIncident(scope.owner, element_id, incident_kind(error), str(error))
                self.advance.note("incidents", incident)
                self.record(spec, "incident_opened", {"kind": incident_kind(error), "message": str(error)})
        return fired

    def _let_end(self) -> bool:
        """Call the listeners of the end of the process when its last token has left; tell whether that is now."""
        if self.ended or self.tasks or self.scopes[0].joins:
            return False
        self.add_task(self.executable.at_end, self.scopes[0])
        return True

    def left(self, scope: Scope) -> None:
        """Take note that a token has ended in a scope: with the last one a sub-process ends."""
        owner = self.owner_of(scope) if scope.owner else None
        if owner is not None:
            owner.task_spec.one_left(owner)
        elif scope.joins and not scope.tokens:
            self.halted[scope.id] = scope

    def root_starts(self) -> tuple[Any, ...]:
        """Give the start events of the process's own event sub-processes that may happen now."""
        if not self.executable.root.event_starts or not self.scopes or self.completed:
            return ()
        root = self.scopes[0]
        interrupted = any(each.internal_data.get("interrupted") for each in root.tokens.values())
        return () if interrupted else self.event_starts(root)

    def event_starts(self, scope: Scope) -> tuple[Any, ...]:
        """Give the start events of the event sub-processes that lie directly in a scope."""
        owner = self.owner_of(scope)
        container = self.executable.root if owner is None else getattr(owner.task_spec, "container", None)
        return container.event_starts if container is not None else ()

    def interrupt(self, scope: Scope) -> None:
        """Interrupt all in a scope for an event sub-process; no other event starts one there any more."""
        for start in self.event_starts(scope):
            self.advance.note("closed", *((scope.owner, start.element.id, each.index) for each in start.definitions))
            self.conditions.forget_one(scope.owner, start.element.id)
        self.cancel_scope(scope)

    def park(self, task: Task, *, phase: str, error: EngineError) -> None:
        """Make a token wait for a person; `phase` says where a retry resumes ("entering" or "completing")."""
        task._set_state(WAITING)
        task.internal_data["phase"] = phase
        self.record(task.task_spec, "incident_opened", {"kind": incident_kind(error), "message": str(error)})
        incident = OpenedIncident(task.id, task.task_spec.element.id, incident_kind(error), str(error))
        self.advance.note("incidents", incident)

    def cancel_task(self, task: Task) -> None:
        """Interrupt a token wherever it waits, and everything inside it."""
        if task.own is not None:
            self.cancel_tokens(task.own.tokens.values())
            self.undo.forget(task.own)
        self.record(task.task_spec, "canceled")
        self.advance.note("canceled", task.id)
        self.undo.forget_plan(task.id)
        task.task_spec.canceled(task)
        self.remove_task(task)

    def cancel_tokens(self, tasks: Iterable[Task]) -> None:
        """Interrupt several tokens."""
        for task in list(tasks):
            if task.id in self.tasks:
                self.cancel_task(task)

    def cancel_scope(self, scope: Scope) -> None:
        """Interrupt every token inside a scope: it is terminated, canceled, or an event sub-process replaces it."""
        self.cancel_tokens(scope.tokens.values())
        self.drop_joins(scope)

    def settle(self) -> Advance:
        """Give what changed since the last call, and note the end of the process or a standstill."""
        advance, self.advance = self.advance, Advance()
        if not self.completed:
            if self.halted:
                self._note_standstill(advance)
            if not self.tasks and not (self.scopes and self.scopes[0].joins):
                self.completed = True
                advance.completed = True
        if advance.left or advance.canceled or advance.closed:
            self._drop_what_is_gone(advance)
        advance.delta = self.changes.delta(self)
        return advance

    def _drop_what_is_gone(self, advance: Advance) -> None:
        """Leave out what was opened and is over within the same step."""
        alive = self.tasks
        advance.jobs = [each for each in advance.jobs if each.token_id in alive]
        advance.user_tasks = [each for each in advance.user_tasks if each.token_id in alive]
        advance.calls = [each for each in advance.calls if each.token_id in alive]
        closed = set(advance.closed)
        waits = (each for each in advance.waits if each.token_id in alive or each.token_id == 0)
        advance.waits = [each for each in waits if each.place not in closed]
        advance.incidents = [each for each in advance.incidents if each.token_id in alive or each.token_id == 0]

    def _note_standstill(self, advance: Advance) -> None:
        """Open an incident for each scope in which tokens wait at a join and nothing moves any more."""
        # In an order that does not depend on whether the instance was restored on the way.
        halted = [scope for id, scope in sorted(self.halted.items()) if id in self.scopes and not scope.tokens]
        self.halted.clear()
        told = {(each.token_id, each.element_id) for each in advance.incidents}
        for scope, (element_id, counts) in ((each, join) for each in halted for join in sorted(each.joins.items())):
            if (scope.owner, element_id) in told:
                continue  # its condition has failed, which says more
            spec = self.spec.task_specs[element_id]
            message = spec.stalled(counts)
            advance.note("incidents", OpenedIncident(scope.owner, element_id, IncidentKind.STALLED, message))
            detail = {"kind": IncidentKind.STALLED, "message": message}
            advance.happenings.append(Happening(element_id, spec.element.type, "incident_opened", detail))
