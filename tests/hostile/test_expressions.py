"""No expression reaches an object of Python, and what grows without end is stopped by its own limits."""

from __future__ import annotations

import json

import pytest
from hostile.expressions_corpus import ESCAPES, HEAVY, LIGHT
from hostile.judge import EXPRESSIONS
from hostile.judging import judged

from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import Expression, Language, evaluate


@pytest.mark.parametrize("text", ESCAPES)
def test_no_escape_reaches_a_python_object(text: str) -> None:
    shown = []
    for language, form in ((Language.FEEL, text), (Language.PYTHON, text), (Language.JUEL, f"${{{text}}}")):
        try:
            shown.append(json.dumps(evaluate(Expression(form, language), {"m": {}, "l": [1], "s": "x", "a": 1})))
        except (ExpressionInvalid, ExpressionFailed):
            continue
    assert not any("class" in each or "<" in each or "object" in each for each in shown)


def test_what_grows_without_end_is_stopped() -> None:
    first = len(LIGHT) // 100 * 100
    told = [each for begin in range(first, len(EXPRESSIONS), 100) for each in judged("expressions", begin)]
    heavy = [each["outcome"] for each in told if int(str(each["number"])) >= len(LIGHT)]
    assert heavy == ["refused"] * len(HEAVY)
