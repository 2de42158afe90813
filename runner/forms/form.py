"""The neutral record of a form: its fields, what each holds, and the rules and expressions on it.

Made by `camunda.py`, `models.py`, `examples.py` and the reading of diagrams; filled by `filling.py`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pydantic import BaseModel

from runner.expressions import CompiledExpression
from runner.expressions.language import Expression
from runner.forms.templates import Template
from runner.handling import JsonValue

# What is known at once, or what the variables and the fields decide whenever the form is shown.
Value: TypeAlias = JsonValue | CompiledExpression | Template


class Kind(StrEnum):
    """What a field is to a person: something to fill in, something to read, or something around other fields."""

    TEXT = "text"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    LINES = "lines"  # a list of texts or numbers, one a line
    CHECKBOX = "checkbox"
    RADIO = "radio"
    SELECT = "select"
    CHECKLIST = "checklist"  # some of a few options
    TAGLIST = "taglist"  # some of many options
    JSON = "json"  # anything, as JSON text
    COMPUTED = "computed"  # not shown: its expression gives the value
    GROUP = "group"
    ROWS = "rows"  # a list: its fields are filled in once for each item
    WORDS = "words"  # Markdown
    HTML = "html"
    TABLE = "table"
    IMAGE = "image"
    NOTICE = "notice"  # says what is in the form and cannot be shown
    SEPARATOR = "separator"
    SPACER = "spacer"


CHOICES = frozenset({Kind.RADIO, Kind.SELECT, Kind.CHECKLIST, Kind.TAGLIST})
SEVERAL = frozenset({Kind.CHECKLIST, Kind.TAGLIST})
TIMES = frozenset({Kind.DATE, Kind.TIME, Kind.DATETIME})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a value must be like. `format` is "email" or "phone", `digits` how many may follow the decimal point,
    `zone` how a time is kept: "" as typed, "offset" or "utc"."""

    required: Value = False
    min_length: Value = None
    max_length: Value = None
    minimum: Value = None
    maximum: Value = None
    pattern: str | None = None
    pattern_words: str = ""
    format: str = ""
    whole: bool = False
    digits: int | None = None
    as_text: bool = False
    no_past: bool = False
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that may be chosen, and what people call it."""

    value: JsonValue
    label: str

    @property
    def text(self) -> str:
        """Give what a page sends for it."""
        return key_of(self.value)


def key_of(value: JsonValue) -> str:
    """Give a value as a short text, as a page sends it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


class Unread(str):
    """What was typed where it cannot be read as what the field holds; `problem` says why."""

    problem: str

    def __new__(cls, text: str, problem: str) -> Unread:
        """Keep the text, and why it is none."""
        made = super().__new__(cls, text)
        made.problem = problem
        return made


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a form. `path` leads to its value within the data around it; () gives none.

    `content` is what is read (words, rows of a table, address of a picture) or computed; `options` a list of texts or
    {label, value}; `columns` a table's, as {label, key}. What is left empty becomes `empty`, or nothing if `left_out`;
    a group that is left empty is nothing, unless `empty` is {}. `parts` are the fields of a group, or of each row;
    `first_rows` is how many rows there are at first. No row can be added to `fixed_rows`, or taken away.
    """

    kind: Kind
    path: tuple[str, ...] = ()
    label: Value = ""
    description: Value = ""
    default: Value = None
    readonly: Value = False
    disabled: Value = False
    hidden: Value = False
    rules: Rules = field(default_factory=Rules)
    options: Value = None
    content: Value = None
    columns: Value = None
    before: Value = ""
    after: Value = ""
    empty: JsonValue = None
    left_out: bool = False
    parts: tuple[Field, ...] = ()
    first_rows: int = 1
    fixed_rows: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form: `name` is what it is known by. With a `model`, pydantic judges; `business_key` is the name of the field
    that becomes it. `changes` says that what is shown depends on what is filled in."""

    name: str
    fields: tuple[Field, ...]
    title: str = ""
    model: type[BaseModel] | None = None
    business_key: str | None = None

    @property
    def changes(self) -> bool:
        """Tell whether what is shown may depend on what is filled in."""
        return any(_dynamic(each) for each in self.fields)


@dataclass(frozen=True, slots=True)
class FormLink:
    """The form that a diagram names. `found` says how: "id" or "file" among those deployed, "embedded" (`text` is its
    JSON), or "elsewhere": a key or an address that means something to others."""

    name: Expression
    found: str
    binding: str = "latest"
    version: Expression | None = None
    text: str = ""


def _dynamic(field: Field) -> bool:
    values = (field.hidden, field.readonly, field.disabled, field.options, field.content, field.label, field.columns)
    rules = (field.rules.required, field.rules.minimum, field.rules.maximum)
    own = any(isinstance(each, CompiledExpression | Template) for each in (*values, *rules))
    return own or any(_dynamic(part) for part in field.parts)
