"""What a person sees of a form: variables, defaults, conditions, templates, groups, lists, computed values."""

from __future__ import annotations

import pytest
from unit.forms.filling_in import CLOCK, all_shown, boxes, field, filled, flaws_of, form

from runner.forms.inputs import read_sent, with_row, without_row
from runner.forms.submitting import submit

ROWS = {"type": "dynamiclist", "path": "rows", "label": "Rows", "components": [field("textfield", "a")]}


def test_a_variable_comes_before_a_default_and_what_is_given_before_both() -> None:
    drawn = [
        field("textfield", "a", defaultValue="d"),
        field("textfield", "b", defaultValue="d"),
        field("textfield", "c"),
    ]
    made = filled(drawn, {"a": "v", "b": "v"}, {"b": "g"})
    assert (boxes(made), made.values) == ({"/a": "v", "/b": "g", "/c": ""}, {"a": "v", "b": "g"})


def test_attributes_are_feel_over_variables_and_what_is_filled_in() -> None:
    drawn = field("number", "n", label='="Of " + who', validate={"max": "=limit", "min": "1"}, readonly="=locked")
    (shown,) = filled([drawn], {"who": "Ash", "limit": 3, "locked": True}, {}).fields
    assert (shown.label, shown.rules.maximum, shown.rules.minimum, shown.readonly) == ("Of Ash", 3, 1.0, True)


def test_texts_have_feel_conditions_and_loops_in_them() -> None:
    text = "{{who}} has {{#if count(items) > 1}}many{{/if}}:{{#loop items}} {{name}} of {{parent.who}};{{/loop}}"
    (shown,) = filled([{"type": "text", "text": text}], {"who": "Ash", "items": [{"name": "A"}, {"name": "B"}]}).fields
    assert shown.content == "Ash has many: A of Ash; B of Ash;"


def test_what_is_hidden_has_no_value_and_no_rule() -> None:
    drawn = [
        field("checkbox", "ok"),
        field("textfield", "why", validate={"required": True}, conditional={"hide": "=ok"}),
    ]
    assert flaws_of(filled(drawn, {}, {"ok": False})) == {"/why": "required"}
    hidden = filled(drawn, {}, {"ok": True, "why": "kept from before"})
    assert (flaws_of(hidden), hidden.values) == ({}, {"ok": True})


def test_a_hidden_group_hides_what_is_in_it() -> None:
    group = {"type": "group", "components": [field("textfield", "a")], "conditional": {"hide": "=true"}}
    assert filled([group], {}, {"a": "x"}).values == {}


def test_a_computed_value_is_a_result_and_not_shown() -> None:
    drawn = [field("number", "n"), {"type": "expression", "key": "twice", "expression": "=n * 2"}]
    made = filled(drawn, {}, {"n": 4, "twice": 100})
    assert made.values == {"n": 4, "twice": 8}


def test_an_expression_without_a_value_is_named_and_the_form_is_shown() -> None:
    endless = "=for i in 1..100000 return for j in 1..100000 return i"
    made = filled([field("textfield", label=endless)])
    assert len(made.problems) == 1 and made.fields[0].label == ""


def test_a_group_with_a_path_is_an_object_whose_other_parts_stay() -> None:
    group = {"type": "group", "path": "pokemon", "components": [field("textfield", "name")]}
    made = filled([group], {"pokemon": {"name": "Mewtwo", "level": 50}}, {"pokemon": {"name": "Mew"}})
    assert made.results == {"pokemon": {"name": "Mew", "level": 50}}


def test_a_list_has_a_row_for_each_item_with_its_own_names() -> None:
    part = field("textfield", "a", label="=string(i[1]) + this.a + parent.x")
    rows = {**ROWS, "components": [part]}
    made = filled([rows], {"rows": [{"a": "p"}, {"a": "q"}], "x": "!"})
    assert [(each.name, each.label) for each in all_shown(made.fields) if each.in_row] == [
        ("/rows/0/a", "1p!"),
        ("/rows/1/a", "2q!"),
    ]


def test_a_list_begins_with_as_many_rows_as_it_says() -> None:
    assert len(filled([{**ROWS, "defaultRepetitions": 3}]).fields[0].rows) == 3
    assert len(filled([{**ROWS, "defaultRepetitions": 0}]).fields[0].rows) == 0


