"""Reads FEEL by precedence climbing, straight into closures (DMN 1.3 §10.3.1.2, grammar rules 1 to 63).

What opens brackets or scopes is read in `constructs.py`."""

from __future__ import annotations

import re
from collections.abc import Callable

from runner.expressions.faults import SyntaxFault
from runner.expressions.feel import closures
from runner.expressions.feel.builtins import BUILTINS
from runner.expressions.feel.loops import filtered
from runner.expressions.feel.scanner import KEYWORDS, Scanner
from runner.expressions.feel.types import read_type
from runner.expressions.run import MAX_DEPTH, Closure

_OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER = range(1, 7)
_LEVELS = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}
_OPERATOR = re.compile(r"\*\*|[-+*/]|(?:or|and)(?![\w$])")
_COMPARE = re.compile(r"<=|>=|!=|[<>=]")
# Only the names with a keyword inside: the words of all others are read as one name anyway.
_KEYWORD_CALLS = re.compile(
    "|".join(
        name.replace(" ", r"\s+") + r"(?=\s*\()" for name in BUILTINS if " " in name and KEYWORDS & set(name.split())
    )
)
# A "[" that no filter can follow closes a range: [1..10[.
_CLOSING = re.compile(r"\[\s*(?:$|[)\],}=<>!+*/]|(?:and|or|then|else|in|return|satisfies|between|instance)(?![\w$]))")
_LONGEST_PATH = 50


