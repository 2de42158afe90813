"""What each type of component of a Camunda form comes to in the neutral form.

Source: Camunda 8 docs, Components > Forms > Form element library. What cannot be shown becomes a notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import re2

from runner.forms.form import CHOICES, Field, Kind, Rules, Value
from runner.forms.source import Component

CONTAINERS = frozenset({"group", "dynamiclist"})
_ZONES = {"utc_normalized": "utc", "no_timezone": ""}
_DATES = {"date": Kind.DATE, "time": Kind.TIME, "datetime": Kind.DATETIME}
_ZONED = (Kind.TIME, Kind.DATETIME)
_ABSENT = {
    "filepicker": ("choosing files", "no file is asked for, and its key gets no value"),
    "documentPreview": ("a preview of documents", "nothing is shown in its place"),
    "iframe": ("another page inside this one", "only its address is shown"),
}
Parts = tuple[Field, ...]


def _input(component: Component, _parts: Parts, *, kind: Kind) -> Field:
    appearance = component.inside("appearance")
    return Field(
        kind,
        component.key(),
        component.words("label"),
        component.words("description"),
        default=_default(component, kind),
        readonly=component.flag("readonly"),
        disabled=component.flag("disabled"),
        hidden=_hidden(component),
        rules=_rules(component, kind),
        options=_options(component) if kind in CHOICES else None,
        before=component.words("prefixAdorner", appearance),
        after=component.words("suffixAdorner", appearance),
    )


def _default(component: Component, kind: Kind) -> Value:
    value = component.value("defaultValue")
    if kind is Kind.CHECKBOX and value is None:
        return False
    return value


def _hidden(component: Component) -> Value:
    return component.flag("hide", component.inside("conditional"))


def _rules(component: Component, kind: Kind) -> Rules:
    asked = component.inside("validate")
    known = asked.get("validationType")
    pattern = asked.get("pattern")
    words = asked.get("patternErrorMessage")
    return Rules(
        required=component.flag("required", asked),
        min_length=component.number("minLength", asked),
        max_length=component.number("maxLength", asked),
        minimum=component.number("min", asked),
        maximum=component.number("max", asked),
        pattern=_pattern(component, pattern) if known in (None, "", "custom") and pattern else None,
        pattern_words=words if isinstance(words, str) else "",
        format=known if known in ("email", "phone") else "",
        digits=component.count("decimalDigits") if kind is Kind.NUMBER else None,
        as_text=kind is Kind.NUMBER and component.raw.get("serializeToString") is True,
        no_past=component.raw.get("disallowPassedDates") is True,
        zone=_ZONES.get(str(component.raw.get("timeSerializingFormat")), "offset") if kind in _ZONED else "",
    )


def _pattern(component: Component, pattern: Any) -> str | None:
    options = re2.Options()
    options.max_mem, options.log_errors = 1 << 20, False
    try:
        re2.compile(str(pattern), options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        component.refuse(
            "pattern_invalid",
            f"Expected a pattern that is matched in linear time, but '{pattern!s:.60}' is none: {reason:.100}",
        )
        return None
    return str(pattern)


def _options(component: Component) -> Value:
    """Give the options: written down, in a variable, or what FEEL makes."""
    raw = component.raw
    if isinstance(raw.get("valuesExpression"), str):
        return component.feel(raw["valuesExpression"], "valuesExpression")
    if isinstance(raw.get("valuesKey"), str) and raw["valuesKey"]:
        path = component.key("valuesKey")
        return component.feel(".".join(path), "valuesKey") if path else None
    values = raw.get("values")
    if not isinstance(values, list):
        component.refuse(
            "options_missing", "Expected values, valuesKey or valuesExpression, but there are none of them."
        )
        return None
    seen: set[str] = set()
    for each in values:
        text = repr(each.get("value") if isinstance(each, dict) else each)
        if text in seen:
            component.refuse(
                "option_twice", f"Expected different values to choose from, but {text:.60} is there twice."
            )
        seen.add(text)
    return values


def _datetime(component: Component, parts: Parts) -> Field:
    subtype = str(component.raw.get("subtype") or "date")
    if subtype not in _DATES:
        component.refuse("attribute_invalid", f"Expected subtype date, time or datetime, but it is '{subtype:.40}'.")
    made = _input(component, parts, kind=_DATES.get(subtype, Kind.DATE))
    label = made.label or component.words("dateLabel") or component.words("timeLabel")
    return replace(made, label=label)


def _computed(component: Component, _parts: Parts) -> Field | None:
    text = component.raw.get("expression")
    if not isinstance(text, str) or not text.strip():
        component.refuse("expression_missing", "Expected an expression that is computed, but there is none.")
        return None
    return Field(Kind.COMPUTED, component.key(), content=component.feel(text, "expression"), hidden=_hidden(component))


def _group(component: Component, parts: Parts) -> Field:
    path = component.key("path", needed=False)
    return Field(Kind.GROUP, path, component.words("label"), hidden=_hidden(component), parts=parts)


def _rows(component: Component, parts: Parts) -> Field:
    return Field(
        Kind.ROWS,
        component.key("path"),
        component.words("label"),
        component.words("description"),
        hidden=_hidden(component),
        parts=parts,
        first_rows=min(_or(component.count("defaultRepetitions"), 1), 200),
        fixed_rows=component.raw.get("allowAddRemove") is False,
    )


def _or(count: int | None, otherwise: int) -> int:
    return otherwise if count is None else count


def _words(component: Component, _parts: Parts, *, kind: Kind, name: str) -> Field:
    return Field(kind, content=component.words(name), hidden=_hidden(component))


def _image(component: Component, _parts: Parts) -> Field:
    return Field(Kind.IMAGE, label=component.words("alt"), content=component.words("source"), hidden=_hidden(component))


def _table(component: Component, _parts: Parts) -> Field:
    columns = (
        component.feel(component.raw["columnsExpression"], "columnsExpression")
        if isinstance(component.raw.get("columnsExpression"), str)
        else component.raw.get("columns")
    )
    source = component.raw.get("dataSource")
    rows = component.feel(source, "dataSource") if isinstance(source, str) and source.strip() else None
    if rows is None or not columns:
        component.refuse("table_incomplete", "Expected a table with dataSource and columns, but one is missing.")
    return Field(Kind.TABLE, label=component.words("label"), content=rows, columns=columns, hidden=_hidden(component))


def _absent(component: Component, _parts: Parts) -> Field:
    what, instead = _ABSENT[component.type]
    component.warn(
        "component_absent", f"Expected components that a page without scripts can show, but this is {what}: {instead}."
    )
    address = component.words("url") if component.type == "iframe" else ""
    return Field(
        Kind.NOTICE,
        label=component.words("label") or component.words("title"),
        description=f"The form has {what} here, which is not supported: {instead}.",
        content=address,
        hidden=_hidden(component),
    )


def _button(component: Component, _parts: Parts) -> None:
    component.note("button_ignored", "The page has buttons of its own; this one is not shown.")


def _plain(component: Component, _parts: Parts, *, kind: Kind) -> Field:
    return Field(kind, hidden=_hidden(component))


READERS: Mapping[str, Callable[[Component, Parts], Field | None]] = {
    "textfield": partial(_input, kind=Kind.TEXT),
    "textarea": partial(_input, kind=Kind.TEXTAREA),
    "number": partial(_input, kind=Kind.NUMBER),
    "datetime": _datetime,
    "checkbox": partial(_input, kind=Kind.CHECKBOX),
    "radio": partial(_input, kind=Kind.RADIO),
    "select": partial(_input, kind=Kind.SELECT),
    "checklist": partial(_input, kind=Kind.CHECKLIST),
    "taglist": partial(_input, kind=Kind.TAGLIST),
    "expression": _computed,
    "group": _group,
    "dynamiclist": _rows,
    "text": partial(_words, kind=Kind.WORDS, name="text"),
    "html": partial(_words, kind=Kind.HTML, name="content"),
    "image": _image,
    "table": _table,
    "separator": partial(_plain, kind=Kind.SEPARATOR),
    "spacer": partial(_plain, kind=Kind.SPACER),
    "button": _button,
    **dict.fromkeys(_ABSENT, _absent),
}
