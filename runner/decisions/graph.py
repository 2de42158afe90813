"""A decision requirements graph, compiled, and its evaluation: what is required comes first (DMN 1.3 §6, §10.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from runner.decisions.functions import Knowledge, Signature
from runner.decisions.tables import Table
from runner.decisions.texts import Place
from runner.decisions.types import Types
from runner.expressions.faults import EvaluationFault
from runner.expressions.feel.types import DEFINED_TYPES
from runner.expressions.run import Closure, Run, Scope


class Reference(NamedTuple):
    """What a href names: an element's id, and the namespaces of the imports that lead to its file (none: this one)."""

    way: tuple[str, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Input:
    """Input data: a variable of this name, as its type takes it."""

    id: str
    name: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its result is seen by those that require it under `variable`.

    `logic` gives it; `decisions`, `inputs` and `knowledge` are what it requires.
    """

    id: str
    name: str
    variable: str
    type: str | None
    logic: Closure
    place: Place
    decisions: tuple[Reference, ...] = ()
    inputs: tuple[Reference, ...] = ()
    knowledge: tuple[Reference, ...] = ()
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
    knowledge: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: decisions as a function of input data and then of the results of other decisions."""

    id: str
    name: str
    outputs: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    inputs: tuple[Reference, ...]
    type: str | None = None


class Import(NamedTuple):
    """Another file: its elements are seen as `name`.element, without a name as if they stood here."""

    name: str
    graph: Graph


@dataclass(slots=True)
class Graph:
    """All that one file defines, by id; `imports` are the files that it imports, by their namespaces."""

    types: Types
    camunda7: bool = False
    inputs: dict[str, Input] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    knowledge: dict[str, KnowledgeModel] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)

    def at(self, way: tuple[str, ...]) -> Graph:
        """Give the graph of an imported file."""
        return self.imports[way[0]].graph.at(way[1:]) if way else self

    def way_to(self, namespace: str) -> tuple[str, ...] | None:
        """Give the imports that lead to a namespace, the nearest first; None if none do."""
        if namespace in self.imports:
            return (namespace,)
        for through, (_, graph) in self.imports.items():
            way = graph.way_to(namespace)
            if way is not None:
                return (through, *way)
        return None

    def names_on(self, way: tuple[str, ...]) -> Iterator[str]:
        """Give the names of the imports on a way, without those that have none."""
        graph = self
        for namespace in way:
            name, graph = graph.imports[namespace]
            if name:
                yield name

    def functions(self, run: Run) -> Scope:
        """Give the scope of what can be called from everywhere in the file; of imports, under their names."""
        names: dict[str, Any] = {DEFINED_TYPES: self.types.is_instance}
        scope = Scope(names, run)
        for name, graph in self.imports.values():
            found = {each: value for each, value in graph.functions(run).names.items() if each != DEFINED_TYPES}
            names.update({name: found} if name else found)
        for model in self.knowledge.values():
            names[model.name] = self.function_of(model, scope)
        for service in self.services.values():
            names[service.name] = self._service(service)
        return scope

    def function_of(self, model: KnowledgeModel, scope: Scope) -> Knowledge:
        """Give a business knowledge model as a function that sees the functions of the file and nothing else."""
        return Knowledge(model.name, model.signature, self.types, _body_of(model, scope))

    def parameters_of(self, service: Service) -> tuple[tuple[Reference, str, str | None], ...]:
        """Give what a decision service is called with, in order: input data, then the results of decisions."""
        data = [(each, self.at(each.way).inputs.get(each.id)) for each in service.inputs]
        given = [(each, self.at(each.way).decisions.get(each.id)) for each in service.input_decisions]
        return (
            *((each, found.name, found.type) for each, found in data if found is not None),
            *((each, found.variable, found.type) for each, found in given if found is not None),
        )

    def _service(self, service: Service) -> Knowledge:
        parameters = self.parameters_of(service)

        def carry_out(run: Run, arguments: dict[str, Any]) -> Any:
            return serve(self, service, arguments, run)

        return Knowledge(
            service.name, Signature(tuple(each[1:] for each in parameters), service.type), self.types, carry_out
        )


