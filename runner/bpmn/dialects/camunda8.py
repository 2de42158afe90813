"""Camunda 8 (`zeebe:`): job topic, retries, headers, mappings, calls, people, repetitions, correlation; all in FEEL.

Source: Camunda 8 docs, Components > Modeler > BPMN (one page an element), Concepts > Job workers, Variables,
Expressions, Messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from lxml import etree

from runner.bpmn.diagram import Called, Results, VariableMapping, WorkForPeople
from runner.bpmn.dialects.camunda8_listeners import read_listeners
from runner.bpmn.dialects.texts import feel_expression, feel_value, topics_of
from runner.bpmn.dialects.vendor import (
    FORMS,
    HEARD,
    JOBS,
    MAPPED,
    NO_FORM,
    NO_LISTENER,
    Consequence,
    Extension,
    RepeatedOver,
    extensions,
    whole_number,
)
from runner.bpmn.durations import parse_intervals, parse_timeout
from runner.bpmn.findings import Report
from runner.bpmn.xml import children, is_true, name_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language
from runner.forms.form import FormLink
from runner.retry import RetryRule

NAMESPACE = "http://camunda.org/schema/zeebe/1.0"
NAMESPACES = (NAMESPACE,)
PLATFORM = "Camunda Cloud"
EMBEDDED = "camunda-forms:bpmn:"

_USER = frozenset({"userTask"})
FOR_HANDLERS = frozenset({"taskDefinition", "taskHeaders", "jobPriorityDefinition", "linkedResources"})
HONOURED: Mapping[str, frozenset[str]] = {
    "taskDefinition": JOBS,
    "taskHeaders": JOBS,
    "jobPriorityDefinition": JOBS | {"process"},
    "linkedResources": JOBS,
    "ioMapping": MAPPED,
    "calledElement": frozenset({"callActivity"}),
    "calledDecision": frozenset({"businessRuleTask"}),
    "script": frozenset({"scriptTask"}),
    "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
    "adHoc": frozenset({"adHocSubProcess"}),
    "subscription": frozenset({"message"}),
    "versionTag": frozenset({"process"}),
    **dict.fromkeys(("modelerTemplate", "modelerTemplateVersion"), JOBS),
    "executionListeners": HEARD,
    "taskListeners": _USER,
    "formDefinition": FORMS,
    "userTaskForm": frozenset({"process"}),
    **dict.fromkeys(("userTask", "assignmentDefinition", "taskSchedule", "priorityDefinition"), _USER),
}
CONSEQUENCES: Mapping[str, Consequence] = {
    "executionListeners": NO_LISTENER,
    "taskListeners": NO_LISTENER,
    "taskDefinition": Consequence("refused", "nothing here is done by a job worker"),
    "ioMapping": Consequence("refused", "nothing has variables of its own here; move the mapping to a task"),
    "linkedResources": Consequence("warning", "nothing here is done by a handler that could use them"),
    "calledElement": Consequence("refused", "only a call activity calls a process"),
    "calledDecision": Consequence("refused", "only a business rule task calls a decision"),
    "script": Consequence("refused", "only a script task evaluates an expression"),
    "loopCharacteristics": Consequence("refused", "it has an effect in a multi-instance marker only"),
    "formDefinition": NO_FORM,
    "jobPriorityDefinition": Consequence("note", "nothing here is done by a job worker"),
    "conditionalFilter": Consequence("warning", "the condition is looked at whenever a variable changes"),
    "properties": Consequence("note", "of these, only retryBackoff and timeout of a task with a job are read"),
}

# What stands inside the elements named above, and belongs to them.
PARTS = frozenset(
    {"header", "input", "output", "property", "executionListener", "taskListener", "linkedResource", "userTaskForm"}
)


def read_extension(node: etree._Element, report: Report) -> Extension:
    """Read what Zeebe's extension elements say about a part of a diagram; what is malformed is refused."""
    parts = {name_of(part)[1]: part for part in extensions(node, NAMESPACE)}
    if not parts:
        return Extension()
    definition, mapping, script = parts.get("taskDefinition"), parts.get("ioMapping"), parts.get("script")
    headers = _pairs(parts.get("taskHeaders"), "header", key="key") | _linked(parts.get("linkedResources"))
    settings = {**_pairs(parts.get("properties"), "property", key="name"), **headers}
    attempts, priority = (
        _value(definition, "retries", report),
        _value(parts.get("jobPriorityDefinition"), "priority", report),
    )
    computed = [None if each is None or each.language is Language.TEXT else each for each in (attempts, priority)]
    try:
        retry = _retry(attempts, settings.get("retryBackoff"))
        timeout = _timeout(settings)
    except ExpressionInvalid as error:
        report.refuse(node if definition is None else definition, "retry_invalid", message=str(error))
        retry = timeout = None
    ad_hoc, (topics, computed_topic) = parts.get("adHoc"), topics_of(_topic(definition, report))
    return Extension(
        topics=topics,
        computed_topic=computed_topic,
        headers=headers,
        retry=retry,
        attempts=computed[0],
        results=_results(headers, parts.get("taskHeaders"), report),
        timeout=timeout,
        priority=_priority(parts.get("jobPriorityDefinition"), priority, report),
        computed_priority=computed[1],
        inputs=_mappings(mapping, "input", report=report),
        outputs=_mappings(mapping, "output", report=report),
        people=_people(parts, report),
        form_link=_form_link(node, parts.get("formDefinition"), report),
        called=_called(parts, report),
        script=_expression(script, "expression", report),
        result_variable=None if script is None else script.get("resultVariable"),
        repeated=_repeated(parts.get("loopCharacteristics"), report),
        active=_expression(ad_hoc, "activeElementsCollection", report),
        collected=_collected(ad_hoc, report),
        correlation_key=_expression(parts.get("subscription"), "correlationKey", report),
        listeners=read_listeners(extensions(node, NAMESPACE), headers, report),
    )


