"""Reads the types that stand after `instance of` and in function parameters (DMN 1.3 §10.3.2.9.1) as predicates.

Which type conforms to which is needed for functions only: their parameters are compared by it (§10.3.2.9.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.expressions.faults import SyntaxFault
from runner.expressions.feel.scanner import Scanner
from runner.expressions.feel.values import NoValue, Range, kind
from runner.expressions.run import MAX_DEPTH, Scope

Predicate = Callable[[Any], bool]
# In a scope: (name of a type, value, run) -> is the value of it? None: no such type. No name of FEEL can be like this.
DEFINED_TYPES = "\0types"


@dataclass(frozen=True, slots=True)
class FeelType:
    """A type: calling it tells whether a value is of it. `parts` are the types of a list's items or a range's ends.

    A `foreign` one is none of FEEL's; a decision file may define it.
    """

    name: str
    fits: Predicate
    parts: tuple[FeelType, ...] = ()
    foreign: bool = False

    def __call__(self, value: Any) -> bool:
        return self.fits(value)

    def of(self, value: Any, scope: Scope) -> bool:
        """Tell whether a value is of this type, with the types that are known in a scope. Raises NoValue."""
        if self.name == "list" and self.parts:
            return kind(value) == "list" and all(each is None or self.parts[0].of(each, scope) for each in value)
        define = scope.find(DEFINED_TYPES) if self.foreign else None
        answer = None if define is None else define(self.name, value, scope.run)
        return self.fits(value) if answer is None else bool(answer)

    def conforms(self, to: FeelType) -> bool:
        """Tell whether every value of this type is one of the other."""
        if to.name == "Any":
            return True
        same = self.name == to.name and len(self.parts) == len(to.parts)
        return same and all(one.conforms(other) for one, other in zip(self.parts, to.parts, strict=True))


ANY = FeelType("Any", lambda value: value is not None)

_LONG_NAMES = ("date and time", "days and time duration", "years and months duration")
_KINDS = frozenset(
    {"number", "string", "boolean", "date", "time", "function", "list", "context", "range", *_LONG_NAMES}
)


def read_type(scanner: Scanner, depth: int = 0) -> FeelType:
    """Read one type. Raises SyntaxFault."""
    if depth > MAX_DEPTH:
        raise SyntaxFault(f"Expected types nested at most {MAX_DEPTH} deep.", scanner.at)
    name = _name(scanner)
    if name == "Any":
        return ANY
    if name == "Null":
        return FeelType(name, lambda value: value is None)
    read = _WITH_PARTS.get(name)
    if read is not None and scanner.take("<"):
        return read(scanner, depth)
    return FeelType(name, _named(name), foreign=name not in _KINDS)


def _name(scanner: Scanner) -> str:
    if not scanner.next_word() and not scanner.next_is("`"):
        raise scanner.fault("a type")
    # A name that a file gives to a type may have blanks, or lie under the name of an import.
    parts = [scanner.name(path=True, known=_LONG_NAMES)]
    while scanner.take("."):
        parts.append(scanner.name(path=True))
    return ".".join(parts)


def _named(name: str) -> Predicate:
    if name in _KINDS:
        return lambda value: kind(value) == name

    def unknown(value: Any) -> bool:
        raise NoValue(f"Expected a type of FEEL after 'instance of', but there is no type '{name}'.")

    return unknown


def _list(scanner: Scanner, depth: int) -> FeelType:
    item = read_type(scanner, depth + 1)
    scanner.need(">", "the type of the items")

    def fits(value: Any) -> bool:
        return kind(value) == "list" and all(each is None or item(each) for each in value)

    return FeelType("list", fits, (item,))


def _range(scanner: Scanner, depth: int) -> FeelType:
    end = read_type(scanner, depth + 1)
    scanner.need(">", "the type of the ends")

    def fits(value: Any) -> bool:
        return isinstance(value, Range) and all(each is None or end(each) for each in (value.start, value.end))

    return FeelType("range", fits, (end,))


def _context(scanner: Scanner, depth: int) -> FeelType:
    entries: dict[str, FeelType] = {}
    while not scanner.take(">"):
        if entries:
            scanner.need(",", "the type of an entry")
        name = scanner.label()
        if name is None:
            raise scanner.fault("a name with ':' and a type")
        entries[name] = read_type(scanner, depth + 1)

    def fits(value: Any) -> bool:
        return kind(value) == "context" and all(
            name in value and (value[name] is None or entry(value[name])) for name, entry in entries.items()
        )

    return FeelType("context", fits)


def _function(scanner: Scanner, depth: int) -> FeelType:
    parameters: list[FeelType] = []
    while not scanner.take(">"):
        if parameters:
            scanner.need(",", "the type of a parameter")
        parameters.append(read_type(scanner, depth + 1))
    scanner.need("->", "the types of the parameters")
    read_type(scanner, depth + 1)

    def fits(value: Any) -> bool:
        if kind(value) != "function":
            return False
        # What a function gives is not known before it is called; neither are the parameters of built-in ones.
        declared = getattr(value, "types", None)
        return declared is None or (
            len(declared) == len(parameters)
            and all(wanted.conforms(own) for wanted, own in zip(parameters, declared, strict=True))
        )

    return FeelType("function", fits, tuple(parameters))


_WITH_PARTS: dict[str, Callable[[Scanner, int], FeelType]] = {
    "list": _list,
    "range": _range,
    "context": _context,
    "function": _function,
}
