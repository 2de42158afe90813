"""JUEL: texts with expressions, coercions, paths, white-listed methods, variables, dates."""

from __future__ import annotations

from typing import Any

import pytest
from unit.expressions.asking import juel

from runner.errors import ExpressionFailed, ExpressionInvalid

VARIABLES: dict[str, Any] = {
    "n": 1999,
    "name": "Ash",
    "yes": True,
    "no": False,
    "nothing": None,
    "pokemon": {"status": "PAR", "moves": ["Swift", "Psystrike"], "caught": True},
    "order": '{"items": [{"price": 5}], "paid": true}',
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${n < 2000}", True),
        ("#{n lt 2000 and pokemon.status eq 'PAR'}", True),
        ("${yes && !no}", True),
        ("${no || not yes}", False),
        ("Hello ${name}, level ${n + 1}!", "Hello Ash, level 2000!"),
        ("Hello", "Hello"),
        ("", ""),
        ("\\${name} costs $5", "${name} costs $5"),
        ("${yes} ${nothing} ${pokemon.moves}", 'true  ["Swift", "Psystrike"]'),
        ("${'}'}", "}"),
        ('${"it\\"s"}', 'it"s'),
        ("${n > 5 ? 'many' : 'few'}", "many"),
        ("${no ? 1 : yes ? 2 : 3}", 2),
        ("${pokemon.moves[1]}", "Psystrike"),
        ("${pokemon['status']}", "PAR"),
        ("${pokemon.missing}", None),
        ("${pokemon.missing.deeper}", None),
        ("${pokemon.moves[7]}", None),
        ("${nothing}", None),
        ("${(1 + 2) * 3 - 4 / 2}", 7.0),
        ("${-7 % 3}", -1),
        ("${7 mod 3}", 1),
        ("${1 - 2 - 3}", -4),
        ("${empty nothing && empty '' && !empty pokemon.moves}", True),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    assert juel(text, **VARIABLES) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${'1' == 1}", True),
        ("${1 == 1.0}", True),
        ("${'true' == true}", True),
        ("${null == nothing}", True),
        ("${null == ''}", False),
        ("${null < 1}", False),
        ("${null <= null}", True),
        ("${'10' + 1}", 11),
        ("${nothing + 1}", 1),
        ("${'b' > 'a'}", True),
        ("${'2' > 10}", False),
        ("${'x' && true}", False),
        ("${pokemon.moves == pokemon.moves}", True),
        ("${'abc' ne 'abd'}", True),
    ],
)
def test_operands_are_coerced(text: str, value: Any) -> None:
    assert juel(text, **VARIABLES) is value or juel(text, **VARIABLES) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${name.equals('Ash')}", True),
        ("${name.equalsIgnoreCase('ASH')}", True),
        ("${name.toUpperCase().concat('!').length()}", 4),
        ("${name.substring(1)}", "sh"),
        ("${name.substring(0, 2)}", "As"),
        ("${name.startsWith('A') && name.endsWith('h') && name.contains('s')}", True),
        ("${name.replace('s', 'z')}", "Azh"),
        ("${name.split('s')}", ["A", "h"]),
        ("${name.indexOf('h')}", 2),
        ("${name.charAt(0)}", "A"),
        ("${name.compareTo('B')}", -1),
        ("${n.toString()}", "1999"),
        ("${'12'.intValue() + n.doubleValue()}", 2011.0),
        ("${pokemon.moves.size()}", 2),
        ("${pokemon.moves.contains('Swift')}", True),
        ("${pokemon.moves.get(0)}", "Swift"),
        ("${pokemon.moves.isEmpty()}", False),
        ("${pokemon.containsKey('status')}", True),
        ("${pokemon.get('status')}", "PAR"),
        ("${pokemon.getOrDefault('level', 5)}", 5),
        ("${pokemon.keySet()}", ["status", "moves", "caught"]),
        ("${pokemon.getStatus()}", "PAR"),
        ("${pokemon.isCaught()}", True),
        ("${execution.getVariable('n')}", 1999),
        ("${task.hasVariable('level')}", False),
        ("${execution.getVariable('level') == null}", True),
        ("${S(order).prop('paid').boolValue()}", True),
        ("${JSON(order).items[0].price}", 5),
        ("${S(order).prop('items').elements().size()}", 1),
    ],
)
def test_white_listed_methods(text: str, value: Any) -> None:
    assert juel(text, **VARIABLES) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${dateTime('2026-01-31T10:00:00Z').plusMonths(1)}", "2026-02-28T10:00:00Z"),
        ("${dateTime('2026-01-31').minusWeeks(1).toDate()}", "2026-01-24T00:00:00Z"),
        ("${dateTime('2026-01-31T10:00:00Z').withTimeAtStartOfDay().plusMinutes(90)}", "2026-01-31T01:30:00Z"),
        ("${dateTime('1970-01-01T00:00:01Z').getTime()}", 1000),
        ("${dateTime('2026-01-01').isBefore(dateTime('2026-01-02'))}", True),
        (
            "${dateTime('2026-01-01').toDate().after('2025-12-31') and dateTime('2026-01-01').before('2026-01-02')}",
            True,
        ),
        ("${dateTime('2026-01-01') < dateTime('2026-01-02')}", True),
        ("${dateTime('2026-01-01').getDayOfWeek()}", 4),
        ("Due ${dateTime('2026-01-01').plusHours(1)}", "Due 2026-01-01T01:00:00Z"),
    ],
)
def test_dates(text: str, value: Any) -> None:
    assert juel(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${pokemn}", "Did you mean 'pokemon'"),
        ("${nothing.length()}", "before .length.*but it is null"),
        ("${n.length()}", "a method that the number 1999 has"),
        ("${name.get(0)}", "none of its"),
        ("${name.substring(9)}", "a position from 0 to 3"),
        ("${pokemon.moves.get(5)}", "a position from 0 to 1"),
        ("${'a' + 'b'}", "Expected a number, but it is the text 'a'"),
        ("${yes + 1}", "Expected a number, but it is true"),
        ("${1 / 0}", "a divisor other than 0"),
        ("${n ? 1 : 2}", "true or false, but it is the number"),
        ("${1e308 * 10}", "Expected a finite number"),
        ("${name.status}", "a map or a list before .status"),
        ("${JSON('{')}", "a text that is JSON"),
        ("${dateTime('soon')}", "a date and time such as"),
        ("${dateTime('2026-01-01').plusYears(9999999999)}", "a date of the calendar"),
        ("${execution}", "stored as JSON"),
    ],
)
def test_what_has_no_value_fails_with_a_sentence(text: str, message: str) -> None:
    with pytest.raises(ExpressionFailed, match=message):
        juel(text, **VARIABLES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${}", "a value, a name or '\\('"),
        ("${n", "'}' after the expression, but the text ends"),
        ("${n 1}", "'}' or an operator, but found '1'"),
        ("${n; 1}", "found ';'"),
        ("${name.toUppercase()}", "Did you mean 'toUpperCase'"),
        ("${nwo()}", "Did you mean 'now'"),
        ("${now(1)}", "0 to 0 arguments"),
        ("${execution.setVariable('a', 1)}", "use an output mapping"),
        ("${a ? b}", "':', but the expression ends"),
        ("${a.}", "a name after '.'"),
    ],
)
def test_a_syntax_error_says_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ExpressionInvalid, match=message):
        juel(text)


def test_the_second_operand_is_not_asked_when_the_first_decides() -> None:
    assert juel("${no && unknown.variable}", **VARIABLES) is False
    assert juel("${yes || unknown.variable}", **VARIABLES) is True
