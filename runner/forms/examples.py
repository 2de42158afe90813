"""A form made from example variables: what a process without a form of its own is started with.

A field is typed by its example; a list is edited as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.forms.form import Field, Form, Kind, Rules
from runner.handling import JsonValue

DEPTH = 3


def example_form(name: str, example: Mapping[str, JsonValue]) -> Form:
    """Make the form that the example's values fill."""
    plain = {key: value for key, value in example.items() if not _is_group(value, 1)}
    groups = {key: value for key, value in example.items() if key not in plain}
    fields = [*_fields(plain, 1), *_fields(groups, 1)]
    return Form(name, tuple(fields))


def _fields(values: Mapping[str, JsonValue], depth: int) -> Iterator[Field]:
    for name, value in values.items():
        if _is_group(value, depth) and isinstance(value, dict):
            yield Field(Kind.GROUP, (name,), label_of(name), parts=tuple(_fields(value, depth + 1)))
        else:
            yield _field(name, value)


def _is_group(value: JsonValue, depth: int) -> bool:
    return isinstance(value, dict) and bool(value) and depth < DEPTH


def _field(name: str, value: JsonValue) -> Field:
    label = label_of(name)
    match value:
        case bool():
            return Field(Kind.CHECKBOX, (name,), label, default=value)
        case int() | float():
            return Field(Kind.NUMBER, (name,), label, default=value, rules=Rules(required=True))
        case None:
            return Field(Kind.TEXT, (name,), label, default=None)
        case str():
            kind = Kind.TEXTAREA if "\n" in value else Kind.TEXT
            return Field(kind, (name,), label, default=value, empty="")
        case _:
            return Field(Kind.JSON, (name,), label, default=value, rules=Rules(required=True))


def label_of(name: str) -> str:
    """Give a variable's name as people read it: "trainer_name" is "Trainer name"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] or name
