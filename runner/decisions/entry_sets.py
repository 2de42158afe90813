"""Which values the input entries of a column let pass, as far as their texts tell: as sets of sample values.

Two entries that differ on some value differ on a sample: each limit that is written in the column is one, and so is a
value between each two of them, below and above all. What only a program could tell is left open (None)."""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from runner.expressions.temporal.text import parse_date
from runner.expressions.temporal.values import Date, TemporalError

Kind = Literal["number", "date", "string", "boolean"]
Point = Decimal | str | bool

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


class Part(NamedTuple):
    """A literal, comparison or range: what lies between two limits (None: no limit), or, `other`, everything else."""

    low: Point | None
    high: Point | None
    low_included: bool = True
    high_included: bool = True
    other: bool = False


class Entry(NamedTuple):
    """A text read: one of the parts lets a value of this kind pass; `negated`: none of them does."""

    kind: Kind
    parts: tuple[Part, ...]
    negated: bool = False

    @property
    def written(self) -> tuple[Point, ...]:
        """Give the values that are written in it."""
        limits = (limit for part in self.parts for limit in (part.low, part.high) if limit is not None)
        return tuple(dict.fromkeys(limits))

    def mask(self, points: Sequence[Point]) -> int:
        """Give which of some values pass, as bits; numbers are in order."""
        full = (1 << len(points)) - 1
        found = 0
        if self.kind in ("number", "date"):
            for part in self.parts:
                bits = _between(part, points)
                found |= full ^ bits if part.other else bits
        else:
            places = {point: 1 << number for number, point in enumerate(points)}
            for part in self.parts:
                bits = places.get(part.low, 0) if part.low is not None else 0
                found |= full ^ bits if part.other else bits
        return full ^ found if self.negated else found


def _between(part: Part, points: Sequence[Any]) -> int:
    start, end = 0, len(points)
    if part.low is not None:
        start = (bisect_left if part.low_included else bisect_right)(points, part.low)
    if part.high is not None:
        end = (bisect_right if part.high_included else bisect_left)(points, part.high)
    return ((1 << (end - start)) - 1) << start if end > start else 0


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
    samples = _SAMPLES[kind]([point for each in same for point in each.written], type)
    if limits is not None and limits.kind == kind:
        allowed_bits = limits.mask([point for point, _ in samples])
        samples = [each for number, each in enumerate(samples) if allowed_bits >> number & 1]
    samples = samples or _SAMPLES["string"]([], None)
    if len(samples) > _MOST_SAMPLES:
        return Column((ANYTHING,), tuple(1 if _is_open(text) else None for text in texts), whole=False)
    points, full = [point for point, _ in samples], (1 << len(samples)) - 1
    masks: list[int | None] = []
    for text, entry in zip(texts, entries, strict=True):
        if _is_open(text):
            masks.append(full)
        elif entry is None:
            masks.append(None)
        else:  # a value of another kind never comes
            masks.append(entry.mask(points) if entry.kind == kind else 0)
    bounded = limits is not None or (kind != "string" and _is_open(allowed))
    return Column(tuple(name for _, name in samples), tuple(masks), whole=bounded)


def _is_open(text: str) -> bool:
    return text.strip() in ("", "-")


def read_entry(text: str) -> Entry | None:
    """Read unary tests that are made of literals; None for others."""
    if len(text) > _MOST:
        return None
    negated = _NOT.fullmatch(text)
    inner = negated[1] if negated else text
    found: list[tuple[Kind, Part]] = []
    at = 0
    while True:
        match = _SPAN.match(inner, at) or _SINGLE.match(inner, at)
        part = None if match is None else _span(match) if match.re is _SPAN else _single(match)
        if match is None or part is None or part[0] != (found or [part])[0][0]:
            return None
        found.append(part)
        at = match.end()
        if at == len(inner):
            return Entry(found[0][0], tuple(part for _, part in found), negated is not None)
        if inner[at] != ",":
            return None
        at += 1


class _Other(str):
    """A text that no entry names."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


_OTHER = _Other(OTHER)


def _single(match: re.Match[str]) -> tuple[Kind, Part] | None:
    literal = _literal(match[2])
    symbol = match[1] or "="
    if literal is None or (symbol not in ("=", "!=") and literal[0] in ("string", "boolean")):
        return None
    kind, limit = literal
    if symbol in ("=", "!="):
        return kind, Part(limit, limit, other=symbol == "!=")
    included = symbol.endswith("=")
    return kind, Part(limit, None, low_included=included) if symbol[0] == ">" else Part(None, limit, True, included)


def _span(match: re.Match[str]) -> tuple[Kind, Part] | None:
    low, high = _literal(match[2]), _literal(match[3])
    if low is None or high is None or low[0] != high[0] or low[0] in ("string", "boolean"):
        return None
    return low[0], Part(low[1], high[1], match[1] == "[", match[4] == "]")


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
