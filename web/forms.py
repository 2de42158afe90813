"""The start form: fields made from example variables, and variables made from what was filled in.

Pure: nothing here knows Flask or HTML. A field is typed by its example, a list is edited as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from runner.handling import JsonValue

DEPTH = 3


@dataclass(frozen=True, slots=True)
class Field:
    """One input of the form. `path` leads to the value within the variables; `kind` chooses the input and the reader.

    Kinds: "text", "number", "flag", "optional" (text, or null when empty) and "json".
    """

    path: tuple[str, ...]
    kind: str
    text: str

    @property
    def name(self) -> str:
        """Give the name of the input: JSON, so that no two paths share one, whatever the keys contain."""
        return json.dumps(self.path, ensure_ascii=False)

    @property
    def label(self) -> str:
        """Give the last part of the path."""
        return self.path[-1]

    @property
    def group(self) -> tuple[str, ...]:
        """Give the object that the value belongs to."""
        return self.path[:-1]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent: its variables, the fields with what was typed, and what is wrong by field name."""

    variables: Mapping[str, JsonValue]
    fields: tuple[Field, ...]
    wrong: Mapping[str, str]

    @property
    def groups(self) -> tuple[tuple[tuple[str, ...], tuple[Field, ...]], ...]:
        """Give the fields by the object they belong to, in the order of the example."""
        grouped: dict[tuple[str, ...], list[Field]] = {}
        for field in self.fields:
            grouped.setdefault(field.group, []).append(field)
        return tuple((group, tuple(fields)) for group, fields in grouped.items())


def fields_of(example: Mapping[str, JsonValue]) -> tuple[Field, ...]:
    """Make the fields that the example's values fill."""
    return tuple(_fields(example, ()))


def _fields(values: Mapping[str, JsonValue], above: tuple[str, ...]) -> Iterator[Field]:
    for name, value in values.items():
        path = (*above, name)
        if isinstance(value, dict) and value and len(path) < DEPTH:
            yield from _fields(value, path)
        else:
            yield Field(path, *_shown(value))


def _shown(value: JsonValue) -> tuple[str, str]:
    match value:
        case bool():
            return "flag", "true" if value else ""
        case int() | float():
            return "number", json.dumps(value)
        case None:
            return "optional", ""
        case str():
            return "text", value
        case _:
            return "json", json.dumps(value, indent=2, ensure_ascii=False)


def read(fields: tuple[Field, ...], sent: Mapping[str, str]) -> Filled:
    """Read what was typed into the fields; a value that does not fit is named in `wrong`, with what was expected."""
    variables: dict[str, JsonValue] = {}
    typed: list[Field] = []
    wrong: dict[str, str] = {}
    for field in fields:
        text = sent.get(field.name, "")
        typed.append(Field(field.path, field.kind, text))
        try:
            _put(variables, field.path, _value(field.kind, text))
        except ValueError as error:
            wrong[field.name] = str(error)
    return Filled(variables, tuple(typed), wrong)


def _value(kind: str, text: str) -> JsonValue:
    match kind:
        case "flag":
            return text != ""
        case "number":
            return _number(text)
        case "json":
            return read_json(text)
        case "optional":
            return text or None
        case _:
            return text


def _number(text: str) -> int | float:
    try:
        value = read_json(text)
    except ValueError:
        value = text
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"Expected a number, but got {text!r}.")
    return value


def write_json(value: Mapping[str, JsonValue]) -> str:
    """Write variables as the JSON text that a person edits."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def read_json(text: str) -> JsonValue:
    """Read JSON as a person typed it. Raises ValueError with a sentence that names the place."""
    try:
        value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"Expected JSON, but line {error.lineno}, column {error.colno} is not: {error.msg}.") from None
    except RecursionError:
        raise ValueError("Expected JSON, but it is nested too deeply.") from None
    return value


def read_object(text: str) -> dict[str, JsonValue]:
    """Read a JSON object: variables by name. Raises ValueError with a sentence."""
    value = read_json(text.strip() or "{}")
    if not isinstance(value, dict):
        raise ValueError('Expected a JSON object, variables by name, such as {"name": "value"}.')
    return value


def _refuse_constant(word: str) -> JsonValue:
    raise ValueError(f"Expected JSON, but {word} is not part of it.")


def _put(variables: dict[str, JsonValue], path: tuple[str, ...], value: JsonValue) -> None:
    place = variables
    for name in path[:-1]:
        place = cast("dict[str, JsonValue]", place.setdefault(name, {}))
    place[path[-1]] = value
