"""FEEL: names with blanks, operators and keywords; scopes; functions of the expression itself."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import feel

from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import Expression, Language, compile_expression


@pytest.mark.parametrize(
    ("text", "variables", "value"),
    [
        ("Full Name", {"Full Name": "Ash"}, "Ash"),
        ('Full   Name + "!"', {"Full Name": "Ash"}, "Ash!"),
        ("order.unit price * 2", {"order": {"unit price": 4}}, 8),
        ("address 2", {"address 2": "x"}, "x"),
        ("loan-amount + 1", {"loan-amount": 5}, 6),
        ("loan-amount + 1", {"loan": 7, "amount": 3}, 5),
        ("a+b", {"a+b": 9, "a": 1, "b": 2}, 9),
        ("terms and conditions", {"terms and conditions": True}, True),
        ("terms and conditions", {"terms": True, "conditions": False}, False),
        ("Pokémon", {"Pokémon": 1}, 1),
        ("order.for", {"order": {"for": 3}}, 3),
    ],
)
def test_what_a_name_is_depends_on_the_variables(text: str, variables: dict[str, Any], value: Any) -> None:
    assert feel(text, **variables) == value


def test_one_compiled_text_reads_names_anew_for_other_variables() -> None:
    compiled = compile_expression(Expression("a-b", Language.FEEL))
    assert compiled.evaluate({"a": 5, "b": 3}) == 2
    assert compiled.evaluate({"a-b": 8}) == 8
    assert compiled.evaluate({"a": 5, "b": 3, "a-b": 8}) == 8


def test_a_name_that_reads_like_syntax_needs_its_variable() -> None:
    text = "for i in days in weekend return i"
    assert feel(text, **{"days in weekend": ["sat", "sun"]}) == ["sat", "sun"]
    with pytest.raises(ExpressionInvalid, match="'return'"):
        feel(text, days=["sat"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1, b: a + 1, c: a + b}.c", 3),
        ("{a b: 1, c: a b + 1}.c", 2),
        ("{a+b: 1, c: a+b + 1}.c", 2),
        ('{"a": 1}.a', 1),
        ("{a: 1, a: 2}", None),
        ("{x: {y: n}}.x.y", 10),
        ("{n: n + 1}.n", 11),
        ("for n in [1, 2] return n * 2", [2, 4]),
        ("{f: function(x) x * n}.f(2)", 20),
        ("{f: function(x: number, y) x - y, r: f(y: 1, x: 3)}.r", 2),
        ("{fac: function(k) if k < 2 then 1 else k * fac(k - 1), r: fac(10)}.r", 3_628_800),
        ('{f: function(x: number) x, r: f("a")}.r', None),
        ("{f: function(x) x, r: f(1, 2)}.r", None),
        ("(function(a, b) a + b)(1, 2)", 3),
        ("unknown(1)", None),
    ],
)
def test_scopes_and_functions(text: str, value: Any) -> None:
    assert feel(text, n=10) == value


def test_endless_recursion_is_stopped() -> None:
    with pytest.raises(ExpressionFailed, match="at most 60 calls within each other"):
        feel("{f: function(x) f(x), r: f(1)}.r")
