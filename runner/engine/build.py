"""From a diagram's process to specs that SpiffWorkflow executes, built once per version and frozen.

The specs are put together from our own records instead of by SpiffWorkflow's parser: that one recurses (a chain of 900
tasks overflows it), drops what it does not know without a word, and cannot tell two flows to one target apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from runner.bpmn.bindings import listeners_of
from runner.bpmn.diagram import Element, Process
from runner.engine.advance import Happening
from runner.engine.elements import SPECS
from runner.engine.elements.activities import Activity
from runner.engine.elements.compensation import UndoAll
from runner.engine.elements.decisions import Decide, no_decisions
from runner.engine.elements.element import ElementSpec
from runner.engine.elements.events import LinkCatchEvent, NoneEvent
from runner.engine.elements.joins import InclusiveGateway, upstream_of
from runner.engine.elements.listening import Named, hear_element, hear_flow, hear_process
from runner.engine.elements.repetitions import Repeated, divided
from runner.engine.elements.subprocesses import Container, EventSubProcess, SubProcess
from runner.engine.scopes import Scope
from runner.engine.starting import begin_at
from runner.engine.tasks import Task
from runner.errors import EngineError


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process without the helper specs ("Start", "End", "Root") whose names would clash with element ids."""

    def __init__(self, process: Process) -> None:
        WorkflowSpec.__init__(self, name=process.key)
        self.description = process.name
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []


class Executable:
    """One version of a process, ready to run: the diagram's records and the specs built from them.

    `root` is what lies directly in the process; `links` are the places that links lead to, by container and name;
    `undo_all` is what compensates a whole instance; `at_start` and `at_end` are the first listeners of the process;
    `decide` finds and evaluates the decisions that are called. Raises EngineError for an element that the index of
    specs does not have.
    """

    def __init__(self, process: Process, *, decide: Decide = no_decisions) -> None:
        self.process = process
        self.decide = decide
        self.started, self.completed, self.terminated = (
            Happening(process.key, "process", what) for what in ("started", "completed", "terminated")
        )
        self.spec = ProcessSpec(process)
        self._specs: dict[str, ElementSpec] = {}
        self._inner: dict[str, ElementSpec] = {}
        for element in process.elements.values():
            self._build(element)
        of_flows = self._hear()
        for id, spec in self._specs.items():
            spec.link([process.flows[flow] for flow in process.elements[id].outgoing], self._specs, of_flows)
        self.root = self._container(process.key)
        self.links = {
            (spec.element.parent, each.event.name): spec
            for spec in self._specs.values()
            for each in spec.definitions
            if each.kind == "link" and isinstance(spec, LinkCatchEvent)
        }
        for spec in (*self._specs.values(), *self._inner.values()):
            if isinstance(spec, SubProcess):
                spec.contain(self._container(spec.element.id))
            elif isinstance(spec, Activity) and spec.element.id in self.process.data_objects:
                spec.declare(self.process.data_objects[spec.element.id])
        self._attach_events()
        self._look_back()
        self.undo_all = UndoAll(self.spec)
        for spec in self.spec.task_specs.values():
            spec.seal()

    def element(self, id: str) -> ElementSpec:
        """Give the spec of an element, as the flows see it."""
        return self._specs[id]

    @property
    def specs(self) -> Mapping[str, ElementSpec]:
        """Give the specs of all elements, as the flows see them."""
        return self._specs

    def repeated(self, id: str) -> ElementSpec | None:
        """Give what a repetition runs several times; None for an element without one."""
        return self._inner.get(id)

    def event_subprocess(self, start: ElementSpec) -> Any:
        """Give the event sub-process that a start event begins."""
        return self._specs[start.element.parent]

    def _build(self, element: Element) -> None:
        found = _spec_class(element)
        if element.repetition is None:
            self._specs[element.id] = found(self.spec, element)
        else:
            whole, run = divided(element)
            repeated = self._specs[element.id] = Repeated(self.spec, whole)
            repeated.inner = self._inner[element.id] = found(self.spec, run, repeated_by=repeated)

    def _hear(self) -> dict[str, ElementSpec]:
        """Make the listeners: those of the process and of elements are given to them, those of flows given back."""
        of_elements: dict[str, list[Named]] = {}
        of_flows: dict[str, list[Named]] = {}
        for name, element, listener in listeners_of(self.process):
            flow_id = name.partition("[take ")[2].rpartition(" ")[0]
            if flow_id:
                of_flows.setdefault(flow_id, []).append((name, listener))
            elif element.id != self.process.key:
                of_elements.setdefault(element.id, []).append((name, listener))
        for id, named in of_elements.items():
            hear_element(self.spec, self._inner.get(id, self._specs[id]), named)
        self.at_start = hear_process(self.spec, self.process, "start", go_on=self._begin_after)
        self.at_end = hear_process(self.spec, self.process, "end", go_on=_ended)
        return {id: self._hear_flow(id, named) for id, named in of_flows.items()}

    def _hear_flow(self, id: str, named: list[Named]) -> ElementSpec:
        flow = self.process.flows[id]
        source, target = self.process.elements[flow.source], self._specs[flow.target]
        return hear_flow(self.spec, source, named, flow_id=id, target=target)

    def begin(
        self, workflow: Any, scope: Scope, *, event: str | None, payload: Mapping[str, Any], index: int = 0
    ) -> None:
        """Put the first tokens of an instance: where an event begins it with a payload, else at its starts."""
        if event is not None:
            begin_at(workflow, self._specs[event], payload, index=index)
            return
        if len(self.root.starts) == 1:
            workflow.go_to(self.root.starts[0], scope)
            return
        for spec in self.root.starts:
            workflow.add_task(spec, scope)

    def _begin_after(self, task: Task) -> None:
        """Begin when the last listener of the start has been called."""
        event, payload, *index = task.internal_data["begin"]
        self.begin(task.workflow, task.home, event=event, payload=payload, index=index[0] if index else 0)
        task.workflow.left(task.home)

    def _container(self, id: str) -> Container:
        inside = [spec for spec in self._specs.values() if spec.element.parent == id]
        container = Container()
        container.inside = tuple(inside)
        container.starts = _starts(inside, is_event=id in self._specs and self._specs[id].element.event_subprocess)
        container.event_starts = tuple(
            start
            for spec in inside
            if spec.element.event_subprocess
            for start in self._specs.values()
            if start.element.parent == spec.element.id and start.element.type == "startEvent"
        )
        container.data_objects = tuple(self.process.data_objects.get(id, ()))
        return container

    def _attach_events(self) -> None:
        attached: dict[str, list[ElementSpec]] = {}
        for spec in self._specs.values():
            if spec.element.attached_to is not None:
                attached.setdefault(spec.element.attached_to, []).append(spec)
        for host_id, boundaries in attached.items():
            host, inner = self._specs[host_id], self._inner.get(host_id)
            if isinstance(host, Activity):
                host.attach(tuple(each for each in boundaries if "compensate" not in each.kinds))
                undoing = [each.element.undone_by for each in boundaries if "compensate" in each.kinds]
                undone = inner if isinstance(inner, Activity) else host
                undone.undone_by = next(iter(undoing), None)

    def _look_back(self) -> None:
        joins = [spec for spec in self._specs.values() if isinstance(spec, InclusiveGateway)]
        if not joins:
            return
        before: dict[str, list[str]] = {}
        for flow in self.process.flows.values():
            before.setdefault(flow.target, []).append(flow.source)
        for spec in self._specs.values():
            if spec.element.attached_to is not None:
                before.setdefault(spec.element.id, []).append(spec.element.attached_to)
            for each in spec.definitions:
                target = self.links.get((spec.element.parent, each.event.name)) if each.kind == "link" else None
                if target is not None and target is not spec:
                    before.setdefault(target.element.id, []).append(spec.element.id)
        for join in joins:
            flows = [self.process.flows[flow] for flow in join.element.incoming]
            join.look_back({flow.id: upstream_of(flow.source, before, without=join.name) for flow in flows})


