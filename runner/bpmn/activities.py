"""Reads what an activity does: which handler, process, decision or script does its work, and how an ad-hoc one runs.

How often it runs is `repetitions.py`'s, who does a person's work `people.py`'s."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lxml import etree

from runner.bpmn.bindings import distinct, snake_case
from runner.bpmn.diagram import AdHoc, Called, Dialect, EventDefinition, Results, Script, ServiceBinding
from runner.bpmn.dialects.reading import merged_headers
from runner.bpmn.dialects.texts import language_named, read_expression, read_value
from runner.bpmn.dialects.vendor import Extension, whole_number
from runner.bpmn.findings import Report
from runner.bpmn.surroundings import Priority, Surroundings
from runner.bpmn.xml import BPMN, first, is_true, local_id, text_of
from runner.errors import ExpressionInvalid, RunnerError
from runner.expressions import validate
from runner.expressions.language import Expression, Language
from runner.scripts.languages import headers_of, script_language

_DEFAULT_IMPLEMENTATIONS = frozenset({"webservice", "unspecified", "other", "unspecifiedimplementation", ""})
_SENDING = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})


def read_service(
    node: etree._Element, around: Surroundings, *, found: Sequence[Extension], does: bool, script: Script | None = None
) -> ServiceBinding | None:
    """Read which handler does an element's work; None if `does`, that is if the element itself has work to do.

    A `script` in a foreign language is told to its handler: after all others comes the one that runs scripts of it. A
    topic, or Java code that a handler stands in for, comes before that: Camunda calls it as well.
    """
    topics = distinct(topic for extension in found for topic in extension.topics)
    code = distinct(name for extension in found for name in extension.code)
    computed = next((extension.computed_topic for extension in found if extension.computed_topic is not None), None)
    if does and not topics and not code and computed is None:
        return None
    fallbacks = [*_operations(node, around), node.get("id") or "", snake_case(node.get("name") or "")]
    headers = dict(merged_headers(found))
    priority, computed_priority = read_priority(found, default=around.priority)
    language = None if script is None else script_language(script.format)
    if language is not None and script is not None and script.expression.text:
        fallbacks.append(language.topic)
        headers |= headers_of(script.expression.text, script.expression.line, script.result_variable)
    return ServiceBinding(
        candidates=() if computed is not None else distinct((*topics, *code, *fallbacks)),
        computed_topic=computed,
        headers=headers,
        retry=next((extension.retry for extension in found if extension.retry is not None), None),
        timeout=next((extension.timeout for extension in found if extension.timeout is not None), None),
        priority=priority or 0,
        computed_priority=computed_priority,
        attempts=next((extension.attempts for extension in found if extension.attempts is not None), None),
        cycle=next((extension.cycle for extension in found if extension.cycle is not None), None),
        results=_results(around, found),
        lock=next((extension.lock for extension in found if extension.lock is not None), None),
        passed=next((extension.passed for extension in found if extension.passed), ()),
    )


def read_priority(found: Iterable[Extension], *, default: Priority = (None, None)) -> Priority:
    """Give the first priority that a vendor says."""
    said = ((each.priority, each.computed_priority) for each in found)
    return next((each for each in said if each != (None, None)), default)


def _results(around: Surroundings, found: Sequence[Extension]) -> Results | None:
    """Read what becomes of a handler's answer: the first vendor's rule, and the errors that an answer may stand for."""
    results = next((each.results for each in found if each.results is not None), Results())
    errors = []
    for reference, condition in (error for each in found for error in each.errors):
        error = around.roots.get(reference)
        errors.append((((None if error is None else error.get("errorCode")) or reference), condition))
    results = replace(results, errors=tuple(errors))
    return None if results == Results() else results


def does_itself(tag: str, *, events: Sequence[EventDefinition], called: Called | None, script: Script | None) -> bool:
    """Say whether an element has something to do without a handler: a message to send, a decision, an expression."""
    if script is not None:
        return not script.format
    if tag in ("serviceTask", "scriptTask"):
        return False
    if tag == "sendTask":
        return bool(events)
    if tag == "businessRuleTask":
        return called is not None
    if tag in _SENDING and [event.kind for event in events] == ["message"]:
        return events[0].reference is not None
    return True


def read_called(
    node: etree._Element, tag: str, around: Surroundings, *, found: Sequence[Extension], report: Report
) -> Called | None:
    """Read what a call activity or business rule task calls; a standard call hands all variables over, both ways."""
    called = next((each.called for each in found if each.called is not None), None)
    if tag not in ("callActivity", "businessRuleTask"):
        return None
    if called is None and tag == "callActivity":
        text = (node.get("calledElement") or "").strip()
        if not text and any(str(name).endswith("}caseRef") for name in node.attrib):
            return None  # a called case has been refused in its own words
        if not text:
            report.refuse(
                node,
                "called_missing",
                message="Expected the process that this call activity calls, but none is named. Choose one.",
            )
            return None
        shared = around.dialect is not Dialect.CAMUNDA7
        value = read_value(text, around, line=report.line(node))
        # A literal is a QName, which may carry a prefix (BPMN 2.0.2 §8.1.3).
        value = replace(value, text=local_id(text) or text) if value.language is Language.TEXT else value
        called = Called(value, all_inputs=shared, all_outputs=shared)
    if called is not None and called.binding not in ("latest", "deployment", "version", "versionTag"):
        report.refuse(
            node,
            "binding_invalid",
            message=f"Expected a binding to the latest version, the deployment, a version or a version tag, but it is "
            f"'{called.binding}'. Choose one.",
        )
    elif called is not None and called.binding in ("version", "versionTag") and called.version is None:
        report.refuse(
            node,
            "binding_invalid",
            message=f"Expected the {'number' if called.binding == 'version' else 'tag'} of the version to call, but "
            "none is given. Write it.",
        )
    return called


def read_script(
    node: etree._Element, around: Surroundings, *, found: Sequence[Extension], report: Report
) -> Script | None:
    """Read a script task: an expression, or a text in a language that is none of ours, with that language's name.

    A vendor's script attribute comes first. None if it has no script at all.
    """
    vendors = read_vendors_script(found)
    if vendors is not None:
        return vendors
    result = next((each.result_variable for each in found if each.result_variable), None)
    script, written = first(node, BPMN, "script"), (node.get("scriptFormat") or "").strip()
    text = "" if script is None else text_of(script)
    line = report.line(node) if script is None else report.line(script)
    if script is None or not text:
        return None if not written else Script(Expression("", Language.TEXT, line), result, written)
    language = language_named(written)
    if not written:
        return Script(read_expression(script, around, what="a script", report=report), result)
    if language is Language.FEEL:
        text = text.removeprefix("=").strip()
    expression = Expression(text, language or Language.TEXT, line)
    if language is None or (language is Language.PYTHON and not _is_expression(expression)):
        return Script(_source(script, line), result, written)
    return Script(expression, result)


def _source(script: etree._Element, line: int) -> Expression:
    """Give a script's text as it was written, without the indentation and the empty lines that XML brings."""
    lines = textwrap.dedent("".join(map(str, script.itertext()))).rstrip().split("\n")
    before = next(number for number, each in enumerate(lines) if each.strip())
    return Expression("\n".join(lines[before:]), Language.TEXT, line + before)


