"""Pydantic models as forms: their fields, from the model's JSON schema, and pydantic's judgement of what came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticUserError

from runner.errors import Flaw
from runner.forms.examples import label_of
from runner.forms.form import Field, Form, Kind, Rules
from runner.forms.paths import pointer
from runner.handling import JsonValue

MAX_DEPTH = 5
MAX_ROWS = 20
_LONG = 120
_FEW = 8
_TIMES = {"date": Kind.DATE, "time": Kind.TIME, "date-time": Kind.DATETIME}
_YES_NO: JsonValue = [{"label": "Yes", "value": True}, {"label": "No", "value": False}]

Schema = Mapping[str, Any]


def model_form(name: str, model: type[BaseModel]) -> Form:
    """Make the form of a model; a field of a type that has no JSON schema is edited as JSON."""
    title = str(model.model_config.get("title") or "")
    try:
        schema = model.model_json_schema()
    except PydanticUserError:
        fields = [
            Field(Kind.JSON, (each.alias or key,), each.title or label_of(key), left_out=True)
            for key, each in model.model_fields.items()
        ]
        return Form(name, tuple(fields), title, model)
    return Form(name, _fields(_resolved(schema, schema)[0], schema, 0), title, model)


def judge_model(model: type[BaseModel], values: Mapping[str, Any]) -> tuple[tuple[Flaw, ...], dict[str, Any]]:
    """Have pydantic validate the values: what is wrong with them, or the variables that the model gives.

    A time without a zone is taken as UTC where the model wants one: an input of a page has none.
    """
    try:
        return (), _dumped(model.model_validate(dict(values)))
    except ValidationError as error:
        zoneless = [each["loc"] for each in error.errors() if each["type"] == "timezone_aware"]
        if zoneless:
            return judge_model(model, _in_utc(values, zoneless))
        return tuple(_flaw(each) for each in error.errors(include_url=False)), {}
    except Exception as error:  # a validator is foreign code: whatever it raises that pydantic does not expect
        message = f"Expected the form's model to accept or refuse this, but it raised {type(error).__name__}: {error}"
        return (Flaw("", "model_failed", message),), {}


def _dumped(made: BaseModel) -> dict[str, Any]:
    return made.model_dump(mode="json", by_alias=True)


def _flaw(error: Mapping[str, Any]) -> Flaw:
    words = str(error["msg"]).removeprefix("Value error, ").rstrip(".") + "."
    came = error.get("input")
    shown = "" if error["type"] == "missing" or isinstance(came, dict | list) else f" It is {came!r:.60}."
    return Flaw(pointer(error["loc"]), str(error["type"]), words + shown)


def _in_utc(values: Any, places: list[tuple[str | int, ...]]) -> Any:
    """Give the values with UTC put to the times at these places."""
    if not isinstance(values, dict | list):
        return f"{values}Z" if () in places and isinstance(values, str) else values
    inner = {
        key: [place[1:] for place in places if place[:1] == (key,)] for key in (place[0] for place in places if place)
    }
    if isinstance(values, list):
        return [_in_utc(each, inner[number]) if number in inner else each for number, each in enumerate(values)]
    return {key: _in_utc(each, inner[key]) if key in inner else each for key, each in values.items()}


# -- from the schema --------------------------------------------------------------------------------------------------


def _fields(schema: Schema, whole: Schema, depth: int) -> tuple[Field, ...]:
    needed = schema.get("required", ())
    properties: Mapping[str, Schema] = schema.get("properties", {})
    return tuple(_field(name, part, whole, name in needed, depth) for name, part in properties.items())


def _field(name: str, part: Schema, whole: Schema, needed: bool, depth: int) -> Field:
    schema, nullable = _resolved(part, whole)
    label, title = label_of(name), str(part.get("title") or "")
    field = Field(
        Kind.JSON,
        (name,),
        title if title and title.lower() != label.lower() else label,
        str(part.get("description") or ""),
        default=part.get("default"),
        left_out=not nullable,
        rules=Rules(required=needed),
    )
    if "properties" in schema and depth < MAX_DEPTH:
        parts = _fields(schema, whole, depth + 1)
        return replace(field, kind=Kind.GROUP, parts=parts, empty={} if needed else None)
    if schema.get("type") == "array":
        return _list(field, schema, whole, depth)
    if schema.get("type") == "boolean":
        asked = {"kind": Kind.SELECT, "options": _YES_NO} if nullable else {"kind": Kind.CHECKBOX, "rules": Rules()}
        return replace(field, **asked)
    options = _options(schema)
    return replace(field, kind=Kind.SELECT, options=options) if options else _plain(field, schema)


def _plain(field: Field, schema: Schema) -> Field:
    kind, format = schema.get("type"), str(schema.get("format") or "")
    if kind in ("integer", "number"):
        return replace(field, kind=Kind.NUMBER, rules=replace(field.rules, whole=kind == "integer"))
    if {each.get("type") for each in schema.get("anyOf", ())} == {"number", "string"}:  # a Decimal
        return replace(field, kind=Kind.NUMBER, rules=replace(field.rules, as_text=True))
    if kind == "string":
        text = Kind.TEXTAREA if schema.get("maxLength", 0) > _LONG else Kind.TEXT
        rules = replace(field.rules, format="email" if format == "email" else "")
        return replace(field, kind=_TIMES.get(format, text), rules=rules)
    return field


def _list(field: Field, schema: Schema, whole: Schema, depth: int) -> Field:
    item, _ = _resolved(schema.get("items", {}), whole)
    least = int(schema.get("minItems", 0))
    asked = replace(field, rules=Rules(required=least > 0))
    if "properties" in item and depth < MAX_DEPTH:
        rows = min(max(least, field.rules.required is True), MAX_ROWS)
        return replace(asked, kind=Kind.ROWS, parts=_fields(item, whole, depth + 1), first_rows=rows)
    options = _options(item)
    if options:
        return replace(asked, kind=Kind.CHECKLIST if len(options) <= _FEW else Kind.TAGLIST, options=options)
    if item.get("type") in ("string", "integer", "number"):
        return replace(asked, kind=Kind.LINES, empty=[])
    return field


def _options(schema: Schema) -> list[JsonValue]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def _resolved(schema: Schema, whole: Schema) -> tuple[Schema, bool]:
    """Give a schema with what it refers to put in its place, and whether it may be null."""
    nullable = False
    for _ in range(MAX_DEPTH):
        parts = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
        rest = [part for part in parts if part.get("type") != "null"]
        nullable = nullable or len(rest) < len(parts)
        if "$ref" in schema:
            schema = whole.get("$defs", {}).get(str(schema["$ref"]).rpartition("/")[2], {})
        elif len(rest) == 1:
            schema = rest[0]
        else:
            return ({**schema, "anyOf": rest} if rest else schema), nullable
    return {}, nullable
