"""What the pages about sagas and choreography show is what the commands print, and the code that they quote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from documents import ROOT, Session, blocks, rows, section

from runner.bpmn.read import read_file

SAGAS, CHOREOGRAPHY = (ROOT / "docs" / f"{name}.md" for name in ("sagas", "choreography"))


@pytest.mark.parametrize("page", [SAGAS, CHOREOGRAPHY], ids=lambda page: page.name)
def test_consoles_print_what_is_shown(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("processes", "examples", "handlers"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    session = Session()
    assert [line for block in blocks(page, "console") for line in session.missing(block)] == []


def test_the_handler_that_is_quoted_is_the_real_one() -> None:
    (quoted,) = blocks(SAGAS, "python")
    real = (ROOT / "handlers" / "transfer.py").read_text("utf-8")
    assert [line for line in quoted.splitlines() if line not in real.splitlines()] == []


def test_the_table_of_pools_is_that_of_the_drawing() -> None:
    drawn = read_file(ROOT / "processes" / "capture_choreography.bpmn")
    heads = {key: pool for pool, key, *_ in rows(CHOREOGRAPHY.read_text("utf-8").partition("## How")[0])}
    assert heads == dict(drawn.pools)
    for _, key, begins, sends in rows(CHOREOGRAPHY.read_text("utf-8").partition("## How")[0]):
        (process,) = [each for each in drawn.processes if each.key == key]
        names = {event.name for element in process.elements.values() for event in element.events}
        assert {name for name in names if name} == {
            word.strip(",") for word in f"{begins} {sends}".split() if "Pokemon" in word
        }


def test_every_promise_is_shown_by_a_test() -> None:
    assert all(shown.startswith("tests/acceptance/") for *_, shown in rows(section(CHOREOGRAPHY, "What holds")))
