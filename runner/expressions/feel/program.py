"""Compiles FEEL texts: expressions, and the unary tests of decision tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from runner.expressions.faults import SyntaxFault
from runner.expressions.feel.constructs import parser_of
from runner.expressions.feel.parser import Parser
from runner.expressions.feel.scanner import KEYWORDS
from runner.expressions.feel.values import passes
from runner.expressions.run import Closure, Program, Run, Scope

_CACHED = 512
_LONGEST_NAME = 8
_NAME_PIECE = re.compile(r"[^\W\d][\w$]*|\d+|[-+*/']")
_WORD = re.compile(r"[\w$ ]+")
# What _NAME_PIECE finds of a name by itself.
_USUAL = re.compile(r"[^\W\d][\w$ \-+*/']*[\w$]|[^\W\d]")
_MOST_ODD = 200


def compile_feel(text: str, names: frozenset[str] = frozenset()) -> Program:
    """Give the program of a FEEL expression. Raises SyntaxFault.

    Variables may be called such as "loan-amount" or "terms and conditions": only the variables themselves tell that it
    is one name, so such a text is read again, once for each set of such names. `names` are those known beforehand.
    """
    candidates = _possible_names(text)
    plain = _read(text, tuple(name for name in candidates if name in names)).closure
    if not candidates:
        return lambda variables, run: plain(Scope(variables, run))

    def program(variables: Mapping[str, Any], run: Run) -> Any:
        special = tuple(name for name in candidates if name in variables)
        closure = _read(text, special).closure if special else plain
        return closure(Scope(variables, run))

    return program


def compile_unary_tests(text: str) -> Program:
    """Give the program of a decision table's input entry: whether variable "?" passes (DMN 1.3 §10.3.2.8).

    Its value is true, false or null. Raises SyntaxFault.
    """
    tests = read_unary_tests(text).closure
    return lambda variables, run: tests(Scope(variables, run))


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names that hold more than words and are known beforehand; `odd` are those with signs that a name seldom has."""

    names: frozenset[str] = frozenset()
    odd: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> KnownNames:
        """Sort out the names that are more than words. Of odd ones the first few are known: each is looked for."""
        beyond = {name for name in names if name and _beyond_words(name)}
        odd = sorted((name for name in beyond if not _USUAL.fullmatch(name)), key=lambda name: (-len(name), name))
        return cls(frozenset(beyond), tuple(odd[:_MOST_ODD]))

    def within(self, text: str) -> tuple[str, ...]:
        """Give those that may stand in a text, longest first."""
        if not self.names:
            return ()
        found = [name for name in _possible_names(text) if name in self.names]
        odd = [name for name in self.odd if name in text]
        return tuple(sorted({*found, *odd}, key=lambda name: (-len(name), name)))


class Reading(NamedTuple):
    """A text that was read: its closure, and the names that it takes from outside, with their first places."""

    closure: Closure
    names: Mapping[str, int] = MappingProxyType({})

    @classmethod
    def of(cls, closure: Closure, parser: Parser) -> Reading:
        """Give what a parser has read."""
        return cls(closure, {name: at for name, at in parser.used.items() if name not in parser.bound})


_NO_NAMES = KnownNames()


def read_feel(text: str, names: KnownNames = _NO_NAMES) -> Reading:
    """Read an expression for a scope of the caller's making. Raises SyntaxFault."""
    return _read(text, names.within(text))


def read_unary_tests(text: str, names: KnownNames = _NO_NAMES) -> Reading:
    """Read an input entry: its closure tells whether "?" passes, as true, false or null. Raises SyntaxFault."""
    if text.strip() in ("-", ""):
        return Reading(lambda scope: True)
    parser = parser_of(text, names.within(text))
    scanner = parser.scanner
    at = scanner.at
    negated = scanner.take_word("not") and scanner.next_is("(")
    if negated:
        tests = parser.nested_tests()
        negated = scanner.at == len(scanner.text)
    if not negated:
        scanner.at = at
        tests = []
        while not tests or scanner.take(","):
            tests.append(parser.asking_test())
        parser.end()

    def passed(scope: Scope) -> Any:
        answers = [_passed(closure, asks, scope) for closure, asks in tests]
        answer = True if True in answers else None if None in answers else False
        return answer if not negated or answer is None else not answer

    return Reading.of(passed, parser)


def _passed(closure: Closure, asks: bool, scope: Scope) -> Any:
    value, given = closure(scope), scope.names.get("?")
    # A condition on other names decides by itself: it could never be equal to what is tested.
    if asks or (type(value) is bool and type(given) is not bool):
        return value
    return passes(given, value, scope.run)


@lru_cache(maxsize=_CACHED)
def _read(text: str, special: tuple[str, ...]) -> Reading:
    if not text.strip():
        raise SyntaxFault("Expected an expression, but the text is empty.", 0)
    parser = parser_of(text, special)
    return Reading.of(parser.whole(), parser)


def _possible_names(text: str) -> tuple[str, ...]:
    """Give, longest first, the stretches of `text` that hold more than words, but are a name if a variable has it."""
    pieces = list(_NAME_PIECE.finditer(text))
    found: set[str] = set()
    for index, first in enumerate(pieces):
        if first[0] in KEYWORDS or not (first[0][0].isalpha() or first[0][0] == "_"):
            continue
        end = first.end()
        for piece in pieces[index + 1 : index + _LONGEST_NAME]:
            if text[end : piece.start()].strip(" "):
                break
            end = piece.end()
            if piece[0] not in "-+*/":
                found.add(text[first.start() : end])
    return tuple(sorted(filter(_beyond_words, found), key=lambda name: (-len(name), name)))


def _beyond_words(name: str) -> bool:
    return not _WORD.fullmatch(name) or not KEYWORDS.isdisjoint(name.split(" "))
