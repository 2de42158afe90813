"""Reads one flow node or sequence flow into its neutral record, and what is noticed on the way into a report.

The order of things and their connections are `read.py`'s; whether an element runs is `verdicts.py`'s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from runner.bpmn.bindings import distinct, snake_case
from runner.bpmn.diagram import Dialect, Element, EventDefinition, Flow, ServiceBinding
from runner.bpmn.dialects.reading import merged_headers, read_condition, read_extensions, report_unread
from runner.bpmn.dialects.vendor import Extension
from runner.bpmn.findings import Report
from runner.bpmn.verdicts import BY_TOPIC, CHILDREN, FLOW_NODES, REFUSED_ATTRIBUTES, STANDARD_ATTRIBUTES, Outcome
from runner.bpmn.xml import BPMN, Document, children, name_of, split, text_of

_DEFINITION = "EventDefinition"
_DEFAULT_IMPLEMENTATIONS = frozenset({"webservice", "unspecified", "other"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the reading of one element may look at beside itself: the file, its dialect, its root elements by id."""

    document: Document
    dialect: Dialect
    expression_language: str
    roots: Mapping[str, etree._Element]


@dataclass(frozen=True, slots=True)
class Connections:
    """The flows into and out of one element, in document order."""

    incoming: tuple[Flow, ...]
    outgoing: tuple[Flow, ...]


def local_id(reference: str | None) -> str | None:
    """Give the id in a reference, which may carry a namespace prefix (QName, BPMN 2.0.2 §8.1.3); None if empty."""
    return (reference or "").strip().rpartition(":")[2] or None


def is_true(text: str | None, *, default: bool) -> bool:
    """Read an xsd:boolean attribute."""
    return default if text is None else text.strip() in ("true", "1")


def read_flow(node: etree._Element, around: Surroundings, *, report: Report) -> Flow:
    """Read a sequence flow with its condition."""
    expressions = list(children(node, BPMN, local="conditionExpression"))
    condition = None
    if expressions:
        condition = read_condition(
            expressions[0], around.dialect, default_language=around.expression_language, report=report
        )
        report_unread(expressions[0], report)
    report_unread(node, report)
    _report_attributes(node, report)
    return Flow(
        id=node.get("id") or "",
        source=local_id(node.get("sourceRef")) or "",
        target=local_id(node.get("targetRef")) or "",
        name=_clean(node.get("name")),
        condition=condition,
        line=report.line(node),
    )


def read_element(
    node: etree._Element, parent: str, *, connections: Connections, around: Surroundings, report: Report
) -> Element:
    """Read a flow node with everything on and in it except, for a sub-process, the elements it contains."""
    tag = name_of(node)[1]
    found = read_extensions(node, report)
    service = _service(node, tag, found=found, around=around)
    _report_attributes(node, report)
    _report_children(node, report)
    report_unread(node, report, has_handler=service is not None)
    return Element(
        id=node.get("id") or "",
        type=tag,
        name=_clean(node.get("name")),
        line=report.line(node),
        parent=parent,
        documentation=documentation_of(node),
        incoming=tuple(flow.id for flow in connections.incoming),
        outgoing=tuple(flow.id for flow in connections.outgoing),
        default_flow=_default_flow(node, tag, outgoing=connections.outgoing, report=report),
        service=service,
        inputs=tuple(mapping for extension in found for mapping in extension.inputs) if service else (),
        outputs=tuple(mapping for extension in found for mapping in extension.outputs) if service else (),
        events=_events(node, around, report=report),
        attached_to=local_id(node.get("attachedToRef")) if tag == "boundaryEvent" else None,
        interrupting=is_true(node.get("cancelActivity"), default=True),
    )


def documentation_of(node: etree._Element) -> str:
    """Give the texts of an element's <documentation>, one paragraph each."""
    return "\n\n".join(text for child in children(node, BPMN, local="documentation") if (text := text_of(child)))


def report_child(node: etree._Element, report: Report) -> None:
    """Say what a BPMN element inside a process or flow node comes to that is neither flow node nor flow."""
    tag = name_of(node)[1]
    verdict = CHILDREN.get(tag)
    if verdict is None:
        report.refuse(
            node,
            "element_unknown",
            message=f"Expected an element of BPMN 2.0, but <{tag}> is not one that can stand here. Draw it anew "
            "in the modeler.",
        )
    elif verdict.outcome is Outcome.REFUSED:
        report.refuse(
            node,
            "element_refused",
            message=f"Expected an element that can be executed, but it has {verdict.what}, which this version does not "
            f"execute yet. {verdict.advice}",
        )
    elif verdict.what:
        report.documentation(node, f"{verdict.what[0].upper()}{verdict.what[1:]}: {verdict.advice}.")


