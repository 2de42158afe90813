"""FEEL: literals, arithmetic, comparisons, three-valued logic, conditions, paths, membership."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import feel

from runner.errors import ExpressionInvalid

POKEMON = {"name": "Mewtwo", "status": "PAR", "moves": [{"name": "Psystrike", "power": 100}, {"name": "Swift"}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('n < 2000 and pokemon.status = "PAR"', True),
        ("n >= 2000 or n = 1999", True),
        ("not(n > 5)", False),
        ("n between 1999 and 2000", True),
        ('if n > 2000 then "many" else "few"', "few"),
        ("if null then 1 else 2", 2),
        ('"Hello " + pokemon.name', "Hello Mewtwo"),
        ("pokemon.moves.name", ["Psystrike", "Swift"]),
        ("pokemon.moves[1].power", 100),
        ("pokemon.missing.deeper", None),
        ("`n` + 1", 2000),
    ],
)
def test_conditions_of_diagrams(text: str, value: Any) -> None:
    assert feel(text, n=1999, pokemon=POKEMON) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("8 / 4 / 2", 1),
        ("0.1 + 0.2 = 0.3", True),
        (".5 + 1e2", 100.5),
        ("1 / 3 * 3", 1),
        ("10 / 0", None),
        ('1 + "1"', None),
        ("9 ** 99999", None),
        ("2 - -3", 5),
        ("// a comment\n1 /* and another */ + 1", 2),
    ],
)
def test_arithmetic_is_decimal_and_errors_are_null(text: str, value: Any) -> None:
    result = feel(text)
    assert result == value or result == pytest.approx(value)


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        ("true", "null", None, True),
        ("false", "null", False, None),
        ("null", "false", False, None),
        ('"x"', "true", None, True),
        ("true", "false", False, True),
    ],
)
def test_logic_has_three_values(left: str, right: str, both: bool | None, either: bool | None) -> None:
    assert feel(f"{left} and {right}") is both
    assert feel(f"{left} or {right}") is either


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 = 1.0", True),
        ('"1" = 1', None),
        ("null = null", True),
        ("null != 1", True),
        ('"a" < "b"', True),
        ("true < false", None),
        ('1 < "2"', None),
        ("[1, [2]] = [1.0, [2.0]]", True),
        ('{a: 1, b: 2} = {"b": 2, "a": 1}', True),
        ("[1..3] = [1..3]", True),
        ("[1..3] = [1..3)", False),
        ("[1, 2] = [1]", False),
    ],
)
def test_comparisons_need_one_kind(text: str, value: bool | None) -> None:
    assert feel(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 in [1..10]", True),
        ("1 in (1..10]", False),
        ("10 in [1..10[", False),
        ("1 in ]1..10]", False),
        ("5 in (1, 5, 9)", True),
        ("5 in (< 3, > 4)", True),
        ("5 in > 4", True),
        ("5 in != 5", False),
        ("5 in [1, 2]", False),
        ('"b" in ["a".."c"]', True),
        ("null in [1..10]", None),
        ("5 in [null..10]", None),
        ("[1, 2] in [[1, 2], [3]]", True),
        ('@"2026-05-01" in [@"2026-01-01"..@"2026-12-31"]', True),
    ],
)
def test_membership(text: str, value: bool | None) -> None:
    assert feel(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 instance of number", True),
        ('"a" instance of number', False),
        ("null instance of Any", False),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("{a: 1} instance of context<a: number>", True),
        ("[1..2] instance of range<number>", True),
        ('@"PT1H" instance of days and time duration', True),
        ('date("2026-01-01") instance of date', True),
        ("sum instance of function<number>->number", True),
        ("1 instance of tUnknown", None),
    ],
)
def test_types(text: str, value: bool | None) -> None:
    assert feel(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\"b\\c\n\t"', 'a"b\\c\n\t'),
        (r'"\u00e9\U01F40E"', "é🐎"),
        (r'"\uD83D\uDC0E"', "🐎"),
        ('string length("\U0001f40e")', 1),
        (r'"\d"', r"\d"),
    ],
)
def test_escapes_in_texts(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a == b", "'=' for equality"),
        ("(1 + 2", "'\\)' after an expression in parentheses"),
        ("[1, 2", "']' after the items of a list"),
        ("[1..3", "after a range"),
        ("{a 1}", "a name and ':' in a context"),
        ('"open', 'a closing "'),
        ("for x in [1] x", "'return' after the loop"),
        ("some x in [1]", "'satisfies' after the loop"),
        ("1 between 2", "'and' after the lower end"),
        ("f(1, b: 2)", "either positional or differently named arguments"),
        ("function(x) external {}", "functions from outside are not supported"),
        ("1 2", "an operator or the end"),
        ("and", "a name"),
    ],
)
def test_a_syntax_error_says_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ExpressionInvalid, match=message):
        feel(text)
