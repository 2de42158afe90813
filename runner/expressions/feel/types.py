"""Reads the types that stand after `instance of` and in function parameters (DMN 1.3 §10.3.2.9.1) as predicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.expressions.faults import SyntaxFault
from runner.expressions.feel.scanner import Scanner
from runner.expressions.feel.values import NoValue, Range, kind
from runner.expressions.run import MAX_DEPTH

Predicate = Callable[[Any], bool]

_LONG_NAMES = ("date and time", "days and time duration", "years and months duration")
_KINDS = frozenset(
    {"number", "string", "boolean", "date", "time", "function", "list", "context", "range", *_LONG_NAMES}
)


def read_type(scanner: Scanner, depth: int = 0) -> Predicate:
    """Read one type. Raises SyntaxFault."""
    if depth > MAX_DEPTH:
        raise SyntaxFault(f"Expected types nested at most {MAX_DEPTH} deep.", scanner.at)
    name = _name(scanner)
    if name == "Any":
        return lambda value: value is not None
    if name == "Null":
        return lambda value: value is None
    if name == "list" and scanner.take("<"):
        return _list(scanner, depth)
    if name == "range" and scanner.take("<"):
        return _range(scanner, depth)
    if name == "context" and scanner.take("<"):
        return _context(scanner, depth)
    if name == "function" and scanner.take("<"):
        return _function(scanner, depth)
    return _named(name)


def _name(scanner: Scanner) -> str:
    for name in _LONG_NAMES:
        if scanner.take(name):
            return name
    word = scanner.next_word()
    if not scanner.take(word) or not word:
        raise scanner.fault("a type")
    while scanner.take("."):
        part = scanner.next_word()
        word = f"{word}.{part}"
        scanner.need(part or "a name", "'.'")
    return word


def _named(name: str) -> Predicate:
    if name in _KINDS:
        return lambda value: kind(value) == name

    def unknown(value: Any) -> bool:
        raise NoValue(f"Expected a type of FEEL after 'instance of', but there is no type '{name}'.")

    return unknown


def _list(scanner: Scanner, depth: int) -> Predicate:
    item = read_type(scanner, depth + 1)
    scanner.need(">", "the type of the items")
    return lambda value: kind(value) == "list" and all(each is None or item(each) for each in value)


def _range(scanner: Scanner, depth: int) -> Predicate:
    end = read_type(scanner, depth + 1)
    scanner.need(">", "the type of the ends")

    def fits(value: Any) -> bool:
        return isinstance(value, Range) and all(each is None or end(each) for each in (value.start, value.end))

    return fits


def _context(scanner: Scanner, depth: int) -> Predicate:
    entries: dict[str, Predicate] = {}
    while True:
        name = scanner.label()
        if name is None:
            raise scanner.fault("a name with ':' and a type")
        entries[name] = read_type(scanner, depth + 1)
        if scanner.take(">"):
            break
        scanner.need(",", "the type of an entry")

    def fits(value: Any) -> bool:
        return kind(value) == "context" and all(
            name in value and (value[name] is None or entry(value[name])) for name, entry in entries.items()
        )

    return fits


def _function(scanner: Scanner, depth: int) -> Predicate:
    while not scanner.take(">"):
        read_type(scanner, depth + 1)
        scanner.take(",")
    scanner.need("->", "the types of the parameters")
    read_type(scanner, depth + 1)
    return lambda value: kind(value) == "function"
