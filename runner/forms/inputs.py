"""What a page sends, read into a form's data: texts by name become values of the kind that their field holds.

Reading never fails: what is no such value stays the text that was typed, and is judged like any other value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from runner.forms.filling import MAX_ROWS
from runner.forms.form import SEVERAL, Field, Form, Kind, Unread
from runner.forms.paths import MISSING, Missing, pointer, put
from runner.forms.rules import number_in
from runner.handling import JsonValue

Sent = Mapping[str, Sequence[str]]
Place = tuple[str | int, ...]


def read_sent(form: Form, sent: Sent) -> dict[str, Any]:
    """Read all fields that were on the page; one that was not (it was hidden) is left out.

    `sent` has the texts of each name, a JSON Pointer. A tick, a choice of several and a list have an empty text or
    their length before what was chosen, so that none of it is something else than not asked.
    """
    return _read(form.fields, sent, ())


def with_row(form: Form, sent: Sent, name: str) -> dict[str, Any]:
    """Read all, with a row more in the list of that name."""
    return read_sent(form, {**sent, name: [str(_rows_in(sent, name) + 1)]})


def without_row(form: Form, sent: Sent, row: str) -> dict[str, Any]:
    """Read all, without the row of that name, such as /items/0."""
    data = read_sent(form, sent)
    place: Any = data
    *above, last = [part.replace("~1", "/").replace("~0", "~") for part in row.split("/")[1:]] or [""]
    for part in above:
        place = _step(place, part)
    if isinstance(place, list) and last.isdigit() and int(last) < len(place):
        del place[int(last)]
    return data


def _step(place: Any, part: str) -> Any:
    if isinstance(place, list):
        return place[int(part)] if part.isdigit() and int(part) < len(place) else None
    return place.get(part) if isinstance(place, dict) else None


def _read(fields: Sequence[Field], sent: Sent, place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        here = (*place, *field.path)
        if field.kind is Kind.GROUP and not field.path:
            found |= _read(field.parts, sent, place)
        elif field.kind is Kind.GROUP:
            put(found, field.path, _read(field.parts, sent, here))
        elif field.kind is Kind.ROWS and pointer(here) in sent:
            count = min(_rows_in(sent, pointer(here)), MAX_ROWS)
            put(found, field.path, [_read(field.parts, sent, (*here, number)) for number in range(count)])
        elif field.path and field.kind not in (Kind.ROWS, Kind.COMPUTED):
            value = _value(field, sent.get(pointer(here)))
            if not isinstance(value, Missing):
                put(found, field.path, value)
    return found


def _rows_in(sent: Sent, name: str) -> int:
    text = (sent.get(name) or ["0"])[0]
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else 0


def _value(field: Field, texts: Sequence[str] | None) -> JsonValue | Missing:
    if not texts:
        return MISSING
    if field.kind is Kind.CHECKBOX:
        return texts[-1] != ""
    if field.kind in SEVERAL:
        return [text for text in texts if text]
    text = texts[-1]
    if field.kind is Kind.TEXTAREA:
        text = text.replace("\r\n", "\n")
    if not text.strip() and field.kind is not Kind.TEXT:
        return field.empty
    if field.kind is Kind.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.kind is Kind.NUMBER:
        return text.strip() if field.rules.as_text else _number(text.strip(), whole=field.rules.whole)
    if field.kind is Kind.JSON:
        return _json(text)
    return text or field.empty


def _number(text: str, *, whole: bool) -> JsonValue:
    if number_in(text) is None:
        return Unread(text, f"Expected a {'whole ' if whole else ''}number, but got {text!r}.")
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else Unread(text, f"Expected a number within reach, but got {text!r}.")


def _json(text: str) -> JsonValue:
    try:
        return read_json(text)
    except ValueError as error:
        return Unread(text, str(error))


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
