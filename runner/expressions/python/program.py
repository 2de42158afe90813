"""Reads the Python-like language: `ast` parses, nodes on the white list become closures, all others are refused."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from typing import Any

from runner.expressions.faults import SyntaxFault
from runner.expressions.python.closures import Reader
from runner.expressions.run import Program, Run, Scope


def compile_python(text: str) -> Program:
    """Give the program of a Python-like expression. Raises SyntaxFault."""
    if not text.strip():
        raise SyntaxFault("Expected an expression, but the text is empty.", 0)
    evaluate = Reader(text).read(_parse(text))

    def program(variables: Mapping[str, Any], run: Run) -> Any:
        return evaluate(Scope(variables, run))

    return program


def _parse(text: str) -> ast.expr:
    # Inside parentheses line breaks mean nothing, as in an XML text; the line break before ")" ends a comment.
    wrapped = f"({text}\n)"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            body = ast.parse(wrapped, mode="eval").body
    except SyntaxError as error:
        position = _position(text, error.lineno or 1, error.offset or 1)
        raise SyntaxFault(f"Expected a Python-like expression, but Python says: {error.msg}.", position) from None
    except (ValueError, MemoryError, RecursionError):
        raise SyntaxFault("Expected an expression of bounded depth without null characters.", 0) from None
    if body.col_offset == 0 and body.lineno == 1:
        # The node begins at our own parenthesis, so the text closed it: "1) + (2", or "1, 2".
        raise SyntaxFault("Expected one expression, but there are several.", 0)
    return body


def _position(text: str, line: int, column: int) -> int:
    before = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
    return min(len(text), before + column - (2 if line == 1 else 1))
