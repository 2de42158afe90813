"""The process in which scripts run: reads a request a line, writes an answer a line, ends with its standard input.

What a script has broken is not used again: after anything but an ordinary end this process ends, too."""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from runner.scripts.answers import Answer, Request

_ENGINES = {"python": "runner.scripts.in_python", "javascript": "runner.scripts.in_javascript"}


def main(language: str) -> None:
    """Answer requests in one language."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What an engine prints must not come between the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    engine = importlib.import_module(_ENGINES[language]).Engine()
    _write(answers, {"ready": True})
    for line in sys.stdin:
        answer: Answer = engine.run(Request(**json.loads(line)))
        _write(answers, asdict(answer))
        if answer.error is not None and answer.line is None:
            break
    # Not an ordinary exit: an engine's threads could hold it up.
    os._exit(0)


def _write(answers: Any, record: dict[str, Any]) -> None:
    answers.write(json.dumps(record) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
