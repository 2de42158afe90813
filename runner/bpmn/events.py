"""Reads event definitions: what an event waits for or does, whoever defines it (BPMN 2.0.2 §10.5.5).

Where each kind may stand is `verdicts.py`'s; which message a correlation means is `correlation.py`'s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from runner.bpmn.correlation import read_correlation_key
from runner.bpmn.diagram import Dialect, EventDefinition, TimerDefinition
from runner.bpmn.dialects.reading import read_extensions, report_unread
from runner.bpmn.dialects.texts import language_named, read_expression, read_value
from runner.bpmn.dialects.vendor import Extension
from runner.bpmn.findings import Report
from runner.bpmn.surroundings import Surroundings
from runner.bpmn.xml import BPMN, children, first, is_true, local_id, name_of, text_of
from runner.errors import ScheduleInvalid
from runner.expressions.language import Expression, Language
from runner.schedules import read_schedule

DEFINITION = "EventDefinition"
THROWING = frozenset({"intermediateThrowEvent", "endEvent", "sendTask", "implicitThrowEvent"})
_TIMES = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
# What begins like this is meant as a time, so a wrong one is refused as a time and not read as an expression.
_LOOKS_LIKE_A_TIME = re.compile(r"-?P[\dT]|R\d*/|[\d*@]")


def read_events(node: etree._Element, around: Surroundings, *, report: Report) -> tuple[EventDefinition, ...]:
    """Read the event definitions in an event, and those it refers to, in document order."""
    throws = name_of(node)[1] in THROWING
    events = []
    for child in children(node, BPMN):
        tag = name_of(child)[1]
        if tag == "eventDefinitionRef":
            definition = around.roots.get(local_id(text_of(child)) or "")
            if definition is not None and name_of(definition)[1].endswith(DEFINITION):
                events.append(read_event(definition, around, throws=throws, report=report))
        elif tag.endswith(DEFINITION):
            events.append(read_event(child, around, throws=throws, report=report))
    return tuple(events)


def read_event(node: etree._Element, around: Surroundings, *, throws: bool, report: Report) -> EventDefinition:
    """Read one event definition; `throws` says on which side of it the event stands."""
    kind = name_of(node)[1].removesuffix(DEFINITION)
    report_unread(node, report)
    event = _referring(node, kind, around, throws=throws, report=report)
    if kind == "timer":
        return replace(event, timer=_timer(node, around, report=report))
    if kind == "conditional":
        return replace(event, condition=_condition(node, around, report=report))
    if kind == "link":
        return replace(event, name=" ".join((node.get("name") or "").split()) or None)
    if kind == "compensate":
        waits = is_true(node.get("waitForCompletion"), default=True)
        return replace(event, activity=local_id(node.get("activityRef")), waits=waits)
    return event


def read_message(node: etree._Element, around: Surroundings, *, report: Report) -> tuple[EventDefinition, ...]:
    """Read the message that a send or receive task names, itself or by its operation (BPMN 2.0.2 §10.3.3.2)."""
    operation = around.roots.get(local_id(node.get("operationRef")) or "")
    used = None if operation is None else first(operation, BPMN, "inMessageRef")
    reference = local_id(node.get("messageRef")) or (None if used is None else local_id(text_of(used)))
    throws = name_of(node)[1] in THROWING
    if reference is None and (throws or around.dialect is not Dialect.CAMUNDA7):
        return ()
    if reference is None:
        # In Camunda 7 such a task is continued by the API, so it has to be reachable from outside.
        name = node.get("id") or ""
        message = f"Expected the message that '{name}' waits for, but none is named: it waits for message '{name}'."
        report.warn(node, "message_assumed", message=message)
        return (EventDefinition("message", name=name, line=report.line(node)),)
    return (_event(node, ("message", reference), around, throws=throws, found=(), report=report),)


def _referring(
    node: etree._Element, kind: str, around: Surroundings, *, throws: bool, report: Report
) -> EventDefinition:
    reference = local_id(node.get(f"{kind}Ref"))
    if reference is None and kind == "message":
        operation = first(node, BPMN, "operationRef")
        named = None if operation is None else around.roots.get(local_id(text_of(operation)) or "")
        used = None if named is None else first(named, BPMN, "inMessageRef")
        reference = None if used is None else local_id(text_of(used))
    found = read_extensions(node, Report(around.document) if kind == "message" else report)
    return _event(node, (kind, reference), around, throws=throws, found=found, report=report)


def _event(
    node: etree._Element,
    referring: tuple[str, str | None],
    around: Surroundings,
    *,
    throws: bool,
    found: Sequence[Extension],
    report: Report,
) -> EventDefinition:
    """Give the definition with what it refers to; `referring` is its kind and the id of that."""
    kind, reference = referring
    target = around.roots.get(reference or "")
    if target is not None and name_of(target)[1] != kind:
        target = None
    event = EventDefinition(
        kind,
        reference,
        line=report.line(node),
        code_variable=next((each.code_variable for each in found if each.code_variable), None),
        message_variable=next((each.message_variable for each in found if each.message_variable), None),
        payload=tuple(mapping for each in found for mapping in each.payload),
        all_variables=any(each.all_variables for each in found),
    )
    if target is None:
        # What leads nowhere is refused as such: that it has no name or code need not be said beside.
        return replace(event, name=reference, code=reference)
    return _named(event, target, around, throws=throws, report=report)


def _named(
    event: EventDefinition, target: etree._Element, around: Surroundings, *, throws: bool, report: Report
) -> EventDefinition:
    """Add what the error, message, signal or escalation says: its name or code, either a text or an expression."""
    line = report.line(target)
    name = " ".join((target.get("name") or "").split())
    code = (target.get(f"{event.kind}Code") or "").strip()
    if event.kind in ("message", "signal") and name:
        value = read_value(name, around, line=line)
        event = replace(event, name=name) if _is_text(value) else replace(event, name_expression=value)
        if event.kind == "message":
            event = replace(event, correlation_key=read_correlation_key(target, around, throws=throws, report=report))
        return event
    event = replace(event, name=name or None, code=code or None)
    value = read_value(code, around, line=line)
    if event.kind not in ("error", "escalation") or _is_text(value):
        return event
    if not throws:
        report.refuse(
            target,
            "code_dynamic",
            message=f"Expected a fixed {event.kind} code where it is caught, but got the expression '{code}'. Write "
            "the code, or none to catch all.",
        )
    return replace(event, code=None, code_expression=value)


def _timer(node: etree._Element, around: Surroundings, *, report: Report) -> TimerDefinition | None:
    found = [child for child in children(node, BPMN) if name_of(child)[1] in _TIMES and text_of(child)]
    if len(found) != 1:
        report.refuse(
            node,
            "timer_missing" if not found else "timer_ambiguous",
            message="Expected a date, a duration or a cycle for the timer, but "
            + ("none is given. Write one, like PT1H." if not found else "several are given. Keep one."),
        )
        return None
    kind = _TIMES[name_of(found[0])[1]]
    return TimerDefinition(kind, _time(found[0], kind, around, report=report))


def _time(node: etree._Element, kind: str, around: Surroundings, *, report: Report) -> Expression:
    """Read a timer's text: a time stands for itself, what is none is an expression.

    In Camunda's dialects the form of an expression says so; in plain BPMN it is what neither is a time nor begins like
    one.
    """
    text, line = text_of(node), report.line(node)
    value = read_value(text, around, line=line)
    if not _is_text(value) or around.dialect is not Dialect.PLAIN:
        return value
    if language_named(node.get("language") or "") is None and (_is_time(kind, text) or _LOOKS_LIKE_A_TIME.match(text)):
        return value
    return read_expression(node, around, what="a time", report=report)


def _is_time(kind: str, text: str) -> bool:
    try:
        read_schedule(kind, text)
    except ScheduleInvalid:
        return False
    return True


def _condition(node: etree._Element, around: Surroundings, *, report: Report) -> Expression | None:
    condition = first(node, BPMN, "condition")
    if condition is None:
        return None  # refused by the schema
    return read_expression(condition, around, what="a condition", report=report)


def _is_text(value: Expression) -> bool:
    return value.language is Language.TEXT
