"""The door to decisions: a compiled file, evaluated with variables as often as needed.

Reading is `reading.py`'s; here faults become the product's errors, and values JSON data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runner.clock import Clock, SystemClock
from runner.decisions.graph import Decision, Evaluation, Graph, KnowledgeModel, Service, serve
from runner.decisions.hit_policies import LISTS
from runner.decisions.tables import Table
from runner.decisions.traces import DecisionRun, brief, detail
from runner.errors import DecisionFailed, DecisionNotFound, Finding
from runner.expressions.faults import EvaluationFault
from runner.expressions.feel.values import NoValue, kind
from runner.expressions.json_values import from_python, to_json

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
        warnings = {"warnings": [brief(each) for each in self.warnings]} if self.warnings else {}
        return {"decision": self.decision, "fired": detail(self.rules), **warnings}


class Decisions:
    """The decisions of one file. Safe to share between threads: every evaluation has its own allowance.

    `findings` are what is wrong with the file, by line; one with a refusal can still be evaluated where it is sound.
    `imports` are the files that it imports, by namespace, `weight` how many there are, in all ways that lead to them;
    `content_hash` tells this content, and that of all imports, from another; `names` are all names in them.
    """

    def __init__(
        self,
        source: str,
        xml: bytes,
        graph: Graph,
        findings: tuple[Finding, ...],
        imports: Mapping[str, Decisions],
        names: frozenset[str],
    ) -> None:
        self.source, self.xml, self.graph, self.findings = source, xml, graph, findings
        self.imports, self.names = dict(imports), names
        self.weight: int = 1 + sum(each.weight for each in self.imports.values())
        self.content_hash: str = _hash(xml, self.imports)

    @property
    def ids(self) -> tuple[str, ...]:
        """Give the ids of the decisions, in the order of the file."""
        return tuple(self.graph.decisions)

    @property
    def tops(self) -> tuple[str, ...]:
        """Give the ids of the decisions that no other decision of the file requires."""
        required = {each.id for decision in self.graph.decisions.values() for each in decision.decisions}
        return tuple(id for id in self.ids if id not in required)

    def decision(self, id: str) -> Decision:
        """Give a decision by its id or its name. Raises DecisionNotFound."""
        found = self.graph.decisions.get(id)
        found = found or next((each for each in self.graph.decisions.values() if each.name == id), None)
        if found is None:
            raise DecisionNotFound(id, (*self.graph.decisions, *self.graph.services))
        return found

    def evaluate(
        self, id: str, variables: Mapping[str, Any], *, clock: Clock = _CLOCK, plain: bool = False
    ) -> DecisionResult:
        """Give the result of a decision, decision service or business knowledge model, by its id or name, with these
        variables: JSON data, or (unless they are said to be `plain`) Python's dates, times, durations and decimals.

        Raises DecisionNotFound, or DecisionFailed where a hit policy is violated, an assertion fails or a limit is met.
        """
        run = DecisionRun(clock)
        found = self._find(id)
        given = variables if plain else {name: from_python(value) for name, value in variables.items()}
        try:
            value = to_json(_storable(self._value_of(found, given, run), run), run)
        except EvaluationFault as fault:
            raise DecisionFailed(f"Decision '{id}' of {self.source}: {fault.message}") from fault
        except RecursionError as fault:
            message = f"Decision '{id}' of {self.source}: expected a bounded depth, but it nests too deeply."
            raise DecisionFailed(message) from fault
        entries = _entries(found, value) if isinstance(found, Decision) else ({id: value},)
        return DecisionResult(id, value, entries, run.fired, tuple(run.warnings))

    def _find(self, id: str) -> Decision | Service | KnowledgeModel:
        graph = self.graph
        drawn: tuple[Mapping[str, Decision | Service | KnowledgeModel], ...]
        drawn = (graph.decisions, graph.services, graph.knowledge)
        for elements in drawn:
            if id in elements:
                return elements[id]
        for elements in drawn:
            for each in elements.values():
                if each.name == id:
                    return each
        raise DecisionNotFound(id, (*graph.decisions, *graph.services))

    def _value_of(
        self, found: Decision | Service | KnowledgeModel, variables: Mapping[str, Any], run: DecisionRun
    ) -> Any:
        if isinstance(found, Decision):
            return Evaluation(self.graph, variables, run).decision(found.id)
        if isinstance(found, Service):
            return serve(self.graph, found, variables, run)
        arguments = [variables.get(name) for name, _ in found.signature.parameters]
        try:
            return self.graph.function_of(found, self.graph.functions(run)).call(run, arguments)
        except NoValue as error:
            return run.null(str(error))


def _storable(value: Any, run: DecisionRun) -> Any:
    """Give a value without its functions and ranges, which are no data: a context often has some beside its results."""
    what = kind(value)
    if what in ("function", "range"):
        return run.null(f"Expected a result that is data, but a part of it is a {what}: taken as null.")
    if what == "list" and any(kind(each) in _HOLDING for each in value):
        run.take(len(value))
        return [_storable(each, run) for each in value]
    if what == "context" and any(kind(each) in _HOLDING for each in value.values()):
        run.take(len(value))
        return {name: _storable(each, run) for name, each in value.items()}
    return value


_HOLDING = frozenset({"function", "range", "list", "context"})


def _hash(xml: bytes, imports: Mapping[str, Decisions]) -> str:
    own = hashlib.sha256(xml)
    for namespace, imported in sorted(imports.items()):
        own.update(f"\0{namespace}\0{imported.content_hash}".encode())
    return own.hexdigest()


def _entries(decision: Decision, value: Any) -> tuple[dict[str, Any], ...]:
    table = decision.logic if isinstance(decision.logic, Table) else None
    many = table is not None and table.policy in LISTS and not table.aggregation
    items = value if many and isinstance(value, list) else [] if value is None else [value]
    if table is not None and len(table.outputs) > 1:
        return tuple(each for each in items if isinstance(each, dict))
    name = table.outputs[0].name if table is not None and table.outputs else decision.variable
    return tuple({name: each} for each in items)
