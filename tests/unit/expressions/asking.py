"""Short ways for these tests to evaluate a text in one of the languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from runner.expressions import Expression, Language, compile_expression, evaluate


class FixedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Give the one instant of this clock."""
        return datetime(2026, 3, 29, 12, 30, 0, 250_000, tzinfo=UTC)


def feel(text: str, /, **variables: Any) -> Any:
    """Evaluate FEEL with these variables."""
    return evaluate(Expression(text, Language.FEEL), variables)


def juel(text: str, /, **variables: Any) -> Any:
    """Evaluate JUEL with these variables."""
    return evaluate(Expression(text, Language.JUEL), variables)


def python(text: str, /, **variables: Any) -> Any:
    """Evaluate the Python-like language with these variables."""
    return evaluate(Expression(text, Language.PYTHON), variables)


def at_fixed_time(text: str, language: Language) -> Any:
    """Evaluate with a clock that stands at 2026-03-29T12:30:00.25Z."""
    return compile_expression(Expression(text, language)).evaluate({}, clock=FixedClock())


def warnings_of(text: str, /, **variables: Any) -> list[str]:
    """Evaluate FEEL and give what it took for null."""
    noted: list[str] = []
    compile_expression(Expression(text, Language.FEEL)).evaluate(variables, warnings=noted)
    return noted
