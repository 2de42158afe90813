"""What goes between the runner and a script's process: one line of JSON each way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """A script to run, with variables and what `execution` tells beside them."""

    language: str
    text: str
    variables: Mapping[str, Any]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a script ended: its value and the variables it set; or an `error`, at a line of its text if it is known; or a
    BPMN error that it threw, by its `code`."""

    result: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    line: int | None = None
    code: str | None = None
