"""Texts with FEEL in them, as Camunda Forms has it: "Hello {{name}}", {{#if …}}…{{/if}}, {{#loop …}}…{{/loop}}.

Source: Camunda 8 docs, Components > Forms > Configuration > Templating syntax."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from runner.clock import Clock
from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import CompiledExpression, Expression, Language, compile_expression

MAX_LENGTH = 20_000
MAX_RESULT = 100_000
MAX_ROUNDS = 2_000
MAX_DEPTH = 20
# No brace may stand in an expression: a context would need some, and nobody shows one.
_TAG = re.compile(r"\{\{\s*(#if\b|#loop\b|/if\b|/loop\b)?([^{}]*)\}\}")


class Template:
    """A text with expressions in it; safe to share."""

    def __init__(self, text: str, line: int = 0) -> None:
        """Read it. Raises ExpressionInvalid."""
        if len(text) > MAX_LENGTH:
            raise ExpressionInvalid(f"Expected a text of at most {MAX_LENGTH:,} characters, but it has {len(text):,}.")
        self.text = text
        self._parts = _read(text, line)

    def evaluate(self, variables: Mapping[str, Any], *, clock: Clock, check: Callable[[], None] = lambda: None) -> str:
        """Give the text with these variables; `check` is asked before each expression. Raises ExpressionFailed."""
        writing = _Writing(clock, check)
        writing.write(self._parts, variables)
        return "".join(writing.pieces)


class _Block:
    """What stands between {{#if}} or {{#loop}} and its end."""

    def __init__(self, kind: str, expression: CompiledExpression) -> None:
        self.kind, self.expression = kind, expression
        self.parts: list[_Part] = []


_Part = str | CompiledExpression | _Block


def _read(text: str, line: int) -> list[_Part]:
    top: list[_Part] = []
    open_blocks: list[_Block] = []
    at = 0
    for tag in _TAG.finditer(text):
        parts = open_blocks[-1].parts if open_blocks else top
        parts.append(text[at : tag.start()])
        at = tag.end()
        word, rest = tag[1] or "", tag[2].strip()
        if word.startswith("/"):
            if not open_blocks or open_blocks[-1].kind != word[1:]:
                raise ExpressionInvalid(f"Expected {{{{#{word[1:]} …}}}} before {{{{{word}}}}}, but there is none.")
            open_blocks.pop()
            continue
        expression = compile_expression(Expression(rest, Language.FEEL, line))
        if not word:
            parts.append(expression)
            continue
        block = _Block(word[1:], expression)
        parts.append(block)
        open_blocks.append(block)
        if len(open_blocks) > MAX_DEPTH:
            raise ExpressionInvalid(f"Expected at most {MAX_DEPTH} blocks within each other in a text, but got more.")
    if open_blocks:
        kind = open_blocks[-1].kind
        raise ExpressionInvalid(f"Expected {{{{/{kind}}}}} after {{{{#{kind} …}}}}, but the text ends before it.")
    top.append(text[at:])
    return top


class _Writing:
    """One evaluation, bounded in length and rounds."""

    def __init__(self, clock: Clock, check: Callable[[], None]) -> None:
        self.pieces: list[str] = []
        self._clock, self._check, self._length, self._rounds = clock, check, 0, 0

    def write(self, parts: list[_Part], names: Mapping[str, Any]) -> None:
        for part in parts:
            if isinstance(part, str):
                self._add(part)
            elif isinstance(part, _Block):
                self._block(part, names)
            else:
                self._check()
                self._add(in_words(part.evaluate(names, clock=self._clock)))

    def _block(self, block: _Block, names: Mapping[str, Any]) -> None:
        self._check()
        value = block.expression.evaluate(names, clock=self._clock)
        if block.kind == "if":
            if value is True:
                self.write(block.parts, names)
            return
        for item in value if isinstance(value, list) else []:
            self._rounds += 1
            if self._rounds > MAX_ROUNDS:
                raise ExpressionFailed(f"Expected at most {MAX_ROUNDS:,} rounds of {{{{#loop}}}} in a text.")
            inner = item if isinstance(item, dict) else {}
            self.write(block.parts, {**names, **inner, "this": item, "parent": dict(names)})

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_RESULT:
            raise ExpressionFailed(f"Expected a text of at most {MAX_RESULT:,} characters, but it grows beyond that.")
        self.pieces.append(text)


def in_words(value: Any) -> str:
    """Give a value as people read it: a text as it is, nothing for null, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
