"""No hostile entry gets out: each has a value, or is refused or stopped with a sentence, within 2 s and 200 MB.

The entries are judged in processes of their own, whose memory and time are limited (`judge.py`)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest
from hostile.judge import CORPORA
from hostile.judging import SLICE, judged
from hostile.scripts_corpus import SCRIPTS

from runner.scripts.processes import MEGABYTES, SECONDS, ScriptProcesses

_SLICES = [(corpus, first) for corpus, (count, _) in CORPORA.items() for first in range(0, count, SLICE)]
_FACTS = {"processInstanceId": "i", "processBusinessKey": None, "currentActivityId": "t"}


@pytest.mark.parametrize(("corpus", "first"), _SLICES)
def test_every_entry_is_a_value_or_a_refusal_in_time(corpus: str, first: int) -> None:
    told = judged(corpus, first)
    assert [each for each in told if each["outcome"] not in ("value", "refused")] == []
    assert [each["number"] for each in told] == list(range(first, min(first + SLICE, CORPORA[corpus][0])))


def test_there_are_enough_entries_of_each_kind() -> None:
    counts = {corpus: count for corpus, (count, _) in CORPORA.items()}
    assert counts["expressions"] >= 900 and counts["files"] >= 300 and len(SCRIPTS) >= 130
    assert len(set(SCRIPTS)) == len(SCRIPTS)


@pytest.fixture(scope="module")
def processes() -> Iterator[dict[str, ScriptProcesses]]:
    pytest.importorskip("pydantic_monty")
    pytest.importorskip("py_mini_racer")
    opened = {language: ScriptProcesses(language) for language in ("python", "javascript")}
    yield opened
    for each in opened.values():
        each.close()


@pytest.mark.parametrize(("language", "text"), SCRIPTS)
def test_no_script_gets_out_or_goes_on(processes: dict[str, ScriptProcesses], language: str, text: str) -> None:
    processes[language].run("1", {}, _FACTS)
    begun = time.monotonic()
    answer = processes[language].run(text, {"secret": "x"}, _FACTS)
    # The limit is SECONDS; a busy machine may be late in noticing it.
    assert time.monotonic() - begun < SECONDS + 10
    told = json.dumps([answer.result, dict(answer.variables), answer.error])
    assert not any(sign in told for sign in ("root:", "uid=", "/bin/", "<class", " object at 0x"))
    assert not os.path.exists("/tmp/escaped")


def test_the_limits_of_scripts_are_those_that_are_promised() -> None:
    assert (SECONDS, MEGABYTES) == (2.0, 200)
