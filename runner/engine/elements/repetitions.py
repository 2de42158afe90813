"""Activities that run several times: multi-instance, in parallel or one after the other, and the standard loop
(BPMN 2.0.2 §10.3.8, §13.3.6, §13.3.7).

The token that arrived stays while others run the activity inside its scope, one per run, each with a scope of its own.
What the runs give is kept in a scope that no token sees, by the number of the run, so that a run costs what it gives
and not what all have given."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.bpmn.diagram import Element, Repetition
from runner.engine.definitions import compile_definitions
from runner.engine.elements.activities import Activity
from runner.engine.elements.element import ElementSpec
from runner.engine.elements.sending import send_message, send_signal
from runner.engine.scopes import Scope
from runner.engine.tasks import WAITING, Task
from runner.engine.throwing import throw_escalation
from runner.errors import EngineError, ExpressionFailed
from runner.expressions import compile_expression
from runner.expressions.language import Compiled, Expression

# More runs than any diagram means: a wrong number in a cardinality.
MAX_RUNS = 1_000_000
# BPMN 2.0.2 Table 10.31; Camunda 7 docs, Task Markers > Multiple Instance.
_NUMBERS = tuple(f"numberOf{which}Instances" for which in ("", "Active", "Completed", "Terminated"))
_CAMUNDA7_NUMBERS = tuple(name.replace("numberOf", "nrOf") for name in _NUMBERS)


def divided(element: Element) -> tuple[Element, Element]:
    """Give an activity with a marker as the whole, and as what each run is.

    Mappings and data associations are those of each run, but for those that fill the collection or take the results.
    """
    rule = element.repetition
    assert rule is not None
    filling = [move for move in element.data_inputs if rule.collection and move.target == rule.collection.text]
    emptying = [move for move in element.data_outputs if move.source.text == rule.output_collection]
    whole = replace(element, inputs=(), outputs=(), data_inputs=tuple(filling), data_outputs=tuple(emptying))
    run = replace(
        element,
        data_inputs=tuple(move for move in element.data_inputs if move not in filling),
        data_outputs=tuple(move for move in element.data_outputs if move not in emptying),
    )
    return whole, run


class Repeated(Activity):
    """The activity as a whole. Its events are on this token; `inner` runs once per item, turn or round.

    The token remembers `total` (None for a loop), `next` (the run to come, from 0), `done`, `terminated` and the id of
    the scope of the results; with an incident, that it is `undecided` how it goes on, and for how many completed runs
    the events are `unthrown`.
    """

    __slots__ = (
        "_cardinality",
        "_collection",
        "_completion",
        "_condition",
        "_maximum",
        "_output",
        "_thrown",
        "inner",
        "rule",
    )

    def __init__(self, process_spec: Any, element: Element) -> None:
        super().__init__(process_spec, element)
        assert element.repetition is not None
        self.scoped = True
        self.rule: Repetition = element.repetition
        self.inner: ElementSpec = self
        rule = self.rule
        self._cardinality, self._collection = _compiled(rule.cardinality), _compiled(rule.collection)
        self._output, self._completion = _compiled(rule.output_item), _compiled(rule.completion)
        self._thrown = [(_compiled(when), compile_definitions([event])[0]) for when, event in rule.thrown]
        self._condition, self._maximum = _compiled(rule.condition), _compiled(rule.maximum)

    def begin(self, task: Task) -> bool:
        """Find out how many runs there are, and let the first begin, or all."""
        workflow, body = task.workflow, task.own
        assert body is not None
        total, items = self._runs(task)
        results = workflow.add_scope(body, self.element.id, {} if items is None else {"items": items})
        task.remember(total=total, next=0, done=0, terminated=0, results=results.id)
        if self.rule.kind == "parallel":
            for _ in range(total or 0):
                self._spawn(task)
        elif total != 0 and (not self.rule.test_before or self._again(task)):
            self._spawn(task)
        self._publish(task)
        if not body.tokens:
            self._give_results(task)
            return True
        return False

    def _runs(self, task: Task) -> tuple[int | None, list[Any] | None]:
        if self.rule.kind == "loop":
            return (None if self._maximum is None else self._count(self._maximum, task)), None
        if self._collection is None:
            assert self._cardinality is not None
            return self._count(self._cardinality, task), None
        items = self._collection.evaluate(task.scope)
        if not isinstance(items, list):
            assert self.rule.collection is not None
            raise ExpressionFailed(
                f"Expected the collection `{self.rule.collection.text}` of '{self.element.id}' (line {self.rule.line}) "
                f"to be a list, but it is {_brief(items)}."
            )
        return len(items), items

    def _count(self, compiled: Compiled, task: Task) -> int:
        value = compiled.evaluate(task.home)
        try:
            number = int(value) if not isinstance(value, bool) else -1
        except (TypeError, ValueError, OverflowError):
            number = -1
        if number < 0 or number > MAX_RUNS or (isinstance(value, float) and value != number):
            raise ExpressionFailed(
                f"Expected how often '{self.element.id}' (line {self.rule.line}) runs to be a whole number from 0 to "
                f"{MAX_RUNS}, but it is {_brief(value)}."
            )
        return number

    def _spawn(self, task: Task) -> None:
        """Let the next run begin, in a scope with its number (from 1) and its item."""
        workflow, number = task.workflow, task.internal_data["next"]
        run = workflow.add_task(self.inner, task.own)
        variables: dict[str, Any] = {"loopCounter": number + 1}
        items = self._results(task).variables.get("items")
        if items is not None and self.rule.item_variable:
            variables[self.rule.item_variable] = items[number]
        if self.rule.output_item is not None and self._output is not None:
            _declare(self.rule.output_item, variables)
        workflow.open_scope(run, variables)
        run.remember(number=number)
        task.remember(next=number + 1)

    def _results(self, task: Task) -> Scope:
        found: Scope = task.workflow.scopes[task.internal_data["results"]]
        return found

    # -- a run ends -----------------------------------------------------------------------------------------------

    def collect(self, run: Task) -> None:
        """Keep what a run gives. Raises ExpressionFailed."""
        if self._output is not None:
            # The variable can be written by anybody; runs that were stored by the first release have nothing else.
            number = run.internal_data.get("number", run.scope.variables.get("loopCounter", 0) - 1)
            owner = run.workflow.owner_of(run.home)
            self._results(owner).set(str(number), self._output.evaluate(run.scope))

    def one_done(self, task: Task, run: Task) -> None:
        """Count a run that has completed; then end, or let the next begin."""
        facts = task.internal_data
        task.remember(done=facts["done"] + 1)
        self._publish(task)
        if "unthrown" in facts:
            task.remember(unthrown=facts["unthrown"] + 1)  # its events come after those that a person is waited for
        elif self._throw_for(task, 1) and "undecided" not in facts:
            self._decide(task, run.scope)

    def _throw_for(self, task: Task, runs: int) -> bool:
        """Throw the events of so many completed runs; False if that fails, which is an incident, or is its end."""
        for left in range(runs, 0, -1):
            try:
                self._throw(task)
            except EngineError as error:
                task.remember(undecided=True, unthrown=left)
                if task._state != WAITING:
                    task.workflow.park(task, phase="completing", error=error)
                return False
            if task.id not in task.workflow.tasks:
                return False  # its own border has heard it, and interrupts
        return True

    def _decide(self, task: Task, seen: Scope) -> None:
        """End, or let the next run begin; a condition that fails is an incident, and decided again with a retry."""
        try:
            ended = self._ended(task, seen)
        except ExpressionFailed as error:
            task.remember(undecided=True)
            task.workflow.park(task, phase="completing", error=error)
            return
        if ended:
            self._cancel_rest(task)
        elif self.rule.kind != "parallel":
            self._spawn(task)
            self._publish(task)
        if not task.own.tokens:  # type: ignore[union-attr]
            self.emptied(task)

    def complete(self, task: Task) -> None:
        """Move on; or decide again, when a person has mended what failed."""
        if not task.internal_data.pop("undecided", False):
            super().complete(task)
        elif self._throw_for(task, task.internal_data.pop("unthrown", 0)):
            self._decide(task, task.scope)

    def finish(self, task: Task, variables: Mapping[str, Any]) -> None:
        """End as a whole with these results: a person skips what is left of it."""
        for fact in ("undecided", "unthrown"):
            task.internal_data.pop(fact, None)
        self._cancel_rest(task)
        super().finish(task, variables)

    def _ended(self, task: Task, seen: Scope) -> bool:
        if self.rule.kind == "loop":
            return not self._again(task)
        facts = task.internal_data
        if self._completion is not None and self._holds(self._completion, task, seen):
            return True
        return self.rule.kind == "sequential" and facts["next"] >= facts["total"]

    def _again(self, task: Task) -> bool:
        facts = task.internal_data
        if facts["total"] is not None and facts["next"] >= facts["total"]:
            return False
        counted = ChainMap({"loopCounter": facts["next"]}, task.home)  # type: ignore[arg-type]
        return self._condition is None or self._truth(self._condition.evaluate(counted))

    def _holds(self, condition: Compiled, task: Task, seen: Scope) -> bool:
        return self._truth(condition.evaluate(ChainMap(self._figures(task), seen)))  # type: ignore[arg-type]

    def _truth(self, value: Any) -> bool:
        if value is True or value is False:
            return bool(value)
        raise ExpressionFailed(
            f"Expected the condition that ends '{self.element.id}' (line {self.rule.line}) to be true or false, but it "
            f"is {_brief(value)}. Is a variable missing?"
        )

    def _cancel_rest(self, task: Task) -> None:
        running = list(task.own.tokens.values())  # type: ignore[union-attr]
        task.workflow.cancel_tokens(running)
        if running:
            task.remember(terminated=task.internal_data["terminated"] + len(running))

    def one_left(self, task: Task) -> None:
        """Wait for `one_done`: runs are counted there."""

    def emptied(self, task: Task) -> None:
        """End: hand the results over and move on."""
        self._give_results(task)
        self.complete(task)

    def _give_results(self, task: Task) -> None:
        facts, name = task.internal_data, self.rule.output_collection
        if name is not None:
            results = self._results(task).variables
            collected = [results.get(str(number)) for number in range(facts["total"] or facts["next"])]
            if self.keeps_results:
                task.scope.set(name, collected)
            else:
                task.home.propagate({name: collected})

    # -- what can be read ----------------------------------------------------------------------------------------

    def _counts(self, task: Task) -> tuple[int, int, int, int]:
        """Give how many runs there are: in all, active, completed, terminated."""
        facts = task.internal_data
        active = len(task.own.tokens)  # type: ignore[union-attr]
        total = facts["total"] if facts["total"] is not None else facts["next"]
        return (total, active, facts["done"], facts["terminated"])

    def _figures(self, task: Task) -> dict[str, int]:
        """Give them under the standard's names, and Camunda 7's."""
        counts = self._counts(task)
        return {**dict(zip(_NUMBERS, counts, strict=True)), **dict(zip(_CAMUNDA7_NUMBERS, counts, strict=True))}

    def _publish(self, task: Task) -> None:
        body = task.own
        assert body is not None
        named = zip(_NUMBERS, self._counts(task), strict=True)
        body.write({name: count for name, count in named if body.variables.get(name) != count})

    def _throw(self, task: Task) -> None:
        """Throw the event that a completed run stands for, if the behavior says so (BPMN 2.0.2 Table 10.30)."""
        rule = self.rule
        if rule.behavior == "All" or (rule.behavior == "One" and task.internal_data["done"] > 1):
            return
        seen = ChainMap(self._figures(task), task.home)  # type: ignore[arg-type]
        for condition, definition in self._thrown:
            if condition is not None and condition.evaluate(seen) is not True:
                continue
            if definition.kind == "message":
                send_message(task.workflow, self.element, definition, task.scope)
            elif definition.kind == "signal":
                send_signal(task.workflow, self.element, definition, task.scope)
            elif definition.kind == "escalation":
                throw_escalation(task.workflow, task, definition.event.code or "", {})
            if task.id not in task.workflow.tasks:
                return  # its own border has heard it, and interrupts


def _declare(output: Expression, variables: dict[str, Any]) -> None:
    """Make a variable that the output item names local to the run, so that runs do not overwrite each other's.

    Source: Camunda 8 docs, Multi-instance > Collecting output.
    """
    if output.text.isidentifier():
        variables.setdefault(output.text, None)


def _compiled(expression: Expression | None) -> Compiled | None:
    return None if expression is None else compile_expression(expression)


def _brief(value: Any) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
