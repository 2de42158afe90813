"""From a file's bytes to a `Diagram`: finds the processes, connects elements and flows, collects what is noticed.

The tree is `xml.py`'s, one element is `nodes.py`'s, vendor attributes are `dialects/`'s, judging is `check.py`'s."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from runner.bpmn.diagram import Diagram, Element, Flow, Process
from runner.bpmn.dialects.reading import detect, report_unread
from runner.bpmn.findings import Report, in_order
from runner.bpmn.nodes import (
    Connections,
    Surroundings,
    documentation_of,
    is_true,
    local_id,
    read_element,
    read_flow,
    report_child,
)
from runner.bpmn.verdicts import CONTAINERS, FLOW_NODES, Outcome, verdict_of
from runner.bpmn.xml import BPMN, Document, children, load_file, name_of, parse
from runner.errors import DiagramUnreadable, Finding


def read_file(path: Path) -> Diagram:
    """Read a diagram file; its size is checked before its bytes are read. Raises DiagramUnreadable."""
    return read_diagram(load_file(path), source=str(path))


def read_diagram(xml: bytes, *, source: str) -> Diagram:
    """Read a diagram; `source` is its name for messages. Raises DiagramUnreadable if it is not BPMN 2.0 XML.

    What is readable but cannot run is in the diagram's findings, and in what `check.check_diagram` adds to them.
    """
    document = parse(xml, source=source)
    root = _expect_bpmn(document)
    report = Report(document)
    around = Surroundings(document, detect(root, report), root.get("expressionLanguage") or "", _roots(root))
    _report_ids(document, report)
    _report_root(root, report)
    processes: list[Process] = []
    findings: list[Finding] = []
    for node in children(root, BPMN, local="process"):
        if not node.get("id"):
            continue
        process, noticed = _read_process(node, around)
        processes.append(process)
        findings.extend(noticed if process.executable else ())
    return Diagram(source, xml, around.dialect, tuple(processes), in_order((*report.findings(), *findings)))


def _expect_bpmn(document: Document) -> etree._Element:
    namespace, tag = name_of(document.root)
    if (namespace, tag) != (BPMN, "definitions"):
        raise DiagramUnreadable(
            f"Expected BPMN 2.0 with the root element <definitions> in the namespace {BPMN}, but "
            f"{document.source}:{document.line(document.root)} begins with <{tag}> in "
            f"{'the namespace ' + namespace if namespace else 'no namespace'}. Export the diagram as BPMN 2.0 XML."
        )
    return document.root


def _roots(root: etree._Element) -> dict[str, etree._Element]:
    """Collect what elements refer to by id: errors, messages, …, operations, event definitions, participants."""
    found: dict[str, etree._Element] = {}
    for node in children(root, BPMN):
        nested = children(node, BPMN) if name_of(node)[1] in ("interface", "collaboration") else ()
        for each in (node, *nested):
            if each.get("id") and name_of(each)[1] != "process":
                found.setdefault(str(each.get("id")), each)
    return found


def _report_ids(document: Document, report: Report) -> None:
    """Refuse an id that is given twice; in the drawing (DI) it harms the modeler only, inside extensions nobody."""
    first: dict[str, etree._Element] = {}
    for node in document.root.iter(etree.Element):
        identity, namespace = node.get("id"), name_of(node)[0]
        if not identity or not (namespace == BPMN or namespace.startswith("http://www.omg.org/spec/")):
            continue
        known = first.setdefault(identity, node)
        if known is node:
            continue
        message = (
            f"Expected each id once, but '{identity}' is the id of <{name_of(known)[1]}> in line {report.line(known)} "
            f"and of <{name_of(node)[1]}> here. Give one of them another id."
        )
        (report.refuse if namespace == BPMN else report.warn)(node, "duplicate_id", message=message)


def _report_root(root: etree._Element, report: Report) -> None:
    for node in children(root, BPMN):
        tag = name_of(node)[1]
        if tag == "extension" and is_true(node.get("mustUnderstand"), default=False):
            report.refuse(
                node,
                "extension_unknown",
                message=f"Expected a diagram without foreign rules, but extension '{node.get('definition')}' must be "
                "understood to run it, and is not. Remove the extension.",
            )
        elif tag == "process" and not node.get("id"):
            report.refuse(node, "id_missing", message="Expected a process with an id, but it has none. Give it one.")
        elif tag.startswith("global") or tag in ("choreography", "globalConversation"):
            report.documentation(node, f"A <{tag}> outside a process is read as documentation: nothing calls it.")
        elif tag == "collaboration":
            for flow in children(node, BPMN, local="messageFlow"):
                report.documentation(flow, "A message flow is read as documentation: it sends nothing by itself.")


@dataclass(frozen=True, slots=True)
class _Inside:
    """What is inside one process: its BPMN elements, each with the id of its container, and where to tell of them."""

    key: str
    nodes: tuple[tuple[etree._Element, str], ...]
    around: Surroundings
    report: Report


def _read_process(node: etree._Element, around: Surroundings) -> tuple[Process, tuple[Finding, ...]]:
    key = node.get("id") or ""
    inside = _Inside(key, tuple(_walk(node, key)), around, Report(around.document))
    report_unread(node, inside.report)
    flows = _read_flows(inside)
    process = Process(
        key=key,
        name=_process_name(node, key, around=around),
        line=around.document.line(node),
        executable=is_true(node.get("isExecutable"), default=False),
        documentation=documentation_of(node),
        elements=_read_elements(inside, flows),
        flows={flow.id: flow for flow in flows},
    )
    return process, inside.report.findings()


def _process_name(node: etree._Element, key: str, *, around: Surroundings) -> str:
    """Give the process's name, else that of its pool, which is what people name in a modeler."""
    pools = (
        pool.get("name")
        for pool in around.roots.values()
        if name_of(pool)[1] == "participant" and local_id(pool.get("processRef")) == key
    )
    return next((name.strip() for name in (node.get("name"), *pools) if name and name.strip()), key)


