"""Camunda 7 (`camunda:`, and its forebears `activiti:` and `fox:`): external tasks, retry cycles, calls, JUEL.

What it does with variables is `camunda7_variables.py`'s, what with people `camunda7_people.py`'s and
`camunda7_forms.py`'s. Source: Camunda 7 docs, Reference > BPMN 2.0 > Custom Extensions; the older namespaces are those
that Camunda's own model API reads as well (`BpmnModelConstants`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree

from runner.bpmn.diagram import Called, Results
from runner.bpmn.dialects.camunda7_code import (
    read_arguments,
    read_assigned,
    read_code,
    read_connector,
    read_errors,
    read_fields,
    read_listeners,
)
from runner.bpmn.dialects.camunda7_forms import read_form_data, read_form_link
from runner.bpmn.dialects.camunda7_people import read_people
from runner.bpmn.dialects.camunda7_variables import (
    hands_all_over,
    read_business_key,
    read_handed_over,
    read_parameters,
)
from runner.bpmn.dialects.texts import juel_expression, juel_value, topics_of
from runner.bpmn.dialects.vendor import (
    COMMIT_POINT,
    FORMS,
    HEARD,
    JOBS,
    MAPPED,
    NO_FORM,
    NO_LISTENER,
    NO_VARIABLE,
    USER_TASKS,
    Consequence,
    Extension,
    RepeatedOver,
    attribute,
    extensions,
    number_or_expression,
)
from runner.bpmn.durations import parse_retry_cycle
from runner.bpmn.findings import Report
from runner.bpmn.xml import name_of, split, text_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language
from runner.retry import RetryRule

NAMESPACES: Final = (
    "http://camunda.org/schema/1.0/bpmn",
    "http://activiti.org/bpmn",
    "http://www.camunda.com/fox",
)
PLATFORM = "Camunda Platform"

_NOT_HANDED = Consequence("warning", "the variable is not handed over")

_WORKER = ("type", "topic", "class", "delegateExpression")
_WORKED = JOBS | {"messageEventDefinition"}
_DECISION = ("decisionRef", "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "mapDecisionResult")
_CALL = ("calledElementBinding", "calledElementVersion", "calledElementVersionTag")
_ASSIGNED = ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority")
_FORM = ("formKey", "formRef", "formRefBinding", "formRefVersion", "formData")
FOR_HANDLERS = frozenset((*_WORKER, "taskPriority", "jobPriority", "failedJobRetryTimeCycle", "properties"))
HONOURED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(FOR_HANDLERS, _WORKED),
    **dict.fromkeys(("taskPriority", "jobPriority"), _WORKED | {"process"}),
    "inputOutput": MAPPED,
    "in": frozenset({"callActivity", "signalEventDefinition"}),
    "out": frozenset({"callActivity"}),
    **dict.fromkeys(_CALL, frozenset({"callActivity"})),
    **dict.fromkeys(_DECISION, frozenset({"businessRuleTask"})),
    **dict.fromkeys(("expression", "resultVariable", "resultVariableName"), _WORKED),
    "connector": _WORKED,
    "errorEventDefinition": _WORKED,
    "initiator": frozenset({"startEvent"}),
    **dict.fromkeys(_ASSIGNED, frozenset({"userTask"})),
    **dict.fromkeys(_FORM, FORMS),
    **dict.fromkeys(("collection", "elementVariable"), frozenset({"multiInstanceLoopCharacteristics"})),
    "errorCodeVariable": frozenset({"errorEventDefinition"}),
    "errorMessageVariable": frozenset({"errorEventDefinition"}),
    "escalationCodeVariable": frozenset({"escalationEventDefinition"}),
    "resource": frozenset({"scriptTask"}),
    "versionTag": frozenset({"process"}),
    **dict.fromkeys(("modelerTemplate", "modelerTemplateVersion"), _WORKED),
    "executionListener": HEARD | {"sequenceFlow"},
    "taskListener": frozenset({"userTask"}),
    "field": _WORKED,
}
CONSEQUENCES: Mapping[str, Consequence] = {
    **dict.fromkeys(("asyncBefore", "asyncAfter", "async", "exclusive"), COMMIT_POINT),
    "executionListener": NO_LISTENER,
    "taskListener": NO_LISTENER,
    "expression": Consequence("warning", "nothing is evaluated here"),
    "connector": Consequence("warning", "nothing is called here"),
    "decisionRef": Consequence("refused", "only a business rule task calls a decision"),
    "resultVariable": NO_VARIABLE,
    "resultVariableName": NO_VARIABLE,
    "escalationCodeVariable": NO_VARIABLE,
    "field": Consequence("warning", "nothing is called here that it could be given to"),
    "errorEventDefinition": Consequence("warning", "nothing here is done by a handler"),
    "in": _NOT_HANDED,
    "out": _NOT_HANDED,
    "inputOutput": Consequence("refused", "nothing has variables of its own here; move the mapping to a task"),
    **dict.fromkeys(_FORM, NO_FORM),
    "formHandlerClass": Consequence("warning", "its code is not called; the form is filled in and checked as drawn"),
    "failedJobRetryTimeCycle": Consequence("note", "nothing is retried here: only tasks with a handler have retries"),
    "resource": Consequence("refused", "a script from another file is not run; write an expression"),
    "caseRef": Consequence("refused", "a case (CMMN) is not called; call a process"),
    "variableMappingClass": Consequence("refused", "its code is not called; map with camunda:in and camunda:out"),
    "variableMappingDelegateExpression": Consequence(
        "refused", "its code is not called; map with camunda:in and camunda:out"
    ),
    **dict.fromkeys(
        ("variableName", "variableEvents"),
        Consequence("warning", "the condition is looked at whenever a variable changes"),
    ),
    **dict.fromkeys(_WORKER, Consequence("warning", "nothing is called here: this element has no handler")),
    "historyTimeToLive": Consequence("note", "how long history is kept is a setting of the runner: delete_after_days"),
    **dict.fromkeys(
        ("isStartableInTasklist", "startableInTasklist", "candidateStarterUsers", "candidateStarterGroups"),
        Consequence("note", "whoever can reach the runner may start the process"),
    ),
    **dict.fromkeys(
        ("calledElementTenantId", "decisionRefTenantId"), Consequence("warning", "there are no tenants here")
    ),
    **dict.fromkeys(
        ("caseBinding", "caseVersion", "caseTenantId"), Consequence("note", "it belongs to a case, which is not called")
    ),
    "errorMessage": Consequence("note", "an error that is thrown has a code; its handler says the message"),
    "diagramRelationId": Consequence("note", "it tells Camunda's tools which drawing this is"),
}

# What stands inside the elements named above, and belongs to them.
PARTS = frozenset(
    {
        *("inputParameter", "outputParameter", "list", "map", "entry", "value", "script", "string"),
        *("property", "connectorId", "formField", "validation", "constraint"),
    }
)


def read_extension(node: etree._Element, report: Report) -> Extension:
    """Read what Camunda 7's attributes and elements say about a part of a diagram; what is malformed is refused."""
    found = list(extensions(node, *NAMESPACES))
    parts = {name_of(part)[1]: part for part in found}
    if not parts and not any(split(str(name))[0] in NAMESPACES for name in node.attrib):
        return Extension()
    tag = name_of(node)[1]
    given = [part for part in found if name_of(part)[1] == "in"]
    taken = [part for part in found if name_of(part)[1] == "out"]
    parameters, calls = parts.get("inputOutput"), tag == "callActivity"
    priority, computed = _priority(node, report)
    retry, cycle = _retry(parts.get("failedJobRetryTimeCycle"), report)
    text, code = attribute(node, "expression", *NAMESPACES), read_code(node, NAMESPACES)
    assigned = read_assigned(text, report.line(node)) if text and not code else None
    passed, (topics, computed_topic) = read_arguments(text, report.line(node)), topics_of(_topic(node, report))
    result = attribute(node, "resultVariable", *NAMESPACES) or attribute(node, "resultVariableName", *NAMESPACES)
    if result and attribute(node, "topic", *NAMESPACES):
        report.warn(node, "not_honoured", message=f"'resultVariable' is not honoured: {NO_VARIABLE.message}.")
    connector = parts.get("connector")
    within = {} if connector is None else {name_of(part)[1]: part for part in connector.iterchildren(etree.Element)}
    return Extension(
        topics=topics,
        computed_topic=computed_topic,
        code=(*code, *read_connector(within)),
        passed=passed.places,
        headers=_properties(parts.get("properties")),
        retry=retry,
        cycle=cycle,
        priority=priority,
        computed_priority=computed,
        inputs=(
            *read_fields((part for part in found if name_of(part)[1] == "field"), report),
            *passed.inputs,
            *read_parameters(parameters, "inputParameter", report=report),
            *read_parameters(within.get("inputOutput"), "inputParameter", report=report),
            *(read_handed_over(given, report) if calls else ()),
        ),
        outputs=(
            *(read_handed_over(taken, report) if calls else ()),
            *read_parameters(within.get("inputOutput"), "outputParameter", report=report),
            *read_parameters(parameters, "outputParameter", report=report),
        ),
        people=read_people(node, namespaces=NAMESPACES, report=report) if tag in USER_TASKS else None,
        form=read_form_data(node, parts.get("formData"), report=report) if tag in FORMS else None,
        form_link=read_form_link(node, namespaces=NAMESPACES, report=report) if tag in FORMS else None,
        called=_called_process(node, given=given, taken=taken, report=report) if calls else _decision(node, report),
        results=Results(result) if result and code else None,
        errors=read_errors(found, report),
        script=None if assigned is None else assigned.value,
        result_variable=result or (assigned.variable if assigned else None),
        repeated=_repeated(node, report),
        code_variable=attribute(node, "errorCodeVariable", *NAMESPACES)
        or attribute(node, "escalationCodeVariable", *NAMESPACES),
        message_variable=attribute(node, "errorMessageVariable", *NAMESPACES),
        payload=() if calls else read_handed_over(given, report),
        all_variables=not calls and hands_all_over(given),
        listeners=read_listeners(node, found, report),
    )


