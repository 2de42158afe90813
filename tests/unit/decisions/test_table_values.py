"""What stands in a table: unary tests in full, allowed values of inputs and outputs, names of every kind."""

from __future__ import annotations

from typing import Any

import pytest
from unit.decisions.drafting import CAMUNDA, decision, input_data, literal, output, read, result, table, value

from runner.errors import DecisionFailed


@pytest.mark.parametrize(
    ("test", "passing", "failing"),
    [
        ('not("a", "b")', "c", "a"),
        ("not([1..3])", 5, 2),
        ("not(null)", 1, None),
        ("? > 3 and ? < 9", 5, 9),
        ('starts with(?, "a")', "abc", "cab"),
        ("not(? > 3)", 1, 5),
        ("not(? = true)", False, True),
        ("not(1, ? > 3)", 2, 4),
        ('["a", "b"]', "a", "c"),
        ('list contains(?, "a")', ["a"], ["b"]),
        ("some i in ? satisfies i > 3", [1, 5], [1, 2]),
        ("> limit * 2", 5, 4),
        ("2 + 3", 5, 4),
        ("< 1, > 3, 2", 2, 3),
        ("]1..3[", 2, 3),
        ("? instance of number", 1, "1"),
        ("other", 7, 8),
    ],
)
def test_a_unary_test_lets_pass_what_it_says(test: str, passing: Any, failing: Any) -> None:
    logic = table(["x"], ["o"], [([test], ["true"])])
    found = (value(logic, x=passing, limit=2, other=7), value(logic, x=failing, limit=2, other=7))
    assert found == (True, None)


def test_an_output_outside_its_allowed_values_is_null_with_a_warning() -> None:
    logic = table(["x"], [output("o", '"a", "b"')], [(["-"], ["x"])])
    assert (value(logic, x="a"), value(logic, x="c")) == ("a", None)
    assert "output 'o' of decision 'd' to be one of its allowed values" in result(logic, x="c").warnings[0]
    assert read(decision("d", logic), attributes=CAMUNDA).evaluate("d", {"x": "c"}).value == "c"


def test_null_is_no_value_that_could_be_disallowed() -> None:
    column = (
        "<input label='x'><inputExpression><text>x</text></inputExpression><inputValues><text>1</text></inputValues>"
    )
    rule = "<rule><inputEntry><text>null</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>"
    logic = f"<decisionTable>{column}</input><output name='o'/>{rule}</decisionTable>"
    assert (value(logic, x=None), value(logic, x=2)) == (5, None)


@pytest.mark.parametrize(
    "name", ["Is it?", "Mr. X", "Pre-approved (v1)", "rate %", "days in year", "loan-amount", "🐎"]
)
def test_names_with_signs_are_read_where_the_file_has_them(name: str) -> None:
    data = input_data("x", name=name)
    logic = table([name], ["o"], [(["> 1"], [f"{name} * 2"])])
    assert read(data, decision("d", logic, needs="$x")).evaluate("d", {name: 4}).value == 8


def test_a_decision_without_logic_is_null() -> None:
    read_file = read(decision("a", ""), decision("d", literal("a = null"), needs="a"))
    assert read_file.evaluate("d", {}).value is True
    assert [each.code for each in read_file.findings] == ["expression_missing"]


def test_null_cannot_be_added_and_the_rule_is_named() -> None:
    logic = table(["x"], ["o"], [(["-"], ["1"]), (["-"], ["null"])], 'hitPolicy="COLLECT" aggregation="SUM"')
    with pytest.raises(DecisionFailed, match="SUM, but rule 2 gives null"):
        value(logic, x=1)


def test_a_service_s_result_and_input_decisions_are_of_their_types() -> None:
    parts = [
        decision("c", literal("5"), type="number"),
        decision("a", literal("c"), needs="c"),
        '<decisionService id="s" name="s"><variable name="s" typeRef="number"/><outputDecision href="#a"/>'
        '<inputDecision href="#c"/></decisionService>',
    ]
    assert (read(*parts).evaluate("s", {"c": 2}).value, read(*parts).evaluate("s", {"c": "two"}).value) == (2, None)