def _walk(container: etree._Element, parent: str) -> Iterator[tuple[etree._Element, str]]:
    """Give each BPMN element inside a process with the id of its container, sub-processes included.

    Recursion is bounded by the depth that `xml.py` accepts.
    """
    for node in children(container, BPMN):
        yield node, parent
        if name_of(node)[1] in CONTAINERS:
            yield from _walk(node, node.get("id") or "")


def _read_flows(inside: _Inside) -> list[Flow]:
    flows: dict[str, Flow] = {}
    for node, parent in inside.nodes:
        if name_of(node)[1] != "sequenceFlow" or not _has_id(node, inside.report):
            continue
        own = Report(inside.around.document)
        flow = read_flow(node, inside.around, report=own)
        flows.setdefault(flow.id, flow)
        # What lies in a sub-process is refused with it, in one sentence instead of many.
        if parent == inside.key:
            inside.report.extend(own)
    return list(flows.values())


def _read_elements(inside: _Inside, flows: Sequence[Flow]) -> dict[str, Element]:
    incoming: dict[str, list[Flow]] = {}
    outgoing: dict[str, list[Flow]] = {}
    for flow in flows:
        incoming.setdefault(flow.target, []).append(flow)
        outgoing.setdefault(flow.source, []).append(flow)
    elements: dict[str, Element] = {}
    for node, parent in inside.nodes:
        tag, identity = name_of(node)[1], node.get("id") or ""
        if tag in FLOW_NODES and _has_id(node, inside.report):
            own = Report(inside.around.document)
            connections = Connections(tuple(incoming.get(identity, ())), tuple(outgoing.get(identity, ())))
            element = read_element(node, parent, connections=connections, around=inside.around, report=own)
            elements.setdefault(identity, element)
            # Of a refused element it is enough to know that it is refused.
            if parent == inside.key and verdict_of(element).outcome is Outcome.EXECUTED:
                inside.report.extend(own)
        elif tag not in FLOW_NODES and parent == inside.key and tag != "sequenceFlow":
            report_child(node, inside.report)
    return elements


def _has_id(node: etree._Element, report: Report) -> bool:
    if node.get("id"):
        return True
    tag = name_of(node)[1]
    report.refuse(
        node, "id_missing", message=f"Expected an id on each element, but this <{tag}> has none. Give it one."
    )
    return False
