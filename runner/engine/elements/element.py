"""What every element has in common: a token arrives, runs, and leaves along the flows that were chosen.

Built on SpiffWorkflow's hooks (`_run_hook`, `_on_complete`); prediction is switched off, because our joins count tokens
per flow and need none; the stock predictor costs more than the step itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from runner.bpmn.diagram import Element, Flow
from runner.engine.mappings import CompiledMapping, compile_mappings
from runner.engine.scopes import Scope
from runner.engine.tasks import Task
from runner.errors import ExpressionFailed, NoFlowTaken
from runner.expressions import compile_expression
from runner.expressions.language import Compiled


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A flow out of an element, ready to be taken: its record, its target's spec and its compiled condition."""

    flow: Flow
    target: Any
    condition: Compiled | None


class ElementSpec(BpmnSpecMixin):  # type: ignore[misc]
    """A flow node that SpiffWorkflow can run. Frozen after `link`: one object serves all instances of a version."""

    def __init__(self, process_spec: Any, element: Element) -> None:
        super().__init__(process_spec, element.id, bpmn_name=element.name)
        self.element = element
        self.outgoing: tuple[Outgoing, ...] = ()
        self.default: Outgoing | None = None
        self.inputs_mapping: tuple[CompiledMapping, ...] = compile_mappings(element.inputs)
        self.outputs_mapping: tuple[CompiledMapping, ...] = compile_mappings(element.outputs)

    def link(self, flows: Sequence[Flow], specs: Mapping[str, ElementSpec]) -> None:
        """Connect to the targets of the flows that leave this element, in document order."""
        for flow in flows:
            self._outputs.append(flow.target)
            specs[flow.target]._inputs.append(self.name)
        outgoing = [
            Outgoing(flow, specs[flow.target], None if flow.condition is None else compile_expression(flow.condition))
            for flow in flows
        ]
        self.default = next((out for out in outgoing if out.flow.id == self.element.default_flow), None)
        self.outgoing = tuple(out for out in outgoing if out is not self.default)

    # -- SpiffWorkflow's hooks ------------------------------------------------------------------------------------

    def _predict(self, *args: Any, **kwargs: Any) -> None:
        return None

    def _run_hook(self, task: Task) -> bool | None:
        task.flows = self.choose(task.scope)
        task.workflow.record(self, "entered")
        return True

    def _on_complete(self, task: Task) -> None:
        workflow, scope = task.workflow, self.outer_scope(task)
        workflow.record(self, "completed")
        workflow.remove_task(task)
        for outgoing in task.flows:
            workflow.take(outgoing, scope)

    # -- ours -----------------------------------------------------------------------------------------------------

    def arrive(self, workflow: Any, flow_id: str, scope: Scope) -> None:
        """Receive a token along a flow; by default each one that arrives runs (implicit merge, BPMN 2.0.2 §13.2.1)."""
        workflow.add_task(self, scope)

    def choose(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give the flows that a token takes: all whose condition holds, else the default (BPMN 2.0.2 §13.2.1).

        Raises ExpressionFailed, or NoFlowTaken if the element has flows out and none can be taken.
        """
        taken = tuple(out for out in self.outgoing if out.condition is None or holds(out, scope))
        if taken or not (self.outgoing or self.default):
            return taken
        return self.fallback(scope)

    def fallback(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give the default flow. Raises NoFlowTaken, naming the conditions and the values they were given."""
        if self.default is not None:
            return (self.default,)
        tried = "; ".join(f"'{out.flow.id}': {out.flow.condition.text}" for out in self.outgoing if out.flow.condition)
        values = ", ".join(f"{name}={_brief(value)}" for name, value in sorted(_mentioned(self.outgoing, scope)))
        raise NoFlowTaken(
            f"Expected a flow to take out of '{self.name}' (line {self.element.line}), but no condition holds and "
            f"there is no default flow. Conditions: {tried}. Variables: {values or 'none of those named is set'}."
        )

    def outer_scope(self, task: Task) -> Scope:
        """Give the scope that a token goes on in when it leaves this element."""
        own = task.scope.element_id == self.name and task.scope.parent is not None
        return task.scope.parent if own and task.scope.parent is not None else task.scope


def holds(outgoing: Outgoing, scope: Scope) -> bool:
    """Evaluate a flow's condition. Raises ExpressionFailed if it is not true or false."""
    assert outgoing.condition is not None
    flow = outgoing.flow
    assert flow.condition is not None
    try:
        value = outgoing.condition.evaluate(readable(scope))
    except ExpressionFailed as error:
        raise ExpressionFailed(f"Flow '{flow.id}' (line {flow.line}): {error}") from error
    if value is True or value is False:
        return bool(value)
    raise ExpressionFailed(
        f"Flow '{flow.id}' (line {flow.line}): expected the condition `{flow.condition.text}` to be true or false, "
        f"but it is {_brief(value)}. Is a variable missing?"
    )


def readable(scope: Scope) -> Mapping[str, Any]:
    """Give a scope in its quickest readable form: the plain dict where there is no outer scope."""
    return scope.variables if scope.parent is None else scope


def _mentioned(outgoing: Sequence[Outgoing], scope: Scope) -> list[tuple[str, Any]]:
    texts = " ".join(out.flow.condition.text for out in outgoing if out.flow.condition)
    return [(name, value) for name, value in scope.visible().items() if name in texts]


def _brief(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