def _ended(task: Task) -> None:
    task.workflow.ended = True


def _spec_class(element: Element) -> type[ElementSpec]:
    if element.event_subprocess:
        return EventSubProcess
    if element.type == "intermediateCatchEvent" and any(event.kind == "link" for event in element.events):
        return LinkCatchEvent
    if element.type in ("startEvent", "endEvent", "intermediateThrowEvent") and not (
        element.events or element.service or element.script
    ):
        return NoneEvent
    if element.type not in SPECS:
        raise EngineError(
            f"Expected an element that this engine executes, but '{element.id}' (line {element.line}) is a "
            f"{element.type}."
        )
    return SPECS[element.type]


def _starts(inside: Iterable[ElementSpec], *, is_event: bool) -> tuple[ElementSpec, ...]:
    """Give where tokens begin: at start events without a trigger, else at all elements that no flow leads to.

    Source of the second: BPMN 2.0.2 §13.2.1 (implicit start). An event sub-process begins at its start event.
    """
    specs = list(inside)
    starts = [spec for spec in specs if spec.element.type == "startEvent"]
    if starts:
        return tuple(spec for spec in starts if is_event or not spec.definitions)
    return tuple(
        spec
        for spec in specs
        if not (spec.element.incoming or spec.element.attached_to or spec.element.for_compensation)
        and not (spec.element.event_subprocess or isinstance(spec, LinkCatchEvent))
    )
