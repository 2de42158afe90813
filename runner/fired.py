"""Which rules of decision tables fired, in words: as the history has it, for the command line and the pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from runner.model import HistoryEntry

DECIDED = "decided"


def rules_in_words(fired: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Give a line for each table that was evaluated, oldest first: `dish: rule 2 (guests = 8)`.

    `fired` is what a decision's result or the history holds; of a long history only numbers of rules are left.
    """
    return tuple(_line(table) for table in fired)


def decided_in_words(entry: HistoryEntry) -> tuple[str, ...]:
    """Give the same of a history entry; nothing if it is about something else, or if no table was evaluated."""
    fired = entry.detail.get("fired") if entry.event == DECIDED else None
    return rules_in_words(each for each in fired if isinstance(each, dict)) if isinstance(fired, list) else ()


def _line(table: Mapping[str, Any]) -> str:
    numbers = [rule["rule"] if isinstance(rule, Mapping) else rule for rule in table["rules"]]
    rules = "no rule" if not numbers else f"rule{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
    given = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in table.get("inputs", {}).items()]
    return f"{table['decision']}: {rules}" + (f" ({', '.join(given)})" if given else "")
