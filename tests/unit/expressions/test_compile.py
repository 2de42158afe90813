"""The door to the languages: cache, carets, limits, and what comes out."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.expressions.asking import feel, juel, python, warnings_of

from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import Expression, Language, compile_expression, evaluate, validate

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_text_is_its_own_value() -> None:
    assert evaluate(Expression("=1 + ${2}", Language.TEXT), {}) == "=1 + ${2}"


def test_one_text_is_compiled_once_whatever_its_line() -> None:
    first = compile_expression(Expression("1 + 41", Language.FEEL, line=3))
    second = compile_expression(Expression("1 + 41", Language.FEEL, line=9))
    assert first._program is second._program
    assert (first.expression.line, second.expression.line) == (3, 9)


def test_the_same_text_differs_by_language() -> None:
    assert feel("7 / 2 = 3.5") is True
    assert python("7 // 2") == 3
    assert juel("7 / 2") == "7 / 2"


@pytest.mark.parametrize(
    ("language", "text", "line", "caret"),
    [
        (Language.FEEL, "if paid", "if paid", 7),
        (Language.FEEL, "{\n  a: 1,\n  b: +\n}", "  b: +", 5),
        (Language.JUEL, "Hello ${name +}", "Hello ${name +}", 14),
        (Language.PYTHON, "n <", "n <", 3),
        (Language.PYTHON, "größer == nan(1)", "größer == nan(1)", 10),
    ],
)
def test_a_syntax_error_points_into_the_text(language: Language, text: str, line: str, caret: int) -> None:
    with pytest.raises(ExpressionInvalid) as caught:
        validate(Expression(text, language, line=12))
    message, shown, pointer = str(caught.value).split("\n")
    assert message.startswith("Expected") and "in line 12" in message
    assert (shown, pointer) == ("    " + line, "    " + " " * caret + "^")


@pytest.mark.parametrize(
    ("language", "text", "caret"),
    [(Language.PYTHON, "1 < 2 and pokemn.status", 10), (Language.JUEL, "${1 < 2 && pokemn.status}", 11)],
)
def test_an_unknown_variable_fails_with_near_names_and_a_caret(language: Language, text: str, caret: int) -> None:
    with pytest.raises(ExpressionFailed, match="Did you mean 'pokemon'") as caught:
        evaluate(Expression(text, language), {"pokemon": {"status": "PAR"}, "trainer": {}})
    assert str(caught.value).split("\n")[2] == "    " + " " * caret + "^"


def test_a_long_line_is_shown_around_the_fault() -> None:
    with pytest.raises(ExpressionInvalid) as caught:
        validate(Expression("1 + " * 100 + "} + 1" + " + 1" * 100, Language.FEEL))
    _, shown, pointer = str(caught.value).split("\n")
    assert len(shown) < 120
    assert shown[pointer.index("^")] == "}"


@pytest.mark.parametrize("language", [Language.FEEL, Language.JUEL, Language.PYTHON])
def test_a_text_of_more_than_twenty_thousand_characters_is_refused(language: Language) -> None:
    with pytest.raises(ExpressionInvalid, match="at most 20,000 characters, but it has 20,001"):
        validate(Expression("1" * 20_001, language))


@pytest.mark.parametrize("language", [Language.FEEL, Language.PYTHON])
def test_an_empty_text_is_refused(language: Language) -> None:
    with pytest.raises(ExpressionInvalid, match="the text is empty"):
        validate(Expression(" \n", language))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.50 * 2", 3), ("1 / 4", 0.25), ("10 ** 33", 10**33), ('date("2026-01-31")', "2026-01-31"), ("[1.0]", [1])],
)
def test_results_are_json_data(text: str, value: object) -> None:
    result = feel(text)
    assert result == value and type(result) is type(value)
    assert json.loads(json.dumps(result)) == value


@pytest.mark.parametrize("text", ["function(x) x", "[1..3]", "10 ** 400", "[sum]", "{f: function() 1}"])
def test_what_json_cannot_hold_is_a_failure(text: str) -> None:
    with pytest.raises(ExpressionFailed, match="Expected"):
        feel(text)


def test_variables_stay_as_they_were() -> None:
    variables = {"list": [3, 1, 2], "context": {"a": [1]}}
    before = json.dumps(variables)
    feel('append(sort(list, function(x, y) x < y), context put(context, "b", remove(list, 1)))', **variables)
    python("sorted(list + context.a)", **variables)
    assert json.dumps(variables) == before


@given(JSON)
def test_a_variable_passes_through_every_language_unchanged(value: object) -> None:
    assert feel("x", x=value) == juel("${x}", x=value) == python("x", x=value) == value
    assert feel("x", x=value) is value


@given(st.text(max_size=60), st.sampled_from([Language.FEEL, Language.JUEL, Language.PYTHON]))
def test_any_text_is_a_value_or_a_clean_refusal(text: str, language: Language) -> None:
    try:
        json.dumps(evaluate(Expression(text, language), {"a": 1, "b": "x"}))
    except (ExpressionInvalid, ExpressionFailed) as error:
        assert "Expected" in str(error)


def test_one_program_serves_many_threads() -> None:
    compiled = compile_expression(Expression("sum(for i in 1..n return i)", Language.FEEL))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: compiled.evaluate({"n": n}), range(1, 200)))
    assert results == [n * (n + 1) // 2 for n in range(1, 200)]


def test_feel_notes_what_it_took_for_null() -> None:
    noted = warnings_of('pokemn.status = "PAR" or 1 + "a" = 2', pokemon={})
    assert noted[0] == "Expected a variable 'pokemn', but there is none: taken as null. Did you mean 'pokemon'?"
    assert noted[1] == "Expected operands that fit '+', but they are number and string."


def test_the_same_warning_is_noted_once() -> None:
    assert len(warnings_of("for i in 1..1000 return missing")) == 1
