"""Compiles the texts of a decision file to closures that say where they stand when they fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from runner.errors import ExpressionInvalid
from runner.expressions.faults import EvaluationFault, SyntaxFault, pointer
from runner.expressions.feel.program import KnownNames, Reading, read_feel, read_unary_tests
from runner.expressions.juel.program import compile_juel
from runner.expressions.language import Language
from runner.expressions.run import MAX_TEXT, Closure, Scope


class Place(NamedTuple):
    """Where something stands, for people ("decision 'dish', rule 3"), the element's id, and its line (0: unknown)."""

    words: str
    id: str
    line: int = 0

    def inside(self, words: str, line: int) -> Place:
        """Give a place within this one."""
        return Place(f"{self.words}, {words}", self.id, line)


class PlacedFault(EvaluationFault):
    """A fault whose message says where in the file it happened."""


def compile_text(text: str, language: Language, names: KnownNames, place: Place) -> Reading:
    """Read an expression. Raises ExpressionInvalid, naming the place."""
    if language is Language.JUEL:
        return _compiled(text, place, lambda: _juel(text))
    return _compiled(text, place, lambda: read_feel(text, names))


def compile_tests(text: str, language: Language, names: KnownNames, place: Place) -> Reading | None:
    """Read an input entry, None if every value passes. Raises ExpressionInvalid, naming the place."""
    if text.strip() in ("", "-"):
        return None
    if language is Language.JUEL:
        return _compiled(text, place, lambda: _juel(text))
    return _compiled(text, place, lambda: read_unary_tests(text, names))


def failing(message: str) -> Closure:
    """Give a closure for a text that could not be read: whoever evaluates it learns why."""

    def fail(scope: Scope) -> Any:
        raise PlacedFault(message)

    return fail


def _juel(text: str) -> Reading:
    # Camunda 7 reads an entry without brackets as an expression, not as a text.
    program = compile_juel(text if "${" in text or "#{" in text else f"${{{text}}}")
    return Reading(lambda scope: program(_visible(scope), scope.run))


def _visible(scope: Scope) -> Mapping[str, Any]:
    frames: list[Mapping[str, Any]] = []
    frame: Scope | None = scope
    while frame is not None:
        frames.append(frame.names)
        frame = frame.parent
    return {name: value for names in reversed(frames) for name, value in names.items()}


def _compiled(text: str, place: Place, read: Callable[[], Reading]) -> Reading:
    try:
        if len(text) > MAX_TEXT:
            raise SyntaxFault(f"Expected at most {MAX_TEXT:,} characters, but there are {len(text):,}.", 0)
        reading = read()
    except SyntaxFault as fault:
        raise ExpressionInvalid(f"In {place.words}: {fault.message}\n{pointer(text, fault.position)}") from fault
    except RecursionError as fault:
        raise ExpressionInvalid(f"In {place.words}: expected an expression that nests less deeply.") from fault

    def evaluate(scope: Scope) -> Any:
        try:
            return reading.closure(scope)
        except PlacedFault:
            raise
        except EvaluationFault as fault:
            line = f" (line {place.line})" if place.line else ""
            raise PlacedFault(
                f"In {place.words}{line}: {fault.message}\n{pointer(text, fault.position or 0)}"
            ) from fault

    return Reading(evaluate, reading.names)
