"""Diagrams for tests, written in a line or two, and clocks that are moved by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
Node = tuple[str, str] | tuple[str, str, str]
Arrow = tuple[str, str] | tuple[str, str, str]


def bpmn(nodes: Iterable[Node], arrows: Iterable[Arrow], *, key: str = "p", extra: str = "") -> bytes:
    """Give a plain BPMN file: nodes are (id, tag, inner XML?), arrows (source, target, condition? or "default")."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{BPMN}" targetNamespace="test" id="d">\n{extra}\n'
        f'<process id={quoteattr(key)} isExecutable="true">\n' + body(nodes, arrows) + "\n</process>\n</definitions>\n"
    ).encode()


def body(nodes: Iterable[Node], arrows: Iterable[Arrow], beside: str = "", *, prefix: str = "") -> str:
    """Give the inside of a process or sub-process, with `beside` behind it; ids of flows begin with `prefix`."""
    arrows = list(arrows)
    ids = [f"{prefix}f{number}" for number in range(len(arrows))]
    defaults = {arrow[0]: id for id, arrow in zip(ids, arrows, strict=True) if arrow[2:] == ("default",)}
    lines = [_node(node, defaults) for node in nodes]
    lines += [_arrow(id, arrow) for id, arrow in zip(ids, arrows, strict=True)]
    return "\n".join((*lines, *([beside] if beside else [])))


def chain(names: Sequence[str], *, key: str = "p") -> bytes:
    """Give a file with service tasks one after the other, between a start and an end."""
    ids = ["s", *names, "e"]
    nodes: list[Node] = [("s", "startEvent"), *((name, "serviceTask") for name in names), ("e", "endEvent")]
    return bpmn(nodes, list(itertools.pairwise(ids)), key=key)


def loop(condition: str, *, key: str = "p") -> bytes:
    """Give a file that runs service task `work` again and again while `condition` holds."""
    nodes = [
        ("s", "startEvent"),
        ("again", "exclusiveGateway"),
        ("work", "serviceTask"),
        ("more", "exclusiveGateway"),
        ("e", "endEvent"),
    ]
    arrows = [
        ("s", "again"),
        ("again", "work"),
        ("work", "more"),
        ("more", "again", condition),
        ("more", "e", "default"),
    ]
    return bpmn(nodes, arrows, key=key)


def fork(left: str, right: str, *, key: str = "p") -> bytes:
    """Give a file with two service tasks side by side between parallel gateways."""
    nodes = [
        ("s", "startEvent"),
        ("split", "parallelGateway"),
        (left, "serviceTask"),
        (right, "serviceTask"),
        ("join", "parallelGateway"),
        ("e", "endEvent"),
    ]
    arrows = [("s", "split"), ("split", left), ("split", right), (left, "join"), (right, "join"), ("join", "e")]
    return bpmn(nodes, arrows, key=key)


def error_boundary(id: str, host: str, error: str | None = None) -> Node:
    """Give an error boundary event on `host`, for the `<error>` with id `error` or for every error."""
    ref = f' errorRef="{error}"' if error else ""
    return (id, f'boundaryEvent attachedToRef="{host}"', f"<errorEventDefinition{ref}/>")


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        """Give the instant it was put to."""
        return self.at

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


def _node(node: Node, defaults: dict[str, str]) -> str:
    id, tag, *inner = node
    default = f' default="{defaults[id]}"' if id in defaults else ""
    return f"<{tag} id={quoteattr(id)}{default} name={quoteattr(id)}>{''.join(inner)}</{tag.split()[0]}>"


def _arrow(id: str, arrow: Arrow) -> str:
    source, target, *condition = arrow
    inner = "".join(
        f"<conditionExpression>{escape(text)}</conditionExpression>" for text in condition if text != "default"
    )
    ends = f"sourceRef={quoteattr(source)} targetRef={quoteattr(target)}"
    return f"<sequenceFlow id='{id}' {ends}>{inner}</sequenceFlow>"
