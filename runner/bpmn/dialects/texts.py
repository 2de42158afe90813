"""How each dialect writes an expression: a text of the diagram becomes an `Expression` in the right language.

Two kinds of places: where an expression has to stand (a condition, a collection), and where a text may stand for itself
(a message name, an assignee). Which place is of which kind is its reader's to say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from runner.bpmn.diagram import Dialect
from runner.bpmn.findings import Report
from runner.bpmn.surroundings import Surroundings
from runner.bpmn.xml import text_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Expression, Language

_ONE_JUEL = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
_LANGUAGES = {"feel": Language.FEEL, "juel": Language.JUEL, "python": Language.PYTHON}
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def feel_value(text: str, line: int) -> Expression:
    """Read a Camunda 8 text: FEEL behind "=", else itself (Camunda 8 docs, Concepts > Expressions)."""
    if text.lstrip().startswith("="):
        return Expression(text.strip()[1:].strip(), Language.FEEL, line)
    return Expression(text, Language.TEXT, line)


def juel_value(text: str, line: int) -> Expression:
    """Read a Camunda 7 text: JUEL if it holds "${…}" or "#{…}", else itself."""
    return Expression(text, Language.JUEL if "${" in text or "#{" in text else Language.TEXT, line)


def topics_of(topic: Expression | None) -> tuple[tuple[str, ...], Expression | None]:
    """Give a topic as it stands, or the expression that it is computed by."""
    if topic is None:
        return (), None
    return ((topic.text,), None) if topic.language is Language.TEXT else ((), topic)


def plain_value(text: str, line: int) -> Expression:
    """Read a text of plain BPMN: "=…" is FEEL and "${…}" JUEL, anything else is itself."""
    return feel_value(text, line) if text.lstrip().startswith("=") else juel_value(text, line)


def feel_expression(text: str, line: int) -> Expression:
    """Read a Camunda 8 expression. Raises ExpressionInvalid if the "=" is missing."""
    if not text.startswith("="):
        raise ExpressionInvalid(
            f"Expected a FEEL expression that begins with '=', as Camunda 8 has it, but got '{text}'. "
            "Put '=' before it."
        )
    return Expression(text[1:].strip(), Language.FEEL, line)


def juel_expression(text: str, line: int) -> Expression:
    """Read a Camunda 7 expression, one "${…}" or "#{…}". Raises ExpressionInvalid if it is none."""
    if _ONE_JUEL.fullmatch(text) is None:
        raise ExpressionInvalid(
            f"Expected an expression in JUEL like ${{n < 2000}}, as Camunda 7 has it, but got '{text}'. "
            "Put it between ${ and }."
        )
    return Expression(text, Language.JUEL, line)


def plain_expression(text: str, line: int) -> Expression:
    """Read an expression of plain BPMN: Python-like, as in "n < 2000".

    In a file without any sign of Camunda, "${…}" and "=…" still say which language they are in: no plain expression
    begins like that.
    """
    value = plain_value(text, line)
    return Expression(text, Language.PYTHON, line) if value.language is Language.TEXT else value


_VALUES: Mapping[Dialect, Callable[[str, int], Expression]] = {
    Dialect.CAMUNDA8: feel_value,
    Dialect.CAMUNDA7: juel_value,
    Dialect.PLAIN: plain_value,
}
_EXPRESSIONS: Mapping[Dialect, Callable[[str, int], Expression]] = {
    Dialect.CAMUNDA8: feel_expression,
    Dialect.CAMUNDA7: juel_expression,
    Dialect.PLAIN: plain_expression,
}


def language_named(name: str) -> Language | None:
    """Give the language that a `language` or `scriptFormat` attribute names, None if it is none of ours."""
    return next((language for word, language in _LANGUAGES.items() if word in name.lower()), None)


def read_value(text: str, around: Surroundings, *, line: int) -> Expression:
    """Read a text that may stand for itself, in the file's dialect."""
    return _VALUES[around.dialect](text, line)


def read_variable(name: str, dialect: Dialect, *, line: int) -> Expression:
    """Give the expression whose value is that variable, in a dialect's language."""
    if dialect is Dialect.CAMUNDA7:
        return Expression(f"${{{name}}}", Language.JUEL, line)
    return Expression(name, Language.FEEL if dialect is Dialect.CAMUNDA8 else Language.PYTHON, line)


def read_expression(node: etree._Element, around: Surroundings, *, what: str, report: Report) -> Expression:
    """Read an element that holds an expression, as <conditionExpression> does; what cannot be one is refused.

    The language is what the element names, else what the file names if it is one of ours, else the dialect's. A whole
    number stands for itself in every language. `what` names the place, for people.
    """
    text, line = text_of(node), report.line(node)
    own = (node.get("language") or "").strip()
    language = language_named(own) or (None if own else language_named(around.expression_language))
    try:
        if own and language is None:
            raise ExpressionInvalid(f"Expected {what} in FEEL, JUEL or plain Python, but its language is '{own}'.")
        if not text:
            raise ExpressionInvalid(f"Expected {what}, but it is empty. Write one, or remove it.")
        if "condition" not in what and _NUMBER.fullmatch(text):
            return Expression(text, Language.PYTHON, line)
        if language is not None:
            return Expression(text.removeprefix("=").strip() if language is Language.FEEL else text, language, line)
        return _EXPRESSIONS[around.dialect](text, line)
    except ExpressionInvalid as error:
        report.refuse(node, "condition_invalid" if "condition" in what else "expression_invalid", message=str(error))
        # A text compiles in any case: what is wrong has been said, and need not be said again in other words.
        return Expression(text, Language.TEXT, line)
