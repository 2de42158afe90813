"""The Python-like language of plain BPMN: what it means, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import python

from runner.errors import ExpressionFailed, ExpressionInvalid

VARIABLES: dict[str, Any] = {
    "n": 1999,
    "pokemon": {"name": "Mewtwo", "status": "PAR", "moves": ["Swift", "Psystrike"]},
    "team": [{"level": 60}, {"level": 50}],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n < 2000", True),
        ('n < 2000 and pokemon.status == "PAR"', True),
        ("not n or None", None),
        ("0 < n <= 1999 != 5", True),
        ("1 < 2 > 5", False),
        ("true and not false", True),
        ("null is None", True),
        ("n is not null", True),
        ("1 + 2 * 3 - 4", 3),
        ("[7 // 2, 7 % 2, 7 / 2, 2 ** 10, -7 // 2]", [3, 1, 3.5, 1024, -4]),
        ('"a" + "b"', "ab"),
        ("[1] + [2]", [1, 2]),
        ('"x" if n > 5 else "y"', "x"),
        ("pokemon.moves[-1]", "Psystrike"),
        ('pokemon["name"][:3]', "Mew"),
        ("pokemon.moves[::-1]", ["Psystrike", "Swift"]),
        ('"Swift" in pokemon.moves', True),
        ('"wt" in pokemon.name', True),
        ('"level" not in pokemon', True),
        ('pokemon.status in ("PAR", "SLP")', True),
        ('{"a": n, "b": [1, 2.5]}', {"a": 1999, "b": [1, 2.5]}),
        ("len(pokemon.moves) + len(pokemon.name) + len({})", 8),
        ("[min(3, 1), max([1, 3]), round(2.567, 1), abs(-2), sum([1, 2.5])]", [1, 3, 2.6, 2, 3.5]),
        ("sorted([3, 1, 2], reverse=True)", [3, 2, 1]),
        ('sorted(["b", "a"])', ["a", "b"]),
        ("[any([0, 1]), all([1, 0]), bool([])]", [True, False, False]),
        ('[str(1), str([1, "a"]), int("12"), int(2.9), float("1.5")]', ["1", '[1, "a"]', 12, 2, 1.5]),
        ("[p.level for p in team if p.level > 50]", [60]),
        ("sum(p.level for p in team)", 110),
        ("any(p.level > limit for p in team for limit in [55])", True),
        ("n\n  < 2000  # a comment\n", True),
        ('[1, [2]] == [1.0, [2.0]] and {"a": 1} != {"a": 2}', True),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    assert python(text, **VARIABLES) == value


def test_a_variable_wins_over_the_words_true_false_and_null() -> None:
    assert python("true", true="mine") == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pokemn.status", "Did you mean 'pokemon'"),
        ("pokemon.statsu", "Expected an entry 'statsu'.*Did you mean 'status'"),
        ("n.status", "Expected an object before '.status', but it is a number"),
        ('n < "2000"', "two numbers or two texts around '<', but they are a number and text"),
        ("n + null", "two numbers around '\\+', but they are a number and null"),
        ("-pokemon", "a number after the sign"),
        ("n / 0", "a divisor other than 0"),
        ("2 ** 5000", "below 2\\*\\*1024"),
        ("(-8) ** 0.5", "a real number"),
        ("pokemon.moves[5]", "a position within the 2"),
        ("n in 5", "after 'in', but it is a number"),
        ("max([])", "at least one item"),
        ('max([1, "a"])', "only numbers or only texts"),
        ('int("x")', "a text that is a number"),
        ("len(n)", "in len"),
        ("round(1, 99999)", "at most 300 digits"),
    ],
)
def test_what_has_no_value_fails_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(ExpressionFailed, match=message):
        python(text, **VARIABLES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lambda: 1", "Lambda is not allowed"),
        ("(x := 1)", "NamedExpr is not allowed"),
        ('f"{n}"', "JoinedStr is not allowed"),
        ("{1, 2}", "Set is not allowed"),
        ("[*n]", "Starred is not allowed"),
        ("n.bit_length()", "there is no .bit_length"),
        ("lne(n)", "no lne\\(…\\). Did you mean 'len'"),
        ("len(n, n)", "1 arguments in len"),
        ("sorted(n, key=1)", "got 1 and key="),
        ("~n", "'~' is not allowed"),
        ("n << 2", "one of \\+ - "),
        ("n is 5", "use == for values"),
        ("{n: 1}", "a name in quotes"),
        ('b"x"', "a number, a text, true"),
        ("1e999", "finite"),
        ("1) + (2", "one expression, but there are several"),
        ("1, 2", "one expression, but there are several"),
        ("n = 1", "Python says"),
        ("import os", "Python says"),
        ('"\\ud800"', "half a surrogate pair"),
    ],
)
def test_what_is_not_on_the_white_list_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionInvalid, match=message):
        python(text)


@pytest.mark.parametrize(
    "text",
    ["[[x for x in big] for y in big]", "[big[1:] for x in big]", '["x" + str(big) for x in big]'],
)
def test_a_comprehension_that_grows_and_grows_is_stopped(text: str) -> None:
    with pytest.raises(ExpressionFailed, match="at most"):
        python(text, big=list(range(3_000)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("pokemon.name.lower().startswith('mew')", True),
        ("' a b '.strip().split()", ["a", "b"]),
        ("'a,b'.split(',')", ["a", "b"]),
        ("'-'.join(pokemon.moves)", "Swift-Psystrike"),
        ("pokemon.status.replace('PAR', 'OK').title()", "Ok"),
        ("pokemon.get('nickname', 'none')", "none"),
        ("pokemon.get('nickname')", None),
        ("pokemon.keys()", ["name", "status", "moves"]),
        ("[each[0] for each in team[0].items()]", ["level"]),
        ("pokemon.moves.index('Psystrike')", 1),
        ("[1, 2, 1].count(1)", 2),
    ],
)
def test_methods_that_only_read(text: str, value: Any) -> None:
    assert python(text, **VARIABLES) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pokemon.moves.append(1)", r"there is no \.append"),
        ("pokemon.name.lowr()", "Did you mean 'lower'"),
        ("pokemon.name.format(1)", r"there is no \.format"),
        ("pokemon.name.lower(1)", "Expected 0 to 0 arguments"),
        ("pokemon.get(name='x')", "and names"),
    ],
)
def test_other_methods_are_refused(text: str, words: str) -> None:
    with pytest.raises(ExpressionInvalid, match=words):
        python(text, **VARIABLES)


@pytest.mark.parametrize("text", ["n.lower()", "team.get('x')", "','.join([1])", "'a'.split('')", "[1].index(2)"])
def test_methods_expect_the_values_that_have_them(text: str) -> None:
    with pytest.raises(ExpressionFailed, match="Expected"):
        python(text, **VARIABLES)
