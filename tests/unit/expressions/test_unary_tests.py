"""FEEL: the input entries of decision tables."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import FixedClock

from runner.expressions.faults import SyntaxFault
from runner.expressions.feel.program import compile_unary_tests
from runner.expressions.run import Run


@pytest.mark.parametrize(
    ("entry", "value", "passes"),
    [
        ("-", None, True),
        ("", 1, True),
        ("5", 5, True),
        ("< 5", 4, True),
        ("[1..5)", 5, False),
        ("1, 3, > 10", 11, True),
        ('"PAR", "HEALTHY"', "PAR", True),
        ("not(1, 2)", 3, True),
        ("not(1, 2)", 2, False),
        ("not(true)", False, True),
        ("? > 5 and ? < 10", 7, True),
        ("? * 2 = limit", 4, True),
        ("limit", 8, True),
        ("limit - 1", 7, True),
        ("limit > 7", 1, True),
        ("limit > 8", 1, False),
        ("limit > 8", False, True),
        ("null", None, True),
        ("true", True, True),
        ("< 5", "a", None),
        ("list contains([1, 2], ?)", 2, True),
    ],
)
def test_an_input_value_passes_an_entry(entry: str, value: Any, passes: bool | None) -> None:
    program = compile_unary_tests(entry)
    assert program({"?": value, "limit": 8}, Run(FixedClock())) is passes


def test_an_entry_with_a_syntax_error_is_refused() -> None:
    with pytest.raises(SyntaxFault, match="Expected"):
        compile_unary_tests("< 5, >")
