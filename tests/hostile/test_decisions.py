"""Decision files made to hurt: refused, or stopped in time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.decisions.drafting import DMN, decision, file, input_data, knowledge, literal, read, table

from runner.decisions import load_decisions, read_decisions
from runner.decisions.imports import Neighbour
from runner.errors import DecisionFailed, DiagramUnreadable

VALID = file(decision("d", literal("1"))).decode()


@pytest.mark.parametrize(
    "xml",
    [
        f'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "{"&a;" * 10}">]>{VALID}',
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{VALID}',
        f'<definitions xmlns="{DMN}">{"<context><contextEntry>" * 200}',
        f'<definitions xmlns="{DMN}">{"<a>" * 300}{"</a>" * 300}</definitions>',
        f'<definitions xmlns="{DMN}">{"<decision/>" * 60_000}</definitions>',
        VALID + " " * (6 * 1024 * 1024),
    ],
)
def test_a_file_beyond_the_limits_is_refused(xml: str) -> None:
    with pytest.raises(DiagramUnreadable):
        read_decisions(xml.encode(), "bad.dmn")


def test_boxed_expressions_nested_to_the_limit_are_evaluated() -> None:
    deep = "<list>" * 200 + literal("1") + "</list>" * 200
    value, depth = read(decision("d", deep)).evaluate("d", {}).value, 0
    while isinstance(value, list):
        (value,), depth = value, depth + 1
    assert (value, depth) == (1, 200)


def test_a_long_chain_of_decisions_is_bounded() -> None:
    chain = [decision(f"d{n}", literal("1"), needs=f"d{n + 1}") for n in range(3000)]
    decisions = read(*chain, decision("d3000", literal("1")))
    with pytest.raises(DecisionFailed, match="deep"):
        decisions.evaluate("d0", {})


@pytest.mark.parametrize(
    "text",
    [
        "for a in 1..1000, b in 1..1000, c in 1..1000 return a",
        "count(for a in 1..99999 return string(for b in 1..99999 return b))",
        "f()",
    ],
)
def test_an_evaluation_without_end_is_stopped(text: str) -> None:
    with pytest.raises(DecisionFailed, match="Expected"):
        read(knowledge("f", literal("f() + f()")), decision("d", literal(text))).evaluate("d", {})


def test_all_decisions_of_a_graph_share_one_allowance() -> None:
    heavy = "count(for a in 1..300, b in 1..300 return a)"
    parts = [decision(f"d{n}", literal(heavy)) for n in range(20)]
    top = decision("top", literal("1"), needs=" ".join(f"d{n}" for n in range(20)))
    assert read(*parts, top).evaluate("d0", {}).value == 90_000
    with pytest.raises(DecisionFailed, match="steps"):
        read(*parts, top).evaluate("top", {})


def test_files_that_import_each_other_in_ever_more_ways_are_refused() -> None:
    def file_of(level: int) -> bytes:
        imports = [f'<import name="i{side}" namespace="n{level + 1}{side}" importType="x"/>' for side in "ab"]
        head = f'<definitions xmlns="{DMN}" id="x" name="x" namespace="n{level}">'
        return f"{head}{''.join(imports) if level < 20 else ''}{decision('d', literal('1'))}</definitions>".encode()

    def find(namespace: str, location: str) -> Neighbour:
        level = int(namespace[1:-1])
        return Neighbour(namespace, file_of(level).replace(f'"n{level}"'.encode(), f'"{namespace}"'.encode()))

    found = read_decisions(file_of(0), "top.dmn", find).findings
    assert {each.code for each in found} == {"import_refused"}


def test_a_place_of_an_import_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret.dmn").write_bytes(file(decision("d", literal("1"))))
    top = tmp_path / "inner" / "top.dmn"
    top.write_bytes(
        file('<import name="s" namespace="n" importType="x" locationURI="../secret.dmn"/>').replace(b'"n" >', b'"m">')
    )
    assert {each.code for each in load_decisions(top).findings} == {"import_refused", "no_decision"}


def test_what_is_said_of_many_rules_and_names_is_bounded() -> None:
    rows = [(["-"], ["1"])] * 500
    tables = [decision(f"t{n}", table(["y"], ["o"], rows)) for n in range(10)]
    names = " + ".join(f"unknown{n}" for n in range(1_000))
    texts = [decision(f"n{n}", literal(names), needs="$x") for n in range(100)]
    found = read(input_data("x"), *tables, *texts).findings
    assert {each.code for each in found} == {"rules_overlap", "name_unknown"} and len(found) <= 250


def test_an_entry_of_thousands_of_literals_is_read() -> None:
    entry = ", ".join(f'"{n}"' for n in range(600))
    rows = [([f"not({entry})"], ["1"]), ([entry], ["2"]), (["(" * 40 + "1" + ")" * 40], ["3"])]
    assert read(decision("d", table(["x"], ["o"], rows, 'hitPolicy="FIRST"'))).evaluate("d", {"x": "599"}).value == 2


def test_a_large_table_is_read_and_evaluated() -> None:
    rows = [([f"{n}"], [f"{n}"]) for n in range(8_000)]
    found = read(decision("d", table(["x"], ["o"], rows)))
    assert (found.findings, found.evaluate("d", {"x": 7_999}).value) == ((), 7_999)


@pytest.mark.parametrize(
    "text", ["().__class__", "x.__class__.__name__", "import os", "${''.getClass()}", "open('/etc/passwd')"]
)
def test_no_text_reaches_python(text: str) -> None:
    decisions = read(decision("d", literal(text)), decision("j", literal(text, 'expressionLanguage="juel"')))
    for id in ("d", "j"):
        try:
            assert decisions.evaluate(id, {"x": 1}).value is None
        except DecisionFailed as error:
            assert "Expected" in str(error) or "expected" in str(error)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_with_a_piece_cut_out_is_read_or_refused(data: st.DataObject) -> None:
    whole = file(decision("d", table(["x"], ["o"], [(["1"], ["2"])]), needs="e"), decision("e", literal("1"))).decode()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    try:
        decisions = read_decisions((whole[:start] + whole[end:]).encode(), "cut.dmn")
        for id in decisions.ids:
            decisions.evaluate(id, {"x": 1})
    except (DiagramUnreadable, DecisionFailed) as error:
        assert "xpected" in str(error)
