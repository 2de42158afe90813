"""From a file's bytes to a `Diagram`: finds the processes, connects elements and flows, collects what is noticed.

The tree is `xml.py`'s, one element is `nodes.py`'s, vendor attributes are `dialects/`'s, judging is `check.py`'s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from runner.bpmn.activities import read_priority
from runner.bpmn.correlation import read_data_paths, read_message_paths
from runner.bpmn.data_flows import read_names, read_objects, read_stores
from runner.bpmn.diagram import Diagram, Element, Flow, Process
from runner.bpmn.dialects.reading import detect, read_extensions, read_initiator, read_version_tag, report_unread
from runner.bpmn.findings import Report, in_order
from runner.bpmn.global_tasks import called_in, is_global_task, read_global_task
from runner.bpmn.nodes import documentation_of, listeners_in, read_element, read_flow, report_child
from runner.bpmn.pools import lane_of, read_lanes, read_message_flows, read_pools
from runner.bpmn.surroundings import Connections, Surroundings
from runner.bpmn.verdicts import CONTAINERS, FLOW_NODES, is_executed
from runner.bpmn.xml import BPMN, Document, children, expect_bpmn, is_true, load_file, local_id, name_of, parse

# What elements refer to and vendors say something about.
_REFERRED = frozenset({"message", "error", "signal", "escalation"})


def read_file(path: Path) -> Diagram:
    """Read a diagram file; its size is checked before its bytes are read. Raises DiagramUnreadable."""
    return read_diagram(load_file(path), source=str(path))


def read_diagram(xml: bytes, *, source: str, as_executable: bool = False) -> Diagram:
    """Read a diagram; `source` is its name for messages. Raises DiagramUnreadable if it is not BPMN 2.0 XML.

    What is readable but cannot run is in the diagram's findings, and in what `check.check_diagram` adds to them.
    `as_executable` reads each process as if it were marked executable.
    """
    document = parse(xml, source=source)
    root = expect_bpmn(document)
    report = Report(document)
    roots = _roots(root)
    around = Surroundings(
        document,
        detect(root, report),
        root.get("expressionLanguage") or "",
        roots,
        message_paths=read_message_paths(roots),
    )
    _report_ids(document, report)
    _report_root(root, report)
    pools = read_pools(root)
    processes = [
        _read_process(node, around, pools=pools, as_executable=as_executable)
        for node in children(root, BPMN, local="process")
        if node.get("id")
    ]
    called = called_in(processes)
    for node in filter(is_global_task, children(root, BPMN)):
        processes.append(read_global_task(node, around, called=as_executable or node.get("id") in called))
    return Diagram(
        source,
        xml,
        around.dialect,
        tuple(processes),
        in_order(report.findings()),
        message_flows=read_message_flows(root, document.line),
        pools=pools,
    )


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
        elif tag in ("choreography", "globalChoreographyTask", "globalConversation"):
            report.documentation(node, f"A <{tag}> is read as documentation: it says how pools talk, not what they do.")
        elif tag == "dataStore" and (said := [name for name in ("capacity", "isUnlimited") if node.get(name)]):
            names = f"{' and '.join(said)} of data store '{node.get('id')}'"
            sentence = "documentation: a data store has room for what is put there"
            report.documentation(node, f"{names} {'is' if len(said) == 1 else 'are'} {sentence}.")
        elif tag in _REFERRED:
            report_unread(node, report)


@dataclass(frozen=True, slots=True)
class _Inside:
    """What is inside one process: its BPMN elements, each with the id of its container, and where to tell of them."""

    key: str
    nodes: tuple[tuple[etree._Element, str], ...]
    around: Surroundings
    report: Report


def _read_process(
    node: etree._Element, file: Surroundings, *, pools: Mapping[str, str], as_executable: bool
) -> Process:
    key = node.get("id") or ""
    stores = read_stores(node, file.roots)
    report = Report(file.document)
    found = read_extensions(node, report)
    around = replace(
        file,
        names=read_names(node),
        stores={identity: store.name for identity, store in stores.items()},
        data_paths=read_data_paths(node),
        priority=read_priority(found),
    )
    inside = _Inside(key, tuple(_walk(node, key)), around, report)
    report_unread(node, report)
    flows, of_flows = _read_flows(inside)
    elements, of_elements = _read_elements(inside, flows, lanes=read_lanes(node))
    _report_executed(inside, elements, reports={**of_flows, **of_elements})
    executable = as_executable or is_true(node.get("isExecutable"), default=False)
    if not executable:
        message = f"Process '{key}' is not marked executable: it is read as documentation."
        inside.report.note(node, "not_executable", message=message)
    return Process(
        key=key,
        name=next((name for name in (" ".join((node.get("name") or "").split()), pools.get(key)) if name), key),
        line=around.document.line(node),
        executable=executable,
        documentation=documentation_of(node),
        elements=elements,
        flows={flow.id: flow for flow in flows},
        version_tag=read_version_tag(node),
        data_objects=_with_initiators(read_objects(inside.nodes, around.names), node),
        data_stores=stores,
        findings=inside.report.findings(),
        listeners=listeners_in(found),
    )


def _with_initiators(objects: dict[str, tuple[str, ...]], process: etree._Element) -> dict[str, tuple[str, ...]]:
    """Add the variables that name who started an instance: there is nobody to name, so they begin as null."""
    key, names = process.get("id") or "", [read_initiator(each) for each in children(process, BPMN, local="startEvent")]
    found = tuple(name for name in names if name)
    return {**objects, key: tuple(dict.fromkeys((*objects.get(key, ()), *found)))} if found else objects


def _walk(container: etree._Element, parent: str) -> Iterator[tuple[etree._Element, str]]:
    """Give each BPMN element inside a process with the id of its container, sub-processes included.

    Recursion is bounded by the depth that `xml.py` accepts.
    """
    for node in children(container, BPMN):
        yield node, parent
        if name_of(node)[1] in CONTAINERS:
            yield from _walk(node, node.get("id") or "")


def _read_flows(inside: _Inside) -> tuple[list[Flow], dict[str, Report]]:
    """Read the sequence flows, and what is noticed at each by its id."""
    flows: dict[str, Flow] = {}
    reports: dict[str, Report] = {}
    for node, _ in inside.nodes:
        if name_of(node)[1] == "sequenceFlow" and _has_id(node, inside.report):
            own = Report(inside.around.document)
            flow = read_flow(node, inside.around, report=own)
            flows.setdefault(flow.id, flow)
            reports.setdefault(flow.id, own)
    return list(flows.values()), reports


def _read_elements(
    inside: _Inside, flows: Sequence[Flow], *, lanes: Mapping[str, str]
) -> tuple[dict[str, Element], dict[str, Report]]:
    """Read the flow nodes, and what is noticed at each by its id."""
    incoming: dict[str, list[Flow]] = {}
    outgoing: dict[str, list[Flow]] = {}
    for flow in flows:
        incoming.setdefault(flow.target, []).append(flow)
        outgoing.setdefault(flow.source, []).append(flow)
    found = [(node, parent) for node, parent in inside.nodes if name_of(node)[1] in FLOW_NODES]
    parents: dict[str, str] = {}
    for node, parent in found:
        parents.setdefault(node.get("id") or "", parent)
    handlers = _compensation_handlers(inside)
    elements: dict[str, Element] = {}
    reports: dict[str, Report] = {}
    for node, parent in found:
        identity = node.get("id") or ""
        if not _has_id(node, inside.report) or identity in elements:
            continue
        reports[identity] = Report(inside.around.document)
        connections = Connections(
            tuple(incoming.get(identity, ())),
            tuple(outgoing.get(identity, ())),
            lane_of(identity, lanes, parents, root=inside.key),
            handlers.get(identity),
        )
        elements[identity] = read_element(
            node, parent, connections=connections, around=inside.around, report=reports[identity]
        )
    return elements, reports


def _compensation_handlers(inside: _Inside) -> dict[str, str]:
    """Give the activity that each compensation boundary event is associated with, whichever way it is drawn."""
    nodes = {node.get("id"): node for node, _ in inside.nodes if node.get("id")}
    handlers: dict[str, str] = {}
    for association, _ in inside.nodes:
        if name_of(association)[1] != "association":
            continue
        ends = [local_id(association.get(name)) or "" for name in ("sourceRef", "targetRef")]
        for event, handler in (ends, ends[::-1]):
            if event not in nodes or handler not in nodes or not _is_compensation(nodes[event]):
                continue
            if name_of(nodes[handler])[1] in FLOW_NODES and handlers.setdefault(event, handler) != handler:
                inside.report.refuse(
                    association,
                    "compensation_ambiguous",
                    message=f"Expected one activity that undoes, but '{event}' is associated with '{handlers[event]}' "
                    f"and '{handler}'. Put both into a sub-process, or remove one association.",
                )
    return handlers


def _is_compensation(node: etree._Element) -> bool:
    compensates = any(name_of(child)[1] == "compensateEventDefinition" for child in children(node, BPMN))
    return name_of(node)[1] == "boundaryEvent" and compensates


def _report_executed(inside: _Inside, elements: Mapping[str, Element], *, reports: Mapping[str, Report]) -> None:
    """Tell what was noticed at elements that run; of a refused one, and all in it, it is enough that it is refused."""
    running = _running(elements, key=inside.key)
    for node, parent in inside.nodes:
        identity, tag = node.get("id") or "", name_of(node)[1]
        if parent not in running:
            continue
        if tag in FLOW_NODES:
            if identity in running:
                inside.report.extend(reports[identity])
        elif tag != "sequenceFlow":
            if parent == inside.key:  # those of a sub-process are told with it, in `nodes.py`
                report_child(node, inside.report)
        elif identity:
            inside.report.extend(reports[identity])


def _running(elements: Mapping[str, Element], *, key: str) -> set[str]:
    """Give the ids of elements that run, with all sub-processes around them; a container comes before its contents."""
    running = {key}
    for element in elements.values():
        if element.parent in running and is_executed(element, elements.get(element.parent)):
            running.add(element.id)
    return running


def _has_id(node: etree._Element, report: Report) -> bool:
    if node.get("id"):
        return True
    tag = name_of(node)[1]
    report.refuse(
        node, "id_missing", message=f"Expected an id on each element, but this <{tag}> has none. Give it one."
    )
    return False
