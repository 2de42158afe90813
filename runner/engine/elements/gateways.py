"""Gateways: exclusive (one way out), parallel (all ways out, one token per way in), event-based (the way of what
happens first). Those that look at the whole process to join are in `joins.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.elements.element import ElementSpec, Outgoing, holds
from runner.engine.scopes import Scope
from runner.engine.tasks import STARTED, Task
from runner.engine.waits import Waits


class ExclusiveGateway(ElementSpec):
    """Takes the first flow, in document order, whose condition holds, else the default (BPMN 2.0.2 §13.4.2)."""

    def unconditional(self) -> tuple[Outgoing, ...] | None:
        """Give the first flow, if no condition comes before it."""
        if self.outgoing:
            return self.outgoing[:1] if self.outgoing[0].condition is None else None
        return () if self.default is None else (self.default,)

    def choose(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give the one flow to take. Raises ExpressionFailed or NoFlowTaken."""
        first = next((out for out in self.outgoing if out.condition is None or holds(out, scope)), None)
        return (self.fallback(scope) if first is None else (first,)) * self.element.completion_quantity


class ParallelGateway(ElementSpec):
    """Waits for one token on each incoming flow, then sends one out on every flow (BPMN 2.0.2 §13.4.1).

    The stock join counts arrivals, not flows, and swallows a surplus token (`tests/engine/test_flow.py`).
    """

    def unconditional(self) -> tuple[Outgoing, ...]:
        """Give every flow: conditions do not apply here."""
        return self.outgoing if self.default is None else (*self.outgoing, self.default)

    @property
    def counts(self) -> bool:
        """Tell whether there are several to wait for."""
        return len(self.element.incoming) > 1 or super().counts

    def arrive(self, workflow: Any, flow_id: str, scope: Scope) -> None:
        """Count the token in; when every flow has one, take one from each and run."""
        incoming = self.element.incoming
        if len(incoming) <= 1:
            super().arrive(workflow, flow_id, scope)
            return
        counts = workflow.join(self.name, scope)
        counts[flow_id] = counts.get(flow_id, 0) + 1
        if all(counts.get(flow) for flow in incoming):
            for flow in incoming:
                counts[flow] -= 1
            if not any(counts.values()):
                workflow.drop_join(self.name, scope)
            workflow.add_task(self, scope)


class EventBasedGateway(ElementSpec):
    """Waits for the events that follow it, and goes the way of the one that happens first (BPMN 2.0.2 §13.4.4).

    A parallel one, which stands at the start of a process, goes the way of each until all have happened.
    """

    def __init__(self, process_spec: Any, element: Element, *, repeated_by: Any = None) -> None:
        super().__init__(process_spec, element, repeated_by=repeated_by)
        self.waits = True

    def enter(self, task: Task) -> bool | None:
        """Wait for all events behind it. Raises ExpressionFailed or ScheduleInvalid."""
        waits = Waits(task.workflow, task.id, task.home)
        waits.see(task.internal_data.get("brought", {}))
        for outgoing in self.outgoing:
            waits.add(outgoing.target)
        self.note_entered(task)
        waits.open()
        return None

    def awaited(self, task: Task) -> Iterator[ElementSpec]:
        """Give the events behind it that have not happened yet."""
        if task._state == STARTED:
            happened = task.internal_data.get("happened", ())
            yield from (each.target for each in self.outgoing if each.target.element.id not in happened)

    def decided(self, task: Task, target: ElementSpec, payload: Mapping[str, Any]) -> None:
        """Go the way of the event that has happened."""
        workflow, home = task.workflow, task.home
        outgoing = next(each for each in self.outgoing if each.target is target)
        happened = [*task.internal_data.get("happened", ()), target.element.id]
        if not self.element.all_events or len(happened) == len(self.outgoing):
            workflow.advance.happenings.append(self.completed)
            workflow.remove_task(task)
        else:
            task.remember(happened=happened)
            workflow.advance.note("closed", *((task.id, target.element.id, each.index) for each in target.definitions))
            workflow.conditions.forget_one(task.id, target.element.id)
        workflow.advance.happenings.append(outgoing.taken)
        workflow.add_task(target, home).remember(payload=dict(payload))
