"""Built-ins on texts (DMN 1.3 §10.3.4.3) and Camunda's own. Positions count characters from 1."""

from __future__ import annotations

import base64
from typing import Any

from runner.expressions.feel import patterns
from runner.expressions.feel.functions import Library
from runner.expressions.feel.numbers import whole
from runner.expressions.feel.values import NoValue
from runner.expressions.run import Run

LIBRARY = Library()


@LIBRARY.define("substring(string: string, start position: number, length?: number)")
def _substring(run: Run, text: str, start: Any, length: Any = None) -> str:
    position = whole(start)
    if position == 0:
        raise NoValue("Expected a start position other than 0, but it is 0.")
    first = position - 1 if position > 0 else max(0, len(text) + position)
    if length is None:
        return text[first:]
    count = whole(length)
    if count < 1:
        raise NoValue(f"Expected a length of at least 1, but it is {count}.")
    return text[first : first + count]


@LIBRARY.define("string length(string: string)")
def _length(run: Run, text: str) -> int:
    return len(text)


@LIBRARY.define("upper case(string: string)")
def _upper(run: Run, text: str) -> str:
    return text.upper()


@LIBRARY.define("lower case(string: string)")
def _lower(run: Run, text: str) -> str:
    return text.lower()


@LIBRARY.define("substring before(string: string, match: string)")
def _before(run: Run, text: str, match: str) -> str:
    before, found, _ = text.partition(match) if match else ("", "", text)
    return before if found else ""


@LIBRARY.define("substring after(string: string, match: string)")
def _after(run: Run, text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@LIBRARY.define("contains(string: string, match: string)")
def _contains(run: Run, text: str, match: str) -> bool:
    return match in text


@LIBRARY.define("starts with(string: string, match: string)")
def _starts_with(run: Run, text: str, match: str) -> bool:
    return text.startswith(match)


@LIBRARY.define("ends with(string: string, match: string)")
def _ends_with(run: Run, text: str, match: str) -> bool:
    return text.endswith(match)


@LIBRARY.define("matches(input: string, pattern: string, flags?: string)")
def _matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool:
    return patterns.matches(text, pattern, flags or "", run)


@LIBRARY.define("replace(input: string, pattern: string, replacement: string, flags?: string)")
def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    return patterns.replaced(text, pattern, replacement, flags or "", run)


@LIBRARY.define("split(string: string, delimiter: string)")
def _split(run: Run, text: str, delimiter: str) -> list[str]:
    return patterns.split_at(text, delimiter, run)


@LIBRARY.define("extract(input: string, pattern: string)")
def _extract(run: Run, text: str, pattern: str) -> list[str]:
    return patterns.found_in(text, pattern, run)


@LIBRARY.define(
    "string join(list: list, delimiter?: string)",
    "string join(list: list, delimiter: string, prefix: string, suffix: string)",
)
def _join(
    run: Run, parts: list[Any], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> str:
    texts = [part for part in parts if part is not None]
    if not all(isinstance(part, str) for part in texts):
        raise NoValue("Expected a list of texts in string join(…), but an item is something else.")
    between = delimiter or ""
    run.items(len(texts))
    run.string(sum(map(len, texts)) + len(between) * len(texts))
    return f"{prefix or ''}{between.join(texts)}{suffix or ''}"


@LIBRARY.define("is blank(string: string)")
def _is_blank(run: Run, text: str) -> bool:
    return not text.strip()


@LIBRARY.define("trim(string: string)")
def _trim(run: Run, text: str) -> str:
    return text.strip()


@LIBRARY.define("to base64(value: string)")
def _to_base64(run: Run, text: str) -> str:
    run.string(2 * len(text))
    return base64.b64encode(text.encode()).decode()
