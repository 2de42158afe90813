"""The functions that JUEL may call by name: dates, and Camunda Spin's S(…) and JSON(…)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.expressions.faults import EvaluationFault
from runner.expressions.json_texts import read_json
from runner.expressions.juel.moments import date_time, now
from runner.expressions.run import Run


def _spin(run: Run, value: Any) -> Any:
    """Read a text as JSON, as Spin does; what is JSON data already stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return read_json(value, run)
    except ValueError:
        raise EvaluationFault("Expected a text that is JSON, but it is not.") from None


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "now": (now, 0, 0),
    "dateTime": (date_time, 0, 1),
    "S": (_spin, 1, 1),
    "JSON": (_spin, 1, 1),
}
