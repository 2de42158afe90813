"""Filling in forms in tests: Camunda forms written in a line, and what is wrong by field and code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from builders import FakeClock

from runner.errors import Finding
from runner.forms.camunda import read_camunda_form
from runner.forms.filling import Filled, Shown, fill
from runner.forms.form import SEVERAL, Form, Kind
from runner.forms.submitting import submit
from web.forms import input_text

CLOCK = FakeClock()
Json = dict[str, Any]


def field(type: str, key: str = "x", **more: Any) -> Json:
    """Give a component of a Camunda form."""
    return {"type": type, "key": key, "label": key.upper(), **more}


def source(*components: Json, id: str = "f", **more: Any) -> bytes:
    """Give a Camunda form file, a line for each component."""
    lines = ",\n".join(json.dumps(each) for each in components)
    rest = "".join(f', "{name}": {json.dumps(value)}' for name, value in more.items())
    return f'{{"type": "default", "id": "{id}", "schemaVersion": 19{rest}, "components": [\n{lines}\n]}}'.encode()


def form(*components: Json) -> Form:
    """Read a Camunda form that nothing is wrong with."""
    read = read_camunda_form(source(*components))
    assert read.form is not None, read.findings
    return read.form


def findings(*components: Json, **more: Any) -> tuple[Finding, ...]:
    """Give what reading a Camunda form notices."""
    return read_camunda_form(source(*components, **more)).findings


def filled(components: Sequence[Json], variables: Json | None = None, given: Json | None = None) -> Filled:
    """Fill a Camunda form."""
    return fill(form(*components), variables or {}, given, clock=CLOCK)


def flaws_of(form: Filled, given: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Give the code of what is wrong by field."""
    return {flaw.field: flaw.code for flaw in submit(form, given, clock=CLOCK).flaws}


def code_of(component: Json, value: Any) -> str | None:
    """Give the code of what is wrong with a value of a form with one field."""
    return flaws_of(filled([component], {}, {"x": value})).get("/x")


def all_shown(fields: Sequence[Shown]) -> Iterator[Shown]:
    """Give all fields, those in groups and rows, too."""
    for each in fields:
        yield each
        yield from all_shown(each.parts)
        for row in each.rows:
            yield from all_shown(row)


def boxes(form: Filled) -> dict[str, str]:
    """Give what stands in the inputs of the page."""
    return {each.name: input_text(each) for each in all_shown(form.fields) if each.name}


def texts_of(form: Filled) -> dict[str, list[str]]:
    """Give what the page would send, were nothing changed."""
    sent: dict[str, list[str]] = {}
    for each in all_shown(form.fields):
        if each.kind is Kind.CHECKBOX:
            sent[each.name] = ["", "true"] if each.value else [""]
        elif each.kind in SEVERAL:
            sent[each.name] = ["", *(option.text for option in each.options if option.value in (each.value or []))]
        elif each.kind is Kind.ROWS:
            sent[each.name] = [str(len(each.rows))]
        elif each.name and each.kind is not Kind.GROUP:
            sent[each.name] = [input_text(each)]
    return sent
