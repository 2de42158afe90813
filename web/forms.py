"""Forms on pages and in the API: what was sent, and what a template or a program is told about each field.

What a form asks for and what it accepts is `runner/forms/`'s; how it looks is `templates/fields.html`'s."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, request

from runner.errors import Flaw
from runner.forms.filling import Filled, Shown
from runner.forms.form import TIMES, Form, Kind, Option, Unread, key_of
from runner.forms.inputs import read_sent, with_row, without_row
from runner.forms.times import typed
from runner.handling import JsonValue
from web.markdown import as_html
from web.sanitising import sanitised

# A picture in the file itself; an SVG could refer to others.
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_BESIDE = ("add", "remove", "refresh")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page sent: the data of its form, and whether it is to be shown again instead of judged."""

    data: dict[str, Any]
    again: bool


def register(app: Flask) -> None:
    """Give the templates what they need to draw a form."""
    app.add_template_filter(anchor)
    app.add_template_filter(by_field)
    app.add_template_filter(as_html, "markdown")
    app.add_template_filter(sanitised)
    app.add_template_filter(input_text)
    app.add_template_filter(is_chosen)
    app.add_template_filter(picture)
    app.add_template_filter(table_rows)
    app.add_template_filter(web_address)


def read_request(form: Form) -> Sent:
    """Read the request's fields; "add" and "remove" change a list, and "refresh" only shows what follows from them."""
    sent = {name: request.form.getlist(name) for name in request.form}
    if "add" in sent:
        return Sent(with_row(form, sent, sent["add"][-1]), again=True)
    if "remove" in sent:
        return Sent(without_row(form, sent, sent["remove"][-1]), again=True)
    return Sent(read_sent(form, sent), again=any(name in sent for name in _BESIDE))


def write_json(value: Mapping[str, JsonValue]) -> str:
    """Write variables as the JSON text that a person edits."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def by_field(flaws: Iterable[Flaw]) -> dict[str, Flaw]:
    """Give the first flaw of each field by the field's name."""
    found: dict[str, Flaw] = {}
    for flaw in flaws:
        found.setdefault(flaw.field, flaw)
    return found


# -- for templates ----------------------------------------------------------------------------------------------------


def anchor(name: str) -> str:
    """Give the id of a field's input on the page: letters and digits only, different for different names."""
    return "field" + "".join(
        letter if letter.isalnum() or letter == "_" else "-" if letter == "/" else f".{ord(letter):x}."
        for letter in name
    )


def input_text(shown: Shown) -> str:
    """Give the value as its input has it."""
    value = shown.value
    if isinstance(value, Unread):
        return str(value)
    if shown.kind in TIMES:
        return typed(value, shown.kind)
    if shown.kind is Kind.JSON:
        return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
    if shown.kind is Kind.LINES and isinstance(value, list):
        return "\n".join(map(key_of, value))
    return "" if value is None else key_of(value)


def is_chosen(option: Option, shown: Shown) -> bool:
    """Tell whether an option is the value, or one of the values."""
    chosen = shown.value if isinstance(shown.value, list) else [shown.value]
    return any(value is not None and key_of(value) == option.text for value in chosen)


def picture(source: JsonValue) -> str | None:
    """Give the address of a picture that lies in the form itself; None if it lies elsewhere."""
    return source if isinstance(source, str) and _PICTURE.fullmatch(source) else None


def web_address(value: JsonValue) -> str | None:
    """Give an address of the web; None if it is anything else."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def table_rows(shown: Shown) -> Iterator[list[str]]:
    """Give the cells of a table that is only read, row by row."""
    for row in shown.content[:200] if isinstance(shown.content, list) else []:
        cells = [row.get(str(column.value)) if isinstance(row, dict) else None for column in shown.columns]
        yield ["" if cell is None else key_of(cell) for cell in cells]


# -- for programs -----------------------------------------------------------------------------------------------------


def form_json(filled: Filled) -> dict[str, Any]:
    """Give a form as JSON."""
    return {
        "name": filled.form.name,
        "fields": [field_json(each) for each in filled.fields],
        "values": dict(filled.values),
        "problems": list(filled.problems),
    }


def field_json(shown: Shown) -> dict[str, Any]:
    """Give a field as JSON; what it has not is left out."""
    rules = shown.rules
    asked = {
        "min_length": rules.min_length,
        "max_length": rules.max_length,
        "min": rules.minimum,
        "max": rules.maximum,
        "pattern": rules.pattern,
        "format": rules.format or None,
        "whole": rules.whole or None,
    }
    found = {
        "field": shown.name,
        "kind": str(shown.kind),
        "label": shown.label,
        "description": shown.description,
        "required": rules.required,
        "readonly": shown.locked,
        "value": shown.value,
        "options": [{"value": option.value, "label": option.label} for option in shown.options],
        "rules": {name: value for name, value in asked.items() if value is not None},
        "content": shown.content,
        "fields": [field_json(part) for part in shown.parts],
        "rows": [[field_json(part) for part in row] for row in shown.rows],
    }
    return {name: value for name, value in found.items() if value not in ("", [], {}) or name == "value"}
