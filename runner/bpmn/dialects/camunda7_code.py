"""Where a Camunda 7 file names Java code: classes, beans, calls of beans, injected fields and listeners. A handler of
that name does the code's work; an expression that needs no code is evaluated.

Source: Camunda 7 docs, User Guide > Process Engine > Delegation Code; Expression Language; Reference > BPMN 2.0."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from runner.bpmn.bindings import distinct, snake_case
from runner.bpmn.diagram import Dialect, Listener, ServiceBinding, VariableMapping
from runner.bpmn.dialects.texts import juel_value, language_named
from runner.bpmn.dialects.vendor import Assigned, attribute
from runner.bpmn.findings import Report
from runner.bpmn.xml import children, first, name_of, text_of
from runner.errors import ExpressionInvalid
from runner.expressions import validate
from runner.expressions.juel.calls import call_arguments
from runner.expressions.language import Expression, Language

_BEAN = re.compile(r"[$#]\{\s*(\w+)\s*\}")
_CALL = re.compile(r"[$#]\{\s*(\w+)\.(\w+)\s*\(.*\)\s*\}", re.DOTALL)
_SET = re.compile(r"[$#]\{\s*(?:execution|task)\.setVariable(?:Local)?\(\s*(['\"])(\w+)\1\s*,(.*)\)\s*\}", re.DOTALL)
# Java code of the engine itself: what it does there has no meaning here.
_OWN_CODE = ("org.camunda.bpm.engine.", "org.camunda.connect.", "org.activiti.engine.")
_CODE = ("class", "delegateExpression", "expression")
_EVENTS = {
    "executionListener": {"start": "start", "end": "end", "take": "take"},
    "taskListener": {
        "create": "creating",
        "assignment": "assigning",
        "complete": "completing",
        "delete": "canceling",
    },
}
_UNCALLED = {
    "update": "nothing changes a user task here but its assignment, for which there is the event 'assignment'",
    "timeout": "draw a timer event that does not interrupt on the task's border instead",
}


def read_code(node: etree._Element, namespaces: tuple[str, ...]) -> tuple[str, ...]:
    """Offer the simple class name, the bean's name, or the bean and method that an expression calls, as topics."""
    return _topics(*(attribute(node, name, *namespaces) or "" for name in _CODE))


def bean_call(text: str) -> tuple[str, ...]:
    """Give the topics for an expression that calls a method of a bean; () if it can be evaluated, or is wrong."""
    match = _CALL.fullmatch(text)
    if match is None or match[1] in ("execution", "task"):
        return ()
    try:
        validate(Expression(text, Language.JUEL))
    except ExpressionInvalid:
        bean, method = match.groups()
        return distinct((f"{bean}.{method}", snake_case(f"{bean} {method}"), snake_case(bean), snake_case(method)))
    return ()


class Passed(NamedTuple):
    """What an expression passes to a bean: the variable `arguments`, a list, and the places of what is data in it.

    The engine's own objects, which Java code is often given, are no data: null stands for them.
    """

    inputs: tuple[VariableMapping, ...] = ()
    places: tuple[int, ...] = ()


def read_arguments(text: str | None, line: int) -> Passed:
    """Read the arguments with which an expression calls a bean, in their order."""
    arguments = call_arguments(text or "") if bean_call(text or "") else ()
    if not arguments:
        return Passed()
    given = [None if each in ("${execution}", "${task}") else each for each in arguments]
    variable = VariableMapping("arguments", Expression(json.dumps(given), Language.TEMPLATE, line))
    return Passed((variable,), tuple(place for place, each in enumerate(given) if each is not None))


def read_connector(within: Mapping[str, etree._Element]) -> tuple[str, ...]:
    """Offer a connector's id as a topic ("http-connector" is http_connector); `within` are its parts by name."""
    return () if "connectorId" not in within else distinct((snake_case(text_of(within["connectorId"])),))


def read_assigned(text: str, line: int) -> Assigned:
    """Read an expression for its value, and the variable that takes it if it says ${execution.setVariable(name, …)}."""
    match = _SET.fullmatch(text)
    if match is None:
        return Assigned(juel_value(text, line))
    return Assigned(Expression(f"${{{match[3].strip()}}}", Language.JUEL, line), match[2])