def serve(graph: Graph, service: Service, values: Mapping[str, Any], run: Run) -> Any:
    """Give the result of a decision service with what it is called with, by name: of its one decision, or all."""
    evaluation = Evaluation(graph, values, run)
    for reference in service.input_decisions:
        decision = graph.at(reference.way).decisions.get(reference.id)
        if decision is not None:
            value = values.get(decision.variable, values.get(decision.id))
            what = f"decision '{decision.name}'"
            evaluation.at(reference.way).give(
                decision.id, graph.types.checked(decision.type, value, run, what=what, given=True)
            )
    decisions = [(graph.at(each.way).decisions.get(each.id), each) for each in service.outputs]
    results = {
        decision.variable: evaluation.at(each.way).decision(each.id)
        for decision, each in decisions
        if decision is not None
    }
    value = next(iter(results.values())) if len(service.outputs) == len(results) == 1 else results
    return graph.types.checked(service.type, value, run, what=f"the result of decision service '{service.name}'")


class Evaluation:
    """One evaluation of one file's graph over some variables; each imported file has an evaluation of its own in it."""

    def __init__(self, graph: Graph, variables: Mapping[str, Any], run: Run) -> None:
        self._graph, self._run = graph, run
        self._results: dict[str, Any] = {}
        self._under_way: list[str] = []
        self._inputs: dict[str, Any] = {}
        self._imported: dict[str, Evaluation] = {}
        self._functions = graph.functions(run)
        self._base = Scope(variables, run)
        self._variables = variables
        # Functions come before variables of the same name, and see none of these.
        self._outer = Scope(self._functions.names, run, self._base)

    def at(self, way: tuple[str, ...]) -> Evaluation:
        """Give the evaluation of an imported file, over the variables under its name, then over all others."""
        if not way:
            return self
        found = self._imported.get(way[0])
        if found is None:
            name, graph = self._graph.imports[way[0]]
            own = self._variables.get(name)
            variables = {**self._variables, **own} if isinstance(own, Mapping) else self._variables
            found = self._imported[way[0]] = Evaluation(graph, variables, self._run)
        return found.at(way[1:])

    def give(self, id: str, value: Any) -> None:
        """Take a decision's result as known."""
        self._results[id] = value

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

    def input(self, id: str) -> Any:
        """Give the value of input data, as its type takes it."""
        if id not in self._inputs:
            data = self._graph.inputs[id]
            value, what = self._variables.get(data.name), f"input '{data.name}'"
            self._inputs[id] = self._graph.types.checked(data.type, value, self._run, what=what, given=True)
        return self._inputs[id]

    def _scope_of(self, decision: Decision) -> Scope:
        loose: dict[str, Any] = {}
        names: dict[str, Any] = {}
        for way, id in decision.inputs:
            data = self._graph.at(way).inputs.get(id)
            # Camunda's Modeler names input data for people; expressions there use the variables themselves.
            if data is not None and (data.name in self._variables or self._graph.types.strict):
                self._inside(names, way)[data.name] = self.at(way).input(id)
        for way, id in decision.decisions:
            required = self._graph.at(way).decisions.get(id)
            if required is not None:
                value = self.at(way).decision(id)
                self._inside(names, way)[required.variable] = value
                if not way:
                    loose.update(self._outputs_of(required, value))
        return Scope(names, self._run, Scope(loose, self._run, self._outer))

    def _inside(self, names: dict[str, Any], way: tuple[str, ...]) -> dict[str, Any]:
        """Give the context that stands for an imported file, with its functions in it."""
        known: Mapping[str, Any] = self._functions.names
        for name in self._graph.names_on(way):
            known = known[name]
            names = names.setdefault(name, dict(known))
        return names

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
