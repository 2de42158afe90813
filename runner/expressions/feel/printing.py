"""Writes FEEL values as text, as the function string() does (DMN 1.3 §10.3.4.1, string)."""

from __future__ import annotations

import re
from typing import Any

from runner.expressions.feel.numbers import number_text
from runner.expressions.feel.values import Difference, Range, kind
from runner.expressions.run import Run
from runner.expressions.temporal.text import temporal_text

_PLAIN_KEY = re.compile(r"[\w ]+")


def text_of(value: Any, run: Run, inside: bool = False) -> str:
    """Write a value; `inside` a list or context texts are quoted. Pays for the length."""
    what = kind(value)
    if what == "string":
        return _quoted(value) if inside else str(value)
    if what == "list":
        run.take(2 * len(value) + 1)
        text = f"[{', '.join([text_of(each, run, True) for each in value])}]"
    elif what == "context":
        run.take(2 * len(value) + 1)
        text = f"{{{', '.join([f'{_key(name)}: {text_of(each, run, True)}' for name, each in value.items()])}}}"
    elif what == "range":
        text = _range(value, run)
    elif what == "number":
        text = number_text(value)
    elif what in ("null", "boolean"):
        text = {None: "null", True: "true", False: "false"}[value]
    else:
        text = temporal_text(value) or what
    run.string(len(text))
    return text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _quoted(name)


def _range(value: Range | Difference, run: Run) -> str:
    if isinstance(value, Difference):
        return f"({'=' if value.equal else '!='}{text_of(value.value, run, True)})"
    start, end = (text_of(each, run, True) for each in (value.start, value.end))
    if value.start is None:
        return f"(<{'=' if value.end_included else ''}{end})"
    if value.end is None:
        return f"(>{'=' if value.start_included else ''}{start})"
    return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"
