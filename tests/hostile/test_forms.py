"""Forms that want to do harm: too large, too deep, endless, or with words that would be code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from unit.forms.filling_in import CLOCK, field, filled, findings, flaws_of, form, source

from runner.forms.camunda import read_camunda_form
from runner.forms.filling import fill
from runner.forms.inputs import read_sent
from runner.forms.submitting import submit

SLOW = "(if (some i in 1..90000 satisfies i < 0) then 1 else 2)"


def nested(type: str, depth: int, **more: Any) -> dict[str, Any]:
    inner = field("textfield")
    for _ in range(depth):
        inner = {"type": type, "components": [inner], **more}
    return inner


def refused(content: bytes) -> set[str]:
    return {each.code for each in read_camunda_form(content).refused}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[" * 1_000_000, "form_unreadable"),
        (b'{"a":' * 200_000, "form_unreadable"),
        (b" " * 2_000_000, "form_unreadable"),
        (b'"' + b"\\u0041" * 150_000, "form_unreadable"),
        (b"[" + b"1," * 400_000 + b"1]", "form_unreadable"),
        (b"9" * 100_000, "form_unreadable"),
        (source(*(field("textfield", f"k{n}") for n in range(2_001))), "form_too_large"),
        (json.dumps({"id": "f", "components": [nested("group", 40)]}).encode(), "form_unreadable"),
        (source(field("textfield", label="=" + "(" * 10_000)), "expression_invalid"),
        (source({"type": "text", "text": "{{#if a}}" * 50}), "expression_invalid"),
        (source(field("textfield", "k." * 5_000 + "k")), "key_invalid"),
        (source(field("textfield", validate={"pattern": "(" * 5_000})), "pattern_invalid"),
        (source(field("textfield", validate={"pattern": "((a{1000}){1000}){1000}"})), "pattern_invalid"),
    ],
)
def test_a_file_beyond_a_limit_is_refused(content: bytes, code: str) -> None:
    assert refused(content) == {code}


def test_patterns_are_matched_in_linear_time() -> None:
    made = filled([field("textfield", validate={"pattern": "^(a+)+$"})], {}, {"x": "a" * 100_000 + "b"})
    assert flaws_of(made) == {"/x": "pattern"}


@pytest.mark.parametrize("validation", ["email", "phone"])
def test_addresses_of_any_length_are_judged(validation: str) -> None:
    for text in ("a" * 100_000, "a@" + "a." * 50_000, "+4" + "1 " * 50_000, "a." * 50_000 + "@"):
        made = filled([field("textfield", validate={"validationType": validation})], {}, {"x": text})
        assert flaws_of(made) == {"/x": validation}


def test_expressions_of_a_form_have_one_allowance_together() -> None:
    slow = filled([field("textfield", f"k{n}", label=f"=string({SLOW})") for n in range(500)])
    assert not slow.whole and flaws_of(slow) == {"": "form_too_large"}


def test_loops_in_texts_have_it_too() -> None:
    text = "{{#loop many}}{{" + SLOW + "}}{{/loop}}"
    assert not filled([{"type": "text", "text": text}], {"many": [1] * 1_000}).whole


def test_rows_within_rows_do_not_multiply() -> None:
    rows = nested("dynamiclist", 5, path="r", defaultRepetitions=200)
    made = filled([rows])
    assert flaws_of(made) == {"": "form_too_large"}
    deep: Any = {}
    for _ in range(5):
        deep = {"r": [deep] * 200}
    assert flaws_of(fill(form(rows), {}, deep, clock=CLOCK)) == {"": "form_too_large"}


def test_options_from_variables_do_not_multiply() -> None:
    made = filled([field("select", f"k{n}", valuesKey="all") for n in range(500)], {"all": list(range(5_000))})
    assert not made.whole


@pytest.mark.parametrize(
    "name", ["/__class__", "/x/__init__", "//", "/x/0/0", "add", "/" + "~1" * 1_000, "/rows/-1", "/rows/99999999999/a"]
)
def test_names_that_a_form_does_not_have_are_not_read(name: str) -> None:
    rows = {"type": "dynamiclist", "path": "rows", "components": [field("textfield", "a")]}
    assert read_sent(form(field("textfield"), rows), {name: ["v"]}) == {}


def test_what_is_given_cannot_reach_what_is_hidden_or_computed() -> None:
    drawn = [
        field("textfield", "secret", conditional={"hide": "=true"}),
        {"type": "expression", "key": "price", "expression": "=100"},
    ]
    given = {"secret": "x", "price": 1}
    assert submit(filled(drawn, {"secret": "s"}, given), given, clock=CLOCK).variables == {"price": 100}


@pytest.mark.parametrize("text", ["=__import__('os')", "={{", "{{__class__}}", "={a: 1}.__class__", "=system(1)"])
def test_words_are_never_python(text: str) -> None:
    if any(each.verdict == "refused" for each in findings(field("textfield", label=text))):
        return
    (shown,) = filled([field("textfield", label=text)]).fields
    assert "module" not in shown.label and "class '" not in shown.label
