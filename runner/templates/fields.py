"""What a handler takes and gives, read from its signature as JSON schemas: the fields that a person fills in.

How they are drawn in a modeler is `camunda.py`'s."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError, core_schema, to_jsonable_python

from runner.handling import Handler
from runner.work.calling import signature_of

Schema = Mapping[str, Any]

# A version is `GENERATION` times its place in the series, plus the fingerprint of the handler's schema.
GENERATION = 1_000_000
_WORDING = frozenset({"title", "description"})
# Beside the values of an enum stand the names of its members, in words.
NAMES = "x-names"
_LINK = re.compile(r"https?://[^\s<>()\"']+[^\s<>()\"'.,;:]")


@dataclass(frozen=True, slots=True)
class HandlerField:
    """One variable that a handler takes or gives. `schema` is its JSON schema with references resolved at the top;
    `whole` the same unresolved. `default` is JSON data, None if there is none."""

    name: str
    schema: Schema
    whole: Schema
    required: bool
    default: Any = None

    @property
    def label(self) -> str:
        """Give what people call it: its own title, else its name in words."""
        title = self.schema.get("title")
        return str(title) if title and "type" in self.schema and not _is_object(self.schema) else in_words(self.name)


@dataclass(frozen=True, slots=True)
class HandlerFields:
    """A handler for the modeler: `name` in words, the first paragraph of its docstring, the first link in that, and
    the module that it is in."""

    topic: str
    name: str
    description: str
    link: str | None
    team: str
    inputs: tuple[HandlerField, ...]
    outputs: tuple[HandlerField, ...]

    @property
    def fingerprint(self) -> int:
        """Give a number below `GENERATION` that changes when fields, types or limits change, and not with wording."""
        inputs = [[field.name, field.required, _without_wording(field.whole)] for field in self.inputs]
        outputs = [[field.name, _without_wording(field.whole)] for field in self.outputs]
        text = json.dumps([self.topic, inputs, outputs], sort_keys=True)
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) % GENERATION


def read_fields(handler: Handler) -> HandlerFields:
    """Read what a handler takes and gives. Raises InputInvalid if its annotations cannot be used."""
    inputs = []
    for argument in signature_of(handler.function).arguments:
        whole = _schema(argument.adapter, "validation")
        required = argument.default is inspect.Parameter.empty
        default = None if required else _as_json(argument.default)
        inputs.append(HandlerField(argument.name, _resolved(whole, whole), whole, required, default))
    text = inspect.getdoc(handler.function) or ""
    link = _LINK.search(text)
    return HandlerFields(
        topic=handler.topic,
        name=in_words(handler.topic),
        description=" ".join(text.split("\n\n")[0].split()),
        link=None if link is None else link.group(),
        team=handler.module.rpartition(".")[2],
        inputs=tuple(inputs),
        outputs=_outputs(handler),
    )


def in_words(name: str) -> str:
    """Give a name as people write it: "throw_pokeball" is "Throw pokeball"."""
    words = " ".join(part for part in re.split(r"[\s_\-.:/]+", name) if part)
    return words[:1].upper() + words[1:]


def _outputs(handler: Handler) -> tuple[HandlerField, ...]:
    returned = inspect.signature(handler.function, eval_str=True).return_annotation
    if returned is inspect.Signature.empty or returned is None:
        return ()
    try:
        whole = _schema(TypeAdapter(returned), "serialization")
    except PydanticUserError:  # a class that pydantic cannot read says nothing about variables
        return ()
    top = _resolved(whole, whole)
    fields = []
    for name, schema in top.get("properties", {}).items():
        part = {**schema, "$defs": whole["$defs"]} if "$defs" in whole else schema
        fields.append(HandlerField(name, _resolved(schema, whole), part, required=False))
    return tuple(fields)


def _schema(adapter: TypeAdapter[Any], mode: Literal["validation", "serialization"]) -> Schema:
    try:
        return adapter.json_schema(mode=mode, schema_generator=_ForPeople)
    except PydanticUserError:  # a type of the handler's own, which JSON schema has no word for: anything may come
        return {}


class _ForPeople(GenerateJsonSchema):
    """JSON schemas in which enums keep the names of their members, and a decimal is a number and not a text as well."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> dict[str, Any]:
        """Give the schema of a decimal."""
        drawn = super().decimal_schema(schema)
        number: dict[str, Any] = next((part for part in drawn.get("anyOf", ()) if part.get("type") == "number"), drawn)
        return number

    def enum_schema(self, schema: core_schema.EnumSchema) -> dict[str, Any]:
        """Give the schema of an enum."""
        drawn = super().enum_schema(schema)
        return drawn | {NAMES: [in_words(str(member.name).lower()) for member in schema["members"]]}


def _resolved(schema: Schema, whole: Schema) -> Schema:
    """Give a schema with what it refers to put in its place; a union with null is the rest of the union."""
    if "$ref" in schema:
        found = whole.get("$defs", {}).get(str(schema["$ref"]).rpartition("/")[2], {})
        return {**_resolved(found, whole), **{key: value for key, value in schema.items() if key != "$ref"}}
    for word in ("anyOf", "oneOf", "allOf"):
        parts = [part for part in schema.get(word, ()) if part.get("type") != "null"]
        if len(parts) == 1:
            return {**_resolved(parts[0], whole), **{key: value for key, value in schema.items() if key != word}}
    return schema


def _is_object(schema: Schema) -> bool:
    return schema.get("type") == "object" or "enum" in schema


def _without_wording(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        # A property may be called "title", too: then its value is a schema and not a text.
        return {
            key: _without_wording(value)
            for key, value in schema.items()
            if key != NAMES and not (key in _WORDING and isinstance(value, str))
        }
    return [_without_wording(each) for each in schema] if isinstance(schema, list) else schema


def _as_json(value: Any) -> Any:
    try:
        return to_jsonable_python(value)
    except (PydanticSerializationError, ValueError):
        return None
