"""What every element has in common: a token arrives, runs, and leaves along the flows that were chosen.

Built on SpiffWorkflow's hooks (`_run`, `_on_complete`); prediction is switched off, because our joins count tokens
per flow and need none; the stock predictor costs more than the step itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from runner.bpmn.diagram import Element, Flow
from runner.engine.advance import Happening
from runner.engine.definitions import compile_definitions
from runner.engine.mappings import compile_mappings, compile_moves
from runner.engine.scopes import Scope
from runner.engine.tasks import READY, STARTED, Task
from runner.errors import Conflict, ExpressionFailed, NoFlowTaken
from runner.expressions import compile_expression
from runner.expressions.language import Compiled


def inner_name(element_id: str) -> str:
    """Give the spec name of the activity inside a repetition: no element can have such an id."""
    return f"{element_id}[]"


def element_of(name: str) -> str:
    """Give the element id behind the name that a stored token has."""
    return name.partition("[")[0]


def is_listener(name: str) -> bool:
    """Tell whether that is the name of a listener's token."""
    return name.endswith("]") and not name.endswith("[]")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A flow out of an element, ready to be taken: its record, its target's spec, its compiled condition, what the
    history says when it is, and where a token then runs: the first of the listeners on the way, else the target; None
    if the target counts who arrives."""

    flow: Flow
    target: Any
    condition: Compiled | None
    taken: Happening
    next: Any


class ElementSpec(BpmnSpecMixin):  # type: ignore[misc]
    """A flow node that SpiffWorkflow can run. Frozen once sealed: one object serves all instances of a version.

    `definitions` are its event definitions, `kinds` their kinds. `repeated_by` is the spec that runs this one several
    times, if any: that one then has the element's flows and events. `waits` tells whether a token here can have waits
    of its own or on its border, which are over when it leaves; `before` is the first listener that is called before its
    work (`listening.py`). `always` are the flows that every token takes, None if there is a choice. Where one `passes`,
    nothing holds it.
    """

    # SpiffWorkflow's attributes and ours together are more than Python keeps in its quick form (30 in a dict).
    __slots__ = (
        "always",
        "before",
        "completed",
        "default",
        "definitions",
        "element",
        "entered",
        "inputs_mapping",
        "kinds",
        "outgoing",
        "outputs_mapping",
        "passes",
        "repeated_by",
        "waits",
    )

    def __init__(
        self, process_spec: Any, element: Element, *, repeated_by: ElementSpec | None = None, name: str = ""
    ) -> None:
        super().__init__(process_spec, name or (element.id if repeated_by is None else inner_name(element.id)))
        self.element = element
        self.repeated_by = repeated_by
        self.waits = self.passes = False
        self.before: Any = None
        self.outgoing: tuple[Outgoing, ...] = ()
        self.default: Outgoing | None = None
        self.always: tuple[Outgoing, ...] | None = ()
        self.inputs_mapping = (*compile_mappings(element.inputs), *compile_moves(element.data_inputs))
        self.definitions = compile_definitions(element.events)
        self.kinds = frozenset(each.kind for each in element.events)
        # What happens at every visit: made once, because the history has them at each step.
        self.entered = Happening(element.id, element.type, "entered")
        self.completed = Happening(element.id, element.type, "completed")
        moves = compile_moves(move for move in element.data_outputs if move.store is None)
        self.outputs_mapping = (*compile_mappings(element.outputs), *moves)

    def link(
        self, flows: Sequence[Flow], specs: Mapping[str, ElementSpec], listeners: Mapping[str, ElementSpec]
    ) -> None:
        """Connect to the targets of the flows that leave this element, in document order; `listeners` are on flows."""
        for flow in flows:
            self._outputs.append(flow.target)
            specs[flow.target]._inputs.append(self.name)
        outgoing = [
            Outgoing(
                flow,
                specs[flow.target],
                None if flow.condition is None else compile_expression(flow.condition),
                Happening(flow.id, "sequenceFlow", "taken"),
                listeners.get(flow.id) or (None if specs[flow.target].counts else specs[flow.target]),
            )
            for flow in flows
        ]
        self.default = next((out for out in outgoing if out.flow.id == self.element.default_flow), None)
        self.outgoing = tuple(out for out in outgoing if out is not self.default)
        always = self.unconditional()
        self.always = None if always is None else always * self.element.completion_quantity

    def unconditional(self) -> tuple[Outgoing, ...] | None:
        """Give the flows that every token takes; None if there is something to `choose`."""
        return None if self.default is not None or any(out.condition for out in self.outgoing) else self.outgoing

    def seal(self) -> None:
        """Find out, when all around it is built, too, whether a token just `passes`."""
        self.passes = self.always is not None and self.before is None and not self.waits

    @property
    def counts(self) -> bool:
        """Tell whether tokens that arrive are counted before one runs."""
        return self.element.start_quantity > 1

    # -- SpiffWorkflow's hooks ------------------------------------------------------------------------------------

    def _predict(self, *args: Any, **kwargs: Any) -> None:
        return None

    def _run(self, task: Task) -> None:
        """Let a token act. It stays STARTED if something goes on here, unless it has been parked meanwhile."""
        if self.before is not None and self.before.hold_up(task):
            task._state = STARTED
        elif self.enter(task):
            self._on_complete(task)
        elif task._state == READY:
            task._state = STARTED  # what was made ready in this step is known to have changed

    def _on_complete(self, task: Task) -> None:
        self.leave(task)

    def leave(self, task: Task) -> None:
        """Take a token away, and along the flows that were chosen."""
        workflow, home, flows = task.workflow, task.home, task.flows
        workflow.advance.happenings.append(self.completed)
        workflow.remove_task(task)
        if len(flows) == 1:
            workflow.take(flows[0], home, alone=True)
        else:
            for outgoing in flows:
                workflow.take(outgoing, home)
        if home.owner or home.joins:
            workflow.left(home)

    # -- ours -----------------------------------------------------------------------------------------------------

    def pass_by(self, workflow: Any, home: Scope) -> None:
        """Do at once what a token would that passes here, and make none: if it would be the next to run, all is the
        same, its number included."""
        workflow.next_id += 1
        happenings = workflow.advance.happenings
        happenings.append(self.entered)
        happenings.append(self.completed)
        for outgoing in self.always or ():
            workflow.take(outgoing, home)
        if home.joins:
            workflow.left(home)

    def enter(self, task: Task) -> bool | None:
        """Do the element's work: True when that is all, None if the token stays. Raises EngineError."""
        task.flows = self.ways_on(task.scope)
        self.note_entered(task)
        return True

    def finish(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Take results in. Raises Conflict: only activities and events have any."""
        raise Conflict(f"Expected token {task.id} to wait for a result, but it is at '{self.element.id}'.")

    def note_entered(self, task: Task) -> None:
        """Note for the history that a token has entered, unless that was said before its listeners were called."""
        if "heard" not in task.internal_data:
            task.workflow.advance.happenings.append(self.entered)

    def prepare(self, task: Task) -> None:
        """Give a token a scope for the listeners that are called before its element's work. Raises ExpressionFailed."""
        task.workflow.open_scope(task, {})

    def heard(self, task: Task, stage: str) -> None:
        """Go on: the listeners of a stage have all been called."""
        task._set_state(READY)
        task.workflow.ready.append(task)

    def arrive(self, workflow: Any, flow_id: str, scope: Scope) -> None:
        """Receive a token along a flow; by default each one that arrives runs (implicit merge, BPMN 2.0.2 §13.2.1).

        With a start quantity, so many must have arrived (BPMN 2.0.2 §10.3).
        """
        wanted = self.element.start_quantity
        if wanted > 1:
            counts = workflow.join(self.name, scope)
            counts[flow_id] = counts.get(flow_id, 0) + 1
            if sum(counts.values()) < wanted:
                return
            workflow.drop_join(self.name, scope)
        workflow.add_task(self, scope)

    def awaited(self, task: Task) -> Iterator[ElementSpec]:
        """Give the events that may happen to a token as it stands here: its own, or on its border, or inside it."""
        yield from ()

    def stalled(self, counts: Mapping[str, int]) -> str:
        """Say what tokens wait for here in vain; `counts` are those that have arrived, by flow."""
        if len(self.element.incoming) > 1 and self.element.start_quantity == 1:
            missing = ", ".join(flow for flow in self.element.incoming if not counts.get(flow))
            return (
                f"Expected a token on every flow into '{self.element.id}', but none can arrive any more on {missing}: "
                "the other branch went elsewhere."
            )
        return (
            f"Expected {self.element.start_quantity} tokens at '{self.element.id}' (startQuantity), but only "
            f"{sum(counts.values())} came and no more can arrive."
        )

    def canceled(self, task: Task) -> None:
        """Do what is to be done when a token is interrupted here."""

    def note_pending(self, workflow: Any, scope: Scope) -> None:
        """Put together that tokens wait here for a judgement (see `Workflow.pending`)."""

    def ways_on(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give the flows that a token takes. Raises as `choose`."""
        return self.choose(scope) if self.always is None else self.always

    def choose(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give the flows that a token takes where there is a choice (`always` is None): all whose condition holds, else
        the default (BPMN 2.0.2 §13.2.1).

        Raises ExpressionFailed, or NoFlowTaken if the element has flows out and none can be taken.
        """
        taken = tuple(out for out in self.outgoing if out.condition is None or holds(out, scope))
        return (taken or self.fallback(scope)) * self.element.completion_quantity

    def fallback(self, scope: Scope) -> tuple[Outgoing, ...]:
        """Give the default flow. Raises NoFlowTaken, naming the conditions and the values they were given."""
        if self.default is not None:
            return (self.default,)
        tried = "; ".join(f"'{out.flow.id}': {out.flow.condition.text}" for out in self.outgoing if out.flow.condition)
        values = ", ".join(f"{name}={_brief(value)}" for name, value in sorted(_mentioned(self.outgoing, scope)))
        raise NoFlowTaken(
            f"Expected a flow to take out of '{self.element.id}' (line {self.element.line}), but no condition holds "
            f"and there is no default flow. Conditions: {tried}. Variables: {values or 'none of those named is set'}."
        )


def holds(outgoing: Outgoing, scope: Scope) -> bool:
    """Evaluate a flow's condition. Raises ExpressionFailed if it is not true or false."""
    assert outgoing.condition is not None
    flow = outgoing.flow
    assert flow.condition is not None
    known = len(scope.moment.warnings)
    try:
        value = outgoing.condition.evaluate(scope)
    except ExpressionFailed as error:
        raise ExpressionFailed(f"Flow '{flow.id}' (line {flow.line}): {error}") from error
    if value is True or value is False:
        return bool(value)
    raise ExpressionFailed(
        f"Flow '{flow.id}' (line {flow.line}): expected the condition `{flow.condition.text}` to be true or false, "
        f"but it is {_brief(value)}. {' '.join(scope.moment.warnings[known:]) or 'Is a variable missing?'}"
    )


def handed_over(workflow: Any, scope: Scope) -> dict[str, Any]:
    """Give all variables that can be seen here, for another instance: without the counters of repetitions, which are
    attributes of an activity that runs here (BPMN 2.0.2 Tables 10.28 and 10.31)."""
    found: dict[str, Any] = {}
    inner: Scope | None = scope
    while inner is not None:
        owner = workflow.owner_of(inner)
        counted = owner is not None and owner.task_spec.element.repetition is not None
        own = {name: value for name, value in inner.variables.items() if not (counted and _counts(name))}
        found, inner = {**own, **found}, inner.parent
    return found


def _counts(name: str) -> bool:
    return name == "loopCounter" or (name.startswith("numberOf") and name.endswith("Instances"))


def _mentioned(outgoing: Sequence[Outgoing], scope: Scope) -> list[tuple[str, Any]]:
    texts = " ".join(out.flow.condition.text for out in outgoing if out.flow.condition)
    return [(name, value) for name, value in scope.visible().items() if name in texts]


def _brief(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
