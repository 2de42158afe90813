"""The form of example variables: fields typed by their examples, and what was typed read back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.forms.filling_in import CLOCK, boxes, flaws_of, texts_of

from runner.forms.examples import example_form
from runner.forms.filling import fill
from runner.forms.inputs import read_json, read_object, read_sent
from runner.handling import JsonValue

TEXT = st.text("aé\"'/~.0 ", max_size=8)
SCALARS = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


@given(st.dictionaries(TEXT, VALUES | st.none(), max_size=4))
def test_untouched_form_gives_the_example_back(example: dict[str, JsonValue]) -> None:
    form = example_form("p", example)
    sent = read_sent(form, texts_of(fill(form, example, clock=CLOCK)))
    filled = fill(form, example, sent, clock=CLOCK)
    assert (flaws_of(filled), filled.results) == ({}, example)


def test_field_keeps_the_type_of_its_example() -> None:
    form = example_form("p", {"level": 50, "name": "7", "wild": True, "owner": None})
    sent = {"/level": [" 51 "], "/name": ["8"], "/wild": [""], "/owner": ["Sacha"]}
    assert read_sent(form, sent) == {"level": 51, "name": "8", "wild": False, "owner": "Sacha"}


@pytest.mark.parametrize("typed", ["", "fifty", "true", "[1]", "Infinity", "1 2", "1e999"])
def test_what_is_no_number_is_named_and_kept_as_typed(typed: str) -> None:
    form = example_form("p", {"level": 50})
    filled = fill(form, {}, read_sent(form, {"/level": [typed]}), clock=CLOCK)
    assert list(flaws_of(filled)) == ["/level"]
    assert boxes(filled)["/level"] == typed


def test_objects_become_groups_and_lists_are_edited_as_json() -> None:
    form = example_form("p", {"trainer": {"id": 1, "pokemons": [{}]}, "n": 1})
    assert [(field.kind, field.label) for field in form.fields] == [("number", "N"), ("group", "Trainer")]
    assert [part.kind for part in form.fields[1].parts] == ["number", "json"]


def test_json_that_is_too_deep_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json("[" * 100_000)


def test_variables_must_be_an_object() -> None:
    with pytest.raises(ValueError, match="Expected a JSON object"):
        read_object(json.dumps([1]))
    assert read_object("  ") == {}
