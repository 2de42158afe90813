"""Decision tables: which rules match, and what each hit policy makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.decisions.drafting import output, result, table, value

from runner.errors import DecisionFailed

ROWS = [(["> 5"], ['"a"', "1"]), (["> 10"], ['"b"', "2"]), (["> 20"], ['"a"', "3"])]


def both(policy: str, x: int) -> Any:
    outputs = [output("o", '"b", "a"'), output("p", "3, 2, 1")]
    return value(table(["x"], outputs, ROWS, f'hitPolicy="{policy}"'), x=x)


def single(policy: str, x: int, attributes: str = "", rows: Any = None) -> Any:
    rows = rows or [(tests, results[1:]) for tests, results in ROWS]
    return value(table(["x"], [output("p")], rows, f'hitPolicy="{policy}" {attributes}'), x=x)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("FIRST", {"o": "a", "p": 1}),
        ("PRIORITY", {"o": "b", "p": 2}),
        ("RULE ORDER", [{"o": "a", "p": 1}, {"o": "b", "p": 2}, {"o": "a", "p": 3}]),
        ("OUTPUT ORDER", [{"o": "b", "p": 2}, {"o": "a", "p": 3}, {"o": "a", "p": 1}]),
        ("COLLECT", [{"o": "a", "p": 1}, {"o": "b", "p": 2}, {"o": "a", "p": 3}]),
    ],
)
def test_a_policy_says_what_several_rules_give(policy: str, expected: Any) -> None:
    assert both(policy, 30) == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3)])
def test_collected_outputs_are_aggregated(aggregation: str, expected: int) -> None:
    assert single("COLLECT", 30, f'aggregation="{aggregation}"') == expected


@pytest.mark.parametrize(
    ("policy", "attributes", "expected"),
    [
        ("UNIQUE", "", None),
        ("FIRST", "", None),
        ("COLLECT", "", []),
        ("RULE ORDER", "", []),
        ("COLLECT", 'aggregation="COUNT"', 0),
        ("COLLECT", 'aggregation="SUM"', None),
    ],
)
def test_without_a_match_there_is_nothing(policy: str, attributes: str, expected: Any) -> None:
    assert single(policy, 1, attributes) == expected


def test_the_default_output_stands_in_when_no_rule_matches() -> None:
    columns = [output("o", default='"none"'), output("p")]
    assert value(table(["x"], columns, ROWS), x=1) == {"o": "none", "p": None}
    assert value(table(["x"], [output("o", default="0")], [(["1"], ["2"])], 'hitPolicy="COLLECT"'), x=5) == [0]


def test_a_unique_table_with_two_matches_fails_and_names_them() -> None:
    with pytest.raises(DecisionFailed, match=r"decision 'd'.*UNIQUE.*rules 1 and 2"):
        single("UNIQUE", 15)


def test_any_takes_what_all_matching_rules_agree_on() -> None:
    agreed = [(["> 1"], ["7"]), (["> 2"], ["7"])]
    assert single("ANY", 3, rows=agreed) == 7
    with pytest.raises(DecisionFailed, match="rules 1 and 2 to give the same"):
        single("ANY", 3, rows=[*agreed[:1], (["> 2"], ["8"])])


def test_what_cannot_be_added_fails() -> None:
    with pytest.raises(DecisionFailed, match="SUM"):
        single("COLLECT", 3, 'aggregation="SUM"', rows=[(["-"], ['"a"']), (["-"], ["1"])])


def test_which_rules_fired_is_told_with_inputs_and_outputs() -> None:
    found = result(table(["x"], ["o", "p"], ROWS, 'hitPolicy="FIRST"'), x=12)
    fired = {"rule": 1, "id": "r1", "outputs": {"o": "a", "p": 1}}
    assert found.rules == [{"decision": "d", "inputs": {"x": 12}, "rules": [fired]}]


def test_long_values_are_cut_in_what_is_told_and_not_in_the_result() -> None:
    found = result(table(["x"], ["o"], [(["-"], ["x"])]), x="a" * 5000)
    assert found.value == "a" * 5000
    assert len(str(found.rules)) < 800


def test_a_history_of_many_rules_is_bounded() -> None:
    rows = [(["-"], [f'"{"v" * 150}"'])] * 200
    detail = result(table(["x"], ["o"], rows, 'hitPolicy="COLLECT"'), x=1).detail()
    assert len(str(detail)) < 9000
    assert detail["fired"][0]["rules"][:3] == [1, 2, 3]


LIMITS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=12)


@given(LIMITS, st.integers(0, 9))
def test_matches_are_those_of_a_naive_reading(limits: list[tuple[int, int, int]], x: int) -> None:
    rows = [([f"[{low}..{high}]"], [str(out)]) for low, high, out in limits if low <= high]
    matching = [out for low, high, out in limits if low <= x <= high]
    if not rows:
        return
    assert single("COLLECT", x, rows=rows) == matching
    assert single("FIRST", x, rows=rows) == (matching[0] if matching else None)
    assert single("COLLECT", x, 'aggregation="SUM"', rows=rows) == (sum(matching) if matching else None)
    if len(matching) > 1:
        with pytest.raises(DecisionFailed):
            single("UNIQUE", x, rows=rows)
    else:
        assert single("UNIQUE", x, rows=rows) == (matching[0] if matching else None)
