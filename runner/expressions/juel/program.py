"""Compiles a JUEL text: one expression keeps its type, text around expressions makes a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.expressions.juel.closures import constant
from runner.expressions.juel.coercion import to_text
from runner.expressions.juel.lexer import parts
from runner.expressions.juel.parser import Parser
from runner.expressions.run import Program, Run, Scope


def compile_juel(text: str) -> Program:
    """Give the program of a text with ${…} or #{…} in it, or with none. Raises SyntaxFault."""
    closures = [
        constant(part.literal) if part.literal is not None else Parser(part.tokens).read() for part in parts(text)
    ]
    if len(closures) == 1:
        single = closures[0]
        return lambda variables, run: single(Scope(variables, run))

    def program(variables: Mapping[str, Any], run: Run) -> str:
        scope = Scope(variables, run)
        pieces = [to_text(closure(scope), run) for closure in closures]
        run.string(sum(map(len, pieces)))
        return "".join(pieces)

    return program
