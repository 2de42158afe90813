"""Hands hostile entries to processes of their own, and takes what those tell (`judge.py`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache

from hostile.judge import CORPORA

SLICE = 100


@cache
def judged(corpus: str, first: int) -> list[dict[str, object]]:
    """Judge a slice of a corpus in a limited process, and give what it tells."""
    last = min(first + SLICE, CORPORA[corpus][0])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "hostile.judge", corpus, str(first), str(last)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
    assert (done.returncode, done.stderr[-2000:]) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]
