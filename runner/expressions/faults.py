"""What goes wrong inside an expression, and where in its text. Making the product's errors of it is `compile.py`'s."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from runner.errors import near_hint

_WINDOW = 100
_LONGEST_WORD = 60
_MOST_WORDS = 500


class SyntaxFault(Exception):
    """The text is not an expression of its language; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        self.message, self.position = message, position
        super().__init__(message)


class EvaluationFault(Exception):
    """The expression has no value with these variables; `position` is None where no place in the text is to blame."""

    def __init__(self, message: str, position: int | None = None) -> None:
        self.message, self.position = message, position
        super().__init__(message)


class LimitReached(EvaluationFault):
    """The evaluation grew beyond what one expression may cost."""


def hint(word: str, known: Iterable[str]) -> str:
    """Give near_hint's sentence; nothing for long words or beyond many known ones, which would take too long."""
    if len(word) > _LONGEST_WORD:
        return ""
    return near_hint(word, [each for each in islice(known, _MOST_WORDS) if len(each) <= _LONGEST_WORD])


def pointer(text: str, position: int) -> str:
    """Give two indented lines: the part of the text around `position`, and a caret below it."""
    position = max(0, min(position, len(text)))
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line, column = text[start : end if end >= 0 else len(text)], position - start
    first = max(0, column - _WINDOW // 2)
    shown = line[first : first + _WINDOW].replace("\t", " ").replace("\r", " ")
    before, after = ("…" if first else ""), ("…" if first + _WINDOW < len(line) else "")
    return f"    {before}{shown}{after}\n    {' ' * (len(before) + column - first)}^"
