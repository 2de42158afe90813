"""Reads what begins with a sign or keyword of its own: literals, brackets, if, for, some, every, function."""

from __future__ import annotations

import re
from collections.abc import Callable

from runner.expressions.feel import closures, loops
from runner.expressions.feel.parser import Parser
from runner.expressions.feel.scanner import Scanner
from runner.expressions.feel.types import ANY, FeelType, read_type
from runner.expressions.run import Closure
from runner.expressions.temporal.text import parse_temporal
from runner.expressions.temporal.values import TemporalError

_WORDS = re.compile(r"[^\W\d]\w*(?: [\w]+)*")
_TEST = re.compile(r"\(\s*(?:<|>|!=|=)")


def parser_of(text: str, special: tuple[str, ...]) -> Parser:
    """Give a parser for `text`; `special` are the names of variables that hold more than words."""
    return Parser(Scanner(text, special), _primary)


def _primary(parser: Parser) -> Closure | None:
    """Read a literal or construct; None if a name comes next."""
    scanner = parser.scanner
    number = scanner.number()
    if number is not None:
        return closures.constant(number)
    text = scanner.string()
    if text is not None:
        return closures.constant(text)
    sign = _SIGNS.get(scanner.text[scanner.at : scanner.at + 1])
    if sign is not None:
        return sign(parser)
    word = scanner.next_word()
    read = _KEYWORDS.get(word)
    if read is None:
        return None
    scanner.take(word)
    return read(parser)


def _temporal(parser: Parser) -> Closure:
    scanner = parser.scanner
    scanner.take("@")
    at = scanner.at
    text = scanner.string()
    if text is None:
        raise scanner.fault("a text in quotes after '@'", at)
    try:
        return closures.constant(parse_temporal(text))
    except TemporalError:
        return lambda scope: scope.run.null(f'Expected a date, time or duration, but it is @"{text}": taken as null.')


def _parenthesis(parser: Parser) -> Closure:
    scanner = parser.scanner
    if _TEST.match(scanner.text, scanner.at):
        scanner.take("(")
        test = parser.test_operand()
        scanner.need(")", "a comparison")
        return test
    scanner.take("(")
    inner = parser.expression()
    if scanner.take(".."):
        return parser.rest_of_range(inner, start_included=False)
    scanner.need(")", "an expression in parentheses")
    return inner


def _bracket(parser: Parser) -> Closure:
    scanner = parser.scanner
    scanner.take("[")
    if scanner.take("]"):
        return loops.list_of([])
    items = [parser.test()]
    if scanner.take(".."):
        return parser.rest_of_range(items[0], start_included=True)
    while scanner.take(","):
        items.append(parser.test())
    scanner.need("]", "the items of a list")
    return loops.list_of(items)


def _open_range(parser: Parser) -> Closure:
    parser.scanner.take("]")
    start = parser.operand()
    parser.scanner.need("..", "the start of a range")
    return parser.rest_of_range(start, start_included=False)


def _context(parser: Parser) -> Closure:
    scanner = parser.scanner
    scanner.take("{")
    outer = scanner.special
    entries: list[tuple[str, Closure]] = []
    while not scanner.take("}"):
        if entries:
            scanner.need(",", "an entry of a context")
        name = scanner.label()
        if name is None:
            raise scanner.fault("a name and ':' in a context")
        parser.bound.add(name)
        entries.append((name, parser.expression()))
        _introduce(scanner, name)
    scanner.special = outer
    return loops.context_of(entries)


def _introduce(scanner: Scanner, name: str) -> None:
    """Let a name that words alone do not make be recognised from here on."""
    if not _WORDS.fullmatch(name) and name not in scanner.special:
        scanner.special = tuple(sorted((*scanner.special, name), key=len, reverse=True))


def _if(parser: Parser) -> Closure:
    test = parser.expression()
    parser.scanner.need_word("then", "the condition of 'if'")
    first = parser.expression()
    parser.scanner.need_word("else", "the 'then' branch")
    return closures.conditional(test, first, parser.expression())


def _for(parser: Parser) -> Closure:
    outer = parser.scanner.special
    iterations = _iterations(parser)
    parser.scanner.need_word("return", "the loop of 'for'")
    before = parser.size
    body = parser.expression()
    parser.scanner.special = outer
    return loops.collected(iterations, body, parser.size - before)


def _quantified(decisive: bool) -> Callable[[Parser], Closure]:
    def read(parser: Parser) -> Closure:
        outer = parser.scanner.special
        iterations = _iterations(parser)
        parser.scanner.need_word("satisfies", "the loop of 'some' or 'every'")
        before = parser.size
        condition = parser.expression()
        parser.scanner.special = outer
        return loops.quantified(iterations, condition, weight=parser.size - before, decisive=decisive)

    return read


def _iterations(parser: Parser) -> list[loops.Iteration]:
    scanner = parser.scanner
    iterations: list[loops.Iteration] = []
    while not iterations or scanner.take(","):
        name = scanner.name()
        parser.bound.update((name, "partial"))
        scanner.need_word("in", "the name of the loop")
        source = parser.operand()
        end = parser.operand() if scanner.take("..") else None
        iterations.append(loops.Iteration(name, source, end))
    return iterations


def _function(parser: Parser) -> Closure:
    scanner = parser.scanner
    scanner.need("(", "'function'")
    names: list[str] = []
    types: list[FeelType] = []
    outer = scanner.special
    while not scanner.take(")"):
        if names:
            scanner.need(",", "a parameter")
        names.append(scanner.name())
        parser.bound.add(names[-1])
        types.append(read_type(scanner) if scanner.take(":") else ANY)
    if scanner.take_word("external"):
        raise scanner.fault("the body of the function: functions from outside are not supported")
    before = parser.size
    body = parser.expression()
    scanner.special = outer
    return loops.function_of(tuple(names), tuple(types), body, parser.size - before)


_SIGNS: dict[str, Callable[[Parser], Closure]] = {
    "@": _temporal,
    "(": _parenthesis,
    "[": _bracket,
    "]": _open_range,
    "{": _context,
}
_KEYWORDS: dict[str, Callable[[Parser], Closure]] = {
    "true": lambda parser: closures.constant(True),
    "false": lambda parser: closures.constant(False),
    "null": lambda parser: closures.NULL,
    "if": _if,
    "for": _for,
    "some": _quantified(True),
    "every": _quantified(False),
    "function": _function,
}
