"""Gateways: exclusive (one way out), parallel (all ways out, one token per way in)."""

from __future__ import annotations

from typing import Any

from runner.engine.elements.element import ElementSpec, Outgoing, holds
from runner.engine.scopes import Scope


class ExclusiveGateway(ElementSpec):
    """Takes the first flow, in document order, whose condition holds, else the default (BPMN 2.0.2 §13.4.2)."""

    def choose(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give the one flow to take. Raises ExpressionFailed or NoFlowTaken."""
        for outgoing in self.outgoing:
            if outgoing.condition is None or holds(outgoing, scope):
                return (outgoing,)
        return self.fallback(scope) if self.outgoing or self.default else ()


class ParallelGateway(ElementSpec):
    """Waits for one token on each incoming flow, then sends one out on every flow (BPMN 2.0.2 §13.4.1).

    The stock join counts arrivals, not flows, and swallows a surplus token (`tests/engine/test_flow.py`).
    """

    def choose(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give every flow: conditions do not apply here."""
        return self.outgoing if self.default is None else (*self.outgoing, self.default)

    def arrive(self, workflow: Any, flow_id: str, scope: Scope) -> None:
        """Count the token in; when every flow has one, take one from each and run."""
        incoming = self.element.incoming
        if len(incoming) <= 1:
            super().arrive(workflow, flow_id, scope)
            return
        key = f"{self.name}|{scope.id}"
        counts = workflow.join(key)
        counts[flow_id] = counts.get(flow_id, 0) + 1
        if all(counts.get(flow) for flow in incoming):
            for flow in incoming:
                counts[flow] -= 1
            if not any(counts.values()):
                del workflow.joins[key]
            workflow.add_task(self, scope)
