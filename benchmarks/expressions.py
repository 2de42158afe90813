"""What an expression costs once it is compiled: the condition of a diagram, in each language."""

from __future__ import annotations

import timeit

from runner.expressions import Expression, Language, compile_expression

_VARIABLES = {"amount": 42, "status": "PAR"}
_CONDITIONS = {
    Language.FEEL: 'amount > 10 and status = "PAR"',
    Language.JUEL: '${amount > 10 && status == "PAR"}',
    Language.PYTHON: 'amount > 10 and status == "PAR"',
}
_TIMES = 20_000


def cached_condition(language: Language) -> float:
    """Give the microseconds of one evaluation of a compiled condition, the best of five rounds."""
    compiled = compile_expression(Expression(_CONDITIONS[language], language))
    rounds = timeit.repeat(lambda: compiled.evaluate(_VARIABLES), number=_TIMES, repeat=5)
    return min(rounds) / _TIMES * 1e6
