"""Lists and maps whose texts are JUEL."""

from __future__ import annotations

import pytest

from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import Expression, Language, evaluate


def template(text: str) -> Expression:
    return Expression(text, Language.TEMPLATE)


def test_texts_in_lists_and_objects_are_evaluated_and_the_rest_stays() -> None:
    given = '{"a": ["${n}", "n is ${n}", "plain"], "${key}": {"deep": "#{n + 1}"}, "one": 1}'
    expected = {"a": [2, "n is 2", "plain"], "k": {"deep": 3}, "one": 1}
    assert evaluate(template(given), {"n": 2, "key": "k"}) == expected


@pytest.mark.parametrize("text", ["[", '["${1 +}"]', "[" * 5000])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(ExpressionInvalid):
        evaluate(template(text), {})


def test_unknown_variable_in_a_template_fails() -> None:
    with pytest.raises(ExpressionFailed, match="nobody"):
        evaluate(template('["${nobody}"]'), {})
