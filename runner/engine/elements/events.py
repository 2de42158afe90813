"""Events: start, catch, throw, end, and those on an activity's border. They live like activities: mappings, a visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.advance import Thrown
from runner.engine.definitions import Definition
from runner.engine.elements.activities import Activity, Receiving
from runner.engine.elements.compensation import Compensating
from runner.engine.elements.element import ElementSpec
from runner.engine.elements.sending import send_message, send_signal
from runner.engine.elements.working import evaluated, open_job
from runner.engine.faults import ErrorUncaught
from runner.engine.hearing import heard, seen
from runner.engine.tasks import STARTED, Task
from runner.engine.throwing import throw_error, throw_escalation
from runner.engine.waits import Waits


class StartEvent(Activity):
    """An event at which a token begins, with what the trigger brought (BPMN 2.0.2 §10.5.2).

    With `parallelMultiple` all its triggers are needed: a process that one of them has started waits here for the rest.
    """

    def __init__(self, process_spec: Any, element: Element, *, repeated_by: Any = None) -> None:
        super().__init__(process_spec, element, repeated_by=repeated_by)
        self.waits = self.waits or element.all_events

    def gather(self, task: Task) -> Waits:
        """Give the triggers that are still to come."""
        waits = super().gather(task)
        if not self._complete(task):
            waits.see(task.internal_data.get(f"payload {self.element.id}", {}))
            waits.add(self, seen=seen(task.workflow, task, self))
        return waits

    def begin(self, task: Task) -> bool:
        """Write what the trigger brought to where it belongs, or to its output mappings."""
        if self.element.all_events and not self._complete(task):
            return False
        if "payload" in task.internal_data:
            self.take_in(task, task.internal_data["payload"])
        return True

    def awaited(self, task: Task) -> Iterator[ElementSpec]:
        """Give itself, as long as triggers are still to come."""
        if task._state == STARTED and not self._complete(task):
            yield self

    def _complete(self, task: Task) -> bool:
        return not self.element.all_events or not seen(task.workflow, task, self)

    def triggered(self, workflow: Any, host: Task | None, index: int, payload: Mapping[str, Any]) -> None:
        """Start the event sub-process that this event begins, in the scope of `host` (None: the process)."""
        together = heard(workflow, host, self, index, payload)
        if together is None:
            return
        if host is not None and host.task_spec is self:
            self.finish(host, together)
        else:
            workflow.executable.event_subprocess(self).start_in(workflow, host, self, index=index, payload=together)


class BoundaryEvent(StartEvent):
    """An event on an activity's border: interrupts it or lets it go on (BPMN 2.0.2 §10.5.4)."""

    def triggered(self, workflow: Any, host: Task | None, index: int, payload: Mapping[str, Any]) -> None:
        """Let a token begin here, beside or instead of the one in the activity."""
        assert host is not None
        together = heard(workflow, host, self, index, payload)
        if together is None:
            return
        if self.element.interrupting and host.id in workflow.tasks:
            workflow.cancel_task(host)
        task = workflow.add_task(self, host.home)
        if together:
            task.remember(payload=together)


class CatchEvent(Receiving):
    """An intermediate catch event: its token waits for what it names (BPMN 2.0.2 §10.5.4)."""


class LinkCatchEvent(ElementSpec):
    """The place where links of its name lead to: a token just passes (BPMN 2.0.2 §10.5.5)."""


class NoneEvent(Activity):
    """A start, throw or end event without a definition: a token begins here, passes, or ends (BPMN 2.0.2 §10.5)."""


class ThrowEvent(Compensating):
    """An intermediate throw event: throws what its definitions say, in order; with a job topic, a handler does it."""

    def begin(self, task: Task) -> bool:
        """Throw. Raises ExpressionFailed or ErrorUncaught before anything is thrown."""
        if self.element.script is not None and self.element.service is None:
            self.take_in(task, evaluated(task, self.element.script))
            return True
        if self.element.service is not None:
            open_job(task, self.element, self.element.id)
            return False
        for definition in self.definitions:
            self._throw(task, definition)
            if task.id not in task.workflow.tasks:
                return True
        return not self.compensate(task)

    def _throw(self, task: Task, definition: Definition) -> None:
        workflow = task.workflow
        if definition.kind == "message":
            send_message(workflow, self.element, definition, task.scope)
        elif definition.kind == "signal":
            send_signal(workflow, self.element, definition, task.scope)
        elif definition.kind == "escalation":
            throw_escalation(workflow, task, definition.code_in(task.scope), carried(task))
        elif definition.kind == "link":
            workflow.add_task(workflow.executable.links[self.element.parent, definition.event.name], task.home)


class EndEvent(ThrowEvent):
    """Takes its token away; a terminate end takes all of its scope, an error end throws (BPMN 2.0.2 §10.5.3)."""

    def _throw(self, task: Task, definition: Definition) -> None:
        if definition.kind != "error":
            super()._throw(task, definition)
            return
        workflow, code = task.workflow, definition.code_in(task.scope)
        try:
            throw_error(workflow, task, code, carried(task))
        except ErrorUncaught:
            workflow.advance.note("thrown", Thrown("error", task.id, self.element.id, code, carried(task)))
            raise

    def _on_complete(self, task: Task) -> None:
        super()._on_complete(task)
        if "terminate" in self.kinds:
            task.workflow.cancel_scope(task.home)
            task.workflow.left(task.home)


def carried(task: Task) -> dict[str, Any]:
    """Give the variables that an error or escalation takes along: what is mapped into the event that throws it.

    Source: Camunda 8 docs, Error events > Variable mappings.
    """
    return {} if task.own is None else dict(task.own.variables)
