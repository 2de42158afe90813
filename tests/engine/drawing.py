"""Processes put together from records, for tests of what the engine does with them however they were drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from runner.bpmn.diagram import Element, EventDefinition, Flow, Process, TimerDefinition
from runner.expressions.language import Expression, Language


def python(text: str) -> Expression:
    """Give an expression in the Python-like language."""
    return Expression(text, Language.PYTHON)


def el(id: str, type: str, *, parent: str = "p", **rest: Any) -> Element:
    """Give an element."""
    return Element(id=id, type=type, name=id, line=1, parent=parent, **rest)


def timer(text: str = "PT1H", kind: str = "duration") -> EventDefinition:
    """Give a timer definition."""
    return EventDefinition("timer", timer=TimerDefinition(kind, Expression(text, Language.TEXT)))


def message(name: str = "news", key: str | None = None) -> EventDefinition:
    """Give a message definition, correlated by a variable."""
    return EventDefinition("message", name=name, correlation_key=python(key) if key else None)


def condition(text: str) -> EventDefinition:
    """Give a conditional definition."""
    return EventDefinition("conditional", condition=python(text))


def event(kind: str, code: str | None = None, **rest: Any) -> EventDefinition:
    """Give another event definition."""
    return EventDefinition(kind, name=code, code=code, **rest)


def process(elements: Iterable[Element], arrows: Iterable[tuple[Any, ...]], **rest: Any) -> Process:
    """Give a process: arrows are (source, target) or (source, target, condition); "default" marks a default flow."""
    flows: dict[str, Flow] = {}
    incoming: dict[str, list[str]] = defaultdict(list)
    outgoing: dict[str, list[str]] = defaultdict(list)
    defaults: dict[str, str] = {}
    for source, target, *when in arrows:
        id = f"{source}-{target}"
        if when == ["default"]:
            defaults[source] = id
        flows[id] = Flow(id, source, target, condition=python(when[0]) if when and when != ["default"] else None)
        incoming[target].append(id)
        outgoing[source].append(id)
    made = {
        each.id: replace(
            each,
            incoming=tuple(incoming[each.id]),
            outgoing=tuple(outgoing[each.id]),
            default_flow=defaults.get(each.id),
        )
        for each in elements
    }
    return Process("p", "p", 1, True, "", made, flows, **rest)


def line(*ids: str) -> list[tuple[str, str]]:
    """Give arrows from each element to the next."""
    return list(pairwise(ids))
