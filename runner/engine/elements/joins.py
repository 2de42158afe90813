"""Gateways that join by looking at what can still arrive: inclusive and complex (BPMN 2.0.2 §13.4.3, §13.4.5).

They are judged when no token of the instance can move: only then is it known what the tokens in the scope can reach."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.elements.element import ElementSpec
from runner.engine.scopes import Scope
from runner.errors import ExpressionFailed
from runner.expressions import compile_expression


class InclusiveGateway(ElementSpec):
    """Takes every flow whose condition holds, else the default; joins what was split (BPMN 2.0.2 §13.4.3).

    `upstream` has, for each incoming flow, the elements from which a token can come along it without passing here.
    """

    def __init__(self, process_spec: Any, element: Element, *, repeated_by: Any = None) -> None:
        super().__init__(process_spec, element, repeated_by=repeated_by)
        self.upstream: dict[str, frozenset[str]] = {}

    def look_back(self, upstream: Mapping[str, frozenset[str]]) -> None:
        """Take from where each incoming flow can be reached."""
        self.upstream = dict(upstream)

    @property
    def counts(self) -> bool:
        """Tell whether there are several to wait for."""
        return len(self.element.incoming) > 1 or super().counts

    def arrive(self, workflow: Any, flow_id: str, scope: Scope) -> None:
        """Count the token in; whether to wait for others is judged when nothing moves."""
        if len(self.element.incoming) <= 1:
            super().arrive(workflow, flow_id, scope)
            return
        counts = workflow.join(self.name, scope)
        counts[flow_id] = counts.get(flow_id, 0) + 1
        workflow.pending[self.name, scope.id] = scope

    def note_pending(self, workflow: Any, scope: Scope) -> None:
        """Judge again, with the next step, what was stored half-met."""
        workflow.pending[self.name, scope.id] = scope

    def judge(self, workflow: Any, scope: Scope) -> bool:
        """Fire if no token can arrive any more on a flow that has none; tell whether it did."""
        counts = scope.joins.get(self.name)
        if not counts:
            workflow.pending.pop((self.name, scope.id), None)
            return False
        if any(self._can_arrive(flow, counts, scope) for flow in self.element.incoming if not counts.get(flow)):
            return False
        self._take_one_of_each(workflow, counts, scope)
        workflow.add_task(self, scope)
        return True

    def _can_arrive(self, flow: str, counts: Mapping[str, int], scope: Scope) -> bool:
        """Tell whether a token in the scope can come along `flow`, and not rather along a flow that has one already.

        Source: BPMN 2.0.2 §13.4.3: such a token is not waited for.
        """
        reaching = self.upstream.get(flow, frozenset())
        having = [self.upstream.get(each, frozenset()) for each in self.element.incoming if counts.get(each)]
        for place in _places(scope, without=self.name):
            if place in reaching and not any(place in each for each in having):
                return True
        return False

    def _take_one_of_each(self, workflow: Any, counts: dict[str, int], scope: Scope) -> None:
        workflow.join(self.name, scope)
        for flow in [flow for flow, count in counts.items() if count]:
            counts[flow] -= 1
            if not counts[flow]:
                del counts[flow]
        if not counts:
            workflow.drop_join(self.name, scope)


def _places(scope: Scope, *, without: str) -> list[str]:
    """Give where tokens are in a scope: their elements, and the joins where some wait."""
    return [
        *(task.task_spec.element.id for task in scope.tokens.values()),
        *(element_id for element_id in scope.joins if element_id != without),
    ]


class ComplexGateway(InclusiveGateway):
    """Fires when its activation condition holds for what has arrived, once for each set of tokens; the tokens that come
    later to the same set are taken away (BPMN 2.0.2 §13.4.5). Without a condition it joins as an inclusive one.

    The condition sees `activationCount`, how many incoming flows have a token, and the variables.
    """

    def arrive(self, workflow: Any, flow_id: str, scope: Scope) -> None:
        """Count the token in, and fire at once if the condition holds with it; what fails is judged again later."""
        super().arrive(workflow, flow_id, scope)
        counts = scope.joins.get(self.name, {})
        if self.element.activation is not None and counts and not counts.get(self._FIRED):
            with suppress(ExpressionFailed):
                self.judge(workflow, scope)

    def stalled(self, counts: Mapping[str, int]) -> str:
        """Say that the condition does not hold, and never will."""
        if self.element.activation is None:
            return super().stalled(counts)
        arrived = sum(1 for flow in self.element.incoming if counts.get(flow))
        return (
            f"Expected the activation condition `{self.element.activation.text}` of '{self.element.id}' (line "
            f"{self.element.line}) to hold, but {arrived} flows have a token and no more can arrive."
        )

    # In the counts of a join: how many tokens a set that has fired still expects. No flow has such an id.
    _FIRED = "[fired]"

    def judge(self, workflow: Any, scope: Scope) -> bool:
        """Fire if the condition holds, or take the late tokens away; tell whether it did either."""
        activation, counts = self.element.activation, scope.joins.get(self.name)
        if activation is None or not counts:
            return super().judge(workflow, scope)
        if counts.get(self._FIRED):
            before = dict(counts)
            self._reset(workflow, counts, scope)
            return counts != before
        arrived = [flow for flow in self.element.incoming if counts.get(flow)]
        seen = ChainMap({"activationCount": len(arrived)}, scope)  # type: ignore[arg-type]
        with workflow.looking_at(self):
            holds = compile_expression(activation).evaluate(seen) is True
        if not holds:
            return False
        self._take_one_of_each(workflow, counts, scope)
        missing = [flow for flow in self.element.incoming if flow not in arrived]
        if any(self._can_arrive(flow, dict.fromkeys(arrived, 1), scope) for flow in missing):
            left = workflow.join(self.name, scope)
            left.update({self._FIRED: 1, **{f"{self._FIRED}{flow}": 1 for flow in missing}})
            workflow.pending[self.name, scope.id] = scope
        workflow.add_task(self, scope)
        return True

    def _reset(self, workflow: Any, counts: dict[str, int], scope: Scope) -> None:
        """Take the late tokens of a set that has fired; forget the set when none can come any more."""
        workflow.join(self.name, scope)
        for flow in self.element.incoming:
            if counts.get(flow) and counts.pop(f"{self._FIRED}{flow}", 0):
                counts[flow] -= 1
                if not counts[flow]:
                    del counts[flow]
        expected = [flow for flow in self.element.incoming if f"{self._FIRED}{flow}" in counts]
        if not any(self._can_arrive(flow, {}, scope) for flow in expected):
            for key in [key for key in counts if key.startswith(self._FIRED)]:
                del counts[key]
            if not counts:
                workflow.drop_join(self.name, scope)
                workflow.left(scope)


def upstream_of(source: str, before: Mapping[str, Sequence[str]], *, without: str) -> frozenset[str]:
    """Give the elements from which a token can come to `source` and on, without passing `without`.

    `before` names for each element those that a token can come from directly.
    """
    reached: set[str] = set()
    open_ends = [source]
    while open_ends:
        element_id = open_ends.pop()
        if element_id not in reached and element_id != without:
            reached.add(element_id)
            open_ends += before.get(element_id, ())
    return frozenset(reached)
