"""Boxed expressions: contexts, invocations, lists, relations, functions, and those of DMN 1.4."""

from __future__ import annotations

from typing import Any

import pytest
from unit.decisions.drafting import decision, literal, read, value

ONE, TWO, ODD = literal("1"), literal("2"), literal("[1, 3]")


def entry(name: str, expression: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{expression}</contextEntry>"


def test_entries_of_a_context_see_those_before_them() -> None:
    inside = entry("net price", literal("10 * count")) + entry("gross", literal("net price * 2"))
    assert value(f"<context>{inside}</context>", count=3) == {"net price": 30, "gross": 60}


def test_a_context_with_a_result_gives_that_alone() -> None:
    inside = entry("a", literal("x + 1")) + entry("", literal("a * a"))
    assert value(f"<context>{inside}</context>", x=2) == 9


def test_an_invocation_hands_arguments_over_by_name() -> None:
    binding = '<binding><parameter name="string"/>' + literal("word") + "</binding>"
    assert value(f"<invocation>{literal('upper case')}{binding}</invocation>", word="ab") == "AB"


def test_a_function_that_does_not_exist_gives_null_and_a_warning() -> None:
    found = read(decision("d", f"<invocation>{literal('nothing')}</invocation>")).evaluate("d", {})
    assert found.value is None
    assert any("Expected a function" in each for each in found.warnings)


def test_a_list_and_a_relation_are_lists() -> None:
    assert value(f"<list>{literal('1')}{literal('x')}</list>", x=2) == [1, 2]
    row = f"<row>{literal('1')}{literal('x')}</row>"
    relation = f'<relation><column name="a"/><column name="b"/>{row}{row}</relation>'
    assert value(relation, x=2) == [{"a": 1, "b": 2}] * 2


def test_a_function_definition_is_called_where_it_is_seen() -> None:
    function = (
        f'<functionDefinition><formalParameter name="n" typeRef="number"/>{literal("n * factor")}</functionDefinition>'
    )
    inside = entry("factor", literal("3")) + entry("f", function) + entry("", literal("f(x)"))
    assert value(f"<context>{inside}</context>", x=5) == 15
    assert value(f"<context>{inside}</context>", x="five") is None


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (
            f"<conditional><if>{literal('x > 2')}</if><then>{ONE}</then><else>{TWO}</else></conditional>",
            1,
        ),
        (f"<filter><in>{literal('[1, 3, 5]')}</in><match>{literal('item >= x')}</match></filter>", [3, 5]),
        (f'<for iteratorVariable="i"><in>{literal("[1, 2]")}</in><return>{literal("i * x")}</return></for>', [3, 6]),
        (
            f'<some iteratorVariable="i"><in>{ODD}</in><satisfies>{literal("i = x")}</satisfies></some>',
            True,
        ),
        (
            f'<every iteratorVariable="i"><in>{ODD}</in><satisfies>{literal("i = x")}</satisfies></every>',
            False,
        ),
    ],
)
def test_boxed_expressions_of_dmn_1_4(logic: str, expected: Any) -> None:
    assert value(logic, x=3) == expected


def test_names_with_signs_and_keywords_are_names_when_the_file_has_them() -> None:
    inside = entry("pre-tax for all", literal("10")) + entry("", literal("pre-tax for all + 1"))
    assert value(f"<context>{inside}</context>") == 11


def test_dates_leave_as_iso_text() -> None:
    assert value(literal('date("2026-01-31") + duration("P1M")')) == "2026-02-28"


def test_functions_and_ranges_in_a_result_are_null_with_a_warning() -> None:
    found = read(decision("d", literal("{f: function(n) n + 1, r: [1..2], list: [{g: f, v: f(1)}]}"))).evaluate("d", {})
    assert found.value == {"f": None, "r": None, "list": [{"g": None, "v": 2}]}
    assert len(found.warnings) == 2
