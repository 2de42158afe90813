"""Plain BPMN: our own few attributes (`runner:`) where the standard says nothing, in the safe Python-like language.

The namespace is a URN, because nobody has to fetch anything from it. The attributes are described in `docs/bpmn.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from lxml import etree

from runner.bpmn.diagram import Called, VariableMapping, WorkForPeople
from runner.bpmn.dialects.texts import plain_expression, plain_value, topics_of
from runner.bpmn.dialects.vendor import (
    FORMS,
    JOBS,
    MAPPED,
    Consequence,
    Extension,
    RepeatedOver,
    attribute,
    extensions,
    number_or_expression,
)
from runner.bpmn.durations import parse_retry_cycle, parse_timeout
from runner.bpmn.findings import Report
from runner.bpmn.xml import is_true, name_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression
from runner.forms.form import FormLink

NAMESPACE = "urn:bpmn-runner:1.0"
NAMESPACES = (NAMESPACE,)
PLATFORM = ""

_CALLS = frozenset({"callActivity", "businessRuleTask"})
_USER = frozenset({"userTask", "globalUserTask"})
_ITEMS = frozenset({"multiInstanceLoopCharacteristics"})
FOR_HANDLERS = frozenset({"handler", "retry", "timeout", "priority", "lock"})
HONOURED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("handler", "retry", "timeout", "lock"), JOBS),
    "priority": JOBS | _USER | {"process"},
    **dict.fromkeys(("input", "output"), MAPPED),
    **dict.fromkeys(("binding", "version"), _CALLS | FORMS),
    "form": FORMS,
    **dict.fromkeys(("allInputs", "allOutputs", "businessKey"), frozenset({"callActivity"})),
    "decision": frozenset({"businessRuleTask"}),
    "resultVariable": frozenset({"scriptTask", "businessRuleTask"}),
    **dict.fromkeys(("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate"), _USER),
    **dict.fromkeys(("collection", "item", "outputCollection", "outputItem"), _ITEMS),
    "activeElements": frozenset({"adHocSubProcess"}),
    "correlationKey": frozenset({"message"}),
    "versionTag": frozenset({"process"}),
}
CONSEQUENCES: Mapping[str, Consequence] = {
    **dict.fromkeys(HONOURED, Consequence("refused", "it has no effect there; remove it")),
    **dict.fromkeys(
        ("handler", "retry", "timeout", "priority", "lock"), Consequence("refused", "nothing here is done by a handler")
    ),
}
Value = TypeVar("Value")


def read_extension(node: etree._Element, report: Report) -> Extension:
    """Read the runner: attributes and elements of a part of a diagram; what is malformed is refused."""
    parts = list(extensions(node, NAMESPACE))
    if not parts and not any(str(name).startswith(f"{{{NAMESPACE}}}") for name in node.attrib):
        return Extension()
    tag, (topics, computed_topic) = name_of(node)[1], topics_of(_value(node, "handler", report))
    people = tag in _USER
    priority, computed = (None, None) if people else _priority(node, report)
    return Extension(
        topics=topics,
        computed_topic=computed_topic,
        retry=_read(node, "retry", parse=parse_retry_cycle, report=report),
        timeout=_read(node, "timeout", parse=parse_timeout, report=report),
        priority=priority,
        computed_priority=computed,
        lock=_value(node, "lock", report),
        inputs=_mappings(parts, "input", report=report),
        outputs=_mappings(parts, "output", report=report),
        people=_people(node, report) if people else None,
        form_link=_form_link(node, report) if tag in FORMS else None,
        called=_called(node, parts, report=report) if tag in _CALLS else None,
        result_variable=attribute(node, "resultVariable", NAMESPACE),
        repeated=_repeated(node, report),
        active=_expression(node, "activeElements", report),
        correlation_key=_expression(node, "correlationKey", report),
    )


def _read(node: etree._Element, name: str, *, parse: Callable[[str], Value], report: Report) -> Value | None:
    text = attribute(node, name, NAMESPACE)
    if text is None:
        return None
    try:
        return parse(text)
    except ExpressionInvalid as error:
        report.refuse(node, f"{name}_invalid", message=f"In runner:{name}: {error}")
        return None


def _priority(node: etree._Element, report: Report) -> tuple[int | None, Expression | None]:
    value = _value(node, "priority", report)
    try:
        return (None, None) if value is None else number_or_expression(value)
    except ExpressionInvalid as error:
        report.refuse(node, "priority_invalid", message=f"In runner:priority: {error}")
        return None, None


def _value(node: etree._Element, name: str, report: Report) -> Expression | None:
    text = attribute(node, name, NAMESPACE)
    return None if text is None else plain_value(text, report.line(node))


def _expression(node: etree._Element, name: str, report: Report) -> Expression | None:
    text = attribute(node, name, NAMESPACE)
    return None if text is None else plain_expression(text, report.line(node))


def _mappings(parts: list[etree._Element], tag: str, *, report: Report) -> tuple[VariableMapping, ...]:
    """Read `<runner:input source="n + 1" target="x"/>`; the source is an expression."""
    mappings = []
    for part in parts:
        if name_of(part)[1] != tag:
            continue
        source, target = (part.get("source") or "").strip(), (part.get("target") or "").strip()
        if source and target:
            mappings.append(VariableMapping(target, plain_expression(source, report.line(part))))
        else:
            report.refuse(
                part,
                "mapping_incomplete",
                message=f"Expected an {tag} mapping with source and target, but got source '{source}' and target "
                f"'{target}'. Fill both in, or remove the mapping.",
            )
    return tuple(mappings)


def _called(node: etree._Element, parts: list[etree._Element], *, report: Report) -> Called | None:
    """Read what is called; all variables are handed over where no single ones are mapped."""
    decides = name_of(node)[1] == "businessRuleTask"
    text = attribute(node, "decision", NAMESPACE) if decides else (node.get("calledElement") or "").strip()
    if not text:
        return None
    mapped = {name_of(part)[1] for part in parts}
    return Called(
        id=plain_value(text, report.line(node)),
        binding=attribute(node, "binding", NAMESPACE) or "latest",
        version=_value(node, "version", report),
        all_inputs=is_true(attribute(node, "allInputs", NAMESPACE), default="input" not in mapped),
        all_outputs=is_true(attribute(node, "allOutputs", NAMESPACE), default="output" not in mapped),
        business_key=_value(node, "businessKey", report),
        result_variable=attribute(node, "resultVariable", NAMESPACE),
    )


def _people(node: etree._Element, report: Report) -> WorkForPeople | None:
    users, groups = _value(node, "candidateUsers", report), _value(node, "candidateGroups", report)
    people = WorkForPeople(
        assignee=_value(node, "assignee", report),
        candidate_users=() if users is None else (users,),
        candidate_groups=() if groups is None else (groups,),
        due=_value(node, "dueDate", report),
        follow_up=_value(node, "followUpDate", report),
        priority=_value(node, "priority", report),
    )
    return None if people == WorkForPeople() else people


def _form_link(node: etree._Element, report: Report) -> FormLink | None:
    name = _value(node, "form", report)
    if name is None:
        return None
    return FormLink(name, "id", attribute(node, "binding", NAMESPACE) or "latest", _value(node, "version", report))


def _repeated(node: etree._Element, report: Report) -> RepeatedOver | None:
    found = RepeatedOver(
        collection=_expression(node, "collection", report),
        item_variable=attribute(node, "item", NAMESPACE),
        output_collection=attribute(node, "outputCollection", NAMESPACE),
        output_item=_expression(node, "outputItem", report),
    )
    return None if found == RepeatedOver() else found