def test_rows_are_added_and_removed_with_what_was_typed() -> None:
    sent = {"/rows": ["2"], "/rows/0/a": ["p"], "/rows/1/a": ["q"]}
    assert with_row(form(ROWS), sent, "/rows") == {"rows": [{"a": "p"}, {"a": "q"}, {}]}
    assert without_row(form(ROWS), sent, "/rows/0") == {"rows": [{"a": "q"}]}


@pytest.mark.parametrize("row", ["", "/", "/rows/9", "/rows/x", "/other/0", "rows", "/rows/0/a/0"])
def test_removing_what_is_not_there_removes_nothing(row: str) -> None:
    assert without_row(form(ROWS), {"/rows": ["1"], "/rows/0/a": ["p"]}, row) == {"rows": [{"a": "p"}]}


@pytest.mark.parametrize("count", ["-1", "many", "99999", "1e9"])
def test_a_count_of_rows_that_is_none_is_none(count: str) -> None:
    assert read_sent(form(ROWS), {"/rows": [count]}) == {"rows": []}


def test_what_may_not_be_changed_keeps_its_value_and_a_change_is_a_flaw() -> None:
    for how in ("readonly", "disabled"):
        drawn = [field("number", "n", **{how: True})]
        assert filled(drawn, {"n": 1}, {}).results == {"n": 1}
        changed = filled(drawn, {"n": 1}, {"n": 2})
        assert (flaws_of(changed), changed.values) == ({"/n": "readonly"}, {"n": 1})


def test_an_option_is_found_by_the_text_that_a_page_sends() -> None:
    options = {"values": [{"label": "One", "value": 1}, {"label": "It", "value": {"a": 1}}]}
    drawn = [field("select", "s", **options), field("checklist", "c", **options)]
    made = filled(drawn, {}, read_sent(form(*drawn), {"/s": ["1"], "/c": ["", '{"a": 1}']}))
    assert (made.values, flaws_of(made)) == ({"s": 1, "c": [{"a": 1}]}, {})


def test_a_number_may_be_kept_as_a_text() -> None:
    drawn = [field("number", "n", serializeToString=True)]
    assert filled(drawn, {}, read_sent(form(*drawn), {"/n": ["12.50"]})).values == {"n": "12.50"}
    assert filled(drawn, {}, {"n": 12.5}).values == {"n": "12.5"}


@pytest.mark.parametrize(
    ("how", "kept"), [("utc_offset", "14:00+00:00"), ("utc_normalized", "14:00Z"), ("no_timezone", "14:00")]
)
def test_a_time_is_kept_as_the_form_says_and_shown_without_its_zone(how: str, kept: str) -> None:
    drawn = field("datetime", "t", subtype="time", timeSerializingFormat=how)
    made = filled([drawn], {}, {"t": "14:00"})
    assert (made.values, boxes(made)) == ({"t": kept}, {"/t": "14:00"})


def test_a_moment_with_a_zone_is_shown_in_utc() -> None:
    made = filled([field("datetime", "t", subtype="datetime")], {"t": "2026-01-31T14:00+02:00"})
    assert boxes(made) == {"/t": "2026-01-31T12:00"}


def test_what_was_not_on_the_page_is_not_read() -> None:
    drawn = form(field("textfield", "a"), field("checkbox", "b"), field("checklist", "c", values=[{"value": 1}]))
    assert read_sent(drawn, {}) == {}
    assert read_sent(drawn, {"/a": [""], "/b": [""], "/c": [""]}) == {"a": None, "b": False, "c": []}


def test_what_the_form_does_not_ask_for_becomes_a_variable_too() -> None:
    made = filled([field("textfield", "a")], {}, {"a": "x", "more": 1})
    assert submit(made, {"a": "x", "more": 1}, clock=CLOCK).variables == {"a": "x", "more": 1}


def test_a_key_may_be_more_than_words() -> None:
    drawn = [field("textfield", "the order.its name"), field("select", "s", valuesKey="all of.them")]
    made = filled(drawn, {"all of": {"them": ["x"]}}, {"the order": {"its name": "n"}, "s": "x"})
    assert (made.results, flaws_of(made)) == ({"the order": {"its name": "n"}, "s": "x"}, {})
