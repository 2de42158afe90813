"""Event definitions, compiled: what an event waits for or throws, evaluated where the event is (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.bpmn.diagram import EventDefinition
from runner.engine.mappings import CompiledMapping, apply_mappings, compile_mappings
from runner.errors import ExpressionFailed
from runner.expressions import compile_expression
from runner.expressions.language import Compiled, Expression
from runner.schedules import Schedule, read_schedule


@dataclass(frozen=True, slots=True)
class Definition:
    """One event definition of an event, the `index`-th, ready to be evaluated."""

    index: int
    event: EventDefinition
    timer: Compiled | None
    condition: Compiled | None
    naming: Compiled | None
    key: Compiled | None
    code: Compiled | None
    payload: tuple[CompiledMapping, ...]

    @property
    def kind(self) -> str:
        """Give the BPMN tag without "EventDefinition"."""
        return self.event.kind

    def schedule(self, variables: Mapping[str, Any]) -> Schedule:
        """Give when a timer fires. Raises ExpressionFailed, or ScheduleInvalid for what is no time."""
        assert self.timer is not None and self.event.timer is not None
        return read_schedule(self.event.timer.kind, self.timer.evaluate(variables))

    def name_in(self, variables: Mapping[str, Any]) -> str:
        """Give the name of the message or signal. Raises ExpressionFailed."""
        name = self.event.name if self.naming is None else self.naming.evaluate(variables)
        if isinstance(name, str) and name:
            return name
        raise ExpressionFailed(
            f"Expected the name of the {self.kind} (line {self.event.line}) to be a text, but it is {name!r}."
        )

    def code_in(self, variables: Mapping[str, Any]) -> str:
        """Give the code of a thrown error or escalation, else its name. Raises ExpressionFailed if it is no text."""
        code = (self.event.code or self.event.name or "") if self.code is None else self.code.evaluate(variables)
        if isinstance(code, str):
            return code
        raise ExpressionFailed(
            f"Expected the code of the {self.kind} (line {self.event.line}) to be a text, but it is {code!r}."
        )

    def key_in(self, variables: Mapping[str, Any]) -> str:
        """Give the correlation key as text, "" if none is drawn. Raises ExpressionFailed if it is null or an object.

        Source: Camunda 8 docs, Concepts > Messages: the key is a string or a number.
        """
        if self.key is None:
            return ""
        key = self.key.evaluate(variables)
        if isinstance(key, str):
            return key
        if isinstance(key, int | float) and not isinstance(key, bool):
            return str(int(key)) if key == int(key) else str(key)
        raise ExpressionFailed(
            f"Expected the correlation key of message '{self.event.name}' (line {self.event.line}) to be a text or a "
            f"number, but it is {key!r}. Is a variable missing?"
        )

    def payload_in(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Give the variables that a thrown message or signal carries: what is mapped, all if all are handed over."""
        everything = dict(variables) if self.event.all_variables else {}
        return everything | apply_mappings(self.payload, variables)


def compile_definitions(events: Iterable[EventDefinition]) -> tuple[Definition, ...]:
    """Compile the event definitions of an element. Raises ExpressionInvalid."""
    return tuple(
        Definition(
            index,
            event,
            _compiled(None if event.timer is None else event.timer.value),
            _compiled(event.condition),
            _compiled(event.name_expression),
            _compiled(event.correlation_key),
            _compiled(event.code_expression),
            compile_mappings(event.payload),
        )
        for index, event in enumerate(events)
    )


def _compiled(expression: Expression | None) -> Compiled | None:
    return None if expression is None else compile_expression(expression)
