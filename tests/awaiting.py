"""Diagrams for tests that wait for timers, messages and signals, in a line or two."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from builders import Arrow, Node, bpmn

RUNNER = "urn:bpmn-runner:1.0"


def message(name: str, key: str | None = None) -> str:
    """Give a `<message>`, its id its name, whose correlation key is an expression."""
    attribute = f' xmlns:runner="{RUNNER}" runner:correlationKey="{key}"' if key else ""
    return f'<message id="{name}" name="{name}"{attribute}/>'


def signal(name: str) -> str:
    """Give a `<signal>`, its id its name."""
    return f'<signal id="{name}" name="{name}"/>'


def timed(kind: str, text: str) -> str:
    """Give the definition of a timer: kind Date, Duration or Cycle."""
    return f"<timerEventDefinition><time{kind}>{text}</time{kind}></timerEventDefinition>"


def named(kind: str, name: str) -> str:
    """Give the definition of a message or signal event."""
    return f'<{kind}EventDefinition {kind}Ref="{name}"/>'


def catching(*events: str, key: str = "p", extra: str = "") -> bytes:
    """Give a file with catch events `c1`, `c2`, … one after the other; each event is its definition."""
    ids = [f"c{number}" for number in range(1, len(events) + 1)]
    nodes: list[Node] = [("s", "startEvent"), *zip(ids, ["intermediateCatchEvent"] * len(ids), events, strict=True)]
    return _line([*nodes, ("e", "endEvent")], key=key, extra=extra)


def started_by(event: str, *, key: str = "p", extra: str = "", task: str | None = None) -> bytes:
    """Give a file with a start event `s` of this definition and an end; between them service task `task`."""
    middle: list[Node] = [(task, "serviceTask")] if task else []
    return _line([("s", "startEvent", event), *middle, ("e", "endEvent")], key=key, extra=extra)


def bordered(event: str, *, interrupting: bool = True, extra: str = "", task: str = "a") -> bytes:
    """Give a file with service task `task` and a boundary event `b` on it, behind which is end event `late`."""
    boundary = f'boundaryEvent attachedToRef="{task}" cancelActivity="{str(interrupting).lower()}"'
    nodes: list[Node] = [("s", "startEvent"), (task, "serviceTask"), ("e", "endEvent"), ("late", "endEvent")]
    arrows: list[Arrow] = [("s", task), (task, "e"), ("b", "late")]
    return bpmn([*nodes, ("b", boundary, event)], arrows, extra=extra)


def throwing(event: str, *, key: str = "thrower", extra: str = "") -> bytes:
    """Give a file with a throw event `t` of this definition."""
    return _line([("s", "startEvent"), ("t", "intermediateThrowEvent", event), ("e", "endEvent")], key=key, extra=extra)


def _line(nodes: Iterable[Node], *, key: str, extra: str) -> bytes:
    nodes = list(nodes)
    ids = [node[0] for node in nodes]
    return bpmn(nodes, list(itertools.pairwise(ids)), key=key, extra=extra)
