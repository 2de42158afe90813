"""An expression that is a variable's name and nothing else: known as such beforehand, and never by mistake."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import Expression, Language, evaluate, variable_of
from runner.expressions.feel.builtins import BUILTINS
from runner.expressions.feel.scanner import KEYWORDS

LANGUAGES = {Language.FEEL: "{}", Language.PYTHON: " {} ", Language.JUEL: "${{ {} }}"}
MEANT = sorted(
    {
        *KEYWORDS,
        *keyword.kwlist,
        *keyword.softkwlist,
        *BUILTINS,
        *("and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "empty", "instanceof", "true", "false"),
        *("null", "execution", "task", "item", "partial", "True", "False", "None", "len", "sum", "min", "max", "date"),
        *("time", "duration", "number", "string", "list", "context", "function", "today", "now"),
    }
)


def checked(language: Language, name: str) -> None:
    expression = Expression(LANGUAGES[language].format(name), language)
    if variable_of(expression) == name:
        assert evaluate(expression, {name: ["there"], "other": 1}) == ["there"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MEANT)
def test_a_word_that_means_something_is_a_variable_only_where_the_language_reads_it_as_one(
    language: Language, name: str
) -> None:
    checked(language, name)


@pytest.mark.parametrize("language", LANGUAGES)
@given(name=st.text(min_size=1, max_size=4) | st.from_regex(r"\w{1,6}", fullmatch=True))
def test_what_is_taken_for_a_name_is_read_as_one(language: Language, name: str) -> None:
    checked(language, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_usual_names_are_known(language: Language) -> None:
    known = [variable_of(Expression(LANGUAGES[language].format(name), language)) for name in ("order", "Pokémon_2")]
    assert known == ["order", "Pokémon_2"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("order.id", Language.FEEL),
        ("order", Language.TEXT),
        ("a b", Language.FEEL),
        ("Hi ${a}", Language.JUEL),
        ("${a}${b}", Language.JUEL),
        ("", Language.PYTHON),
    ],
)
def test_all_else_is_an_expression(text: str, language: Language) -> None:
    assert variable_of(Expression(text, language)) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_variable_that_is_not_there_is_said_as_by_the_language(language: Language) -> None:
    expression = Expression(LANGUAGES[language].format("missing"), language)
    try:
        assert evaluate(expression, {}) is None
    except (ExpressionFailed, ExpressionInvalid) as error:
        assert "missing" in str(error)
