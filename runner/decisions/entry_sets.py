"""Which values the input entries of a column let pass, as far as their texts tell: as sets of sample values.

Two entries that differ on some value differ on a sample: each limit that is written in the column is one, and so is a
value between each two of them, below and above all. What only a program could tell is left open (None)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from runner.expressions.temporal.text import parse_date
from runner.expressions.temporal.values import Date, TemporalError

Kind = Literal["number", "date", "string", "boolean"]
Point = Decimal | str | bool
Test = Callable[[Point], bool]

_NUMBER = r"-?(?:\d{1,40}(?:\.\d{1,40})?|\.\d{1,40})"
_DATE = r'date\(\s*"[^"]*"\s*\)|@"\d{4}-\d\d-\d\d"'
_STRING = r'"(?:[^"\\]|\\.)*"'
_LITERAL = rf"{_DATE}|{_STRING}|{_NUMBER}|true|false"
_SPAN = re.compile(rf"\s*([\[\](])\s*({_LITERAL})\s*\.\.\s*({_LITERAL})\s*([\]\[)])\s*")
_SINGLE = re.compile(rf"\s*(<=|>=|!=|<|>|=)?\s*({_LITERAL})\s*")
_NOT = re.compile(r"\s*not\s*\((.*)\)\s*", re.DOTALL)
_MOST = 5_000  # characters of an entry
_MOST_TEXT = 100_000  # of a column
_MOST_SAMPLES = 1_000
_DECLARED: dict[str, Kind] = {
    "number": "number",
    "integer": "number",
    "long": "number",
    "double": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
}
ANYTHING, OTHER = "any value", "any other"


class Entry(NamedTuple):
    """A text read: whether it lets a value of its kind pass, and the values that are written in it."""

    kind: Kind
    passes: Test
    written: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """The samples of a column, in order, each with its name for people, and for each entry the numbers of those that
    pass: as bits, or None where the text does not tell. `whole`: together they are all values there can be."""

    samples: tuple[str, ...]
    masks: tuple[int | None, ...]
    whole: bool

    @property
    def all(self) -> int:
        """Give the bits of all samples."""
        return (1 << len(self.samples)) - 1


def read_column(texts: Sequence[str], allowed: str = "", type: str | None = None) -> Column:
    """Read the entries of a column, with what its input may be: allowed values as unary tests, and a type."""
    if sum(map(len, texts)) > _MOST_TEXT:
        return Column((ANYTHING,), tuple(1 if _is_open(text) else None for text in texts), whole=False)
    entries = [None if _is_open(text) else read_entry(text) for text in texts]
    limits = None if _is_open(allowed) else read_entry(allowed)
    declared = _DECLARED.get(type or "")
    kinds = {each.kind for each in (*entries, limits) if each is not None}
    kind = declared or (next(iter(kinds)) if len(kinds) == 1 else None)
    if kind is None or not (kinds or kind == "boolean"):
        return Column((ANYTHING,), tuple(1 if _is_open(text) else None for text in texts), whole=not kinds)
    same = [each for each in (*entries, limits) if each is not None and each.kind == kind]
    samples = [
        (point, name)
        for point, name in _SAMPLES[kind]([point for each in same for point in each.written], type)
        if limits is None or (point is not _OTHER and limits.passes(point))
    ] or [(_OTHER, ANYTHING)]
    if len(samples) > _MOST_SAMPLES:
        return Column((ANYTHING,), tuple(1 if _is_open(text) else None for text in texts), whole=False)
    masks = tuple(
        (1 << len(samples)) - 1 if _is_open(text) else None if entry is None else _mask(entry, samples, kind)
        for text, entry in zip(texts, entries, strict=True)
    )
    bounded = limits is not None or (kind != "string" and _is_open(allowed))
    return Column(tuple(name for _, name in samples), masks, whole=bounded)


def _is_open(text: str) -> bool:
    return text.strip() in ("", "-")


def read_entry(text: str) -> Entry | None:
    """Read unary tests that are made of literals; None for others."""
    if len(text) > _MOST:
        return None
    negated = _NOT.fullmatch(text)
    if negated:
        inner = read_entry(negated[1]) if not negated[1].lstrip().startswith("not") else None
        return None if inner is None else Entry(inner.kind, lambda point: not inner.passes(point), inner.written)
    parts: list[Entry] = []
    at = 0
    while True:
        match = _SPAN.match(text, at) or _SINGLE.match(text, at)
        part = None if match is None else _span(match) if match.re is _SPAN else _single(match)
        if match is None or part is None:
            return None
        parts.append(part)
        at = match.end()
        if at == len(text):
            break
        if text[at] != ",":
            return None
        at += 1
    if len({each.kind for each in parts}) > 1:
        return None
    tests = [each.passes for each in parts]
    written = tuple(point for each in parts for point in each.written)
    return Entry(parts[0].kind, lambda point: any(test(point) for test in tests), written)


class _Other(str):
    __slots__ = ()


# A text that no entry names.
_OTHER = _Other(OTHER)


def _single(match: re.Match[str]) -> Entry | None:
    literal = _literal(match[2])
    if literal is None:
        return None
    kind, limit = literal
    symbol = match[1] or "="
    if symbol not in ("=", "!=") and kind in ("string", "boolean"):
        return None
    return Entry(kind, _COMPARE[symbol](limit), (limit,))


def _span(match: re.Match[str]) -> Entry | None:
    low, high = _literal(match[2]), _literal(match[3])
    if low is None or high is None or low[0] != high[0] or low[0] in ("string", "boolean"):
        return None
    above = _COMPARE[">=" if match[1] == "[" else ">"](low[1])
    below = _COMPARE["<=" if match[4] == "]" else "<"](high[1])
    return Entry(low[0], lambda point: above(point) and below(point), (low[1], high[1]))


_COMPARE: dict[str, Callable[[Point], Test]] = {
    "=": lambda limit: lambda point: point == limit and point is not _OTHER,
    "!=": lambda limit: lambda point: point != limit or point is _OTHER,
    "<": lambda limit: lambda point: point < limit,  # type: ignore[operator]
    "<=": lambda limit: lambda point: point <= limit,  # type: ignore[operator]
    ">": lambda limit: lambda point: point > limit,  # type: ignore[operator]
    ">=": lambda limit: lambda point: point >= limit,  # type: ignore[operator]
}


def _literal(text: str) -> tuple[Kind, Point] | None:
    if text in ("true", "false"):
        return "boolean", text == "true"
    if text.startswith('"'):
        try:
            return "string", str(json.loads(text))
        except ValueError:
            return None
    if text[0] in "d@":
        try:
            return "date", Decimal(parse_date(text.split('"')[1]).number)
        except TemporalError:
            return None
    return "number", Decimal(text)


def _mask(entry: Entry, samples: Sequence[tuple[Point, str]], kind: Kind) -> int:
    if entry.kind != kind:
        return 0  # the column has values of another type only
    return sum(1 << number for number, (point, _) in enumerate(samples) if entry.passes(point))


def _numbers(written: list[Point], type: str | None) -> list[tuple[Point, str]]:
    return _ordered(written, str, step=Decimal(1) if type in ("integer", "long") else None)


def _dates(written: list[Point], type: str | None) -> list[tuple[Point, str]]:
    def name(point: Decimal) -> str:
        date = Date.of_number(int(point))
        return f"{date.year:04}-{date.month:02}-{date.day:02}"

    return _ordered(written, name, step=Decimal(1))


def _ordered(written: list[Point], name: Callable[[Decimal], str], *, step: Decimal | None) -> list[tuple[Point, str]]:
    """Give each limit, and a point between each two, below and above; with a step, those that there can be."""
    limits = sorted({point for point in written if isinstance(point, Decimal)})
    if not limits:
        return []
    found: list[tuple[Point, str]] = [(limits[0] - 1, f"< {name(limits[0])}")]
    for low, high in zip(limits, [*limits[1:], None], strict=True):
        found.append((low, name(low)))
        if high is None:
            found.append((low + 1, f"> {name(low)}"))
        elif step is None or high - low > step:
            found.append(((low + high) / 2 if step is None else low + step, f"({name(low)}..{name(high)})"))
    return found


def _strings(written: list[Point], type: str | None) -> list[tuple[Point, str]]:
    found = [(point, json.dumps(point, ensure_ascii=False)) for point in dict.fromkeys(written)]
    return [*found, (_OTHER, OTHER)]


def _booleans(written: list[Point], type: str | None) -> list[tuple[Point, str]]:
    return [(True, "true"), (False, "false")]


_SAMPLES: dict[Kind, Callable[[list[Point], str | None], list[tuple[Point, str]]]] = {
    "number": _numbers,
    "date": _dates,
    "string": _strings,
    "boolean": _booleans,
}