class Parser:
    """A reader of one text. `size` grows with each part read; a loop's body is charged by it.

    `used` are the names that are looked up, with their first places, but those that may be entries of what is filtered;
    `bound` those that the text itself gives a meaning.
    """

    def __init__(self, scanner: Scanner, primary: Callable[[Parser], Closure | None]) -> None:
        self.scanner = scanner
        self.size = 0
        self.used: dict[str, int] = {}
        self.bound: set[str] = set()
        self._filters = 0
        self.in_range_end = False
        self.uses_input = False
        self._primary = primary
        self._depth = 0

    def whole(self) -> Closure:
        """Read an expression that takes up all of the text. Raises SyntaxFault."""
        closure = self.expression()
        self.end()
        return closure

    def end(self) -> None:
        """Raise SyntaxFault unless the text ends here."""
        if self.scanner.at < len(self.scanner.text):
            if self.scanner.next_is("=="):
                raise self.scanner.fault("'=' for equality")
            raise self.scanner.fault("an operator or the end")

    def expression(self) -> Closure:
        """Read one expression, however it is nested. Raises SyntaxFault."""
        return self.nested(lambda: self._binary(_OR))

    def operand(self) -> Closure:
        """Read what stands beside a comparison, a range or `in`: arithmetic without comparisons."""
        return self.nested(lambda: self._binary(_SUM))

    def nested(self, read: Callable[[], Closure]) -> Closure:
        """Read something one level deeper. Raises SyntaxFault when that is too deep."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SyntaxFault(f"Expected an expression nested at most {MAX_DEPTH} deep.", self.scanner.at)
        outer, self.in_range_end = self.in_range_end, False
        closure = read()
        self.in_range_end = outer
        self._depth -= 1
        return closure

    def range_end(self) -> Closure:
        """Read the end of a range, where "[" may be its closing bracket."""
        self.in_range_end = True
        closure = self._binary(_SUM)
        self.in_range_end = False
        return closure

    def test(self) -> Closure:
        """Read a unary test: a comparison without a left side, or an expression."""
        symbol = self.comparison_symbol()
        return closures.unary_test(symbol, self.operand()) if symbol else self.expression()

    def comparison_symbol(self) -> str:
        """Move behind a comparison operator and give it, or give an empty text."""
        match = _COMPARE.match(self.scanner.text, self.scanner.at)
        if match is None:
            return ""
        self.scanner.take(match[0])
        if match[0] == "=" and self.scanner.text.startswith("==", match.start()):
            raise self.scanner.fault("'=' for equality", match.start())
        return match[0]

    def _binary(self, least: int) -> Closure:
        left = self._unary()
        while True:
            level = self._level()
            if level >= least and level:
                left = self._chain(left, level)
            elif least <= _COMPARISON:
                compared = self._comparison(left)
                if compared is None:
                    return left
                left = compared
            else:
                return left

    def _level(self) -> int:
        return _LEVELS.get(self._operator(), 0)

    def _operator(self) -> str:
        match = _OPERATOR.match(self.scanner.text, self.scanner.at)
        return match[0] if match else ""

    def _chain(self, left: Closure, level: int) -> Closure:
        rest: list[tuple[str, Closure]] = []
        while self._level() == level:
            symbol = self._operator()
            self.scanner.take(symbol)
            rest.append((symbol, self._binary(level + 1)))
            self.size += 1
        return closures.chain(left, rest)

    def _comparison(self, left: Closure) -> Closure | None:
        scanner = self.scanner
        symbol = self.comparison_symbol()
        if symbol:
            return closures.comparison(symbol, left, self.operand())
        if scanner.take_word("between"):
            low = self.operand()
            scanner.need_word("and", "the lower end of 'between'")
            return closures.between(left, low, self.operand())
        if scanner.take_word("in"):
            return closures.membership(left, self._tests())
        if scanner.take_word("instance"):
            scanner.need_word("of", "'instance'")
            return closures.instance(left, read_type(scanner))
        return None

    def _tests(self) -> list[Closure]:
        """Read what stands after `in`: one test, or several in parentheses."""
        if not self.scanner.next_is("("):
            return [self.test_operand()]
        return [test for test, _ in self.nested_tests()]

    def test_operand(self) -> Closure:
        """Read one test after `in` without parentheses."""
        symbol = self.comparison_symbol()
        return closures.unary_test(symbol, self.operand()) if symbol else self.operand()

    def nested_tests(self) -> list[tuple[Closure, bool]]:
        """Read tests in parentheses, each with whether it asks for "?" itself; (1..3) is an open range."""
        scanner = self.scanner
        scanner.need("(", "'in'")
        first = self.asking_test()
        if scanner.take(".."):
            return [(self.rest_of_range(first[0], start_included=False), False)]
        tests = [first]
        while scanner.take(","):
            tests.append(self.asking_test())
        scanner.need(")", "the tests")
        return tests

    def asking_test(self) -> tuple[Closure, bool]:
        """Read a unary test, and tell whether it asks for "?" itself."""
        outer, self.uses_input = self.uses_input, False
        closure = self.test()
        asks, self.uses_input = self.uses_input, outer or self.uses_input
        return closure, asks

    def rest_of_range(self, start: Closure, *, start_included: bool) -> Closure:
        """Read a range from behind its "..". Raises SyntaxFault without a closing bracket."""
        end = self.range_end()
        for bracket, included in (("]", True), (")", False), ("[", False)):
            if self.scanner.take(bracket):
                return closures.span(start, end, start_included=start_included, end_included=included)
        raise self.scanner.fault("']', ')' or '[' after a range")

    def _unary(self) -> Closure:
        self.size += 1
        if self.scanner.take("-"):
            return closures.minus(self.nested(self._unary))
        return self._postfix(self._value())

    def _value(self) -> Closure:
        found = self._primary(self)
        return self._name() if found is None else found

    def _name(self) -> Closure:
        scanner = self.scanner
        at = scanner.at
        call = _KEYWORD_CALLS.match(scanner.text, scanner.at)
        if call:
            scanner.take(call[0])
            name = " ".join(call[0].split())
        elif scanner.take_word("not") and scanner.next_is("("):
            name = "not"
        else:
            name = scanner.name()
        self.uses_input = self.uses_input or name == "?"
        if not self._filters and name not in BUILTINS:
            self.used.setdefault(name, at)
        return closures.variable(name, BUILTINS.get(name))

    def _postfix(self, value: Closure) -> Closure:
        scanner = self.scanner
        for _ in range(_LONGEST_PATH):
            if scanner.next_is(".") and not scanner.next_is(".."):
                value = closures.path(value, self._path())
            elif scanner.next_is("[") and not (self.in_range_end and _CLOSING.match(scanner.text, scanner.at)):
                value = self._filter(value)
            elif scanner.next_is("("):
                value = self._call(value)
            else:
                return value
        raise SyntaxFault(f"Expected a path of at most {_LONGEST_PATH} parts.", scanner.at)

    def _path(self) -> list[str]:
        names: list[str] = []
        while self.scanner.next_is(".") and not self.scanner.next_is(".."):
            self.scanner.take(".")
            names.append(self.scanner.name(path=True))
            self.size += 1
        return names

    def _filter(self, value: Closure) -> Closure:
        self.scanner.take("[")
        before = self.size
        self._filters += 1
        condition = self.expression()
        self._filters -= 1
        self.scanner.need("]", "a filter")
        return filtered(value, condition, self.size - before)

    def _call(self, function: Closure) -> Closure:
        scanner = self.scanner
        scanner.take("(")
        positional: list[Closure] = []
        named: dict[str, Closure] = {}
        while not scanner.take(")"):
            if positional or named:
                scanner.need(",", "an argument")
            at = scanner.at
            name = scanner.label()
            if (positional if name is not None else named) or name in named:
                raise scanner.fault("either positional or differently named arguments", at)
            if name is None:
                positional.append(self.test())
            else:
                named[name] = self.expression()
        return closures.call_named(function, named) if named else closures.call(function, positional)