def _service(
    node: etree._Element, tag: str, *, found: Sequence[Extension], around: Surroundings
) -> ServiceBinding | None:
    topics = distinct(topic for extension in found for topic in extension.topics)
    if tag != "serviceTask" and not (tag in BY_TOPIC and topics):
        return None
    code = (name for extension in found for name in extension.code)
    fallbacks = (*_operations(node, around), node.get("id") or "", snake_case(node.get("name") or ""))
    return ServiceBinding(
        candidates=distinct((*topics, *code, *fallbacks)),
        headers=merged_headers(found),
        retry=next((extension.retry for extension in found if extension.retry is not None), None),
        timeout=next((extension.timeout for extension in found if extension.timeout is not None), None),
        priority=next((extension.priority for extension in found if extension.priority is not None), 0),
    )


def _operations(node: etree._Element, around: Surroundings) -> tuple[str, ...]:
    """Offer the operation's name and the implementation as topics, unless they are the standard's default values.

    Source: BPMN 2.0.2 §10.3.3.1, Service Task (operationRef, implementation).
    """
    reference = local_id(node.get("operationRef"))
    operation = around.roots.get(reference or "")
    name = operation.get("name") if operation is not None else reference
    implementation = (node.get("implementation") or "").strip()
    usual = implementation.lstrip("#").casefold() in _DEFAULT_IMPLEMENTATIONS
    return (name or "", "" if usual else implementation)


def _events(node: etree._Element, around: Surroundings, *, report: Report) -> tuple[EventDefinition, ...]:
    events = []
    for child in children(node, BPMN):
        tag = name_of(child)[1]
        if tag == "eventDefinitionRef":
            definition = around.roots.get(local_id(text_of(child)) or "")
            if definition is None:
                report.refuse(
                    child,
                    "reference_dangling",
                    message=f"Expected an event definition, but there is none with the id '{text_of(child)}'.",
                )
                continue
            events.append(_event(definition, around, report=report))
        elif tag.endswith(_DEFINITION):
            events.append(_event(child, around, report=report))
    return tuple(events)


def _event(node: etree._Element, around: Surroundings, *, report: Report) -> EventDefinition:
    kind = name_of(node)[1].removesuffix(_DEFINITION)
    reference = local_id(node.get(f"{kind}Ref"))
    target = around.roots.get(reference or "")
    if target is not None and name_of(target)[1] != kind:
        target = None
    if reference is not None and target is None:
        report.refuse(
            node,
            "reference_dangling",
            message=f"Expected the {kind} that this event refers to, but the file has none with the id '{reference}'. "
            "Choose one in the modeler.",
        )
    report_unread(node, report)
    name, code = (None, None) if target is None else (target.get("name"), target.get(f"{kind}Code"))
    return EventDefinition(kind, reference, name, code.strip() or None if code else None, report.line(node))


def _default_flow(node: etree._Element, tag: str, *, outgoing: tuple[Flow, ...], report: Report) -> str | None:
    """Give the default flow: the one named, else the only unconditional one of an exclusive gateway.

    Source of the second: Camunda 7's parser, which assumes the same; as the first of several it would always be taken.
    """
    named = local_id(node.get("default"))
    unconditional = [flow for flow in outgoing if flow.condition is None]
    if named is not None or tag != "exclusiveGateway" or len(outgoing) < 2 or len(unconditional) != 1:
        return named
    report.warn(
        node,
        "default_assumed",
        message=f"Expected a condition on flow '{unconditional[0].id}', but it has none: it is taken as the default "
        f"flow. "
        "Mark it as the default flow in the modeler.",
    )
    return unconditional[0].id


def _report_attributes(node: etree._Element, report: Report) -> None:
    for name, value in ((str(name), str(value)) for name, value in node.attrib.items()):
        namespace, local = split(name)
        if namespace:
            continue
        harmless, verdict = REFUSED_ATTRIBUTES.get(local, (frozenset(), None))
        if verdict is not None and value.strip() not in harmless:
            report.refuse(
                node,
                "element_refused",
                message=f"Expected an activity that can be executed, but {local}='{value}' makes it {verdict.what}, "
                f"which "
                f"this version does not execute yet. {verdict.advice}",
            )
        elif verdict is None and local not in STANDARD_ATTRIBUTES:
            report.warn(
                node,
                "attribute_unknown",
                message=f"Expected attributes of BPMN 2.0, but '{local}' is not one: it has no effect. "
                "If it is a vendor's, write its prefix before it.",
            )


def _report_children(node: etree._Element, report: Report) -> None:
    for child in children(node, BPMN):
        tag = name_of(child)[1]
        if tag not in FLOW_NODES and tag != "sequenceFlow" and not tag.endswith((_DEFINITION, "eventDefinitionRef")):
            report_child(child, report)


def _clean(name: str | None) -> str:
    return " ".join((name or "").split())
