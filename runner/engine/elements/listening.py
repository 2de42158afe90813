"""Listeners: work around an element's own, around the whole process, or on the way along a flow. Each is a token of its
own, inside that of its element, so that it is stored, retried and interrupted like any other.

The listeners of a visit are called in stages, each in the order drawn. "before": when the inputs are mapped and before
anything begins. "closing": when the work is done, before the outputs are mapped. "after": then. "assigning" and
"canceling" of a user task hold nothing up. Source: Camunda 8 docs, Concepts > Execution listeners, User task listeners;
Camunda 7 docs, User Guide > Delegation Code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from runner.bpmn.bindings import listeners_of
from runner.bpmn.diagram import Dialect, Element, Listener, Process
from runner.engine.advance import Happening
from runner.engine.elements.activities import Activity, ServiceTask
from runner.engine.elements.element import ElementSpec
from runner.engine.scopes import Scope
from runner.engine.tasks import Task
from runner.expressions import compile_expression

GoOn = Callable[[Task], None]
Named = tuple[str, Listener]
# In the order of a visit.
_STAGES = {"start": "before", "creating": "before", "completing": "closing", "end": "closing"}
_BESIDE = frozenset({"assigning", "canceling"})
_ORDER = (*_STAGES, *sorted(_BESIDE))


class ListenerSpec(ServiceTask):
    """One listener; `then` is the one after it, `go_on` what follows the last."""

    def __init__(self, process_spec: Any, element: Element, listener: Listener, *, name: str, stage: str) -> None:
        shown = Element(
            element.id,
            element.type,
            element.name,
            listener.line,
            element.parent,
            service=listener.service,
            inputs=listener.inputs,
        )
        super().__init__(process_spec, shown, name=name)
        self.listener, self.stage = listener, stage
        self.work = name  # an element may have several
        self.then: ListenerSpec | None = None
        self.go_on: GoOn = self._tell_owner
        detail = {"listener": name.partition("[")[2].removesuffix("]")}
        self.entered = Happening(element.id, element.type, "listener_called", detail)
        self.completed = Happening(element.id, element.type, "listener_completed", detail)

    def hold_up(self, task: Task) -> bool:
        """Let the listeners of this stage begin, unless they have been called; tell whether the token has to wait."""
        if self.stage in task.internal_data.get("heard", ()):
            return False
        if self.stage == "before":
            task.task_spec.prepare(task)
            task.task_spec.note_entered(task)
        task.remember(listening=self.stage)
        task.workflow.add_task(self, task.own)
        return True

    def begin_beside(self, workflow: Any, home: Scope, variables: Mapping[str, Any]) -> None:
        """Let listeners begin that hold nothing up, with variables of their own."""
        workflow.open_scope(workflow.add_task(self, home), dict(variables))

    def begin(self, task: Task) -> bool:
        """Evaluate the expression, or open the job."""
        if self.listener.expression is None:
            return super().begin(task)
        value = compile_expression(self.listener.expression).evaluate(task.scope)
        if self.listener.result_variable:
            self.take_in(task, {self.listener.result_variable: value})
        return True

    def take_in(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Write results to where the vendor has them: in Camunda 8 to the element before it is left, else outward."""
        home = task.home
        if self.listener.dialect is Dialect.CAMUNDA8 and self.stage in ("before", "closing"):
            for name, value in variables.items():
                home.set(name, value)
        elif self.stage == "after" and home.parent is not None:
            home.parent.propagate(variables)
        else:
            home.propagate(variables)

    def _on_complete(self, task: Task) -> None:
        workflow, home = task.workflow, task.home
        own = {} if task.own is None else dict(task.own.variables)
        workflow.advance.happenings.append(self.completed)
        workflow.remove_task(task)
        if self.then is None:
            self.go_on(task)
        elif self.stage in _BESIDE:
            self.then.begin_beside(workflow, home, own)
        else:
            # What the first of them was told when the process began is for what follows the last.
            workflow.add_task(self.then, home).internal_data.update(task.internal_data)

    def _tell_owner(self, task: Task) -> None:
        owner = task.workflow.owner_of(task.home)
        if owner is None:
            task.workflow.left(task.home)  # beside all else, at the outermost place
            return
        if self.stage not in _BESIDE:
            del owner.internal_data["listening"]
            owner.remember(heard=[*owner.internal_data.get("heard", ()), self.stage])
        owner.task_spec.heard(owner, self.stage)


def hear_element(process_spec: Any, spec: ElementSpec, named: Iterable[Named]) -> None:
    """Give an element its listeners, by the names they are bound under.

    Those of the work for a person come after its start and before its end. A gateway chooses when all have been called.
    """
    stages: dict[str, list[ListenerSpec]] = {}
    for name, listener in sorted(named, key=lambda each: _ORDER.index(each[1].event)):
        stage = _stage(listener, spec)
        made = ListenerSpec(process_spec, spec.element, listener, name=name, stage=stage)
        stages.setdefault(stage, []).append(made)
    for stage, chain in stages.items():
        setattr(spec, stage, _linked(chain))
    if isinstance(spec, Activity) and stages:
        spec.scoped = True


def hear_flow(
    process_spec: Any, source: Element, named: Iterable[Named], *, flow_id: str, target: ElementSpec
) -> ListenerSpec:
    """Give the first listener of a flow; after the last, the token arrives at the target."""

    def arrive(task: Task) -> None:
        target.arrive(task.workflow, flow_id, task.home)
        task.workflow.left(task.home)

    chain = [ListenerSpec(process_spec, source, listener, name=name, stage="take") for name, listener in named]
    chain[-1].go_on = arrive
    return _linked(chain)


def hear_process(process_spec: Any, process: Process, event: str, *, go_on: GoOn) -> ListenerSpec | None:
    """Give the first listener of the start or end of a process, None if there is none."""
    itself = process.find(process.key)
    found = [(name, listener) for name, element, listener in listeners_of(process) if element.id == process.key]
    chain = [
        ListenerSpec(process_spec, itself, listener, name=name, stage="process")
        for name, listener in found
        if listener.event == event
    ]
    if not chain:
        return None
    chain[-1].go_on = go_on
    return _linked(chain)


def _stage(listener: Listener, spec: ElementSpec) -> str:
    if not isinstance(spec, Activity):
        return "before"
    if listener.event == "end" and listener.dialect is Dialect.CAMUNDA8:
        return "after"
    return _STAGES.get(listener.event, listener.event)


def _linked(chain: list[ListenerSpec]) -> ListenerSpec:
    for one, other in pairwise(chain):
        one.then = other
    return chain[0]