def read_vendors_script(found: Sequence[Extension]) -> Script | None:
    """Read the expression that a vendor lets do an element's work, with the variable for its value; None if none is."""
    script = next((each.script for each in found if each.script is not None), None)
    result = next((each.result_variable for each in found if each.result_variable), None)
    return None if script is None else Script(script, result)


def read_ad_hoc(node: etree._Element, around: Surroundings, *, found: Sequence[Extension], report: Report) -> AdHoc:
    """Read an ad-hoc sub-process's own attributes."""
    completion = first(node, BPMN, "completionCondition")
    return AdHoc(
        ordering="sequential" if (node.get("ordering") or "").strip() == "Sequential" else "parallel",
        completion=None
        if completion is None or not text_of(completion)
        else read_expression(completion, around, what="a completion condition", report=report),
        cancel_remaining=is_true(node.get("cancelRemainingInstances"), default=True),
        active=next((each.active for each in found if each.active is not None), None),
        output_collection=next((each.collected[0] for each in found if each.collected), None),
        output_item=next((each.collected[1] for each in found if each.collected), None),
    )


def read_quantity(node: etree._Element, name: str, report: Report) -> int:
    """Read startQuantity or completionQuantity, a whole number from 1 (BPMN 2.0.2 §10.3.2)."""
    text = (node.get(name) or "1").strip()
    try:
        return whole_number(text, low=1, high=1_000_000)
    except ExpressionInvalid as error:
        report.refuse(node, "quantity_invalid", message=f"In {name}: {error}")
        return 1


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


def _is_expression(expression: Expression) -> bool:
    try:
        validate(expression)
    except RunnerError:
        return False
    return True
