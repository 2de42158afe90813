"""Cuts a JUEL text into literal parts and expressions, and an expression into tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from runner.expressions.faults import SyntaxFault

# Python's re is safe here: no alternative can match the same characters in two ways.
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?)
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<name>[^\W\d][\w$]*|\$[\w$]*)
    | (?P<operator>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)
WORDS = {
    "and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
    "div": "/", "mod": "%",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Token(NamedTuple):
    """A word of an expression; `kind` is number, string, name, operator or end; `position` counts in the whole text."""

    kind: str
    text: str
    position: int


class Part(NamedTuple):
    """A piece of a JUEL text: literal text, or the tokens of one ${…}."""

    literal: str | None
    tokens: tuple[Token, ...] = ()


def parts(text: str) -> list[Part]:
    """Cut `text` into its parts; \\${ is a literal ${. Raises SyntaxFault."""
    found: list[Part] = []
    literal: list[str] = []
    at = 0
    while at < len(text):
        if text.startswith(("\\${", "\\#{"), at):
            literal.append(text[at + 1 : at + 3])
            at += 3
        elif text.startswith(("${", "#{"), at):
            tokens, at = _expression(text, at + 2)
            if literal:
                found.append(Part("".join(literal)))
                literal = []
            found.append(Part(None, tokens))
        else:
            literal.append(text[at])
            at += 1
    return [*found, Part("".join(literal))] if literal or not found else found


def _expression(text: str, at: int) -> tuple[tuple[Token, ...], int]:
    tokens: list[Token] = []
    while True:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            rest = text[at:].lstrip()
            position = len(text) - len(rest)
            if rest.startswith("}"):
                return (*tokens, Token("end", "}", position)), position + 1
            if not rest:
                raise SyntaxFault("Expected '}' after the expression, but the text ends.", len(text))
            raise SyntaxFault(f"Expected a part of an expression, but found {rest[0]!r}.", position)
        at = match.end()
        tokens.append(_token(match, match.lastgroup))


def _token(match: re.Match[str], kind: str) -> Token:
    text, position = match[kind], match.start(kind)
    if kind == "name" and text in WORDS:
        return Token("operator", WORDS[text], position)
    if kind == "string":
        return Token("string", _ESCAPE.sub(r"\1", text[1:-1]), position)
    return Token(kind, text, position)