def _topic(node: etree._Element, report: Report) -> Expression | None:
    kind, topic = attribute(node, "type", *NAMESPACES), attribute(node, "topic", *NAMESPACES)
    if kind is not None and kind != "external":
        report.warn(
            node,
            "type_not_external",
            message=f'Expected camunda:type="external", but got "{kind}": that built-in task is not run, a handler '
            f"is looked "
            "for by the element's id and name.",
        )
    if kind == "external" and topic is None:
        report.refuse(
            node, "topic_missing", message="Expected a topic for the external task, but it has none. Write one."
        )
    return _value(node, "topic", report) if kind == "external" else None


def _properties(container: etree._Element | None) -> dict[str, str]:
    if container is None:
        return {}
    return {
        str(each.get("name") or ""): str(each.get("value") or "")
        for each in container.iterchildren(etree.Element)
        if name_of(each)[1] == "property"
    }


def _retry(cycle: etree._Element | None, report: Report) -> tuple[RetryRule | None, Expression | None]:
    """Give the rule, or the expression that will be one; one of the two is None."""
    if cycle is None or not text_of(cycle):
        return None, None
    value = juel_value(text_of(cycle), report.line(cycle))
    if value.language is not Language.TEXT:
        return None, value
    try:
        return parse_retry_cycle(value.text), None
    except ExpressionInvalid as error:
        report.refuse(
            cycle, "retry_invalid", message=f"In failedJobRetryTimeCycle: {error} Write R3/PT10S or PT10S,PT1M."
        )
        return None, None


