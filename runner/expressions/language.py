"""The languages an expression can be written in, and what a compiled expression promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Language(StrEnum):
    """How the text of an expression is to be read."""

    FEEL = "feel"  # Camunda 8; the text stands here without its leading "="
    JUEL = "juel"  # Camunda 7; the text stands here whole, "${…}" included, possibly as "Hello ${name}"
    PYTHON = "python"  # plain BPMN: the safe, Python-like language
    TEMPLATE = "template"  # JSON data in which each text is JUEL: Camunda 7's lists and maps
    TEXT = "text"  # no expression: the value is the text itself


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as the diagram has it, with the line of the file (from 1; 0 if unknown) for messages."""

    text: str
    language: Language
    line: int = 0


class Compiled(Protocol):
    """An expression that is ready to be evaluated, any number of times, from any thread."""

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        """Give the value (JSON data) with these variables. Raises ExpressionFailed."""
