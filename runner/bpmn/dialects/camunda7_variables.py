"""How Camunda 7 hands variables over: `camunda:inputOutput` (texts, lists, maps, scripts) and `camunda:in`,
`camunda:out`.

Source: Camunda 7 docs, User Guide > Process Variables > Input/Output Variable Mapping; Reference > BPMN 2.0 > Custom
Extensions > camunda:in, camunda:out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from lxml import etree

from runner.bpmn.diagram import Dialect, VariableMapping
from runner.bpmn.dialects.texts import feel_value, juel_expression, juel_value, language_named, read_variable
from runner.bpmn.findings import Report
from runner.bpmn.xml import children, is_true, name_of, text_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language


def read_parameters(container: etree._Element | None, tag: str, *, report: Report) -> tuple[VariableMapping, ...]:
    """Read the camunda:inputParameter or camunda:outputParameter elements; one that cannot be is refused."""
    if container is None:
        return ()
    found = (_parameter(each, report) for each in children(container, name_of(container)[0], local=tag))
    return tuple(mapping for mapping in found if mapping is not None)


def read_handed_over(parts: Iterable[etree._Element], report: Report) -> tuple[VariableMapping, ...]:
    """Read camunda:in or camunda:out elements that hand over single variables.

    A source that does not exist is null, as in Camunda 7, so it is read in FEEL.
    """
    return tuple(_handed_over(list(parts), report))


def hands_all_over(parts: Iterable[etree._Element]) -> bool:
    """Say whether one of the camunda:in or camunda:out elements hands all variables over; `local` ones are no others
    than those of the call activity itself, which are handed over in any case.
    """
    return any(
        (part.get("variables") or "").strip() == "all" and not is_true(part.get("local"), default=False)
        for part in parts
    )


def read_business_key(parts: Iterable[etree._Element], report: Report) -> Expression | None:
    """Read `<camunda:in businessKey="…"/>`, None if there is none."""
    found = ((part, (part.get("businessKey") or "").strip()) for part in parts)
    return next((juel_value(text, report.line(part)) for part, text in found if text), None)


def _parameter(node: etree._Element, report: Report) -> VariableMapping | None:
    target = (node.get("name") or "").strip()
    if not target:
        report.refuse(node, "mapping_incomplete", message="Expected a parameter with a name, but it has none. Name it.")
        return None
    nested = next(node.iterchildren(etree.Element), None)
    try:
        if nested is None:
            source = juel_value(text_of(node), report.line(node))
        elif name_of(nested)[1] == "script":
            source = _script(nested, report)
        else:
            source = Expression(json.dumps(_built(nested), ensure_ascii=False), Language.TEMPLATE, report.line(node))
    except ExpressionInvalid as error:
        report.refuse(node, "mapping_nested", message=f"In parameter '{target}': {error}")
        return None
    return VariableMapping(target, source)


def _script(node: etree._Element, report: Report) -> Expression:
    """Read a script that is an expression in a language of ours. Raises ExpressionInvalid for any other."""
    language, text = language_named(node.get("scriptFormat") or ""), text_of(node)
    if language is None or node.get("resource"):
        raise ExpressionInvalid(
            f"Expected an expression, but it is a script in {node.get('scriptFormat') or 'an unnamed language'}. "
            "Write an expression, or build the value in the handler."
        )
    if language is Language.FEEL:
        return Expression(feel_value(text, 0).text, language, report.line(node))
    return Expression(text, language, report.line(node))


def _built(node: etree._Element) -> object:
    """Give a camunda:list or camunda:map as JSON data whose texts are JUEL. Raises ExpressionInvalid."""
    tag, namespace = name_of(node)[1], name_of(node)[0]
    if tag == "list":
        return [_built(each) for each in node.iterchildren(etree.Element)]
    if tag == "map":
        return {str(each.get("key") or ""): _built(each) for each in children(node, namespace, local="entry")}
    nested = next(node.iterchildren(etree.Element), None)
    if tag in ("value", "entry"):
        return text_of(node) if nested is None else _built(nested)
    raise ExpressionInvalid(f"Expected a text, list or map in it, but got a {tag}. Build the value in the handler.")


def _handed_over(parts: list[etree._Element], report: Report) -> Iterator[VariableMapping]:
    for part in parts:
        source, text = (part.get("source") or "").strip(), (part.get("sourceExpression") or "").strip()
        target = (part.get("target") or source).strip()
        if not source and not text:
            continue
        if not target:
            report.refuse(
                part,
                "mapping_incomplete",
                message=f"Expected a target for '{text}', but it has none. Name the variable that takes the value.",
            )
            continue
        line = report.line(part)
        try:
            value = read_variable(source, Dialect.CAMUNDA8, line=line) if source else juel_expression(text, line)
        except ExpressionInvalid as error:
            report.refuse(part, "expression_invalid", message=f"In sourceExpression: {error}")
            continue
        yield VariableMapping(target, value)
