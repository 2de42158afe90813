"""Reads the tokens of one JUEL expression by precedence climbing, straight into closures (Jakarta EL 2.2 §1.15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.expressions.arithmetic import bounded
from runner.expressions.faults import EvaluationFault, SyntaxFault, hint
from runner.expressions.juel import closures
from runner.expressions.juel.functions import FUNCTIONS
from runner.expressions.juel.lexer import Token
from runner.expressions.juel.methods import NAMES, is_getter
from runner.expressions.run import MAX_DEPTH, Closure

_LEVELS = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_WORDS = {"true": True, "false": False, "null": None}
_LONGEST_PATH = 50


class Parser:
    """A cursor over the tokens of one ${…}."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def read(self) -> Closure:
        """Give the closure of the whole expression. Raises SyntaxFault."""
        closure = self._expression()
        if self._token.kind != "end":
            raise self._unexpected("'}' or an operator")
        return closure

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _peek(self, operator: str, ahead: int = 0) -> bool:
        index = min(self._at + ahead, len(self._tokens) - 1)
        return self._tokens[index][:2] == ("operator", operator)

    def _take(self, operator: str) -> bool:
        found = self._peek(operator)
        self._at += found
        return found

    def _need(self, operator: str) -> None:
        if not self._take(operator):
            raise self._unexpected(repr(operator))

    def _unexpected(self, wanted: str) -> SyntaxFault:
        found = "the expression ends" if self._token.kind == "end" else f"found {self._token.text!r}"
        return SyntaxFault(f"Expected {wanted}, but {found}.", self._token.position)

    def _nested(self, read: Callable[[], Closure]) -> Closure:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SyntaxFault(f"Expected an expression nested at most {MAX_DEPTH} deep.", self._token.position)
        closure = read()
        self._depth -= 1
        return closure

    def _expression(self) -> Closure:
        return self._nested(self._conditional)

    def _conditional(self) -> Closure:
        position = self._token.position
        test = self._binary(1)
        if not self._take("?"):
            return test
        first = self._expression()
        self._need(":")
        return closures.conditional(test, first, self._expression(), position)

    def _binary(self, least: int) -> Closure:
        left = self._unary()
        while (level := self._level()) >= least:
            position = self._token.position
            rest: list[tuple[str, Closure]] = []
            while self._level() == level:
                symbol = self._token.text
                self._at += 1
                rest.append((symbol, self._binary(level + 1)))
            left = closures.chain(left, rest, position)
        return left

    def _level(self) -> int:
        return _LEVELS.get(self._token.text, 0) if self._token.kind == "operator" else 0

    def _unary(self) -> Closure:
        position = self._token.position
        if self._take("!"):
            return closures.negation(self._nested(self._unary), position)
        if self._take("-"):
            return closures.minus(self._nested(self._unary), position)
        if self._token[:2] == ("name", "empty") and not any(self._peek(each, 1) for each in ".["):
            self._at += 1
            return closures.empty(self._nested(self._unary))
        return self._postfix(self._primary())

    def _postfix(self, value: Closure) -> Closure:
        for _ in range(_LONGEST_PATH):
            position = self._token.position
            if self._take("."):
                value = self._member(value, position)
            elif self._take("["):
                key = self._expression()
                self._need("]")
                value = closures.element(value, key, position)
            else:
                return value
        raise SyntaxFault(f"Expected a path of at most {_LONGEST_PATH} parts.", self._token.position)

    def _member(self, value: Closure, position: int) -> Closure:
        if self._token.kind != "name":
            raise self._unexpected("a name after '.'")
        name, at = self._token.text, self._token.position
        self._at += 1
        if not self._take("("):
            return closures.member(value, name, position)
        if name == "setVariable":
            raise SyntaxFault(
                "Expected an expression that only reads, but setVariable(…) changes variables: use an output mapping.",
                at,
            )
        if name not in NAMES and not is_getter(name):
            raise SyntaxFault(
                f"Expected a method of texts, lists, maps or dates, but there is no .{name}(…).{hint(name, NAMES)} "
                "Java beans do not exist here: let a handler do what theirs did.",
                at,
            )
        return closures.method(value, name, self._arguments(), at)

    def _arguments(self) -> list[Closure]:
        if self._take(")"):
            return []
        arguments = [self._expression()]
        while self._take(","):
            arguments.append(self._expression())
        self._need(")")
        return arguments

    def _primary(self) -> Closure:
        token = self._token
        if token.kind == "number":
            self._at += 1
            return closures.constant(_number(token))
        if token.kind == "string":
            self._at += 1
            return closures.constant(token.text)
        if self._take("("):
            inner = self._expression()
            self._need(")")
            return inner
        if token.kind != "name":
            raise self._unexpected("a value, a name or '('")
        self._at += 1
        if self._take("("):
            return self._function(token)
        if token.text in _WORDS:
            return closures.constant(_WORDS[token.text])
        return closures.variable(token.text, token.position)

    def _function(self, token: Token) -> Closure:
        arguments = self._arguments()
        found = FUNCTIONS.get(token.text)
        if found is None:
            raise SyntaxFault(
                f"Expected a known function, but there is no {token.text}(…).{hint(token.text, FUNCTIONS)} "
                f"Known: {', '.join(FUNCTIONS)}.",
                token.position,
            )
        apply, least, most = found
        if not least <= len(arguments) <= most:
            raise SyntaxFault(
                f"Expected {least} to {most} arguments in {token.text}(…), but got {len(arguments)}.", token.position
            )
        return closures.function(apply, arguments, token.position)


def _number(token: Token) -> Any:
    try:
        return bounded(int(token.text) if token.text.isdigit() else float(token.text))
    except (EvaluationFault, ValueError):
        raise SyntaxFault("Expected a number below 1.8e308, but it is larger.", token.position) from None
