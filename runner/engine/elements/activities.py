"""Activities: the service task, which parks its token and leaves a job, and elements that a token just passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine.advance import OpenedJob
from runner.engine.elements.element import ElementSpec, readable
from runner.engine.mappings import apply_mappings
from runner.engine.tasks import Task
from runner.errors import ExpressionFailed, NoFlowTaken


class PassThrough(ElementSpec):
    """An element with nothing to do for a machine: start events, abstract and manual tasks (BPMN 2.0.2 §13.3.3)."""


class ServiceTask(ElementSpec):
    """A service task: `_run_hook` returns None, so SpiffWorkflow leaves the token STARTED until `finish`."""

    def _run_hook(self, task: Task) -> bool | None:
        if self.inputs_mapping or self.outputs_mapping:
            local = apply_mappings(self.inputs_mapping, readable(task.scope))
            task.scope = task.workflow.add_scope(task.scope, self.name, local)
        task.workflow.record(self, "entered")
        task.workflow.advance.jobs.append(OpenedJob(task.id, self.name))
        return None

    def map_inputs_again(self, task: Task) -> None:
        """Evaluate the input mappings anew, into the scope that they opened. Raises ExpressionFailed."""
        for name, value in apply_mappings(self.inputs_mapping, readable(self.outer_scope(task))).items():
            task.scope.set(name, value)

    def finish(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Take the handler's variables in and move on; a failing mapping or condition leaves an incident here.

        With output mappings the variables stay in the task's own scope, and only what is mapped leaves it; without
        them they propagate outward.
        """
        if self.outputs_mapping:
            for name, value in variables.items():
                task.scope.set(name, value)
        else:
            task.scope.propagate(variables)
        self.complete(task)

    def complete(self, task: Task) -> None:
        """Map the outputs, choose the flows and let SpiffWorkflow complete the task."""
        outer = self.outer_scope(task)
        try:
            outer.propagate(apply_mappings(self.outputs_mapping, readable(task.scope)))
            task.flows = self.choose(outer)
        except (ExpressionFailed, NoFlowTaken) as error:
            task.workflow.park(task, phase="completing", error=error)
        else:
            task.complete()
