"""Reads Camunda Forms (form-js JSON, schema versions up to 19) into the neutral form, and says what is wrong in one.

What each type of component comes to is `components.py`'s. Source: Camunda 8 docs, Components > Forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from runner.errors import Finding, near_hint
from runner.forms.components import CONTAINERS, READERS
from runner.forms.form import Field, Form, Kind
from runner.forms.json_text import JsonInvalid, JsonObject, read_located
from runner.forms.source import Component, Place

SCHEMA_VERSION = 19
MAX_FIELDS = 2_000
LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class CamundaForm:
    """A form file, read: `form` None if it cannot be used; `findings` say what is wrong or has no effect."""

    id: str
    version_tag: str | None
    form: Form | None
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """Give the reasons why it cannot be used."""
        return tuple(finding for finding in self.findings if finding.verdict == "refused")


def is_form_file(path: Path) -> bool:
    """Tell by its name whether a file holds a form."""
    return path.suffix.lower() == ".form"


@lru_cache(maxsize=32)
def read_camunda_form(content: bytes, *, first_line: int = 1) -> CamundaForm:
    """Read a form file; `first_line` is where its text begins in a file around it."""
    try:
        root = read_located(content)
    except JsonInvalid as error:
        line = error.line + first_line - 1 if error.line else 0
        return CamundaForm(
            "", None, None, (Finding("refused", "form_unreadable", str(error), "", line, "Camunda Forms"),)
        )
    place = Place(first_line - 1)
    if not isinstance(root, JsonObject):
        place.refuse(
            "form_unreadable", "Expected a form, a JSON object with components, but the file holds another value."
        )
        return CamundaForm("", None, None, tuple(place.findings))
    id, tag = root.get("id"), root.get("versionTag")
    form_id = id if isinstance(id, str) else ""
    _check_root(root, place)
    fields = _fields(root.get("components"), place, owner=root)
    _check_keys(fields, place)
    form = Form(form_id, fields)
    found = CamundaForm(form_id, tag if isinstance(tag, str) and tag else None, form, tuple(place.findings))
    return CamundaForm(form_id, found.version_tag, None, found.findings) if found.refused else found


def _check_root(root: JsonObject, place: Place) -> None:
    id = root.get("id")
    if not isinstance(id, str) or not id.strip() or len(id) > LONGEST_ID or not id.isprintable():
        place.refuse(
            "form_id", f"Expected an id of the form, a text of at most {LONGEST_ID} characters, but it is {id!r:.60}."
        )
    kind = root.get("type", "default")
    if kind != "default":
        place.refuse("form_type", f'Expected a form of type "default", but it is {kind!r:.60}.')
    version = root.get("schemaVersion")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        place.warn(
            "form_newer",
            f"Expected schemaVersion {SCHEMA_VERSION} or older, but it is {version}: what is new in it has no effect.",
        )


def _fields(components: Any, place: Place, *, owner: JsonObject) -> tuple[Field, ...]:
    if not isinstance(components, list):
        line = owner.line
        place.refuse("form_components", "Expected a list of components, but there is none.", line=line)
        return ()
    return tuple(field for each in components for field in _field(each, place))


def _field(raw: Any, place: Place) -> Iterator[Field]:
    if not isinstance(raw, JsonObject):
        place.refuse("form_component", f"Expected a component, a JSON object, but got {raw!r:.60}.")
        return
    component = Component(raw, place)
    place.count += 1
    if place.count > MAX_FIELDS:
        if place.count == MAX_FIELDS + 1:
            component.refuse("form_too_large", f"Expected at most {MAX_FIELDS:,} components, but there are more.")
        return
    reader = READERS.get(component.type)
    if reader is None:
        near = near_hint(component.type, READERS)
        component.refuse(
            "component_unknown", f"Expected a type of Camunda Forms, but it is '{component.type:.40}'.{near}"
        )
        return
    parts = _fields(raw.get("components"), place, owner=raw) if component.type in CONTAINERS else ()
    made = reader(component, parts)
    if made is not None:
        place.lines[id(made)] = (made, component)
        yield made


def _check_keys(fields: tuple[Field, ...], place: Place) -> None:
    """Refuse two fields for one value; what lies in a list is apart from what is outside."""
    known: set[tuple[str, ...]] = set()

    def check(parts: tuple[Field, ...], above: tuple[str, ...]) -> None:
        for each in parts:
            path = (*above, *each.path)
            if each.kind is Kind.GROUP:
                check(each.parts, path)
                continue
            if each.path and path in known:
                component = place.lines[id(each)][1]
                component.refuse("key_twice", f"Expected a key for each field, but '{'.'.join(path)}' is used twice.")
            known.add(path)
            if each.kind is Kind.ROWS:
                _check_keys(each.parts, place)

    check(fields, ())
