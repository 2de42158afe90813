"""Camunda 8 (`zeebe:`): job topic, retries, headers, mappings and FEEL conditions.

Source: Camunda 8 docs, Reference > Job workers, Variables > Input/output variable mappings, Expressions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from lxml import etree

from runner.bpmn.diagram import VariableMapping
from runner.bpmn.dialects.vendor import NO_FORM, NO_LISTENER, Consequence, Extension, extensions, whole_number
from runner.bpmn.durations import parse_intervals, parse_timeout
from runner.bpmn.findings import Report
from runner.bpmn.xml import children, name_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language
from runner.retry import RetryRule

NAMESPACE = "http://camunda.org/schema/zeebe/1.0"
NAMESPACES = (NAMESPACE,)
PLATFORM = "Camunda Cloud"

HONOURED = frozenset({"taskDefinition", "ioMapping", "taskHeaders"})
CONSEQUENCES: Mapping[str, Consequence] = {
    "executionListeners": NO_LISTENER,
    "taskDefinition": Consequence("refused", "only a service, send or business rule task can have a job topic"),
    "ioMapping": Consequence("refused", "variables are mapped at service tasks only; move the mapping to one"),
    "linkedResources": Consequence("warning", "the linked resource is not handed to the handler"),
    "calledDecision": Consequence("warning", "the decision is not called: the task's handler is"),
    "script": Consequence("warning", "the script is not run: the task's handler is called"),
    "formDefinition": NO_FORM,
    "jobPriorityDefinition": Consequence("warning", "the priority is not read; write runner:priority"),
    "properties": Consequence("note", "of these, only retryBackoff and timeout of a service task are read"),
}


def read_extension(node: etree._Element, report: Report) -> Extension:
    """Read what Zeebe's extension elements say about a flow node; what is malformed is refused in the report."""
    parts = {name_of(part)[1]: part for part in extensions(node, NAMESPACE)}
    definition, mapping = parts.get("taskDefinition"), parts.get("ioMapping")
    headers = _pairs(parts.get("taskHeaders"), "header", key="key")
    settings = {**_pairs(parts.get("properties"), "property", key="name"), **headers}
    try:
        retry = _retry(None if definition is None else definition.get("retries"), settings.get("retryBackoff"))
        timeout = _timeout(settings)
    except ExpressionInvalid as error:
        report.refuse(node if definition is None else definition, "retry_invalid", message=str(error))
        retry = timeout = None
    return Extension(
        topics=_topics(definition, report),
        headers=headers,
        retry=retry,
        timeout=timeout,
        inputs=_mappings(mapping, "input", report=report),
        outputs=_mappings(mapping, "output", report=report),
    )


def read_condition(text: str, line: int) -> Expression:
    """Read a flow's condition: FEEL behind "=". Raises ExpressionInvalid if the "=" is missing."""
    if not text.startswith("="):
        raise ExpressionInvalid(
            f"Expected a FEEL expression that begins with '=', as Camunda 8 has it, but got '{text}'. "
            "Put '=' before it."
        )
    return Expression(text[1:].strip(), Language.FEEL, line)


def _topics(definition: etree._Element | None, report: Report) -> tuple[str, ...]:
    if definition is None:
        return ()
    topic = (definition.get("type") or "").strip()
    if topic.startswith("="):
        report.refuse(
            definition,
            "topic_dynamic",
            message=f"Expected a fixed job type, but got the expression '{topic}'. Write the topic.",
        )
        return ()
    if not topic:
        report.refuse(
            definition, "topic_missing", message="Expected a job type in the task definition, but it is empty."
        )
    return (topic,) if topic else ()


def _pairs(container: etree._Element | None, tag: str, *, key: str) -> dict[str, str]:
    if container is None:
        return {}
    return {
        str(each.get(key) or ""): str(each.get("value") or "") for each in children(container, NAMESPACE, local=tag)
    }


def _retry(retries: str | None, backoff: str | None) -> RetryRule | None:
    if retries is None and backoff is None:
        return None
    attempts = None if retries is None else whole_number(retries, low=1)
    return RetryRule(max_attempts=attempts, intervals=None if backoff is None else parse_intervals(backoff))


def _timeout(settings: Mapping[str, str]) -> timedelta | None:
    return parse_timeout(settings["timeout"]) if "timeout" in settings else None


def _mappings(container: etree._Element | None, tag: str, *, report: Report) -> tuple[VariableMapping, ...]:
    mappings = []
    for each in () if container is None else children(container, NAMESPACE, local=tag):
        source, target = each.get("source"), (each.get("target") or "").strip()
        if not source or not target:
            report.refuse(
                each,
                "mapping_incomplete",
                message=f"Expected an {tag} mapping with source and target, but got source '{source or ''}' and target "
                f"'{target}'. Fill both in, or remove the mapping.",
            )
            continue
        mappings.append(VariableMapping(target, _value(source, report.line(each))))
    return tuple(mappings)


def _value(source: str, line: int) -> Expression:
    text = source.strip()
    if text.startswith("="):
        return Expression(text[1:].strip(), Language.FEEL, line)
    return Expression(source, Language.TEXT, line)