def _priority(node: etree._Element, report: Report) -> tuple[int | None, Expression | None]:
    value = _value(node, "taskPriority", report) or _value(node, "jobPriority", report)
    try:
        return (None, None) if value is None else number_or_expression(value)
    except ExpressionInvalid as error:
        report.refuse(node, "priority_invalid", message=f"In the priority: {error}")
        return None, None


def _value(node: etree._Element, name: str, report: Report) -> Expression | None:
    text = attribute(node, name, *NAMESPACES)
    return None if text is None else juel_value(text, report.line(node))


def _called_process(
    node: etree._Element, *, given: list[etree._Element], taken: list[etree._Element], report: Report
) -> Called | None:
    """Read a call activity: without camunda:in and camunda:out no variable is handed over (Camunda 7 docs)."""
    text = (node.get("calledElement") or "").strip()
    if not text:
        return None
    binding = attribute(node, "calledElementBinding", *NAMESPACES) or "latest"
    return Called(
        id=juel_value(text, report.line(node)),
        binding=binding,
        version=_version(node, "calledElement", binding=binding, report=report),
        all_inputs=hands_all_over(given),
        all_outputs=hands_all_over(taken),
        business_key=read_business_key(given, report),
    )


def _decision(node: etree._Element, report: Report) -> Called | None:
    decision = _value(node, "decisionRef", report)
    if decision is None:
        return None
    binding = attribute(node, "decisionRefBinding", *NAMESPACES) or "latest"
    return Called(
        id=decision,
        binding=binding,
        version=_version(node, "decisionRef", binding=binding, report=report),
        result_variable=attribute(node, "resultVariable", *NAMESPACES),
        result_mapping=attribute(node, "mapDecisionResult", *NAMESPACES) or "resultList",
    )


def _version(node: etree._Element, prefix: str, *, binding: str, report: Report) -> Expression | None:
    names = {"version": f"{prefix}Version", "versionTag": f"{prefix}VersionTag"}
    return _value(node, names[binding], report) if binding in names else None


def _repeated(node: etree._Element, report: Report) -> RepeatedOver | None:
    """Read camunda:collection, a variable's name or an expression, and camunda:elementVariable."""
    text = attribute(node, "collection", *NAMESPACES)
    item = attribute(node, "elementVariable", *NAMESPACES)
    if text is None and item is None:
        return None
    try:
        collection = text and juel_expression(
            text if text.startswith(("${", "#{")) else f"${{{text}}}", report.line(node)
        )
    except ExpressionInvalid as error:
        report.refuse(node, "expression_invalid", message=f"In camunda:collection: {error}")
        collection = None
    return RepeatedOver(collection=collection or None, item_variable=item)
