"""Names that a decision uses and the drawing does not give it."""

from __future__ import annotations

import pytest
from unit.decisions.drafting import CAMUNDA, decision, input_data, knowledge, literal, read, table

SEASON = decision("season", literal('"summer"'))
GUESTS = input_data("g", "number", "guest count")
MODEL = knowledge("double", literal("2"))


def calling(text: str, needed: bool) -> str:
    requirement = '<knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>' if needed else ""
    return f'<decision id="d" name="d">{requirement}{literal(text)}</decision>'


def said(*parts: str, attributes: str = "") -> list[str]:
    return [f"{each.code} {each.message}" for each in read(*parts, attributes=attributes).findings]


@pytest.mark.parametrize(
    ("parts", "code", "words"),
    [
        ([SEASON, decision("d", literal("season"))], "requirement_missing", "decision 'd' to require 'season'"),
        ([GUESTS, decision("d", literal("guest count + 1"))], "requirement_missing", "'guest count', which it uses"),
        ([MODEL, calling("double()", False)], "requirement_missing", "require 'double', which it calls"),
        ([GUESTS, decision("d", literal("guest cont"), needs="$g")], "name_unknown", "Did you mean 'guest count'?"),
        ([knowledge("f", literal("secret"))], "name_unknown", "sees its parameters only"),
        ([GUESTS, decision("d", table(["guest cont"], ["o"], [(["-"], ["1"])]), needs="$g")], "name_unknown", "cont"),
    ],
)
def test_a_name_that_is_not_given_is_told_with_its_place(parts: list[str], code: str, words: str) -> None:
    (found,) = said(*parts)
    assert found.startswith(code) and words in found
    assert found.splitlines()[-1].strip() == "^"


@pytest.mark.parametrize(
    "text",
    [
        "guest count + 1",
        "for each in [1, 2] return each + guest count",
        "some one in [1] satisfies one = guest count",
        "{a: 1, b: a + guest count}.b",
        "(function(n) n + guest count)(1)",
        "[{size: 1}][size > guest count]",
        "[1][item > guest count]",
        "count([1])",
        "floor(n: guest count)",
        'date("2026-01-01").year',
    ],
)
def test_a_name_that_the_text_itself_gives_is_known(text: str) -> None:
    assert said(GUESTS, decision("d", literal(text), needs="$g")) == []


def test_names_that_boxed_expressions_give_are_known() -> None:
    entries = "".join(
        f'<contextEntry><variable name="{name}"/>{logic}</contextEntry>'
        for name, logic in (
            ("a", literal("guest count")),
            ("f", f'<functionDefinition><formalParameter name="n"/>{literal("n + a")}</functionDefinition>'),
            ("g", f'<for iteratorVariable="i"><in>{literal("[a]")}</in><return>{literal("i + f(i)")}</return></for>'),
            ("h", f"<filter><in>{literal('[{z: 1}]')}</in><match>{literal('z > 0')}</match></filter>"),
        )
    )
    assert said(GUESTS, decision("d", f"<context>{entries}</context>", needs="$g")) == []


@pytest.mark.parametrize("parts", [[decision("d", literal("anything"))], [MODEL, calling("double()", True)]])
def test_variables_of_the_process_need_not_be_drawn(parts: list[str]) -> None:
    assert said(*parts) == []


def test_camundas_drawings_name_their_inputs_for_people() -> None:
    assert said(GUESTS, decision("d", literal("guestCount"), needs="$g"), attributes=CAMUNDA) == []


def test_a_name_is_told_once_for_a_decision() -> None:
    rows = [(["> limit"], ["season"]), (["< 1"], ["season"])]
    assert len(said(SEASON, decision("d", table(["x"], ["o"], rows)))) == 1