def _topic(definition: etree._Element | None, report: Report) -> Expression | None:
    if definition is None:
        return None
    if not (definition.get("type") or "").strip():
        report.refuse(
            definition, "topic_missing", message="Expected a job type in the task definition, but it is empty."
        )
    return _value(definition, "type", report)


def _pairs(container: etree._Element | None, tag: str, *, key: str) -> dict[str, str]:
    if container is None:
        return {}
    return {
        str(each.get(key) or ""): str(each.get("value") or "") for each in children(container, NAMESPACE, local=tag)
    }


def _retry(attempts: Expression | None, backoff: str | None) -> RetryRule | None:
    fixed = attempts is not None and attempts.language is Language.TEXT
    if not fixed and backoff is None:
        return None
    most = whole_number(attempts.text, low=1) if attempts is not None and fixed else None
    return RetryRule(max_attempts=most, intervals=None if backoff is None else parse_intervals(backoff))


def _priority(part: etree._Element | None, value: Expression | None, report: Report) -> int | None:
    if part is None or value is None or value.language is not Language.TEXT:
        return None
    try:
        return whole_number(value.text)
    except ExpressionInvalid as error:
        report.refuse(part, "priority_invalid", message=f"In jobPriorityDefinition: {error}")
        return None


def _linked(container: etree._Element | None) -> dict[str, str]:
    """Give linked resources as Camunda 8 does: a header with a JSON list, one object of attributes each."""
    if container is None:
        return {}
    found = [dict(each.attrib) for each in children(container, NAMESPACE, local="linkedResource")]
    return {"linkedResources": json.dumps(found, ensure_ascii=False)}


def _results(headers: Mapping[str, str], node: etree._Element | None, report: Report) -> Results | None:
    """Read the headers that connectors have (Camunda 8 docs, Connectors > Use connectors > Response mapping).

    Both expressions are FEEL, with or without the "=" before it, as in Camunda's connectors.
    """
    line = 0 if node is None else report.line(node)
    texts = [
        headers.get(name, "").strip().removeprefix("=").strip() for name in ("resultExpression", "errorExpression")
    ]
    made, error = (Expression(text, Language.FEEL, line) if text else None for text in texts)
    results = Results(headers.get("resultVariable") or None, made, error)
    return None if results == Results() else results


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
        mappings.append(VariableMapping(target, feel_value(source, report.line(each))))
    return tuple(mappings)


def _value(part: etree._Element | None, name: str, report: Report) -> Expression | None:
    """Read an attribute that is FEEL behind "=", else a text."""
    text = "" if part is None else (part.get(name) or "").strip()
    return feel_value(text, report.line(part)) if part is not None and text else None


