"""What a form accepts: every rule of every kind of field, by the code of what is wrong."""

from __future__ import annotations

import pytest
from unit.forms.filling_in import CLOCK, code_of, field, filled, flaws_of

from runner.forms.rules import judge

VALUES = [{"label": "A", "value": "a"}, {"label": "2", "value": 2}]
REQUIRED = {"validate": {"required": True}}


@pytest.mark.parametrize(
    ("type", "empty", "full"),
    [
        ("textfield", "", "x"),
        ("textarea", None, "x"),
        ("number", None, 0),
        ("datetime", None, "2026-01-31"),
        ("checkbox", False, True),
        ("radio", None, "a"),
        ("select", "", 2),
        ("checklist", [], ["a"]),
        ("taglist", None, ["a", 2]),
    ],
)
def test_what_is_required_must_be_filled_in(type: str, empty: object, full: object) -> None:
    drawn = field(type, values=VALUES, **REQUIRED)
    assert (code_of(drawn, empty), code_of(drawn, full)) == ("required", None)
    assert code_of(field(type, values=VALUES), empty) is None


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("textfield", 5),
        ("textarea", ["x"]),
        ("number", "5"),
        ("number", True),
        ("checkbox", "yes"),
        ("checklist", "a"),
        ("datetime", "31.1.2026"),
        ("datetime", "2026-02-30"),
        ("datetime", 20260131),
    ],
)
def test_a_value_has_the_type_of_its_field(type: str, value: object) -> None:
    assert code_of(field(type, values=VALUES), value) == "wrong_type"


@pytest.mark.parametrize(
    ("rules", "value", "code"),
    [
        ({"minLength": 3}, "ab", "too_short"),
        ({"minLength": 3}, "abc", None),
        ({"maxLength": 3}, "abcd", "too_long"),
        ({"pattern": "^[A-Z]+$"}, "aB", "pattern"),
        ({"pattern": "[A-Z]"}, "aB", None),
        ({"validationType": "email"}, "ash", "email"),
        ({"validationType": "email"}, "ash@kanto.example", None),
        ({"validationType": "phone"}, "0301234", "phone"),
        ({"validationType": "phone"}, "+49 30 1234567", None),
        ({"validationType": "phone"}, "0049301234567", None),
        ({"validationType": "email", "minLength": 3}, "", None),
    ],
)
def test_rules_of_texts(rules: dict[str, object], value: str, code: str | None) -> None:
    assert code_of(field("textfield", validate=rules), value) == code


def test_a_pattern_has_words_of_its_own() -> None:
    rules = {"pattern": "^A", "patternErrorMessage": "It begins with A."}
    (flaw,) = judge(filled([field("textfield", validate=rules)], {}, {"x": "b"}), clock=CLOCK)
    assert (flaw.message, flaw.label) == ("It begins with A.", "X")


@pytest.mark.parametrize(
    ("drawn", "value", "code"),
    [
        ({"validate": {"min": 1}}, 0.5, "too_small"),
        ({"validate": {"max": "10"}}, 11, "too_large"),
        ({"validate": {"max": "=5 + 5"}}, 10, None),
        ({"decimalDigits": 2}, 1.234, "too_precise"),
        ({"decimalDigits": 2}, 1.23, None),
        ({"decimalDigits": 0}, 1.5, "too_precise"),
        ({"decimalDigits": 0}, 100, None),
        ({"serializeToString": True, "validate": {"max": 10}}, "10.001", "too_large"),
        ({"serializeToString": True}, "ten", "wrong_type"),
    ],
)
def test_rules_of_numbers(drawn: dict[str, object], value: object, code: str | None) -> None:
    assert code_of(field("number", **drawn), value) == code


@pytest.mark.parametrize("value", ["b", "A", 1, True, {"a": 1}])
def test_only_options_can_be_chosen(value: object) -> None:
    assert code_of(field("select", values=[*VALUES, {"value": 10}]), value) == "not_an_option"
    assert code_of(field("taglist", values=VALUES), ["a", value]) == "not_an_option"


@pytest.mark.parametrize(("value", "code"), [("2026-01-01", "in_the_past"), ("2026-01-02", None), ("2030-01-01", None)])
def test_a_day_may_have_to_come(value: str, code: str | None) -> None:
    assert code_of(field("datetime", disallowPassedDates=True), value) == code


def test_rows_are_objects_and_not_too_many_and_each_is_judged() -> None:
    rows = {"type": "dynamiclist", "path": "x", "components": [field("textfield", "a", **REQUIRED)]}
    assert code_of(rows, "one") == "wrong_type"
    assert code_of(rows, [1]) == "wrong_type"
    assert flaws_of(filled([rows], {}, {"x": [{"a": "b"}] * 201})) == {"/x": "too_many"}
    assert flaws_of(filled([rows], {}, {"x": [{"a": "b"}, {"a": ""}]})) == {"/x/1/a": "required"}


def test_a_group_is_an_object() -> None:
    group = {"type": "group", "path": "x", "components": [field("textfield", "a")]}
    assert (code_of(group, "one"), code_of(group, {"a": "b"}), code_of(group, None)) == ("wrong_type", None, None)
