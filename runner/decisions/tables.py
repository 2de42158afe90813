"""Decision tables, compiled: inputs are evaluated once, rules are matched, the hit policy chooses (DMN 1.3 §8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runner.decisions import hit_policies
from runner.decisions.hit_policies import Hit
from runner.decisions.texts import Place, PlacedFault
from runner.decisions.traces import DecisionRun
from runner.decisions.types import Types
from runner.expressions.faults import EvaluationFault
from runner.expressions.feel.values import passes
from runner.expressions.run import Closure, Run, Scope


@dataclass(frozen=True, slots=True)
class InputClause:
    """A column of tests. `variable` is a name for its value beside "?"; `allowed` what it may be."""

    label: str
    expression: Closure
    type: str | None = None
    variable: str = ""
    allowed: Closure | None = None


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A column of results. `values` gives the allowed ones, best first; `default` is for tables without a match."""

    name: str
    type: str | None = None
    values: Closure | None = None
    default: Closure | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row; a test of None lets every value pass. `texts` are the entries as written."""

    number: int
    id: str
    tests: tuple[Closure | None, ...]
    outputs: tuple[Closure, ...]
    texts: tuple[tuple[str, ...], tuple[str, ...]]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table of the decision at `place`; called with a scope it gives its value."""

    place: Place
    policy: str
    aggregation: str | None
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    types: Types

    def __call__(self, scope: Scope) -> Any:
        """Evaluate. Raises EvaluationFault where the hit policy is violated or an entry fails."""
        run = scope.run
        values = [
            self.types.checked(each.type, each.expression(scope), run, what=f"input '{each.label}'", given=True)
            for each in self.inputs
        ]
        if not all([self._is_allowed(each, value, run) for each, value in zip(self.inputs, values, strict=True)]):
            return None
        matched = self._matched(values, scope)
        if not matched:
            return self._without_match(values, scope)
        try:
            hits = [self._hit(rule, scope) for rule in matched]
            chosen = hit_policies.choose(self.policy, hits, run)
            self._note(run, values, hits if self.policy == hit_policies.ANY else chosen)
            return hit_policies.result_of(self.policy, self.aggregation, chosen, run)
        except PlacedFault:
            raise
        except EvaluationFault as fault:
            line = f" (line {self.place.line})" if self.place.line else ""
            raise PlacedFault(f"In {self.place.words}{line}: {fault.message}") from fault

    def _is_allowed(self, clause: InputClause, value: Any, run: Run) -> bool:
        # Camunda's engines do not look at input values: they are for people there. Null is no value.
        if clause.allowed is None or value is None or not self.types.strict:
            return True
        if clause.allowed(Scope({"?": value}, run)) is True:
            return True
        run.null(f"Expected one of the allowed values for input '{clause.label}' in {self.place.words}.")
        return False

    def _matched(self, values: list[Any], scope: Scope) -> list[Rule]:
        run = scope.run
        scopes = []
        for clause, value in zip(self.inputs, values, strict=True):
            names = {"?": value, "cellInput": value}
            scopes.append(Scope({**names, clause.variable: value} if clause.variable else names, run, scope))
        found = []
        for rule in self.rules:
            run.take(1 + len(scopes))
            if all(test is None or test(inner) is True for test, inner in zip(rule.tests, scopes, strict=True)):
                found.append(rule)
                if self.policy == hit_policies.FIRST:
                    break
        return found

    def _hit(self, rule: Rule, scope: Scope) -> Hit:
        outputs = {
            clause.name: self._output(clause, entry(scope), scope)
            for clause, entry in zip(self.outputs, rule.outputs, strict=True)
        }
        rank: tuple[int, ...] = ()
        if self.policy in (hit_policies.PRIORITY, hit_policies.OUTPUT_ORDER):
            rank = tuple(
                _rank(value, clause.values, scope) for clause, value in zip(self.outputs, outputs.values(), strict=True)
            )
        return Hit(rule.number, rule.id, outputs, rank)

    def _output(self, clause: OutputClause, value: Any, scope: Scope) -> Any:
        run, what = scope.run, f"output '{clause.name}' of {self.place.words}"
        value = self.types.checked(clause.type, value, run, what=what)
        if clause.values is None or value is None or not self.types.strict:
            return value
        if any(passes(value, each, run) is True for each in clause.values(scope)):
            return value
        return run.null(f"Expected {what} to be one of its allowed values, but it is none of them: taken as null.")

    def _without_match(self, values: list[Any], scope: Scope) -> Any:
        self._note(scope.run, values, [])
        if all(clause.default is None for clause in self.outputs):
            return hit_policies.without_hits(self.policy, self.aggregation)
        outputs = {
            clause.name: None if clause.default is None else self._output(clause, clause.default(scope), scope)
            for clause in self.outputs
        }
        value = Hit(0, "", outputs).value
        return [value] if self.policy in hit_policies.LISTS and not self.aggregation else value

    def _note(self, run: Run, values: list[Any], hits: list[Hit]) -> None:
        if isinstance(run, DecisionRun):
            seen = {clause.label: value for clause, value in zip(self.inputs, values, strict=True)}
            run.note(self.place.id, seen, hits)


def _rank(value: Any, allowed: Closure | None, scope: Scope) -> int:
    """Give the position of a value among the output values; what is not among them comes last."""
    if allowed is None:
        return 0
    listed = allowed(scope)
    for index, each in enumerate(listed):
        if passes(value, each, scope.run) is True:
            return index
    return len(listed)
