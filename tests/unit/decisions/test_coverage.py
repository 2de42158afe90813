"""What `runner check` says about the rules of a table: left out, taken twice, never reached."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.decisions.drafting import Row, decision, output, read, table

from runner.decisions import Decisions
from runner.errors import DecisionFailed

Rows = list[tuple[Row, Row]]
TYPES = (
    '<itemDefinition name="tSeason"><typeRef>string</typeRef><allowedValues><text>"spring", "fall"</text>'
    "</allowedValues></itemDefinition>"
)


def columns(*types: str) -> str:
    return "".join(
        f'<input label="{name}"><inputExpression typeRef="{type}"><text>{name}</text></inputExpression></input>'
        for name, type in zip("xy", types, strict=False)
    )


def entry(text: str) -> str:
    return f"<inputEntry><text>{escape(text)}</text></inputEntry>"


def drawn(
    types: tuple[str, ...], tests: list[Row], attributes: str = "", outputs: str = '<output name="o"/>'
) -> Decisions:
    rules = "".join(
        f"<rule>{''.join(map(entry, row))}<outputEntry><text>{number}</text></outputEntry></rule>"
        for number, row in enumerate(tests)
    )
    logic = f"<decisionTable {attributes}>{columns(*types)}{outputs}{rules}</decisionTable>"
    return read(TYPES, decision("d", logic))


def said(read_file: Decisions) -> dict[str, str]:
    return {each.code: each.message for each in read_file.findings}


@pytest.mark.parametrize(
    ("type", "tests", "gap"),
    [
        ("number", ["< 5", "> 5"], "'x' is 5:"),
        ("number", ["[0..10]", "[11..20]"], "'x' is < 0 or (10..11) or > 20"),
        ("integer", ["<= 10", "[11..20]", "> 20"], None),
        ("number", ["<= 10", "> 10"], None),
        ("number", ["not(5)", "5"], None),
        ("boolean", ["true"], "'x' is false"),
        ("boolean", ["true", "not(true)"], None),
        ("tSeason", ['"spring"'], "'x' is \"fall\""),
        ("tSeason", ['"spring"', '"fall"'], None),
        ("string", ['"a"', '"b"'], None),
        ("date", ['< date("2026-01-01")', '> @"2026-01-01"'], "'x' is 2026-01-01"),
        ("number", ["< limit", "> 5"], None),
        ("number", ["-"], None),
    ],
)
def test_cases_that_no_rule_matches_are_told(type: str, tests: list[str], gap: str | None) -> None:
    found = said(drawn((type,), [[each] for each in tests])).get("rules_incomplete")
    assert (found is None) if gap is None else (found is not None and gap in found)


def test_a_gap_of_two_inputs_names_both() -> None:
    read_file = drawn(("tSeason", "number"), [['"spring"', "-"], ['"fall"', "< 8"]])
    assert "'x' is \"fall\" and 'y' is 8 or > 8" in said(read_file)["rules_incomplete"]


@pytest.mark.parametrize("attributes", ['hitPolicy="COLLECT"', 'hitPolicy="RULE ORDER"'])
def test_a_policy_that_gives_lists_may_match_nothing(attributes: str) -> None:
    assert said(drawn(("number",), [["< 5"]], attributes)) == {}


def test_a_default_output_is_for_all_other_cases() -> None:
    outputs = output("o", default="0")
    assert said(drawn(("number",), [["< 5"]], outputs=outputs)) == {}


@pytest.mark.parametrize(
    ("types", "tests", "clash"),
    [
        (("number",), [["[1..5]"], ["[5..9]"]], True),
        (("number",), [["[1..5)"], ["[5..9]"]], False),
        (("number", "string"), [["< 5", '"a"'], ["< 9", 'not("a")']], False),
        (("number", "string"), [["< 5", '"a", "b"'], ["< 9", '"b"']], True),
        (("number",), [["< limit"], ["< limit"]], True),
        (("number",), [["< limit"], ["> limit"]], False),
        (("number",), [["-"], ["> 3"]], True),
    ],
)
def test_rules_that_overlap_are_told(types: tuple[str, ...], tests: list[Row], clash: bool) -> None:
    assert ("rules_overlap" in said(drawn(types, tests))) is clash
    assert "rules_overlap" not in said(drawn(types, tests, 'hitPolicy="FIRST"'))


@pytest.mark.parametrize(
    ("type", "tests", "reason"),
    [
        ("number", ["< 9", "[1..5]"], "rules before it"),
        ("number", ["< 3", ">= 3", "-"], "rules before it"),
        ("number", ["< limit", "< limit"], "rules before it"),
        ("number", ["[5..1]", "-"], "input entry 1"),
        ("tSeason", ['"winter"', "-"], "input entry 1"),
        ("number", ['"a lot"', "-"], "input entry 1"),
        ("number", ["< 3", "< limit", "-"], None),
        ("string", ['"a"', '"a, b"', "-"], None),
    ],
)
def test_a_rule_that_nothing_can_reach_is_told(type: str, tests: list[str], reason: str | None) -> None:
    found = said(drawn((type,), [[each] for each in tests], 'hitPolicy="FIRST"')).get("rule_unreachable")
    assert (found is None) if reason is None else (found is not None and reason in found)


def test_an_output_that_is_not_allowed_is_told() -> None:
    outputs = output("o", "0, 1")
    found = said(drawn(("number",), [["< 1"], ["1"], ["> 1"]], outputs=outputs))
    assert "output 'o' of rule 3 in decision 'd' to be one of its allowed values, 0, 1" in found["output_not_allowed"]


SPANS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from("[("), st.sampled_from("])")), max_size=5
)


@given(SPANS)
def test_what_is_told_of_number_ranges_is_what_evaluating_shows(spans: list[tuple[int, int, str, str]]) -> None:
    tests: list[Row] = [[f"{left}{low}..{high}{right}"] for low, high, left, right in spans if low <= high]
    read_file = drawn(("number",), [*tests, ["< 0"], ["> 6"]])
    found, outcomes = said(read_file), [_outcome(read_file, each / 2) for each in range(-1, 14)]
    assert ("rules_incomplete" in found, "rules_overlap" in found) == (None in outcomes, "failed" in outcomes)


def _outcome(read_file: Decisions, x: Any) -> Any:
    try:
        return read_file.evaluate("d", {"x": x}).value
    except DecisionFailed:
        return "failed"


def test_a_large_table_is_not_looked_through() -> None:
    rows: Rows = [([str(n % 7)], ["1"]) for n in range(2_000)]
    assert said(read(decision("d", table(["x"], ["o"], rows)))) == {}