def _expression(part: etree._Element | None, name: str, report: Report) -> Expression | None:
    """Read an attribute that has to be FEEL; a text that is none is refused."""
    text = "" if part is None else (part.get(name) or "").strip()
    if part is None or not text:
        return None
    try:
        return feel_expression(text, report.line(part))
    except ExpressionInvalid as error:
        report.refuse(part, "expression_invalid", message=f"In {name}: {error}")
        return None


def _called(parts: Mapping[str, etree._Element], report: Report) -> Called | None:
    """Read zeebe:calledElement or zeebe:calledDecision; all variables go in and out unless it says otherwise."""
    part = parts.get("calledElement")
    decision = parts.get("calledDecision")
    found = part if part is not None else decision
    called = _value(part, "processId", report) if part is not None else _value(decision, "decisionId", report)
    if found is None or called is None:
        return None
    binding = found.get("bindingType") or "latest"
    return Called(
        id=called,
        binding=binding,
        version=_value(found, "versionTag", report) if binding == "versionTag" else None,
        all_inputs=is_true(found.get("propagateAllParentVariables"), default=True),
        all_outputs=is_true(found.get("propagateAllChildVariables"), default=True),
        business_key=_value(found, "businessId", report),
        result_variable=found.get("resultVariable"),
    )


def _collected(node: etree._Element | None, report: Report) -> tuple[str, Expression] | None:
    """Read outputCollection and outputElement, which Camunda 8 wants both or none (Camunda 8 docs, Ad-hoc
    sub-processes)."""
    item = _expression(node, "outputElement", report)
    name = "" if node is None else (node.get("outputCollection") or "").strip()
    if node is not None and (item is None) != (not name):
        given, missing = ("outputCollection", "outputElement") if name else ("outputElement", "outputCollection")
        message = f"Expected '{missing}' beside '{given}', but it is missing. Write both, or none."
        report.refuse(node, "mapping_incomplete", message=message)
    return (name, item) if name and item is not None else None


def _repeated(part: etree._Element | None, report: Report) -> RepeatedOver | None:
    if part is None:
        return None
    return RepeatedOver(
        collection=_expression(part, "inputCollection", report),
        item_variable=part.get("inputElement") or None,
        output_collection=part.get("outputCollection") or None,
        output_item=_expression(part, "outputElement", report),
    )


def _people(parts: Mapping[str, etree._Element], report: Report) -> WorkForPeople | None:
    """Read who a user task is for and when it is due (Camunda 8 docs, User tasks)."""
    assigned, schedule = parts.get("assignmentDefinition"), parts.get("taskSchedule")
    people = WorkForPeople(
        assignee=_value(assigned, "assignee", report),
        candidate_users=_each(_value(assigned, "candidateUsers", report)),
        candidate_groups=_each(_value(assigned, "candidateGroups", report)),
        due=_value(schedule, "dueDate", report),
        follow_up=_value(schedule, "followUpDate", report),
        priority=_value(parts.get("priorityDefinition"), "priority", report),
    )
    return None if people == WorkForPeople() else people


def _each(value: Expression | None) -> tuple[Expression, ...]:
    return () if value is None else (value,)


def _form_link(node: etree._Element, form: etree._Element | None, report: Report) -> FormLink | None:
    """Read which form a user task or start event has: a deployed one, one in the file, or one of others."""
    if form is None:
        return None
    line, key = report.line(form), (form.get("formKey") or "").strip()
    if form.get("formId"):
        binding = form.get("bindingType") or "latest"
        tag = form.get("versionTag") if binding == "versionTag" else None
        return FormLink(
            feel_value(str(form.get("formId")), line), "id", binding, feel_value(tag, line) if tag else None
        )
    if key.startswith(EMBEDDED):
        embedded = _embedded(node, key.removeprefix(EMBEDDED))
        text = "" if embedded is None else str(embedded.xpath("string()"))
        first_line = line if embedded is None else report.line(embedded)
        return FormLink(Expression(key, Language.TEXT, first_line), "embedded", text=text)
    other = (form.get("externalReference") or "").strip() or key
    return FormLink(feel_value(other, line), "elsewhere") if other else None


def _embedded(node: etree._Element, id: str) -> etree._Element | None:
    """Find the zeebe:userTaskForm of the process around."""
    for above in node.iterancestors():
        for part in extensions(above, NAMESPACE):
            if name_of(part)[1] == "userTaskForm" and part.get("id") == id:
                return part
    return None
