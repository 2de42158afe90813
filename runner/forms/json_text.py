"""Reads JSON and keeps the line of each object, so that what is wrong in a file can be pointed at.

Bounded in size, depth and number of values; a name that is used twice in an object is an error."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 50_000

_SPACE = re.compile(r"[ \t\n\r]*")
# Possessive: a text that does not end is not tried again from its middle.
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*+"')
_PLAIN = re.compile(r"true|false|null|-?(?:0|[1-9]\d{0,400})(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


class JsonObject(dict[str, Any]):
    """An object with the line that it begins in, from 1."""

    line: int = 0


class JsonInvalid(ValueError):
    """The text is not JSON, or beyond a limit."""

    def __init__(self, message: str, line: int) -> None:
        self.line = line
        super().__init__(message)


def read_located(content: bytes) -> Any:
    """Read a JSON file in UTF-8. Raises JsonInvalid."""
    if len(content) > MAX_BYTES:
        raise JsonInvalid(f"Expected a file of at most 1 MB, but it has {len(content) / MAX_BYTES:.1f} MB.", 0)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise JsonInvalid("Expected a text in UTF-8, but there are other bytes.", line) from error
    reader = _Reader(text)
    value = reader.value(0)
    reader.end()
    return value


class _Reader:
    """One pass over a text; `_at` is where it stands, `_line` which line that is."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._values = text, 0, 0
        self._line, self._counted = 1, 0

    def value(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            self._fail(f"Expected at most {MAX_DEPTH} objects and lists within each other, but there are more.")
        self._values += 1
        if self._values > MAX_VALUES:
            self._fail(f"Expected at most {MAX_VALUES:,} values, but there are more.")
        match self._peek():
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"':
                return self._string()
        found = _PLAIN.match(self._text, self._at)
        if found is None:
            self._fail("Expected JSON, but this is no value.")
        self._at = found.end()
        return json.loads(found[0])

    def end(self) -> None:
        if self._peek():
            self._fail("Expected the end of the file after its one value, but something follows.")

    def _object(self, depth: int) -> JsonObject:
        made = JsonObject()
        made.line = self._current_line()
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return made
        while True:
            if self._peek() != '"':
                self._fail("Expected a name in double quotes, but there is none.")
            name = self._string()
            if name in made:
                self._fail(f"Expected each name once in an object, but '{name[:40]}' is there twice.")
            self._take(":")
            made[name] = self.value(depth + 1)
            if self._take(",", "}") == "}":
                return made

    def _list(self, depth: int) -> list[Any]:
        made: list[Any] = []
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return made
        while True:
            made.append(self.value(depth + 1))
            if self._take(",", "]") == "]":
                return made

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            self._fail("Expected a text that ends with a double quote in its line, but it does not.")
        try:
            text: str = json.loads(found[0])
        except json.JSONDecodeError as error:
            self._fail(f"Expected a text in double quotes, but: {error.msg}.")
        self._at = found.end()
        return text

    def _peek(self) -> str:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, *signs: str) -> str:
        found = self._peek()
        if found not in signs or not found:
            self._fail(f"Expected {' or '.join(repr(sign) for sign in signs)}, but got {found or 'the end'!r}.")
        self._at += 1
        return found

    def _current_line(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _fail(self, message: str) -> NoReturn:
        raise JsonInvalid(message, self._current_line())
