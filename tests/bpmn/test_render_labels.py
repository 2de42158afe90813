"""Breaking texts into lines and fitting them into boxes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from runner.bpmn.render.canvas import Canvas
from runner.bpmn.render.geometry import Bounds, Extent
from runner.bpmn.render.labels import Label, break_lines, shortened, text_width, write_beside, write_inside


def lines_in(label: Label, box: Bounds) -> list[tuple[str, float]]:
    canvas = Canvas(etree.Element("g"), Extent())
    write_inside(canvas, label, box=box)
    return [(span.text or "", float(span.get("y", ""))) for span in canvas.node.iter("{*}tspan")]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_breaking_loses_no_letter(text: str) -> None:
    assert "".join("".join(break_lines(text, 60, size=12)).split()) == "".join(text.split())


@given(st.text(alphabet="abcdefgWM -", max_size=120))
def test_no_line_is_wider_than_its_box(text: str) -> None:
    assert all(text_width(line, 12) <= 50 + 1e-6 for line in break_lines(text, 50, size=12))


def test_a_line_break_of_the_author_is_kept() -> None:
    assert break_lines("one\ntwo three", 200, size=12) == ["one", "two three"]


def test_a_joined_emoji_and_an_accent_are_not_torn_apart() -> None:
    family = "👩\u200d👩\u200d👧"
    assert break_lines(family * 3, 20, size=12) == [family] * 3
    assert break_lines("e\u0301" * 4, 8, size=12) == ["e\u0301"] * 4


def test_a_text_without_end_is_cut() -> None:
    assert len("".join(break_lines("y " * 1_000_000, 100, size=12))) < 1000


def test_a_text_in_a_border_shrinks_and_then_ends_in_an_ellipsis() -> None:
    box = Bounds(0, 0, 90, 60)
    lines = lines_in(Label("many words that will never fit in here " * 3, "black", fixed_height=True), box)
    assert lines[-1][0].endswith("…")
    assert all(0 < y <= 60 for _, y in lines)


def test_a_text_without_a_border_is_never_cut() -> None:
    lines = lines_in(Label("one two three four five six seven", "black", top=True), Bounds(0, 0, 40, 5))
    assert " ".join(text for text, _ in lines) == "one two three four five six seven"


def test_a_label_above_its_shape_grows_upwards_and_never_into_it() -> None:
    canvas = Canvas(etree.Element("g"), Extent())
    event = Bounds(100, 100, 36, 36)
    label = Label("a name that needs many lines in such a narrow place", "black")
    write_beside(canvas, label, place=Bounds(95, 70, 46, 28), below=event)
    assert canvas.extent.bounds.bottom <= event.y


def test_white_space_alone_writes_nothing() -> None:
    assert lines_in(Label(" \n ", "black"), Bounds(0, 0, 40, 40)) == []


def test_shortening_keeps_what_fits() -> None:
    assert shortened(" a \n b ", 10) == "a b"
    assert shortened("abcdef", 4) == "abc…"
