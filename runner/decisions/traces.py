"""What is kept of an evaluation: which rules of which tables fired, with inputs and outputs, bounded in size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from runner.clock import Clock
from runner.decisions.hit_policies import Hit
from runner.expressions.run import Run
from runner.expressions.temporal.text import temporal_text

MAX_TABLES = 50
MAX_RULES = 50
MAX_DETAIL = 8_000  # characters of JSON
_MAX_TEXT = 200
_MAX_ENTRIES = 20
_MAX_NESTING = 4


class DecisionRun(Run):
    """The allowance of one evaluation of a decision graph, and what fired in it (JSON data, in order of evaluation)."""

    __slots__ = ("fired",)

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.fired: list[dict[str, Any]] = []

    def note(self, decision: str, inputs: Mapping[str, Any], hits: list[Hit]) -> None:
        """Keep which rules of a decision's table fired; beyond the bounds nothing is kept."""
        if len(self.fired) >= MAX_TABLES:
            return
        rules = [
            {"rule": hit.number, "id": hit.id, "outputs": {name: brief(each) for name, each in hit.outputs.items()}}
            for hit in hits[:MAX_RULES]
        ]
        seen = {name: brief(value) for name, value in inputs.items()}
        self.fired.append({"decision": decision, "inputs": seen, "rules": rules})


def brief(value: Any, depth: int = 0) -> Any:
    """Give a value as short JSON data: long texts are cut, large or deep structures named by their size."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else value[: _MAX_TEXT - 1] + "…"
    if isinstance(value, int):
        return value if value.bit_length() <= 1_000 else "a large number"
    if isinstance(value, (float, Decimal)):
        number = float(value)
        return int(value) if number.is_integer() and abs(number) < 1e15 else number
    if isinstance(value, (list, tuple)):
        if len(value) > _MAX_ENTRIES or depth >= _MAX_NESTING:
            return f"a list of {len(value)} items"
        return [brief(each, depth + 1) for each in value]
    if isinstance(value, Mapping):
        if len(value) > _MAX_ENTRIES or depth >= _MAX_NESTING:
            return f"a context of {len(value)} entries"
        return {str(name)[:_MAX_TEXT]: brief(each, depth + 1) for name, each in value.items()}
    return temporal_text(value) or f"a {type(value).__name__.lower()}"


def detail(fired: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give what fired small enough for a history: without values, or even only the first, if it would be too long."""
    if len(json.dumps(fired)) <= MAX_DETAIL:
        return fired
    bare = [{"decision": each["decision"], "rules": [rule["rule"] for rule in each["rules"]]} for each in fired]
    while len(bare) > 1 and len(json.dumps(bare)) > MAX_DETAIL:
        bare.pop()
    return bare
