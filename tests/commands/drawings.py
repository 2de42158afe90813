"""Diagrams in which processes call each other and people work, for tests of the commands."""

from __future__ import annotations

import itertools

from builders import Arrow, Node, bpmn

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
CAMUNDA = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
ERROR = '<error id="bad" errorCode="BAD"/>'
ESCALATION = '<escalation id="up" escalationCode="UP"/>'


def caller(called: str = "child", *, key: str = "p", more: str = "", attributes: str = "") -> bytes:
    """Give a process that calls another one, then has service task `a`; `more` stands on the call's border."""
    nodes: list[Node] = [("s", "startEvent"), ("a", "serviceTask"), ("e", "endEvent")]
    return put(bpmn(nodes, [("a", "e")], key=key, extra=ERROR + ESCALATION),
        f'<callActivity id="call" calledElement="{called}" {attributes}/>{more}'
        '<sequenceFlow id="x" sourceRef="s" targetRef="call"/><sequenceFlow id="y" sourceRef="call" targetRef="a"/>',
    )  # fmt: skip


def put(xml: bytes, inside: str) -> bytes:
    """Put XML into the process of a file."""
    return xml.replace(b"</process>", inside.encode() + b"</process>")


def caught(kind: str, code_id: str, *, interrupting: bool = True) -> str:
    """Give a boundary event on the call that leads to service task `b`."""
    return (
        f'<boundaryEvent id="caught" attachedToRef="call" cancelActivity="{str(interrupting).lower()}">'
        f'<{kind}EventDefinition {kind}Ref="{code_id}"/></boundaryEvent><serviceTask id="b"/>'
        '<sequenceFlow id="z" sourceRef="caught" targetRef="b"/>'
    )


def ending(definition: str, *, key: str = "child", first: list[str] | None = None) -> bytes:
    """Give a process of service tasks that ends with an event of this definition."""
    ids = ["s", *(first or []), "e"]
    nodes: list[Node] = [
        ("s", "startEvent"),
        *((id, "serviceTask") for id in first or []),
        ("e", "endEvent", definition),
    ]
    arrows: list[Arrow] = list(itertools.pairwise(ids))
    return bpmn(nodes, arrows, key=key, extra=ERROR + ESCALATION)


def work(attributes: str = "", inside: str = "") -> bytes:
    """Give a process with user task `u`, then service task `a`; BPMN error BAD leads from `u` to service task `b`."""
    nodes: list[Node] = [("s", "startEvent"), ("a", "serviceTask"), ("e", "endEvent")]
    return put(bpmn(nodes, [("a", "e")], extra=ERROR + ESCALATION),
        f'<userTask id="u" name="Check it" {attributes} {CAMUNDA}>{inside}</userTask>'
        '<sequenceFlow id="x" sourceRef="s" targetRef="u"/><sequenceFlow id="y" sourceRef="u" targetRef="a"/>'
        + caught("error", "bad").replace('attachedToRef="call"', 'attachedToRef="u"'),
    )  # fmt: skip
