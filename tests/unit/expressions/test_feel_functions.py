"""FEEL: the built-ins on texts, numbers, ranges, and conversions."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import feel

from runner.errors import ExpressionFailed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring("foobar", 0)', None),
        ('string length("foo")', 3),
        ('upper case("aBc4")', "ABC4"),
        ('lower case("aBc4")', "abc4"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring after("foobar", "ob")', "ar"),
        ('contains("foobar", "of")', False),
        ('starts with("foobar", "fo")', True),
        ('ends with("foobar", "r")', True),
        ('matches("foobar", "^fo*b")', True),
        ('matches("FOO", "foo", "i")', True),
        ('matches("a\\nb", "a.b")', False),
        ('matches("a\\nb", "a.b", "s")', True),
        ('matches("abc", "a b c", "x")', True),
        ('matches("a.c", "a.c", "q")', True),
        ('matches("x", "[a-z-[aeiou]]")', True),
        ('matches("e", "[a-z-[aeiou]]")', False),
        ('matches("aa", "(a)\\\\1")', None),
        ('matches("ab", "a(?=b)")', None),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("aaa", "a", "$$", "q")', "$$$$$$"),
        ('replace("abc", "x*", "-")', None),
        ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
        ('extract("references are 1234, 1256", "12[0-9]*")', ["1234", "1256"]),
        ('trim("  a ")', "a"),
        ('is blank(" ")', True),
        ('to base64("FEEL")', "RkVFTA=="),
        ("string length(uuid())", 36),
    ],
)
def test_built_ins_on_texts(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("decimal(1/3, 2)", 0.33),
        ("decimal(1.5, 0)", 2),
        ("decimal(2.5, 0)", 2),
        ("floor(-1.5)", -2),
        ("ceiling(1.56, 1)", 1.6),
        ("round up(-5.5, 0)", -6),
        ("round down(-5.5, 0)", -5),
        ("round half up(5.5, 0)", 6),
        ("round half down(5.5, 0)", 5),
        ("abs(-10)", 10),
        ('string(abs(@"-PT5H"))', "PT5H"),
        ("modulo(-12, 5)", 3),
        ("modulo(10.1, -4.5)", -3.4),
        ("modulo(1, 0)", None),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("log(10)", pytest.approx(2.302585092994046)),
        ("exp(5)", pytest.approx(148.4131591025766)),
        ("odd(5)", True),
        ("even(5)", False),
        ("decimal(1, 100000)", None),
        ("random number() < 1", True),
    ],
)
def test_built_ins_on_numbers(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("string(1.10)", "1.1"),
        ("string(1e3)", "1000"),
        ("string(null)", None),
        ('string({a: 1, "b-c": "x", d: [true, null]})', '{a: 1, "b-c": "x", d: [true, null]}'),
        ("string([1..5))", "[1..5)"),
        ('number("1 000,5", " ", ",")', 1000.5),
        ('number("1,000", ",")', 1000),
        ('number("abc")', None),
        ('number("1", ".", ".")', None),
        ('from json("{\\"a\\": [1]}")', {"a": [1]}),
        ('from json("NaN")', None),
        ('to json({a: [1, @"PT1H"]})', '{"a":[1,"PT1H"]}'),
        ("is defined(a.b)", False),
        ("get or else(a.b, 3)", 3),
        ("assert(1, true)", 1),
        ('is(@"10:00:00Z", @"10:00:00+00:00")', True),
        ("is(1, 1.0)", True),
        ('is(1, "1")', False),
    ],
)
def test_conversions_and_presence(text: str, value: Any) -> None:
    assert feel(text, a={}) == value


def test_a_failed_assertion_is_not_null() -> None:
    with pytest.raises(ExpressionFailed, match="but it does not: no trainer"):
        feel('assert(trainer, trainer != null, "no trainer")', trainer=None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("before(1, 10)", True),
        ("before([1..5), 5)", True),
        ("after([5..9], [1..4])", True),
        ("meets([1..5], [5..10])", True),
        ("met by([5..10], [1..5))", False),
        ("overlaps([1..5], [3..8])", True),
        ("overlaps before([1..5], [3..8])", True),
        ("overlaps after([3..8], [1..5])", True),
        ("finishes([5..10], [1..10])", True),
        ("finished by([1..10], 10)", True),
        ("includes([1..10], 5)", True),
        ("during(5, [1..10])", True),
        ("starts([1..5], [1..10])", True),
        ("started by([1..10], [1..5])", True),
        ("coincides([1..5], [1..5])", True),
        ('before(1, "a")', None),
        ('range("[1..5)") = [1..5)', True),
        ('range("(..5]") = range("(..6]")', False),
        ('5 in range("(..5]")', True),
        ('range("[3..1]")', None),
        ('range("[date(\\"2026-01-01\\")..@\\"2026-02-01\\"]").end.month', 2),
        ("[1..5).end included", False),
        ("(> 3).start", 3),
    ],
)
def test_ranges(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('contains(string: "ab", match: "a")', True),
        ('contains(match: "a", string: "ab")', True),
        ('contains(string: "ab")', None),
        ('contains(text: "ab", match: "a")', None),
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('number(from: "1,5", decimal separator: ",")', 1.5),
        ("contains(1, 2)", None),
        ("count([1], [2])", None),
    ],
)
def test_arguments_are_matched_by_name_number_and_type(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("odd(1.5)", False),
        ("even(2.5)", False),
        ("odd(-3)", True),
        ("union()", None),
        ("concatenate()", None),
        ('string join(["a", "b"], ",", "<")', None),
        ('string join(["a", "b"], ",", "<", ">")', "<a,b>"),
        ("date and time(2020, 1, 31, 10, 0, 0)", "2020-01-31T10:00:00"),
        ('date and time(2020, 1, 31, 10, 0, 0, duration("PT1H"))', "2020-01-31T10:00:00+01:00"),
        ('date and time(2020, 1, 31, 10, 0, 0, "Europe/Paris")', "2020-01-31T10:00:00@Europe/Paris"),
        ("date and time(2020, 1, 32, 10, 0, 0)", None),
        ('date and time(date and time("2020-01-01T10:00:00Z"), "+02:00")', "2020-01-01T12:00:00+02:00"),
    ],
)
def test_the_edges_of_signatures(text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(function(a: number) a) instance of function<number>->number", True),
        ("(function(a: number) a) instance of function<string>->number", False),
        ("(function(a) a) instance of function<string>->Any", True),
        ("(function(a: list<number>) a) instance of function<list<string>>->Any", False),
        ("(function(a, b) a) instance of function<Any>->Any", False),
        ("abs instance of function<number>->number", True),
        ("1 instance of function<number>->number", False),
        ("{} instance of context<>", True),
    ],
)
def test_a_function_is_of_a_type_if_it_takes_what_the_type_takes(text: str, value: bool) -> None:
    assert feel(text) is value
