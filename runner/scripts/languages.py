"""The script languages that an operator can switch on, and how a diagram's script comes to their handler."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ScriptLanguage(StrEnum):
    """A language with statements; expressions need no switch."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"

    @property
    def topic(self) -> str:
        """Give the topic of the handler that runs scripts of this language."""
        return f"script:{self}"


# What a script task tells that handler, as headers of its job.
TEXT, LINE, RESULT = "script", "script line", "script result"
_WORDS = {"python": "python", "javascript": "javascript", "ecmascript": "javascript", "graal.js": "javascript"}


def script_language(written: str) -> ScriptLanguage | None:
    """Give the language that a `scriptFormat` names ("JavaScript", "text/python", …), or None."""
    name = written.strip().lower()
    if name == "js":
        return ScriptLanguage.JAVASCRIPT
    return next((ScriptLanguage(language) for word, language in _WORDS.items() if word in name), None)


def headers_of(text: str, line: int, result_variable: str | None) -> Mapping[str, str]:
    """Give the headers with which a script goes to its handler; `line` is where its text begins in the file."""
    return {TEXT: text, LINE: str(line), **({RESULT: result_variable} if result_variable else {})}
