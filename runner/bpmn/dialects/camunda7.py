"""Camunda 7 (`camunda:`, and its forebears `activiti:` and `fox:`): external tasks, retry cycles, mappings, JUEL.

Source: Camunda 7 docs, Reference > BPMN 2.0 > Custom Extensions; the older namespaces are those that Camunda's own
model API reads as well (`BpmnModelConstants`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree

from runner.bpmn.bindings import distinct, snake_case
from runner.bpmn.diagram import VariableMapping
from runner.bpmn.dialects.vendor import (
    COMMIT_POINT,
    NO_FORM,
    NO_LISTENER,
    NO_VARIABLE,
    Consequence,
    Extension,
    attribute,
    extensions,
    whole_number,
)
from runner.bpmn.durations import parse_retry_cycle
from runner.bpmn.findings import Report
from runner.bpmn.xml import children, name_of, text_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language
from runner.retry import RetryRule

NAMESPACES: Final = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://activiti.org/bpmn",
    "http://www.camunda.com/fox",
)
PLATFORM = "Camunda Platform"

_ONE_EXPRESSION = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
_BEAN = re.compile(r"[$#]\{\s*(\w+)\s*\}")
_HANDLER_INSTEAD = Consequence("warning", "the task's handler is called instead")

_WORKER = ("type", "topic", "class", "delegateExpression")
HONOURED = frozenset((*_WORKER, "taskPriority", "jobPriority", "inputOutput", "failedJobRetryTimeCycle", "properties"))
CONSEQUENCES: Mapping[str, Consequence] = {
    **dict.fromkeys(("asyncBefore", "asyncAfter", "async", "exclusive"), COMMIT_POINT),
    "executionListener": NO_LISTENER,
    "expression": _HANDLER_INSTEAD,
    "connector": _HANDLER_INSTEAD,
    "decisionRef": _HANDLER_INSTEAD,
    "resultVariable": NO_VARIABLE,
    "resultVariableName": NO_VARIABLE,
    "initiator": NO_VARIABLE,
    "errorCodeVariable": NO_VARIABLE,
    "errorMessageVariable": NO_VARIABLE,
    "field": Consequence("warning", "the field is not injected; use camunda:properties or an input parameter"),
    "errorEventDefinition": Consequence("warning", "its expression is not evaluated; raise BpmnError in the handler"),
    "in": Consequence("warning", "the variable is not handed over"),
    "out": Consequence("warning", "the variable is not handed over"),
    "inputOutput": Consequence("refused", "variables are mapped at service tasks only; move the mapping to one"),
    **dict.fromkeys(("formKey", "formRef", "formData", "formHandlerClass"), NO_FORM),
    "failedJobRetryTimeCycle": Consequence("note", "nothing is retried here: only service tasks have retries"),
    "resource": Consequence("refused", "a script from another file is not run; write an expression"),
    **dict.fromkeys(_WORKER, Consequence("warning", "nothing is called here: only service tasks have handlers")),
}


def read_extension(node: etree._Element, report: Report) -> Extension:
    """Read what Camunda 7's attributes and elements say about a flow node; what is malformed is refused."""
    parts = {name_of(part)[1]: part for part in extensions(node, *NAMESPACES)}
    return Extension(
        topics=_topics(node, report),
        code=_code(node),
        headers=_properties(parts.get("properties")),
        retry=_retry(parts.get("failedJobRetryTimeCycle"), report),
        priority=_priority(node, report),
        inputs=_parameters(parts.get("inputOutput"), "inputParameter", report=report),
        outputs=_parameters(parts.get("inputOutput"), "outputParameter", report=report),
    )


def read_condition(text: str, line: int) -> Expression:
    """Read a flow's condition: one JUEL expression, "${…}" or "#{…}". Raises ExpressionInvalid."""
    if _ONE_EXPRESSION.fullmatch(text) is None:
        raise ExpressionInvalid(
            f"Expected a condition in JUEL like ${{n < 2000}}, as Camunda 7 has it, but got '{text}'. "
            "Put it between ${ and }."
        )
    return Expression(text, Language.JUEL, line)


def _topics(node: etree._Element, report: Report) -> tuple[str, ...]:
    kind, topic = attribute(node, "type", *NAMESPACES), attribute(node, "topic", *NAMESPACES)
    if kind is not None and kind != "external":
        report.warn(
            node,
            "type_not_external",
            message=f'Expected camunda:type="external", but got "{kind}": that built-in task is not run, a handler '
            f"is looked "
            "for by the element's id and name.",
        )
    if topic is not None and "{" in topic:
        report.refuse(
            node, "topic_dynamic", message=f"Expected a fixed topic, but got the expression '{topic}'. Write the topic."
        )
        return ()
    if kind == "external" and topic is None:
        report.refuse(
            node, "topic_missing", message="Expected a topic for the external task, but it has none. Write one."
        )
    return (topic,) if topic and kind == "external" else ()


def _code(node: etree._Element) -> tuple[str, ...]:
    """Offer the simple class name and the bean's name as topics: a handler of that name stands in for the Java code."""
    java, bean = attribute(node, "class", *NAMESPACES), attribute(node, "delegateExpression", *NAMESPACES)
    names = [snake_case(java.rpartition(".")[2])] if java else []
    match = _BEAN.fullmatch(bean) if bean else None
    return distinct([*names, match[1], snake_case(match[1])] if match else names)


def _properties(container: etree._Element | None) -> dict[str, str]:
    if container is None:
        return {}
    return {
        str(each.get("name") or ""): str(each.get("value") or "")
        for each in container.iterchildren(etree.Element)
        if name_of(each)[1] == "property"
    }


def _retry(cycle: etree._Element | None, report: Report) -> RetryRule | None:
    if cycle is None or not text_of(cycle):
        return None
    try:
        return parse_retry_cycle(text_of(cycle))
    except ExpressionInvalid as error:
        report.refuse(
            cycle, "retry_invalid", message=f"In failedJobRetryTimeCycle: {error} Write R3/PT10S or PT10S,PT1M."
        )
        return None


def _priority(node: etree._Element, report: Report) -> int | None:
    text = attribute(node, "taskPriority", *NAMESPACES) or attribute(node, "jobPriority", *NAMESPACES)
    if text is None:
        return None
    try:
        return whole_number(text)
    except ExpressionInvalid as error:
        report.refuse(node, "priority_invalid", message=f"In the priority: {error}")
        return None


def _parameters(container: etree._Element | None, tag: str, *, report: Report) -> tuple[VariableMapping, ...]:
    if container is None:
        return ()
    namespace = name_of(container)[0]
    found = (_parameter(each, report) for each in children(container, namespace, local=tag))
    return tuple(mapping for mapping in found if mapping is not None)


def _parameter(node: etree._Element, report: Report) -> VariableMapping | None:
    target = (node.get("name") or "").strip()
    if not target:
        report.refuse(node, "mapping_incomplete", message="Expected a parameter with a name, but it has none. Name it.")
        return None
    nested = next(node.iterchildren(etree.Element), None)
    if nested is not None:
        report.refuse(
            node,
            "mapping_nested",
            message=f"Expected the parameter '{target}' to be a text or an expression, but it is a "
            f"{name_of(nested)[1]}. "
            "Build the value in the handler.",
        )
        return None
    text = text_of(node)
    language = Language.JUEL if "${" in text or "#{" in text else Language.TEXT
    return VariableMapping(target, Expression(text, language, report.line(node)))
