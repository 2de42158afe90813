"""Element templates for Camunda 8 and Camunda 7: a handler's fields as controls of the Modeler's properties panel.

Source: the JSON schemas `@camunda/zeebe-element-templates-json-schema` and `@camunda/element-templates-json-schema`;
Camunda 8 docs, Modeler > Element templates > Defining templates."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Any
from zlib import crc32

from runner.bpmn.diagram import Dialect
from runner.templates.fields import NAMES, HandlerField, HandlerFields, Schema

PREFIX = "bpmn-runner."
SCHEMAS = {
    Dialect.CAMUNDA8: "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json",
    Dialect.CAMUNDA7: "https://unpkg.com/@camunda/element-templates-json-schema/resources/schema.json",
}
_LONG_TEXT = 200
_NUMBERS = ("integer", "number")
# Groups of Python's or Rust's regular expressions that JavaScript does not know.
_FOREIGN_GROUP = re.compile(r"\(\?(?![:=!]|<[=!])|\\[AzZGQE]|\\p")
_COLORS = ("#2f6fab", "#3a7d44", "#8a4f9e", "#b3541e", "#7a6a14", "#a33b5c")

Template = dict[str, Any]


def draw_template(fields: HandlerFields, dialect: Dialect, *, version: int) -> Template:
    """Give the element template of a handler for one of Camunda's dialects, as JSON data in a stable order."""
    draw = _for_camunda8 if dialect is Dialect.CAMUNDA8 else _for_camunda7
    template: Template = {
        "$schema": SCHEMAS[dialect],
        "name": fields.name,
        "id": PREFIX + fields.topic,
        "version": version,
        "description": fields.description or fields.name,
    }
    if fields.link:
        template["documentationRef"] = fields.link
    template |= {
        "appliesTo": ["bpmn:Task", "bpmn:ServiceTask"],
        "elementType": {"value": "bpmn:ServiceTask"},
    }
    return template | draw(fields)


def _for_camunda8(fields: HandlerFields) -> Template:
    task = {"type": "Hidden", "value": fields.topic, "binding": {"type": "zeebe:taskDefinition", "property": "type"}}
    inputs = [_camunda8_input(field) for field in fields.inputs]
    outputs = [
        {
            "id": f"output_{field.name}",
            "label": f"Variable for {field.label.lower()}",
            **_description(field),
            "type": "String",
            "optional": True,
            "value": field.name,
            "group": "output",
            "binding": {"type": "zeebe:output", "source": f"={field.name}"},
        }
        for field in fields.outputs
        if field.name.isidentifier()
    ]
    return {
        "category": {"id": f"{PREFIX}{fields.team}", "name": fields.team},
        "icon": {"contents": _icon(fields)},
        "groups": _groups(fields, [*_GROUPS, {"id": "retry", "label": "When it fails"}]),
        "properties": [task, *inputs, *outputs, *_RETRIES],
    }


_GROUPS = [{"id": "input", "label": "Input"}, {"id": "output", "label": "Output"}]
_RETRIES: list[Template] = [
    {
        "id": "retryBackoff",
        "label": "Pauses between attempts",
        "description": "For example PT10S or PT10S,PT1M. Empty: as the handler says.",
        "type": "String",
        "optional": True,
        "group": "retry",
        "binding": {"type": "zeebe:taskHeader", "key": "retryBackoff"},
    },
    {
        "id": "timeout",
        "label": "Time for one attempt",
        "description": "For example PT30S. Empty: as the handler says.",
        "type": "String",
        "optional": True,
        "group": "retry",
        "binding": {"type": "zeebe:taskHeader", "key": "timeout"},
    },
]


def _camunda8_input(field: HandlerField) -> Template:
    drawn: Template = {"id": f"input_{field.name}", "label": field.label, **_description(field)}
    schema, choices = field.schema, _choices(field)
    kind = schema.get("type")
    value: Any = field.default
    if choices is not None:
        drawn["type"] = "Dropdown"
        drawn["choices"] = [{"name": name, "value": _feel_text(each)} for name, each in choices]
        value = None if value is None else _feel_text(value)
    elif kind in _NUMBERS or kind == "boolean":
        drawn |= {"type": "Boolean" if kind == "boolean" else "Number", "feel": "optional"}
        value = _number(value) if kind in _NUMBERS and isinstance(value, str) else value
    elif kind == "string":
        drawn |= {"type": "Text" if _is_long(field) else "String", "feel": "optional"}
        value = None if value is None else _feel_text(value)
    else:
        # What has parts is handed over whole; the variable of the same name is what a handler gets anyway.
        drawn |= {"type": "Text", "feel": "required"}
        value = f"={field.name}" if value is None else f"={json.dumps(value, ensure_ascii=False)}"
        value = value if field.required or field.default is not None else None
    if value is not None:
        drawn["value"] = value
    if not field.required:
        drawn["optional"] = True
    drawn |= _constraints(field, drawn["type"], expression="^=")
    return drawn | {"group": "input", "binding": {"type": "zeebe:input", "name": field.name}}


def _for_camunda7(fields: HandlerFields) -> Template:
    external = [
        {"type": "Hidden", "value": "external", "binding": {"type": "property", "name": "camunda:type"}},
        {"type": "Hidden", "value": fields.topic, "binding": {"type": "property", "name": "camunda:topic"}},
    ]
    outputs = [
        {
            "label": f"Variable for {field.label.lower()}",
            **_description(field),
            "type": "String",
            "value": field.name,
            "group": "output",
            "binding": {"type": "camunda:outputParameter", "source": f"${{{field.name}}}"},
        }
        for field in fields.outputs
        if field.name.isidentifier()
    ]
    # A list or an object cannot be written as one text, so its default is left to the handler.
    inputs = [field for field in fields.inputs if not isinstance(field.default, dict | list)]
    return {
        "groups": _groups(fields, _GROUPS),
        "properties": [*external, *(_camunda7_input(field) for field in inputs), *outputs],
    }


