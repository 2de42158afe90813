"""The door to decisions: a compiled file, evaluated with variables as often as needed.

Reading is `reading.py`'s; here faults become the product's errors, and values JSON data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.clock import Clock, SystemClock
from runner.decisions.graph import Decision, Evaluation, Graph
from runner.decisions.hit_policies import LISTS
from runner.decisions.tables import Table
from runner.decisions.traces import DecisionRun, detail
from runner.errors import DecisionFailed, DecisionNotFound, Finding
from runner.expressions.faults import EvaluationFault
from runner.expressions.json_values import to_json

_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What a decision gave: `value` as JSON data, and `rules`: which rules of which tables fired, oldest first.

    An item of `rules` is {"decision": id, "inputs": {label: value}, "rules": [{"rule": number from 1, "id": …,
    "outputs": {name: value}}]}, with long values cut. `entries` is the value as Camunda 7 sees it: one {output: value}
    for each rule. `warnings` are what FEEL took for null.
    """

    decision: str
    value: Any
    entries: tuple[dict[str, Any], ...]
    rules: list[dict[str, Any]]
    warnings: tuple[str, ...] = ()

    def detail(self) -> dict[str, Any]:
        """Give what a history keeps of it, as JSON data of bounded size."""
        return {"decision": self.decision, "fired": detail(self.rules)}


class Decisions:
    """The decisions of one file. Safe to share between threads: every evaluation has its own allowance.

    `findings` are what is wrong with the file, by line; one with a refusal can still be evaluated where it is sound.
    """

    def __init__(self, source: str, xml: bytes, graph: Graph, findings: tuple[Finding, ...]) -> None:
        self.source, self.xml, self.findings = source, xml, findings
        self._graph = graph

    @property
    def ids(self) -> tuple[str, ...]:
        """Give the ids of the decisions, in the order of the file."""
        return tuple(self._graph.decisions)

    def decision(self, id: str) -> Decision:
        """Give a decision by its id or its name. Raises DecisionNotFound."""
        found = self._graph.decisions.get(id)
        found = found or next((each for each in self._graph.decisions.values() if each.name == id), None)
        if found is None:
            raise DecisionNotFound(id, (*self._graph.decisions, *self._graph.services))
        return found

    def evaluate(self, decision_id: str, variables: Mapping[str, Any], *, clock: Clock = _CLOCK) -> DecisionResult:
        """Give the result of a decision, or decision service, by its id or name, with these variables (JSON data).

        Raises DecisionNotFound, or DecisionFailed where a hit policy is violated, an assertion fails or a limit is met.
        """
        run = DecisionRun(clock)
        services = self._graph.services
        service = services.get(decision_id) or next((s for s in services.values() if s.name == decision_id), None)
        decision = None if service is not None else self.decision(decision_id)
        try:
            if service is not None:
                value = to_json(self._serve(service.id, variables, run), run)
            else:
                assert decision is not None
                value = to_json(Evaluation(self._graph, variables, run).decision(decision.id), run)
        except EvaluationFault as fault:
            raise DecisionFailed(f"Decision '{decision_id}' of {self.source}: {fault.message}") from fault
        except RecursionError as fault:
            message = f"Decision '{decision_id}' of {self.source}: expected a bounded depth, but it nests too deeply."
            raise DecisionFailed(message) from fault
        entries = ({decision_id: value},) if decision is None else _entries(decision, value)
        return DecisionResult(decision_id, value, entries, run.fired, tuple(run.warnings))

    def _serve(self, id: str, variables: Mapping[str, Any], run: DecisionRun) -> Any:
        service, decisions = self._graph.services[id], self._graph.decisions
        given = [decisions[each] for each in service.input_decisions if each in decisions]
        results = {each.id: variables.get(each.variable, variables.get(each.id)) for each in given}
        return Evaluation(self._graph, variables, run, results).service(service)


def _entries(decision: Decision, value: Any) -> tuple[dict[str, Any], ...]:
    table = decision.logic if isinstance(decision.logic, Table) else None
    many = table is not None and table.policy in LISTS and not table.aggregation
    items = value if many and isinstance(value, list) else [] if value is None else [value]
    if table is not None and len(table.outputs) > 1:
        return tuple(each for each in items if isinstance(each, dict))
    name = table.outputs[0].name if table is not None and table.outputs else decision.variable
    return tuple({name: each} for each in items)
