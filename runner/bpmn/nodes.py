"""Reads one flow node or sequence flow into its neutral record, and what is noticed on the way into a report.

Its parts have readers of their own (`events.py`, `activities.py`, `repetitions.py`, `people.py`, `data_flows.py`); the
order of things and their connections are `read.py`'s; whether an element runs is `verdicts.py`'s."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from runner.bpmn.activities import (
    does_itself,
    read_ad_hoc,
    read_called,
    read_quantity,
    read_script,
    read_service,
    read_vendors_script,
)
from runner.bpmn.applied_templates import read_template
from runner.bpmn.data_flows import read_moves
from runner.bpmn.diagram import DataMove, Element, Flow, Listener
from runner.bpmn.dialects.reading import read_extensions, report_unread, task_tag
from runner.bpmn.dialects.texts import read_expression
from runner.bpmn.dialects.vendor import EVENTS, JOBS, Extension
from runner.bpmn.events import DEFINITION, read_events, read_message
from runner.bpmn.findings import Report
from runner.bpmn.parts import CHILDREN
from runner.bpmn.people import ROLES, read_people
from runner.bpmn.repetitions import read_repetition
from runner.bpmn.surroundings import Connections, Surroundings
from runner.bpmn.verdicts import FLOW_NODES
from runner.bpmn.xml import BPMN, children, first, is_true, local_id, name_of, text_of
from runner.expressions.language import Expression


def read_flow(node: etree._Element, around: Surroundings, *, report: Report) -> Flow:
    """Read a sequence flow with its condition."""
    expression = first(node, BPMN, "conditionExpression")
    condition = None
    if expression is not None:
        condition = read_expression(expression, around, what="a condition", report=report)
        report_unread(expression, report)
    report_unread(node, report)
    return Flow(
        id=node.get("id") or "",
        source=local_id(node.get("sourceRef")) or "",
        target=local_id(node.get("targetRef")) or "",
        name=_clean(node.get("name")),
        condition=condition,
        line=report.line(node),
        listeners=listeners_in(read_extensions(node, report)),
    )


def read_element(
    node: etree._Element, parent: str, *, connections: Connections, around: Surroundings, report: Report
) -> Element:
    """Read a flow node, or a global task as the task it is, with everything on and in it.

    The elements that a sub-process contains are not read here.
    """
    tag = task_tag(name_of(node)[1])
    found = [*read_extensions(node, report), *_of_message(node, report)]
    read = read_message if tag in ("sendTask", "receiveTask") else read_events
    events = read(node, around, report=report)
    called = read_called(node, tag, around, found=found, report=report)
    script = read_vendors_script(found) if tag in JOBS else None
    if tag == "scriptTask":
        script = read_script(node, around, found=found, report=report)
    service = None
    if tag in JOBS and (tag not in EVENTS or [event.kind for event in events] == ["message"]):
        itself = does_itself(tag, events=events, called=called, script=script)
        service = read_service(node, around, found=found, does=itself, script=script)
    moves = {end: read_moves(node, f"data{end}Association", around, report=report) for end in ("Input", "Output")}
    report_unread(node, report, has_handler=service is not None or tag == "userTask")
    _report_children(node, tag, moves=(*moves["Input"], *moves["Output"]), report=report)
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
        inputs=tuple(mapping for extension in found for mapping in extension.inputs),
        outputs=tuple(mapping for extension in found for mapping in extension.outputs),
        events=events,
        attached_to=local_id(node.get("attachedToRef")) if tag == "boundaryEvent" else None,
        interrupting=_interrupts(node, tag),
        repetition=read_repetition(node, around, report=report),
        called=called,
        script=script,
        people=read_people(node, around, found=found, report=report) if tag == "userTask" else None,
        ad_hoc=read_ad_hoc(node, around, found=found, report=report) if tag == "adHocSubProcess" else None,
        event_subprocess=is_true(node.get("triggeredByEvent"), default=False),
        for_compensation=is_true(node.get("isForCompensation"), default=False),
        undone_by=connections.undone_by,
        creates_instance=is_true(node.get("instantiate"), default=False),
        all_events=_needs_all(node),
        activation=_read_activation(node, around, report),
        start_quantity=read_quantity(node, "startQuantity", report),
        completion_quantity=read_quantity(node, "completionQuantity", report),
        lane=connections.lane,
        data_inputs=moves["Input"],
        data_outputs=moves["Output"],
        template=read_template(node),
        listeners=listeners_in(found),
        form=next((each.form for each in found if each.form is not None), None),
        form_link=next((each.form_link for each in found if each.form_link is not None), None),
    )


def _read_activation(node: etree._Element, around: Surroundings, report: Report) -> Expression | None:
    condition = first(node, BPMN, "activationCondition")
    if condition is None:
        return None
    return read_expression(condition, around, what="an activation condition", report=report)


def listeners_in(found: Iterable[Extension]) -> tuple[Listener, ...]:
    """Give the listeners of all vendors."""
    return tuple(listener for extension in found for listener in extension.listeners)


def documentation_of(node: etree._Element) -> str:
    """Give the texts of an element's <documentation>, one paragraph each."""
    return "\n\n".join(text for child in children(node, BPMN, local="documentation") if (text := text_of(child)))


def report_child(node: etree._Element, report: Report) -> None:
    """Say what a BPMN element inside a process or flow node comes to that is neither flow node nor flow."""
    tag = name_of(node)[1]
    part = CHILDREN.get(tag)
    # What BPMN does not have there is refused by the schema.
    if part is not None and part.note:
        report.documentation(node, part.note)


def _of_message(node: etree._Element, report: Report) -> Sequence[Extension]:
    """Read what a throwing event's message definition says: Camunda 7 puts an external task's topic there."""
    definition = first(node, BPMN, "messageEventDefinition")
    return () if definition is None else read_extensions(definition, report)


def _interrupts(node: etree._Element, tag: str) -> bool:
    """Read cancelActivity of a boundary event or isInterrupting of a start event; both are true by default."""
    return is_true(node.get("isInterrupting" if tag == "startEvent" else "cancelActivity"), default=True)


def _needs_all(node: etree._Element) -> bool:
    gateway = (node.get("eventGatewayType") or "").strip() == "Parallel"
    return gateway or is_true(node.get("parallelMultiple"), default=False)


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


def _report_children(node: etree._Element, tag: str, *, moves: Sequence[DataMove], report: Report) -> None:
    for child in children(node, BPMN):
        name = name_of(child)[1]
        if name in FLOW_NODES or name == "sequenceFlow" or name.endswith((DEFINITION, "eventDefinitionRef")):
            continue
        if (name in ROLES and tag == "userTask") or (name.startswith("data") and moves):
            continue
        report_child(child, report)


def _clean(name: str | None) -> str:
    return " ".join((name or "").split())
