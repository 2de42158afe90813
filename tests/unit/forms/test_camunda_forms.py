"""Camunda Forms as files: every component is read, or what is wrong is said with its place."""

from __future__ import annotations

import json

import pytest
from unit.forms.filling_in import field, filled, findings, form, source

from runner.forms.camunda import read_camunda_form

OPTIONS = {"values": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]}
INPUTS = ["textfield", "textarea", "number", "datetime", "checkbox"]
CHOICES = ["radio", "select", "checklist", "taglist"]


@pytest.mark.parametrize("type", INPUTS)
def test_an_input_is_read_with_its_words_and_rules(type: str) -> None:
    drawn = field(type, "a.b", description="why", validate={"required": True}, disabled=True)
    (read,) = form(drawn).fields
    assert (read.path, read.label, read.description) == (("a", "b"), "A.B", "why")
    assert (read.rules.required, read.disabled) == (True, True)


@pytest.mark.parametrize("type", CHOICES)
@pytest.mark.parametrize("drawn", [OPTIONS, {"valuesKey": "all.of"}, {"valuesExpression": "=all.of"}])
def test_a_choice_has_options_from_the_form_or_from_variables(type: str, drawn: dict[str, object]) -> None:
    made = filled([field(type, **drawn)], {"all": {"of": OPTIONS["values"]}})
    assert [(option.value, option.label) for option in made.fields[0].options] == [("a", "A"), ("b", "B")]


def test_options_may_be_plain_values() -> None:
    made = filled([field("select", valuesKey="names")], {"names": ["x", 7]})
    assert [(option.value, option.label) for option in made.fields[0].options] == [("x", "x"), (7, "7")]


@pytest.mark.parametrize(("subtype", "kind"), [("date", "date"), ("time", "time"), ("datetime", "datetime")])
def test_a_datetime_has_three_kinds_and_labels_of_its_own(subtype: str, kind: str) -> None:
    (read,) = form({"type": "datetime", "key": "d", "subtype": subtype, "dateLabel": "Day", "timeLabel": "At"}).fields
    assert (read.kind, read.label) == (kind, "Day")


def test_what_is_only_read_has_no_value() -> None:
    table = {"type": "table", "dataSource": "=rows", "columns": [{"key": "n", "label": "N"}]}
    kinds = {
        "text": {"text": "# Hi"},
        "html": {"content": "<b>"},
        "image": {"source": "x"},
        "separator": {},
        "spacer": {},
    }
    made = form(table, *({"type": kind, **more} for kind, more in kinds.items()))
    assert [each.kind for each in made.fields] == ["table", "words", "html", "image", "separator", "spacer"]
    assert {each.path for each in made.fields} == {()}


@pytest.mark.parametrize("type", ["filepicker", "documentPreview", "iframe"])
def test_what_cannot_be_shown_is_a_warning_and_says_so_on_the_page(type: str) -> None:
    drawn = {"type": type, "label": "Papers", "url": "https://example.org"}
    assert [(each.verdict, each.code) for each in findings(drawn)] == [("warning", "component_absent")]
    (shown,) = filled([drawn]).fields
    assert (shown.kind, shown.label) == ("notice", "Papers") and "not supported" in shown.description


def test_a_button_is_not_shown() -> None:
    assert (form({"type": "button", "label": "Go"}).fields, findings({"type": "button"})[0].verdict) == ((), "note")


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (field("textfeld"), "component_unknown"),
        (field("textfield", ""), "key_invalid"),
        (field("textfield", "a. .b"), "key_invalid"),
        (field("textfield", "a\nb"), "key_invalid"),
        (field("textfield", "a..b"), "key_invalid"),
        (field("textfield", label="=1 +"), "expression_invalid"),
        (field("textfield", label="{{1 +}}"), "expression_invalid"),
        (field("textfield", label="{{#if a}}"), "expression_invalid"),
        (field("textfield", conditional={"hide": "=a ="}), "expression_invalid"),
        (field("textfield", validate={"pattern": "(a"}), "pattern_invalid"),
        (field("textfield", validate={"pattern": "(a)\\1"}), "pattern_invalid"),
        (field("textfield", validate=[]), "attribute_invalid"),
        (field("textfield", readonly="yes"), "attribute_invalid"),
        (field("number", validate={"min": "low"}), "attribute_invalid"),
        (field("number", decimalDigits=-1), "attribute_invalid"),
        (field("datetime", subtype="week"), "attribute_invalid"),
        (field("select"), "options_missing"),
        (field("select", values=[{"value": 1}, {"value": 1}]), "option_twice"),
        (field("select", valuesExpression="=("), "expression_invalid"),
        (field("expression"), "expression_missing"),
        ({"type": "table"}, "table_incomplete"),
        ({"type": "group"}, "form_components"),
        ({"type": "dynamiclist", "components": []}, "key_invalid"),
    ],
)
def test_what_is_wrong_is_refused_with_component_and_line(drawn: dict[str, object], code: str) -> None:
    found = [each for each in findings(field("textfield", "fine"), drawn) if each.verdict == "refused"]
    assert [(each.code, each.line) for each in found] == [(code, 3)]
    assert read_camunda_form(source(drawn)).form is None


def test_a_key_is_used_once_in_each_place() -> None:
    group = {"type": "group", "path": "a", "components": [field("textfield", "b")]}
    rows = {"type": "dynamiclist", "path": "rows", "components": [field("textfield", "b")]}
    assert findings(field("textfield", "b"), group, rows) == ()
    (found,) = findings(group, field("textfield", "a.b"))
    assert (found.code, found.element_id, found.line) == ("key_twice", "a.b", 3)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "form_unreadable", 1),
        (b'{\n"id": "f",\n}', "form_unreadable", 3),
        (b'{"id": "f"\n"x": 1}', "form_unreadable", 2),
        (b'{"id": "f", "id": "g"}', "form_unreadable", 1),
        (b'{"id": "f"} x', "form_unreadable", 1),
        (b'{"id": "f\n"}', "form_unreadable", 1),
        (b"\n\xff", "form_unreadable", 2),
        (b"[]", "form_unreadable", 1),
        (b'{"id": "f"}', "form_components", 1),
        (b'{"components": []}', "form_id", 1),
        (b'{"id": "f", "type": "other", "components": []}', "form_type", 1),
        (b'{"id": "f", "components": [1]}', "form_component", 1),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_its_line(content: bytes, code: str, line: int) -> None:
    (found,) = read_camunda_form(content).refused
    assert (found.code, found.line) == (code, line)


def test_a_newer_schema_is_a_warning() -> None:
    newer = json.dumps({"id": "f", "schemaVersion": 99, "components": []}).encode()
    read = read_camunda_form(newer)
    assert ([each.code for each in read.findings], read.form is not None) == (["form_newer"], True)


def test_the_version_tag_is_read() -> None:
    assert read_camunda_form(source(versionTag="v2")).version_tag == "v2"
