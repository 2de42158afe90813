"""The door to the expression languages: compiled once per text, cached, evaluated against variables.

Reading and running a language is its own package's; here faults become the product's errors, with a caret."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from unicodedata import is_normalized

from runner.clock import Clock, SystemClock
from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions.faults import EvaluationFault, SyntaxFault, pointer
from runner.expressions.feel.program import compile_feel
from runner.expressions.feel.scanner import KEYWORDS
from runner.expressions.json_values import PLAIN, to_json
from runner.expressions.juel.lexer import WORDS
from runner.expressions.juel.program import compile_juel
from runner.expressions.juel.template import compile_template
from runner.expressions.language import Expression, Language
from runner.expressions.moment import Moment, moment_of
from runner.expressions.python.program import compile_python
from runner.expressions.run import MAX_TEXT, NO_FACTS, Program, Run

_CACHED = 2_048
_CLOCK = SystemClock()
_JUEL_NAME = re.compile(r"[$#]\{\s*(\w+)\s*\}")
# Words that are no name in one of the languages.
_RESERVED = frozenset({*KEYWORDS, *keyword.kwlist, *WORDS, "empty", "instanceof"})
_NAMES = {
    Language.FEEL: "FEEL",
    Language.JUEL: "JUEL",
    Language.PYTHON: "Python-like",
    Language.TEMPLATE: "template",
    Language.TEXT: "text",
}


class CompiledExpression:
    """An expression with its program; safe to share between threads, because every evaluation has its own `Run`."""

    __slots__ = ("_program", "expression")

    def __init__(self, expression: Expression, program: Program) -> None:
        self.expression = expression
        self._program = program

    def evaluate(
        self,
        variables: Mapping[str, Any],
        *,
        clock: Clock | None = None,
        warnings: list[str] | None = None,
        moment: Moment | None = None,
    ) -> Any:
        """Give the value (JSON data; parts of the variables may be shared) with these variables.

        `clock` is what now() and today() read; to `warnings` is added what FEEL took for null (unknown names, errors).
        Both are the `moment`'s, or that of the variables, if there is one and nothing else is said.
        Raises ExpressionFailed.
        """
        moment = moment or moment_of(variables)
        run = Run(clock or moment or _CLOCK, NO_FACTS if moment is None else moment.facts)
        try:
            value = self._program(variables, run)
            return value if type(value) in PLAIN else to_json(value, run)
        except EvaluationFault as fault:
            raise ExpressionFailed(_described(self.expression, fault.message, fault.position)) from fault
        except RecursionError as fault:
            message = "Expected an evaluation of bounded depth, but it nests too deeply."
            raise ExpressionFailed(_described(self.expression, message, None)) from fault
        finally:
            if warnings is not None:
                warnings.extend(run.warnings)
            elif moment is not None and run.noted:
                moment.warn(run.warnings)


def compile_expression(expression: Expression, *, names: frozenset[str] = frozenset()) -> CompiledExpression:
    """Read an expression, or take it from the cache (by text, language and names).

    FEEL names may hold keywords ("values in a list"); such a one is only read as a name if it is among `names`.
    Raises ExpressionInvalid, with a caret under the place in the text.
    """
    try:
        return CompiledExpression(expression, _program(expression.text, expression.language, names))
    except SyntaxFault as fault:
        raise ExpressionInvalid(_described(expression, fault.message, fault.position)) from fault
    except RecursionError as fault:
        message = "Expected an expression of bounded depth, but it nests too deeply."
        raise ExpressionInvalid(_described(expression, message, 0)) from fault


def variable_of(expression: Expression) -> str | None:
    """Give the variable that an expression is the name of, if it is nothing else: its value is that of the expression,
    wherever there is such a variable."""
    text = expression.text.strip()
    if expression.language is Language.JUEL:
        braced = _JUEL_NAME.fullmatch(text)
        text = "" if braced is None else braced[1]
    elif expression.language not in (Language.FEEL, Language.PYTHON):
        return None
    # Python reads a name in its normal form.
    return text if text.isidentifier() and text not in _RESERVED and is_normalized("NFKC", text) else None


def validate(expression: Expression) -> None:
    """Raise ExpressionInvalid unless the text is an expression of its language."""
    compile_expression(expression)


def evaluate(expression: Expression, variables: Mapping[str, Any]) -> Any:
    """Compile (or find in the cache) and evaluate in one go. Raises ExpressionInvalid or ExpressionFailed."""
    try:
        compiled = compile_expression(expression)
    except ExpressionInvalid:
        if expression.language is not Language.FEEL:
            raise
        compiled = compile_expression(expression, names=frozenset(name for name in variables if " " in name))
    return compiled.evaluate(variables)


@lru_cache(maxsize=_CACHED)
def _program(text: str, language: Language, names: frozenset[str]) -> Program:
    if language is Language.TEXT:
        return lambda variables, run: text
    if len(text) > MAX_TEXT:
        raise SyntaxFault(f"Expected an expression of at most {MAX_TEXT:,} characters, but it has {len(text):,}.", 0)
    if language is Language.FEEL:
        return compile_feel(text, names)
    if language is Language.TEMPLATE:
        return compile_template(text)
    return compile_juel(text) if language is Language.JUEL else compile_python(text)


def _described(expression: Expression, message: str, position: int | None) -> str:
    place = f"{_NAMES[expression.language]} expression" + (f" in line {expression.line}" if expression.line else "")
    return f"{message} ({place})\n{pointer(expression.text, 0 if position is None else position)}"
