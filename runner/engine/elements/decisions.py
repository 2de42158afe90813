"""Business rule tasks that call a decision: evaluated within the step, their result put into a variable.

Finding the decision is the caller's: `Executable.decide`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.decisions import DecisionResult
from runner.engine.elements.activities import ServiceTask
from runner.engine.tasks import Task
from runner.errors import DecisionFailed, DecisionNotFound
from runner.expressions import compile_expression

# What Camunda 7's output mappings know the result by (Camunda 7 docs, Business Rule Task > Map the decision result).
_RESULT = "decisionResult"
Decide = Callable[[str, str, str | None, Mapping[str, Any]], DecisionResult]


def no_decisions(id: str, binding: str, version: str | None, variables: Mapping[str, Any]) -> DecisionResult:
    """Find nothing: for processes that are built only to be looked at. Raises DecisionNotFound."""
    raise DecisionNotFound(id)


class BusinessRuleTask(ServiceTask):
    """A business rule task: evaluates a decision, or is the job of a handler (BPMN 2.0.2 §10.3.3.5)."""

    def begin(self, task: Task) -> bool:
        """Evaluate the decision into the result variable, or open the job."""
        called = self.element.called
        if called is None or self.element.service is not None or self.element.script is not None:
            return super().begin(task)
        variables = task.scope
        id = compile_expression(called.id).evaluate(variables)
        if not isinstance(id, str) or not id:
            raise self._failed(f"expected the id of a decision, but `{called.id.text}` is {id!r}")
        version = None if called.version is None else str(compile_expression(called.version).evaluate(variables))
        try:
            result = task.workflow.executable.decide(id, called.binding, version, variables)
        except (DecisionFailed, DecisionNotFound) as error:
            raise self._failed(str(error)) from error
        value = self._shaped(result, called.result_mapping)
        task.workflow.record(self, "decided", result.detail())
        if called.result_variable:
            self.take_in(task, {called.result_variable: value})
        elif self.outputs_mapping:
            self.take_in(task, {_RESULT: value})
        return True

    def _shaped(self, result: DecisionResult, mapping: str | None) -> Any:
        """Give the result as Camunda 7's mapDecisionResult wants it; without it, as DMN gives it.

        Source: Camunda 7 docs, Business Rule Task > Predefined Mapping of the Decision Result.
        """
        entries = result.entries
        if mapping is None:
            return result.value
        if mapping == "resultList":
            return list(entries)
        if mapping == "collectEntries":
            return [self._single(each, mapping) for each in entries]
        if len(entries) > 1:
            raise self._failed(f"expected one rule at most to give a {mapping}, but {len(entries)} do")
        if not entries:
            return None
        return dict(entries[0]) if mapping == "singleResult" else self._single(entries[0], mapping)

    def _single(self, entry: dict[str, Any], mapping: str) -> Any:
        if len(entry) > 1:
            raise self._failed(f"expected one output for {mapping}, but there are {', '.join(entry)}")
        return next(iter(entry.values()), None)

    def _failed(self, reason: str) -> DecisionFailed:
        return DecisionFailed(f"Business rule task '{self.element.id}' (line {self.element.line}): {reason}")
