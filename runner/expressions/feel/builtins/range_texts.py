"""The built-in range(text): reads a range whose ends are literals (DMN 1.4 §10.3.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.expressions.faults import SyntaxFault
from runner.expressions.feel.functions import Library
from runner.expressions.feel.scanner import Scanner
from runner.expressions.feel.values import NoValue, Range, compare
from runner.expressions.run import Run
from runner.expressions.temporal.text import parse_date, parse_date_time, parse_duration, parse_temporal, parse_time

LIBRARY = Library()
_LITERAL_CALLS: dict[str, Callable[[str], Any]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


@LIBRARY.define("range(from: string)")
def _range(run: Run, text: str) -> Range:
    scanner = Scanner(text)
    try:
        found = _read(scanner)
    except SyntaxFault as fault:
        raise NoValue(fault.message) from None
    if found is None or scanner.at < len(text):
        raise NoValue(f"Expected a range such as [1..10), but it is '{text[:60]}'.")
    return found


def _read(scanner: Scanner) -> Range | None:
    opening = next((sign for sign in "[(]" if scanner.take(sign)), None)
    start = _end(scanner)
    scanner.need("..", "the start of a range")
    end = _end(scanner)
    closing = next((sign for sign in "])[" if scanner.take(sign)), None)
    if opening is None or closing is None:
        return None
    read = Range(start, end, opening == "[", closing == "]")
    endless = (start is None and read.start_included) or (end is None and read.end_included)
    if endless or (start is None and end is None):
        return None
    if start is not None and end is not None and (compare(start, end) or 0) > 0:
        return None
    return None if None not in (start, end) and compare(start, end) is None else read


def _end(scanner: Scanner) -> Any:
    """Read a literal; None where there is none (an open end)."""
    sign = -1 if scanner.take("-") else 1
    number = scanner.number()
    if number is not None:
        return sign * number
    if scanner.take("@"):
        return parse_temporal(scanner.string() or "")
    for name, parse in _LITERAL_CALLS.items():
        if scanner.take(f"{name}("):
            value = parse(scanner.string() or "")
            scanner.need(")", name)
            return value
    return scanner.string()
