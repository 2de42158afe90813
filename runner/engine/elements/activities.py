"""Activities: what a token enters and stays in until it is finished: by a job, a person, a message, an expression.

What contains other elements is in `subprocesses.py`, what runs several times in `repetitions.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.advance import OpenedJob
from runner.engine.data_stores import outputs, put, read_inputs
from runner.engine.elements.answering import answered
from runner.engine.elements.element import ElementSpec
from runner.engine.elements.sending import send_message
from runner.engine.elements.working import computes, evaluated, open_job
from runner.engine.hearing import heard
from runner.engine.mappings import apply_mappings, compile_moves
from runner.engine.tasks import READY, STARTED, Task
from runner.engine.waits import WAITING as WAITING_KINDS
from runner.engine.waits import Waits
from runner.errors import EngineError, ExpressionFailed, NoFlowTaken
from runner.expressions import compile_expression


class Activity(ElementSpec):
    """A visit of an activity: inputs are mapped, its events wait, it begins; it is finished, outputs are mapped.

    Meanwhile the token stays STARTED. Events live the same way. `boundaries` are the events on its border, `undone_by`
    is the element that compensates it; one that is `scoped` always has a scope of its own. If it `keeps_results`, they
    stay in that scope, and only what is mapped or associated leaves it. `data_stores` are those that it reads;
    `closing` and `after` the first listeners of stages (`listening.py`). A `plain` one has nothing around its work: no
    scope of its own, no events to wait for, mappings, data stores, listeners or repetition.
    """

    __slots__ = (
        "after",
        "boundaries",
        "closing",
        "collected_by",
        "data_stores",
        "keeps_results",
        "plain",
        "properties",
        "scoped",
        "stored_mapping",
        "undone_by",
    )

    def __init__(self, process_spec: Any, element: Element, *, repeated_by: Any = None, name: str = "") -> None:
        super().__init__(process_spec, element, repeated_by=repeated_by, name=name)
        self.scoped = self.plain = False
        self.closing: Any = None
        self.after: Any = None
        self.boundaries: tuple[Any, ...] = ()
        self.undone_by: str | None = None
        # Variables of its own that it declares, without a value yet.
        self.properties: dict[str, None] = {}
        # The ad-hoc sub-process that collects what it gives.
        self.collected_by: Any = None
        stored = [move for move in element.data_outputs if move.store is not None]
        self.stored_mapping = compile_moves(stored)
        self.keeps_results = bool(self.outputs_mapping) or not all(move.implied for move in stored)
        self.data_stores = tuple(dict.fromkeys(move.store for move in element.data_inputs if move.store is not None))

    def declare(self, properties: Iterable[str]) -> None:
        """Take the variables that are its own from the beginning; of a repetition, each run has them."""
        if self.element.repetition is None or self.repeated_by is not None:
            self.properties, self.scoped = dict.fromkeys(properties), True

    def attach(self, boundaries: tuple[Any, ...]) -> None:
        """Take the events on its border, once they are built."""
        self.boundaries = boundaries
        self.waits = self.waits or any(each.kinds & WAITING_KINDS for each in boundaries)

    def seal(self) -> None:
        """Find out whether there is anything around its work."""
        around = (self.before, self.closing, self.after, self.repeated_by, self.collected_by)
        moved = (self.inputs_mapping, self.outputs_mapping, self.stored_mapping, self.data_stores)
        self.plain = not (self.scoped or self.waits or self.keeps_results or any(moved) or any(around))
        # One without work of its own only lets tokens pass.
        works = type(self).begin is not Activity.begin
        self.passes = self.plain and not works and self.always is not None and self.undone_by is None

    def _run(self, task: Task) -> None:
        if not self.plain:
            super()._run(task)
            return
        # The way of most tokens: nothing to prepare, and little to take back.
        happenings = task.workflow.advance.happenings
        position = len(happenings)
        happenings.append(self.entered)
        try:
            finished = self.begin(task)
        except EngineError:
            del happenings[position:]  # as in `enter`
            raise
        if not finished:
            task._state = STARTED
        elif task._state == READY:
            self.complete(task)

    def enter(self, task: Task) -> bool | None:
        """Map the inputs, let the events wait and begin; take back what was changed if that fails."""
        had_scope, happenings = task.own is not None, task.workflow.advance.happenings
        position, heard = len(happenings), task.internal_data.get("heard")
        try:
            if (self.scoped or self.inputs_mapping or self.keeps_results) and not heard:
                self.prepare(task)
            waits = self.gather(task) if self.waits else None
            if not heard:  # else it was said before its listeners were called
                happenings.append(self.entered)
            for name in self.data_stores:
                task.workflow.record(self, "data_read", {"store": name})
            finished = self.begin(task)
        except EngineError:
            # What cannot begin has not been entered; it is when a retry succeeds.
            del happenings[position:]
            if not had_scope and task.own is not None:
                task.workflow.close_scope(task)
            raise
        if finished and task.id in task.workflow.tasks:
            self.complete(task)
        elif waits is not None and not finished:
            waits.open()
        return None

    def prepare(self, task: Task) -> None:
        """Map the inputs into a scope of the token's own. Raises ExpressionFailed."""
        local = {**self.properties, **read_inputs(self.inputs_mapping, task, task.scope)}
        if task.own is None:
            task.workflow.open_scope(task, dict(local))
        else:
            for name, value in local.items():
                task.scope.set(name, value)

    def gather(self, task: Task) -> Waits:
        """Give what is to be waited for meanwhile. Raises ExpressionFailed or ScheduleInvalid."""
        waits = Waits(task.workflow, task.id, task.scope)
        for boundary in self.boundaries:
            waits.add(boundary)
        return waits

    def begin(self, task: Task) -> bool:
        """Begin, and tell whether it is over already. Raises EngineError before anything is changed."""
        return True

    def awaited(self, task: Task) -> Iterator[ElementSpec]:
        """Give the events on its border, also while its results wait for a person; not while it cannot be entered."""
        if task._state == STARTED or task.internal_data.get("phase") == "completing":
            yield from self.boundaries

    def map_inputs_again(self, task: Task) -> None:
        """Evaluate the input mappings anew, into the scope that they opened. Raises ExpressionFailed."""
        for name, value in read_inputs(self.inputs_mapping, task, task.home).items():
            task.scope.set(name, value)

    def enter_without_work(self, task: Task) -> None:
        """Give a token that could not enter what its results need: a scope of their own, if they are mapped."""
        self.note_entered(task)
        if task.own is None and (self.scoped or self.keeps_results):
            task.workflow.open_scope(task, {})

    def finish(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Take results in and move on; a failing mapping or condition leaves an incident here."""
        self.take_in(task, variables)
        self.complete(task)

    def take_in(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Write results to where they belong.

        An element that keeps them has them in its own scope, and only what is mapped leaves it; from others they
        propagate outward.
        """
        if self.keeps_results:
            task.scope.write(variables)
        elif "undoes" in task.internal_data:
            # Its own scope holds the variables of the moment that it undoes; what it changes, it changes now.
            task.home.propagate(variables)
        else:
            task.scope.propagate(variables)

    def heard(self, task: Task, stage: str) -> None:
        """Begin, or go on ending: the listeners of a stage have all been called."""
        if stage == "before":
            super().heard(task, stage)
        else:
            self.complete(task)

    def complete(self, task: Task) -> None:
        """Map the outputs, choose the flows and leave; listeners are called meanwhile."""
        try:
            if self.plain:
                task.flows = self.ways_on(task.home)
            elif not self._close(task):
                return
        except (ExpressionFailed, NoFlowTaken) as error:
            task.workflow.park(task, phase="completing", error=error)
        else:
            self._on_complete(task)

    def _close(self, task: Task) -> bool:
        """Do what comes between the work and the way on; False if listeners are called first."""
        if self.closing is not None and self.closing.hold_up(task):
            return False
        stored = outputs(self.stored_mapping, task) if self.stored_mapping else {}
        if self.outputs_mapping and "after" not in task.internal_data.get("heard", ()):
            task.home.propagate(apply_mappings(self.outputs_mapping, task.scope))
        if self.after is not None and self.after.hold_up(task):
            return False
        if self.repeated_by is None:
            task.flows = self.ways_on(task.home)
        else:
            self.repeated_by.collect(task)
        if self.collected_by is not None:
            self.collected_by.collect(task)
        if stored:
            put(task, stored)
        return True

    def one_left(self, task: Task) -> None:
        """Take note that a token inside has ended: when it was the last, this activity ends."""
        own = task.own
        if own is None or own.tokens:
            return
        if own.joins:
            task.workflow.halted[own.id] = own
        else:
            self.emptied(task)

    def emptied(self, task: Task) -> None:
        """Go on: nothing moves inside any more."""

    def _on_complete(self, task: Task) -> None:
        workflow = task.workflow
        if self.undone_by is not None or task.scope is not task.home:
            self._note_undo(workflow, task)
        if self.repeated_by is not None:
            workflow.advance.happenings.append(self.completed)
            workflow.remove_task(task)
            self.repeated_by.one_done(workflow.owner_of(task.home), task)
            return
        self.leave(task)
        if "undoes" in task.internal_data:
            thrower = workflow.tasks.get(task.internal_data["undoes"])
            if thrower is not None:
                thrower.task_spec.go_on(thrower)

    def _note_undo(self, workflow: Any, task: Task) -> None:
        scope, home, handler = task.scope, task.home, self.undoing()
        inside = scope.id if scope is not home and workflow.undo.holds(scope.id) else None
        if handler is not None or inside is not None:
            seen = {} if handler is None else dict(scope.visible())
            workflow.undo.add(workflow.new_id(), [home.id, self.element.id, handler, inside, seen])

    def undoing(self) -> str | None:
        """Give the id of the element that undoes a completed visit, if there is one."""
        return self.undone_by


class PassingTask(Activity):
    """An abstract or manual task: a machine has nothing to do (BPMN 2.0.2 §13.3.3)."""


class ServiceTask(Activity):
    """A task that a handler does: the token leaves a job, and waits for its answer.

    `work` is the name under which the handler is bound (`bpmn/bindings.py`), `results` what the diagram makes of its
    answers, `script` the expression that does the work instead, `computes` whether it computes something about each
    job.
    """

    __slots__ = ("computes", "priority", "results", "script", "work")

    def __init__(self, process_spec: Any, element: Element, *, repeated_by: Any = None, name: str = "") -> None:
        super().__init__(process_spec, element, repeated_by=repeated_by, name=name)
        service, script = element.service, element.script
        self.work = element.id
        self.script = script if service is None else None
        self.computes = computes(service)
        self.priority = 0 if service is None else service.priority
        self.results = None if service is None else service.results

    def finish(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Take in what the diagram makes of the answer. Raises ExpressionFailed before anything is changed."""
        if self.results is not None:
            variables = answered(self.results, task.scope, variables)
        self.take_in(task, variables)
        self.complete(task)

    def begin(self, task: Task) -> bool:
        """Evaluate the expression that does its work, or open the job. Raises ExpressionFailed."""
        if self.script is not None:
            self.take_in(task, evaluated(task, self.script))
            return True
        if self.computes:
            open_job(task, self.element, self.work)
        else:
            task.workflow.advance.jobs.append(OpenedJob(task.id, self.element.id, self.work, self.priority))
        return False


class SendTask(ServiceTask):
    """A send task: a job if it names a topic, else its message is sent (BPMN 2.0.2 §10.3.3.2)."""

    def begin(self, task: Task) -> bool:
        """Open the job, or send the message."""
        if self.element.service is not None or self.element.script is not None:
            return super().begin(task)
        for definition in self.definitions:
            send_message(task.workflow, self.element, definition, task.scope)
        return True


class ScriptTask(ServiceTask):
    """A script task: the value of an expression in a safe language; a foreign script is the job of a handler."""

    def begin(self, task: Task) -> bool:
        """Evaluate the script into its result variable, or open the job."""
        script = self.element.script
        if script is None or self.element.service is not None:
            return super().begin(task)
        value = compile_expression(script.expression).evaluate(task.scope)
        if script.result_variable:
            self.take_in(task, {script.result_variable: value})
        return True


class Receiving(Activity):
    """Waits for what its event definitions name, or has it already from an event-based gateway before it.

    With `parallelMultiple` all of its definitions must happen (BPMN 2.0.2 §10.5.5).
    """

    def __init__(self, process_spec: Any, element: Element, *, repeated_by: Any = None) -> None:
        super().__init__(process_spec, element, repeated_by=repeated_by)
        self.waits = True

    def gather(self, task: Task) -> Waits:
        """Give what is to be waited for, unless it has happened already."""
        waits = super().gather(task)
        if "payload" not in task.internal_data:
            waits.add(self)
        return waits

    def begin(self, task: Task) -> bool:
        """Wait, or take in what has happened."""
        if "payload" not in task.internal_data:
            return False
        self.take_in(task, task.internal_data["payload"])
        return True

    def awaited(self, task: Task) -> Iterator[ElementSpec]:
        """Give itself, and the events on its border."""
        if task._state == STARTED and "payload" not in task.internal_data:
            yield self
        yield from super().awaited(task)

    def triggered(self, workflow: Any, host: Task, index: int, payload: Mapping[str, Any]) -> None:
        """Take in what happened and move on; where a gateway waits for this event, it has been decided."""
        together = heard(workflow, host, self, index, payload)
        if together is None:
            return
        if host.task_spec is self:
            self.finish(host, together)
        else:
            host.task_spec.decided(host, self, together)


class ReceiveTask(Receiving):
    """A receive task: waits for its message (BPMN 2.0.2 §10.3.3.3)."""
