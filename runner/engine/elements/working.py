"""What a token leaves for a worker: a job, with what the diagram computes about it (lock, priority, attempts)."""

from __future__ import annotations

from typing import Any

from runner.bpmn.diagram import Element, Script, ServiceBinding
from runner.bpmn.durations import parse_retry_cycle
from runner.engine.advance import OpenedJob
from runner.engine.tasks import Task
from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import compile_expression
from runner.expressions.language import Expression
from runner.retry import RetryRule

_HIGHEST = 2**31 - 1


def computes(service: ServiceBinding | None) -> bool:
    """Tell whether the diagram computes something about each job."""
    return service is not None and any(
        (service.computed_priority, service.lock, service.computed_topic, service.attempts, service.cycle)
    )


def open_job(task: Task, element: Element, work: str) -> None:
    """Leave the job of an element or listener that `computes` something about it, whose topic is bound to `work`.

    Raises ExpressionFailed.
    """
    service = element.service
    assert service is not None
    priority, lock, topic = service.priority, None, None
    if service.computed_priority is not None:
        priority = _whole(task, element, ("priority", service.computed_priority), least=-_HIGHEST)
    if service.lock is not None:
        lock = _lock(task, element, service.lock)
    if service.computed_topic is not None:
        topic = _named(task, element, ("topic", service.computed_topic))
    if service.attempts is not None:
        task.remember(attempts=_whole(task, element, ("number of attempts", service.attempts), least=1))
    if service.cycle is not None:
        task.remember(cycle=_cycle(task, element, service.cycle))
    task.workflow.advance.jobs.append(OpenedJob(task.id, element.id, work, priority, lock, topic))


def evaluated(task: Task, script: Script) -> dict[str, Any]:
    """Evaluate the expression that does an element's work, and give its result variable. Raises ExpressionFailed."""
    value = _value(task, script.expression)
    return {script.result_variable: value} if script.result_variable else {}


def computed_rule(task: Task) -> RetryRule | None:
    """Give the retry rule that was computed when a token's job opened, None if the diagram has it as it is."""
    facts = task.internal_data
    if "cycle" in facts:
        return parse_retry_cycle(facts["cycle"])
    return RetryRule(max_attempts=facts["attempts"]) if "attempts" in facts else None


def _cycle(task: Task, element: Element, expression: Expression) -> str:
    value = _value(task, expression)
    try:
        parse_retry_cycle(str(value))
    except ExpressionInvalid as error:
        raise ExpressionFailed(f"In the retry cycle of '{element.id}' (line {expression.line}): {error}") from error
    return str(value)


def _whole(task: Task, element: Element, named: tuple[str, Expression], *, least: int) -> int:
    what, expression = named
    value = _value(task, expression)
    try:
        number = int(value) if not isinstance(value, bool) and int(value) == float(value) else None
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or not least <= number <= _HIGHEST:
        raise ExpressionFailed(
            f"Expected the {what} of '{element.id}' (line {expression.line}) to be a whole number from {least} to "
            f"{_HIGHEST}, but `{expression.text}` is {value!r}."
        )
    return number


def _lock(task: Task, element: Element, expression: Expression) -> str:
    value = _value(task, expression)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise ExpressionFailed(
            f"Expected the lock of '{element.id}' (line {expression.line}) to be a text or a whole number, but "
            f"`{expression.text}` is {value!r}."
        )
    return str(value).strip()[:255]


def _named(task: Task, element: Element, named: tuple[str, Expression]) -> str:
    what, expression = named
    value = _value(task, expression)
    if not isinstance(value, str) or not value.strip():
        raise ExpressionFailed(
            f"Expected the {what} of '{element.id}' (line {expression.line}) to be a text, but `{expression.text}` is "
            f"{value!r}."
        )
    return value.strip()[:255]


def _value(task: Task, expression: Expression) -> Any:
    return compile_expression(expression).evaluate(task.scope)