def read_errors(parts: Iterable[etree._Element], report: Report) -> tuple[tuple[str, Expression], ...]:
    """Read camunda:errorEventDefinition elements: the id of an error, and when the task's end stands for it."""
    found = []
    for part in (each for each in parts if name_of(each)[1] == "errorEventDefinition"):
        reference, text = (part.get("errorRef") or "").strip(), (part.get("expression") or "").strip()
        if reference and text:
            found.append((reference, juel_value(text, report.line(part))))
        else:
            message = f"Expected an errorRef and an expression, but got '{reference}' and '{text}'. Fill both in."
            report.refuse(part, "mapping_incomplete", message=message)
    return tuple(found)


def read_fields(parts: Iterable[etree._Element], report: Report) -> tuple[VariableMapping, ...]:
    """Read camunda:field elements, which inject values into Java code, as variables for the handler that stands in."""
    return tuple(_fields(parts, report))


def _fields(parts: Iterable[etree._Element], report: Report) -> Iterator[VariableMapping]:
    for part in parts:
        name, namespace = (part.get("name") or "").strip(), name_of(part)[0]
        nested = [each for tag in ("string", "expression") if (each := first(part, namespace, tag)) is not None]
        given = (part.get("stringValue"), part.get("expression"), *(text_of(each) for each in nested))
        value = next((text for text in given if text is not None), None)
        if not name or value is None:
            report.refuse(
                part,
                "mapping_incomplete",
                message=f"Expected a field with a name and a string or an expression, but got name '{name}' and "
                f"'{value or ''}'. Fill both in, or remove the field.",
            )
            continue
        is_text = part.get("stringValue") is not None or any(name_of(each)[1] == "string" for each in nested)
        line = report.line(part)
        yield VariableMapping(name, Expression(value, Language.TEXT, line) if is_text else juel_value(value, line))


def read_listeners(node: etree._Element, parts: Iterable[etree._Element], report: Report) -> tuple[Listener, ...]:
    """Read the execution and task listeners of an element, flow or process, in the order drawn."""
    found = [part for part in parts if name_of(part)[1] in _EVENTS]
    read = (_listener(node, part, report) for part in found)
    return tuple(listener for listener in read if listener is not None)


def _listener(node: etree._Element, part: etree._Element, report: Report) -> Listener | None:
    kind, is_flow = name_of(part)[1], name_of(node)[1] == "sequenceFlow"
    written = (part.get("event") or ("take" if is_flow else "")).strip()
    event = _EVENTS[kind].get(written)
    if written in _UNCALLED and kind == "taskListener":
        report.warn(part, "not_honoured", message=f"A listener of '{written}' is not called: {_UNCALLED[written]}.")
        return None
    if event is None or (event == "take") != is_flow:
        allowed = ["take"] if is_flow else [each for each in _EVENTS[kind] if each != "take"]
        report.refuse(
            part,
            "listener_invalid",
            message=f"Expected the event of a {kind} to be {' or '.join(allowed)}, but it is '{written}'. Choose one.",
        )
        return None
    java = (part.get("class") or "").strip()
    if java.startswith(_OWN_CODE):
        report.warn(part, "not_honoured", message=f"The listener {java} is code of Camunda's engine: it is not called.")
        return None
    return _called(node, part, event, report=report)


def _called(node: etree._Element, part: etree._Element, event: str, *, report: Report) -> Listener:
    namespace, line = name_of(part)[0], report.line(part)
    script, text = first(part, namespace, "script"), (part.get("expression") or "").strip()
    if script is not None:
        language = language_named(script.get("scriptFormat") or "")
        if language is not None and not script.get("resource"):
            return Listener(event, Dialect.CAMUNDA7, expression=Expression(text_of(script), language, line), line=line)
    elif text and not bean_call(text):
        assigned = read_assigned(text, line)
        return Listener(
            event, Dialect.CAMUNDA7, expression=assigned.value, result_variable=assigned.variable, line=line
        )
    names = (*_topics(*(part.get(name) or "" for name in _CODE)), f"{node.get('id') or ''}_{event}")
    passed = read_arguments(text, line)
    service = ServiceBinding(distinct(names), passed=passed.places)
    inputs = (*read_fields(children(part, namespace, local="field"), report), *passed.inputs)
    return Listener(event, Dialect.CAMUNDA7, service, inputs=inputs, line=line)


def _topics(java: str, bean: str, text: str) -> tuple[str, ...]:
    match = _BEAN.fullmatch(bean.strip())
    named = [match[1], snake_case(match[1])] if match else []
    return distinct([snake_case(java.strip().rpartition(".")[2]), *named, *bean_call(text.strip())])
