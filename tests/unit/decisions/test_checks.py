"""What `runner check` says about decision files."""

from __future__ import annotations

import pytest
from unit.decisions.drafting import codes, decision, file, literal, output, read, table

from runner.decisions import read_decisions
from runner.errors import DecisionFailed, DiagramUnreadable

ONE = [(["-"], ["2"])]


@pytest.mark.parametrize(
    ("logic", "found"),
    [
        (literal("1 +"), ("refused", "expression_invalid")),
        (table(["x"], ["o"], [(["< "], ["1"])]), ("refused", "expression_invalid")),
        (literal("1", 'expressionLanguage="groovy"'), ("refused", "language_foreign")),
        ("", ("refused", "expression_missing")),
        (table(["x"], ["o"], [(["1", "2"], ["2"])]), ("refused", "rule_incomplete")),
        (table(["x"], ["o"], ONE, 'hitPolicy="BEST"'), ("refused", "hit_policy_unknown")),
        (table(["x"], ["o"], ONE, 'hitPolicy="PRIORITY"'), ("refused", "output_values_missing")),
        (table(["x"], ["o"], ONE, 'hitPolicy="COLLECT" aggregation="AVG"'), ("refused", "aggregation_unknown")),
        (
            table(["x"], ["o", "p"], [(["-"], ["2", "3"])], 'hitPolicy="COLLECT" aggregation="SUM"'),
            ("refused", "aggregation_ambiguous"),
        ),
        (table(["x"], ["o"], ONE, 'aggregation="SUM"'), ("warning", "aggregation_unused")),
        (table(["x"], [], [(["-"], [])]), ("refused", "output_missing")),
        (table(["x"], ["o"], [(["-"], [""])]), ("warning", "output_missing")),
        (table(["x"], [output("o", attributes='typeRef="tX"')], ONE), ("warning", "type_unknown")),
        (f'<functionDefinition kind="Java">{literal("1")}</functionDefinition>', ("refused", "function_foreign")),
    ],
)
def test_a_mistake_is_found(logic: str, found: tuple[str, str]) -> None:
    assert codes(decision("d", logic)) == [found]


@pytest.mark.parametrize(
    ("rows", "overlap"),
    [
        ([(["1", "-"], ["1"]), (["1", '"a"'], ["2"])], True),
        ([(["1, 2", "> 5"], ["1"]), (["2, 3", "> 5"], ["2"])], True),
        ([(["1, 2", "> 5"], ["1"]), (["3", "> 5"], ["2"])], False),
        ([(["1", "< 5"], ["1"]), (["1", "> 5"], ["2"])], False),
        ([(['"a,b"', "-"], ["1"]), (['"a"', "-"], ["2"])], False),
    ],
)
def test_rules_of_a_unique_table_that_surely_overlap_are_found(
    rows: list[tuple[list[str], list[str]]], overlap: bool
) -> None:
    found = codes(decision("d", table(["x", "y"], ["o"], rows)))
    assert (("warning", "rules_overlap") in found) is overlap


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([decision("d", literal("1"), needs="e")], "reference_unknown"),
        ([decision("d", literal("1"), needs="e"), decision("e", literal("1"), needs="d")], "decisions_circular"),
        ([decision("d", literal("1")), decision("d", literal("1"))], "id_twice"),
        ([], "no_decision"),
        ([decision("d", literal("1")), '<import namespace="x" importType="y"/>'], "import_refused"),
    ],
)
def test_what_does_not_hang_together_is_refused(parts: list[str], code: str) -> None:
    assert codes(*parts) == [("refused", code)]


def test_a_finding_says_line_element_and_text() -> None:
    found = read("\n\n", decision("d", literal("1 +"))).findings[0]
    assert (found.line, found.element_id) == (3, "d")
    assert found.message.splitlines()[1:] == ["    1 +", "       ^"] and "decision 'd'" in found.message
    assert found.describe("x.dmn").splitlines()[0].endswith("but the text ends. (expression_invalid)")


def test_what_cannot_be_read_fails_when_it_is_evaluated_and_the_rest_does_not() -> None:
    decisions = read(decision("bad", literal("1 +")), decision("good", literal("1")))
    assert decisions.evaluate("good", {}).value == 1
    with pytest.raises(DecisionFailed, match="decision 'bad'"):
        decisions.evaluate("bad", {})


def test_circular_decisions_fail_instead_of_running_forever() -> None:
    decisions = read(decision("d", literal("1"), needs="e"), decision("e", literal("1"), needs="d"))
    with pytest.raises(DecisionFailed, match="d -> e -> d"):
        decisions.evaluate("d", {})


def test_a_failure_says_rule_and_line() -> None:
    logic = table(["x"], ["o"], [(["-"], ['assert(null, x > 5, "too small")'])])
    with pytest.raises(DecisionFailed, match=r"rule 1, output entry 1 \(line 1\)"):
        read(decision("d", logic)).evaluate("d", {"x": 1})


@pytest.mark.parametrize(
    "xml", [b"<a/>", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', b"", b"<a"]
)
def test_what_is_no_decision_file_is_refused(xml: bytes) -> None:
    with pytest.raises(DiagramUnreadable):
        read_decisions(xml, "x.dmn")


def test_a_file_without_mistakes_has_no_findings() -> None:
    assert codes(decision("d", table(["x"], ["o"], ONE))) == []
    assert file(decision("d", "")).startswith(b"<definitions")
