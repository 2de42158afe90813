"""Reads texts that hold JSON, for the functions of the languages that do so."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from runner.expressions.run import Run


def read_json(text: str, run: Run) -> Any:
    """Give the JSON data that a text holds, paying for it. Raises ValueError if it is none, or cannot be stored.

    Half a surrogate pair is valid JSON, but no Unicode text: nothing could store it.
    """
    run.take(len(text))
    value = json.loads(text, parse_float=_finite, parse_constant=_refuse)
    if "\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
