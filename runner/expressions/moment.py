"""When and where expressions are evaluated: one time for all of a step, and facts about the execution around them.

Whoever gives an expression its variables says so with them: a mapping may have a `moment`."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runner.clock import SystemClock

_MOST_WARNINGS = 20


@dataclass(slots=True)
class Moment:
    """The step in which expressions are evaluated; a Clock that stands still at `at` (None: the machine's time).

    `facts` are what `execution` and `task` tell beside variables, by the property's name (`processInstanceId`, …);
    `warnings` what was taken for null since somebody looked last: different ones only, the first few.
    """

    at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        """Give the time of the step, aware and in UTC."""
        return SystemClock().now() if self.at is None else self.at

    def warn(self, messages: list[str]) -> None:
        """Keep messages that are new."""
        self.warnings += [each for each in messages if each not in self.warnings]
        del self.warnings[_MOST_WARNINGS:]


def moment_of(variables: Mapping[str, Any]) -> Moment | None:
    """Give the moment that variables come with, None if nobody said."""
    if type(variables) is dict:  # most of them: quicker than asking further
        return None
    found: Moment | None = getattr(variables, "moment", None)
    if found is None and isinstance(variables, ChainMap):
        return next((inner for each in reversed(variables.maps) if (inner := moment_of(each)) is not None), None)
    return found


def facts_of(id: str, key: str, *, version: int, definition_id: int, business_key: str | None) -> dict[str, Any]:
    """Give what `execution` tells of an instance: its id and business key, its process's key and id."""
    return {
        "processInstanceId": id,
        "processBusinessKey": business_key,
        "processDefinitionKey": key,
        "processDefinitionId": f"{key}:{version}:{definition_id}",
    }
