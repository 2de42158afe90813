"""Expression languages of the three dialects: compile once, evaluate against variables. Pure; text is data."""

from runner.expressions.compile import CompiledExpression, compile_expression, evaluate, validate, variable_of
from runner.expressions.language import Compiled, Expression, Language

__all__ = [
    "Compiled",
    "CompiledExpression",
    "Expression",
    "Language",
    "compile_expression",
    "evaluate",
    "validate",
    "variable_of",
]
