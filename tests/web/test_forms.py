"""The start form as pure functions: fields from examples, variables from what was typed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.handling import JsonValue
from web.forms import fields_of, read, read_json, read_object

TEXT = st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_untouched_form_gives_the_example_back(example: dict[str, JsonValue]) -> None:
    fields = fields_of(example)
    filled = read(fields, {field.name: field.text for field in fields if field.kind != "flag" or field.text})
    assert not filled.wrong
    assert dict(filled.variables) == example


def test_field_keeps_the_type_of_its_example() -> None:
    fields = fields_of({"level": 50, "name": "7", "wild": True, "owner": None})
    filled = read(fields, {fields[0].name: " 51 ", fields[1].name: "8", fields[3].name: "Sacha"})
    assert filled.variables == {"level": 51, "name": "8", "wild": False, "owner": "Sacha"}


@pytest.mark.parametrize("typed", ["", "fifty", "true", "[1]", "Infinity", "1 2"])
def test_what_is_no_number_is_named_with_what_was_typed(typed: str) -> None:
    fields = fields_of({"level": 50})
    filled = read(fields, {fields[0].name: typed})
    assert list(filled.wrong) == [fields[0].name]
    assert filled.fields[0].text == typed


def test_groups_keep_the_order_of_the_example() -> None:
    fields = fields_of({"trainer": {"id": 1}, "pokemon": {"id": 2}})
    assert [group for group, _ in read(fields, {}).groups] == [("trainer",), ("pokemon",)]


def test_json_that_is_too_deep_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json("[" * 100_000)


def test_variables_must_be_an_object() -> None:
    with pytest.raises(ValueError, match="Expected a JSON object"):
        read_object(json.dumps([1]))
    assert read_object("  ") == {}
