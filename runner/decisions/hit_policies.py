"""What a decision table gives when several rules match, or none does (DMN 1.3 §8.2.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.expressions.faults import EvaluationFault
from runner.expressions.feel.builtins import BUILTINS
from runner.expressions.feel.values import NoValue, equal
from runner.expressions.run import Run

UNIQUE, ANY, PRIORITY, FIRST, COLLECT = "UNIQUE", "ANY", "PRIORITY", "FIRST", "COLLECT"
RULE_ORDER, OUTPUT_ORDER = "RULE ORDER", "OUTPUT ORDER"
POLICIES = frozenset({UNIQUE, ANY, PRIORITY, FIRST, COLLECT, RULE_ORDER, OUTPUT_ORDER})
LISTS = frozenset({COLLECT, RULE_ORDER, OUTPUT_ORDER})
AGGREGATIONS = frozenset({"SUM", "MIN", "MAX", "COUNT"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matches: its number from 1, its id, what it gives, and the rank of that among the output values."""

    number: int
    id: str
    outputs: dict[str, Any]
    rank: tuple[int, ...] = ()

    @property
    def value(self) -> Any:
        """Give the one output by itself, several as a context."""
        return next(iter(self.outputs.values())) if len(self.outputs) == 1 else self.outputs


def choose(policy: str, hits: list[Hit], run: Run) -> list[Hit]:
    """Give the hits that count, in the order of the result; there is at least one hit.

    Raises EvaluationFault where the policy is violated.
    """
    if policy == UNIQUE and len(hits) > 1:
        raise EvaluationFault(
            f"Expected one rule to match (UNIQUE), but rules {_numbers(hits)} do. Make them exclude each other."
        )
    if policy == ANY and not all(equal(hits[0].value, each.value, run) is True for each in hits[1:]):
        raise EvaluationFault(f"Expected rules {_numbers(hits)} to give the same (ANY), but they differ.")
    if policy == PRIORITY:
        return [min(hits, key=lambda hit: hit.rank)]
    if policy == OUTPUT_ORDER:
        return sorted(hits, key=lambda hit: hit.rank)
    return hits[:1] if policy == FIRST else hits


def result_of(policy: str, aggregation: str | None, chosen: list[Hit], run: Run) -> Any:
    """Give a table's value from the hits that count. Raises EvaluationFault if they cannot be aggregated."""
    if policy not in LISTS:
        return chosen[0].value
    values = [hit.value for hit in chosen]
    run.items(len(values))
    if aggregation is None:
        return values
    empty = [str(hit.number) for hit in chosen if hit.value is None]
    if empty and aggregation != "COUNT":
        raise EvaluationFault(
            f"Expected a value of each rule for {aggregation}, but rule {', '.join(empty)} gives null."
        )
    return aggregate(aggregation, values, run)


def without_hits(policy: str, aggregation: str | None) -> Any:
    """Give what a table without a match and without default outputs gives: null, an empty list, or the count 0."""
    if aggregation:
        return 0 if aggregation == "COUNT" else None
    return [] if policy in LISTS else None


def aggregate(aggregation: str, values: list[Any], run: Run) -> Any:
    """Give the sum, minimum, maximum or number of values. Raises EvaluationFault if one does not fit."""
    if aggregation == "COUNT":
        return len(values)
    apply: Callable[[Run, list[Any]], Any] = BUILTINS[aggregation.lower()].call
    try:
        found = apply(run, [values])
    except (NoValue, ArithmeticError) as error:
        raise EvaluationFault(f"Expected outputs that {aggregation} can take, but: {error}") from error
    if found is None:
        raise EvaluationFault(
            f"Expected outputs that {aggregation} can take, but one of the {len(values)} does not fit."
        )
    return found


def _numbers(hits: list[Hit]) -> str:
    numbers = [str(hit.number) for hit in hits]
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"
