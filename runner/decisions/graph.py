"""A decision requirements graph, compiled, and its evaluation: what is required comes first (DMN 1.3 §6, §10.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.decisions.functions import Knowledge, Signature
from runner.decisions.tables import Table
from runner.decisions.texts import Place
from runner.decisions.types import Types
from runner.expressions.faults import EvaluationFault
from runner.expressions.run import Closure, Run, Scope


@dataclass(frozen=True, slots=True)
class Input:
    """Input data: a variable of this name, as its type takes it."""

    id: str
    name: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its result is seen by those that require it under `variable`.

    `logic` gives it; `decisions` and `inputs` are the ids of what it requires.
    """

    id: str
    name: str
    variable: str
    type: str | None
    logic: Closure
    place: Place
    decisions: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    version_tag: str | None = None

    @property
    def outputs(self) -> tuple[str, ...]:
        """Give the names of the outputs of its table; none if it has another logic."""
        return tuple(each.name for each in self.logic.outputs) if isinstance(self.logic, Table) else ()


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: a function that the decisions may call by its name."""

    id: str
    name: str
    signature: Signature
    body: Closure


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: decisions as a function of input data and then of the results of other decisions."""

    id: str
    name: str
    outputs: tuple[str, ...]
    input_decisions: tuple[str, ...]
    inputs: tuple[str, ...]
    type: str | None = None


@dataclass(slots=True)
class Graph:
    """All that one file defines, by id."""

    types: Types
    camunda7: bool = False
    inputs: dict[str, Input] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    knowledge: dict[str, KnowledgeModel] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)

    def functions(self, run: Run) -> Scope:
        """Give the scope of what can be called from everywhere in the file."""
        names: dict[str, Any] = {}
        scope = Scope(names, run)
        for model in self.knowledge.values():
            names[model.name] = Knowledge(model.name, model.signature, self.types, _body_of(model, scope))
        for service in self.services.values():
            names[service.name] = self._service(service)
        return scope

    def _service(self, service: Service) -> Knowledge:
        inputs = tuple((self.inputs[id].name, self.inputs[id].type) for id in service.inputs if id in self.inputs)
        given = [self.decisions[id] for id in service.input_decisions if id in self.decisions]
        parameters = (*inputs, *((each.variable, each.type) for each in given))

        def carry_out(run: Run, arguments: dict[str, Any]) -> Any:
            results = {each.id: arguments.get(each.variable) for each in given}
            return Evaluation(self, arguments, run, results).service(service)

        return Knowledge(service.name, Signature(parameters, service.type), self.types, carry_out)


class Evaluation:
    """One evaluation over some variables; `results` are decisions that are known already, by id."""

    def __init__(
        self, graph: Graph, variables: Mapping[str, Any], run: Run, results: Mapping[str, Any] | None = None
    ) -> None:
        self._graph, self._run = graph, run
        self._results: dict[str, Any] = dict(results or {})
        self._under_way: list[str] = []
        self._inputs: dict[str, Any] = {}
        self._functions = graph.functions(run)
        self._base = Scope(variables, run)
        self._variables = variables
        # Functions come before variables of the same name, and see none of these.
        self._outer = Scope(self._functions.names, run, self._base)

    def decision(self, id: str) -> Any:
        """Give the result of a decision. Raises EvaluationFault if it has none."""
        if id in self._results:
            return self._results[id]
        decision = self._graph.decisions[id]
        if id in self._under_way:
            circle = " -> ".join([*self._under_way[self._under_way.index(id) :], id])
            raise EvaluationFault(f"Expected decisions that do not require each other in a circle, but: {circle}.")
        self._under_way.append(id)
        self._run.take()
        value = decision.logic(self._scope_of(decision))
        value = self._graph.types.checked(decision.type, value, self._run, what=decision.place.words)
        self._under_way.pop()
        self._results[id] = value
        return value

    def service(self, service: Service) -> Any:
        """Give the result of a decision service: of its one output decision, or all by name."""
        values = {self._graph.decisions[id].variable: self.decision(id) for id in service.outputs}
        return next(iter(values.values())) if len(values) == 1 else values

    def _scope_of(self, decision: Decision) -> Scope:
        loose: dict[str, Any] = {}
        names: dict[str, Any] = {}
        for id in decision.inputs:
            data = self._graph.inputs.get(id)
            # Camunda's Modeler names input data for people; expressions there use the variables themselves.
            if data is not None and (data.name in self._variables or self._graph.types.strict):
                names[data.name] = self._input(data)
        for id in decision.decisions:
            required = self._graph.decisions.get(id)
            if required is not None:
                value = self.decision(id)
                loose.update(self._outputs_of(required, value))
                names[required.variable] = value
        return Scope(names, self._run, Scope(loose, self._run, self._outer))

    def _input(self, data: Input) -> Any:
        if data.id not in self._inputs:
            value, what = self._variables.get(data.name), f"input '{data.name}'"
            self._inputs[data.id] = self._graph.types.checked(data.type, value, self._run, what=what, given=True)
        return self._inputs[data.id]

    def _outputs_of(self, required: Decision, value: Any) -> dict[str, Any]:
        """Give by which other names a required result is seen: its id, and in Camunda 7 each output of its table."""
        loose = {required.id: value, required.name: value}
        if self._graph.camunda7 and len(required.outputs) == 1:
            loose[required.outputs[0]] = value
        elif self._graph.camunda7 and isinstance(value, Mapping):
            loose.update(value)
        return loose


def _body_of(model: KnowledgeModel, scope: Scope) -> Any:
    return lambda run, arguments: model.body(Scope(arguments, run, scope))
