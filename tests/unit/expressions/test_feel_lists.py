"""FEEL: filters, loops, quantifiers and the built-ins on lists and contexts."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import feel

from runner.errors import ExpressionFailed

TEAM = [{"name": "Pikachu", "level": 60}, {"name": "Mewtwo", "level": 50}, {"name": "Rattata", "level": 3}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("team[level > 10].name", ["Pikachu", "Mewtwo"]),
        ('team[name = "Mewtwo"][1].level', 50),
        ("team[-1].name", "Rattata"),
        ("team[4]", None),
        ("team[item.level < 10].name", ["Rattata"]),
        ("[1, 2, 3, 4][item > 2]", [3, 4]),
        ("[][1]", None),
        ("[][item > 1]", []),
        ("5[1]", 5),
        ("5[item > 6]", []),
        ("null[1]", None),
        ("team[level > threshold].name", ["Pikachu"]),
        ("for p in team return p.level", [60, 50, 3]),
        ("for x in 1..3, y in [10, 20] return x * y", [10, 20, 20, 40, 30, 60]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in [2..4) return i", [2, 3]),
        ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5]),
        ('for d in @"2026-02-28"..@"2026-03-01" return d', ["2026-02-28", "2026-03-01"]),
        ("for i in null return i", None),
        ("some p in team satisfies p.level > 55", True),
        ("every p in team satisfies p.level > 5", False),
        ("every p in [] satisfies false", True),
        ("some x in [1, 2], y in [2, 3] satisfies x = y", True),
        ("some x in [1, null] satisfies x > 5", None),
    ],
)
def test_filters_loops_and_quantifiers(text: str, value: Any) -> None:
    assert feel(text, team=TEAM, threshold=55) == value


def test_a_filter_sees_the_variables_around_it_last() -> None:
    assert feel("items[price > limit].price", items=[{"price": 1}, {"price": 5, "limit": 9}], limit=0) == [1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("list contains([1, null], null)", True),
        ("count([1, 2])", 2),
        ("count(7)", 1),
        ("min(3, 1, 2)", 1),
        ('max(["a", "c", "b"])', "c"),
        ('min(1, "a")', None),
        ("sum([1, 2.5])", 3.5),
        ("sum([])", None),
        ("product([2, 3, 4])", 24),
        ("mean(1, 2, 6)", 3),
        ("median([8, 2, 5, 3])", 4),
        ("stddev(2, 4, 7, 5)", pytest.approx(2.0816659994661)),
        ("mode([6, 3, 9, 6, 6, 3, 3])", [3, 6]),
        ("all([true, null])", None),
        ("any([false, true])", True),
        ("sublist([1, 2, 3, 4], 2, 2)", [2, 3]),
        ("sublist([1, 2, 3], -2)", [2, 3]),
        ("append([1], 2, [3])", [1, 2, [3]]),
        ("concatenate([1], [2, 3])", [1, 2, 3]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("insert before([1], 3, 2)", None),
        ("remove([1, 2, 3], 2)", [1, 3]),
        ("list replace([1, 2, 3], 2, 9)", [1, 9, 3]),
        ("list replace([1, 2, 3], function(item, new) item < 3, 0)", [0, 0, 3]),
        ("reverse([1, 2])", [2, 1]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 1.0, null, null])", [1, None]),
        ("duplicate values([1, 2, 2, 3, 3])", [2, 3]),
        ("flatten([1, [2, [3]], 4])", [1, 2, 3, 4]),
        ("sort([3, 1, 2])", [1, 2, 3]),
        ("sort(list: [1, 2, 3], precedes: function(x, y) x > y)", [3, 2, 1]),
        ('string join(["a", null, "b"], "-")', "a-b"),
        ('string join(["a", "b"], ", ", "[", "]")', "[a, b]"),
        ("partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("is empty([])", True),
        ('upper case(["abc"])', "ABC"),
    ],
)
def test_built_ins_on_lists(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('get value({a: 1}, "a")', 1),
        ('get value({a: {b: 2}}, ["a", "b"])', 2),
        ('get value({a: 1}, "b")', None),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        ('bpmnError("LOST", "gone").errorType', "bpmnError"),
        ('jobError("later", {}, 2).retries', 2),
        ('fromAi(toolCall.url, "where to")', "u"),
    ],
)
def test_built_ins_on_contexts(text: str, value: Any) -> None:
    assert feel(text, toolCall={"url": "u"}) == value


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000 return i",
        "for i in 1..9000, j in 1..9000 return 1",
        "distinct values(for i in big return [i])",
    ],
)
def test_a_loop_that_goes_on_and_on_is_stopped(text: str) -> None:
    with pytest.raises(ExpressionFailed, match="at most"):
        feel(text, big=list(range(5_000)))


def test_partial_is_what_was_collected_until_then() -> None:
    assert feel("for i in 1..3 return partial") == [[], [[]], [[], [[]]]]
    assert feel("for i in 0..4 return if i = 0 then 1 else i * partial[-1]") == [1, 1, 2, 6, 24]
    assert feel("for i in 1..3 return for j in 1..2 return count(partial)") == [[0, 1], [0, 1], [0, 1]]


@pytest.mark.parametrize("text", ["(=10).start = 10", "(=10).end included", "(=10) = [10..10]", '(="a").start = "a"'])
def test_a_test_for_equality_is_the_range_of_one_value(text: str) -> None:
    assert feel(text) is True
