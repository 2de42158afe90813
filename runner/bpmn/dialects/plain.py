"""Plain BPMN: conditions in the safe Python-like language, and our own few attributes (`runner:`) for service tasks.

The namespace is a URN, because nobody has to fetch anything from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from lxml import etree

from runner.bpmn.dialects.vendor import Consequence, Extension, attribute, whole_number
from runner.bpmn.durations import parse_retry_cycle, parse_timeout
from runner.bpmn.findings import Report
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language

NAMESPACE = "urn:bpmn-runner:1.0"
NAMESPACES = (NAMESPACE,)
PLATFORM = ""

HONOURED = frozenset({"handler", "retry", "timeout", "priority"})
CONSEQUENCES: Mapping[str, Consequence] = dict.fromkeys(
    HONOURED, Consequence("refused", "only a service, send or business rule task has a handler")
)
Value = TypeVar("Value")


def read_extension(node: etree._Element, report: Report) -> Extension:
    """Read runner:handler, runner:retry ("R3/PT10S" or "PT10S,PT1M"), runner:timeout ("PT30S") and runner:priority."""
    handler = attribute(node, "handler", NAMESPACE)
    return Extension(
        topics=(handler,) if handler else (),
        retry=_read(node, "retry", parse=parse_retry_cycle, report=report),
        timeout=_read(node, "timeout", parse=parse_timeout, report=report),
        priority=_read(node, "priority", parse=whole_number, report=report),
    )


def read_condition(text: str, line: int) -> Expression:
    """Read a flow's condition: Python-like, as in "n < 2000".

    In a file without any sign of Camunda, "${…}" and "=…" still say which language they are in: no plain expression
    begins like that.
    """
    if text.startswith(("${", "#{")):
        return Expression(text, Language.JUEL, line)
    if text.startswith("="):
        return Expression(text[1:].strip(), Language.FEEL, line)
    return Expression(text, Language.PYTHON, line)


def _read(node: etree._Element, name: str, *, parse: Callable[[str], Value], report: Report) -> Value | None:
    text = attribute(node, name, NAMESPACE)
    if text is None:
        return None
    try:
        return parse(text)
    except ExpressionInvalid as error:
        report.refuse(node, f"{name}_invalid", message=f"In runner:{name}: {error}")
        return None