def _camunda7_input(field: HandlerField) -> Template:
    drawn: Template = {"label": field.label, **_description(field)}
    choices = _choices(field)
    if choices is not None:
        drawn["type"] = "Dropdown"
        drawn["choices"] = [{"name": name, "value": _juel_text(each)} for name, each in choices]
    else:
        drawn["type"] = "Text" if _is_long(field) else "String"
    if not field.required and field.default != "":
        drawn["value"] = _juel_text(field.default)
    elif choices is None and field.schema.get("type") not in ("boolean", "integer", "number", "string"):
        drawn["value"] = f"${{{field.name}}}"
    drawn |= _constraints(field, drawn["type"], expression=r"[$#]\{")
    return drawn | {"group": "input", "binding": {"type": "camunda:inputParameter", "name": field.name}}


def _description(field: HandlerField) -> Template:
    """Give what the author says of a field, and what a value must be like where no control says it."""
    text = " ".join(str(field.schema.get("description") or "").split())
    hints = (_EXAMPLES.get(str(field.schema.get("format")), ""), _limits(field.schema))
    said = " ".join(part for part in (text, *hints) if part)
    return {"description": said} if said else {}


_EXAMPLES = {
    "date": "A date, such as 2026-01-31.",
    "date-time": "A date and time, such as 2026-01-31T08:00:00Z.",
    "time": "A time, such as 08:00:00.",
    "duration": "A duration, such as PT30M.",
}


def _limits(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    parts = [
        f"{words} {limit}"
        for words, limit in (("at least", low), ("more than", above), ("at most", high), ("less than", below))
        if limit is not None
    ]
    return f"A number of {' and '.join(parts)}." if parts else ""


def _choices(field: HandlerField) -> list[tuple[str, Any]] | None:
    """Give what can be chosen, with names for people; None if a value is to be written."""
    values = list(field.schema.get("enum") or ([field.schema["const"]] if "const" in field.schema else []))
    names = field.schema.get(NAMES) or [str(each) for each in values]
    return list(zip(names, values, strict=True)) if values else None


def _number(text: str) -> Any:
    """Give a decimal, which is a text in JSON, as a number that can be written into a field."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_long(field: HandlerField) -> bool:
    return bool(field.schema.get("maxLength", 0) > _LONG_TEXT)


def _constraints(field: HandlerField, control: str, *, expression: str) -> Template:
    """Give what a filled-in text must be; an expression, which begins as `expression` says, may be anything."""
    found: Template = {"notEmpty": True} if field.required and control != "Boolean" else {}
    wanted = _text_pattern(field.schema) if control in ("String", "Text") else None
    if wanted is not None:
        words, pattern = wanted
        message = f"Expected {words}, or an expression."
        found = {"notEmpty": False} | found | {"pattern": {"value": f"{expression}|{pattern}", "message": message}}
    return {"constraints": found} if found else {}


def _text_pattern(schema: Schema) -> tuple[str, str] | None:
    """Give what a text must be like, in words and as a regular expression of JavaScript; None if it may be anything."""
    pattern, low, high = schema.get("pattern"), schema.get("minLength", 0), schema.get("maxLength")
    if pattern and _FOREIGN_GROUP.search(pattern):
        pattern = None
    if low <= 1 and high is None:
        return (f"a text like {pattern}", f"(?:{pattern})") if pattern else None
    words = f"at least {low} characters" if high is None else f"{low} to {high} characters"
    sized = rf"^(?=[\s\S]{{{low},{'' if high is None else high}}}$)"
    if not pattern:
        return words, sized
    return f"{words}, like {pattern}", rf"{sized}[\s\S]*?(?:{pattern})"


def _feel_text(value: Any) -> str:
    """Give a value as Camunda 8 writes it into a mapping: a text as it is, unless it begins like an expression."""
    if isinstance(value, str) and not value.startswith("="):
        return value
    return f"={json.dumps(value, ensure_ascii=False)}"


def _juel_text(value: Any) -> str:
    """Give a value as Camunda 7 writes it into a parameter."""
    if isinstance(value, str) and not re.search(r"[$#]\{", value):
        return value
    return f"${{{json.dumps(value, ensure_ascii=False)}}}"


def _groups(fields: HandlerFields, groups: list[dict[str, str]]) -> list[dict[str, str]]:
    used = {"input": bool(fields.inputs), "output": bool(fields.outputs)}
    return [dict(group) for group in groups if used.get(group["id"], True)]


def _icon(fields: HandlerFields) -> str:
    """Draw the first letter of the handler's name; handlers of one module have one colour."""
    color = _COLORS[crc32(fields.team.encode()) % len(_COLORS)]
    letter = next((each for each in fields.name if each.isalnum()), "R")
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18">'
        f'<rect width="18" height="18" rx="4" fill="{color}"/>'
        '<text x="9" y="13" font-family="sans-serif" font-size="12" font-weight="bold" text-anchor="middle" '
        f'fill="#fff">{letter}</text></svg>'
    )
    return "data:image/svg+xml;base64," + b64encode(drawn.encode()).decode()
