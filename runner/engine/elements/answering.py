"""What an answer of a handler comes to where the diagram judges it: other variables, a BPMN error, or a failure.

Source: Camunda 8 docs, Connectors > Use connectors > Response mapping, BPMN errors and failing jobs; Camunda 7 docs,
User Guide > External Tasks > Error Event Definitions."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any, NamedTuple

from runner.bpmn.diagram import Results
from runner.engine.scopes import Scope
from runner.errors import ExpressionFailed
from runner.expressions import compile_expression
from runner.expressions.language import Expression


class Judgement(NamedTuple):
    """What an answer or failure stands for: a BPMN error with `code`, or, if that is None, a failed attempt.

    `retries` 0 means that no further attempt is worth making, `backoff` is the pause before it (ISO 8601).
    """

    code: str | None
    message: str = ""
    variables: Mapping[str, Any] = {}
    retries: int | None = None
    backoff: str | None = None


def judge(results: Results, scope: Scope, facts: Mapping[str, Any]) -> Judgement | None:
    """Ask the diagram whether an end stands for an error; `facts` are "response" or "error", and "externalTask".

    A condition that cannot be evaluated is a failure that no further attempt mends.
    """
    try:
        for code, condition in results.errors:
            if _evaluated(condition, scope, facts) is True:
                return Judgement(code, str(facts["externalTask"].get("errorMessage") or ""))
        return None if results.error is None else _judgement(_evaluated(results.error, scope, facts))
    except ExpressionFailed as error:
        return Judgement(None, str(error), retries=0)


def answered(results: Results, scope: Scope, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the variables that an answer sets. Raises ExpressionFailed."""
    if results.variable is None and results.expression is None:
        return variables
    found: dict[str, Any] = {} if results.variable is None else {results.variable: dict(variables)}
    if results.expression is not None:
        value = _evaluated(results.expression, scope, {**variables, "response": dict(variables)})
        if not isinstance(value, dict):
            raise ExpressionFailed(
                f"Expected the result expression `{results.expression.text}` (line {results.expression.line}) to give "
                f"names and values, but it is {value!r}."
            )
        found |= value
    return found


def _evaluated(expression: Expression, scope: Scope, facts: Mapping[str, Any]) -> Any:
    return compile_expression(expression).evaluate(ChainMap(dict(facts), scope))  # type: ignore[arg-type]


def _judgement(value: Any) -> Judgement | None:
    if not isinstance(value, dict) or not value:
        return None
    message, variables = str(value.get("message") or ""), value.get("variables")
    given = variables if isinstance(variables, dict) else {}
    if value.get("errorType") == "jobError":
        retries, backoff = value.get("retries"), value.get("retryBackoff")
        return Judgement(
            None,
            message,
            given,
            retries=int(retries) if isinstance(retries, int | float) else None,
            backoff=None if backoff is None else str(backoff),
        )
    code = value.get("code")
    return None if code is None else Judgement(str(code), message, given)
