"""No expression gets out, hangs or crashes: each has a JSON value, or is refused or stopped with a sentence."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest
from hostile.expressions_corpus import ESCAPES, HEAVY, LIGHT, VARIABLES

from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import Expression, Language, evaluate

_MEGABYTE = 1 << 20
_CHILD = """
from hostile.expressions_corpus import HEAVY, VARIABLES
from runner.errors import ExpressionFailed
from runner.expressions import Expression, evaluate
for language, text in HEAVY:
    try:
        evaluate(Expression(text, language), VARIABLES)
    except ExpressionFailed:
        print("stopped")
"""


def _outcome(language: Language, text: str) -> str:
    try:
        json.dumps(evaluate(Expression(text, language), VARIABLES), ensure_ascii=False).encode()
    except (ExpressionInvalid, ExpressionFailed) as error:
        str(error).encode()
        return type(error).__name__
    return "value"


@pytest.mark.parametrize("start", range(0, len(LIGHT), 40))
def test_every_hostile_text_is_a_value_or_a_clean_refusal(start: int) -> None:
    outcomes = [_outcome(language, text) for language, text in LIGHT[start : start + 40]]
    assert set(outcomes) <= {"value", "ExpressionInvalid", "ExpressionFailed"}


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(LIGHT) + len(HEAVY) >= 500
    assert len(LIGHT) == len(set(LIGHT))


@pytest.mark.parametrize("text", ESCAPES)
def test_no_escape_reaches_a_python_object(text: str) -> None:
    shown = []
    for language, form in ((Language.FEEL, text), (Language.PYTHON, text), (Language.JUEL, f"${{{text}}}")):
        try:
            shown.append(json.dumps(evaluate(Expression(form, language), {"m": {}, "l": [1], "s": "x", "a": 1})))
        except (ExpressionInvalid, ExpressionFailed):
            continue
    assert not any("class" in each or "<" in each or "object" in each for each in shown)


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (700 * _MEGABYTE, 700 * _MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (2 * len(HEAVY), 2 * len(HEAVY)))


def test_what_grows_without_end_is_stopped_within_memory_and_processor_limits() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _CHILD]
    done = subprocess.run(command, env=environment, preexec_fn=_limits, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("stopped") == len(HEAVY)
