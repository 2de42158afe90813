"""Takes apart the call of a bean, which a handler stands in for: its arguments are expressions of their own."""

from __future__ import annotations

from runner.expressions.faults import SyntaxFault
from runner.expressions.juel.lexer import Token, parts

_CLOSED_BY = {"(": ")", "[": "]"}


def call_arguments(text: str) -> tuple[str, ...]:
    """Give the arguments of ${bean.method(…)} as JUEL texts, in order; () if the text is anything else."""
    try:
        (part,) = parts(text)
    except (SyntaxFault, ValueError):
        return ()
    tokens = part.tokens
    if [each.kind for each in tokens[:4]] != ["name", "operator", "name", "operator"]:
        return ()
    if tokens[1].text != "." or tokens[3].text != "(" or len(tokens) < 6 or tokens[-2].text != ")":
        return ()
    return tuple(f"${{{text[first:last].strip()}}}" for first, last in _places(tokens[3:-1]))


def _places(tokens: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Give where each argument between the outer parentheses begins and ends."""
    if len(tokens) == 2:
        return []
    depth, first, places = 0, tokens[0].position + 1, []
    for token in tokens:
        if token.kind != "operator":
            continue
        depth += (token.text in _CLOSED_BY) - (token.text in _CLOSED_BY.values())
        if (depth == 1 and token.text == ",") or depth == 0:
            places.append((first, token.position))
            first = token.position + 1
    return places
