"""The process in which hostile entries are judged: `python -m hostile.judge expressions 0 100` prints a line for each.

It may have 200 MB more than it has when it begins, and each entry two seconds of the processor; what needs more is no
answer at all, and what is neither a value nor a refusal is told as an escape."""

from __future__ import annotations

import json
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from hostile.expressions_corpus import HEAVY, LIGHT, VARIABLES
from hostile.files_corpus import FILES

from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_diagram
from runner.bpmn.xml import load_file
from runner.decisions import load_decisions, read_decisions
from runner.errors import RunnerError
from runner.expressions import Expression, Language, evaluate

SECONDS = 2.0
MEMORY = 200 << 20
EXPRESSIONS = (*LIGHT, *HEAVY)


class TooLong(BaseException):
    """An entry took more than two seconds of the processor."""


def judge_expression(number: int) -> None:
    """Evaluate one entry. Raises RunnerError if it is refused or stopped."""
    language, text = EXPRESSIONS[number]
    json.dumps(evaluate(Expression(text, Language(language)), VARIABLES), ensure_ascii=False).encode()


def judge_file(number: int) -> None:
    """Read and check one entry; evaluate it if it is a decision. Raises RunnerError if it is refused or stopped."""
    kind, text = FILES[number]
    if kind == "large":
        with tempfile.NamedTemporaryFile(suffix=f".{text}") as file:
            file.truncate(100 << 20)
            (load_file if text == "bpmn" else load_decisions)(Path(file.name))
    elif kind == "bpmn":
        for finding in check_diagram(read_diagram(_bytes(text), source="hostile.bpmn"), frozenset()):
            finding.message.encode()
    else:
        decisions = read_decisions(_bytes(text), "hostile.dmn")
        json.dumps(decisions.evaluate("d", {}).value, ensure_ascii=False).encode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


CORPORA: dict[str, tuple[int, Callable[[int], None]]] = {
    "expressions": (len(EXPRESSIONS), judge_expression),
    "files": (len(FILES), judge_file),
}


def _too_long(signum: int, frame: FrameType | None) -> None:
    raise TooLong


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _outcome(judge: Callable[[int], None], number: int) -> dict[str, Any]:
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        judge(number)
        told = "value"
    except RunnerError as error:
        told = "refused" if str(error) else "refused without a sentence"
    except TooLong:
        told = "too long"
    except BaseException as error:  # what escapes is what is looked for
        told = f"escaped: {type(error).__name__}: {error}"[:300]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return {"number": number, "outcome": told, "seconds": round(time.process_time() - begun, 3)}


def main(corpus: str, first: int, last: int) -> None:
    """Judge the entries of a corpus from `first` to before `last`."""
    signal.signal(signal.SIGPROF, _too_long)
    _limit_memory()
    for number in range(first, last):
        print(json.dumps(_outcome(CORPORA[corpus][1], number)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
