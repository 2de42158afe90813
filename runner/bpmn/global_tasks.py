"""Reads global tasks: a task outside all processes, which call activities call (BPMN 2.0.2 §10.3.4).

It becomes a process of that id with the one task between a start and an end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lxml import etree

from runner.bpmn.diagram import Element, Flow, Process
from runner.bpmn.dialects.reading import task_tag
from runner.bpmn.findings import Report
from runner.bpmn.nodes import documentation_of, read_element
from runner.bpmn.surroundings import Connections, Surroundings
from runner.bpmn.xml import name_of


def is_global_task(node: etree._Element) -> bool:
    """Say whether a root element is a global task with an id."""
    tag = name_of(node)[1]
    return task_tag(tag) != tag and bool(node.get("id"))


def called_in(processes: Iterable[Process]) -> frozenset[str]:
    """Give the ids that call activities of executable processes call."""
    elements = (element for process in processes if process.executable for element in process.elements.values())
    calls = (element.called for element in elements if element.type == "callActivity")
    return frozenset(called.id.text for called in calls if called is not None)


def read_global_task(node: etree._Element, around: Surroundings, *, called: bool) -> Process:
    """Read a global task as a process, executable if the file calls it; else it is documentation."""
    key, report = node.get("id") or "", Report(around.document)
    line = report.line(node)
    start, end = (f"{key}_{name}" for name in ("start", "end"))
    flows = (
        Flow(f"{key}_flow_in", start, f"{key}_task", line=line),
        Flow(f"{key}_flow_out", f"{key}_task", end, line=line),
    )
    task = read_element(node, key, connections=Connections(flows[:1], flows[1:]), around=around, report=report)
    elements = (
        Element(start, "startEvent", "", line, key, outgoing=(flows[0].id,)),
        replace(task, id=f"{key}_task"),
        Element(end, "endEvent", "", line, key, incoming=(flows[1].id,)),
    )
    if not called:
        message = f"Global task '{key}' is called by nothing in the file: it is read as documentation."
        report.note(node, "not_executable", message=message)
    return Process(
        key=key,
        name=task.name or key,
        line=line,
        executable=called,
        documentation=documentation_of(node),
        elements={element.id: element for element in elements},
        flows={flow.id: flow for flow in flows},
        findings=report.findings(),
    )
