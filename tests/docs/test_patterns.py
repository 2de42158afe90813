"""What examples/patterns/README.md says is so: each command is done, while a runner works as `runner serve` would."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from documents import ROOT, Session, blocks
from waiting import until

from runner import Runner
from runner.bpmn.render import render_svg
from runner.settings import load_settings

PATTERNS = ROOT / "examples" / "patterns"
PAGE = PATTERNS / "README.md"
FILES = sorted(PATTERNS.glob("*.bpmn"))
# These change nothing, and may be asked again until what they tell of has happened.
ASKING = ("$ runner show", "$ runner tasks", "$ runner messages")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a copy of the folder."""
    shutil.copytree(PATTERNS, tmp_path / "patterns", ignore=shutil.ignore_patterns("__pycache__", "*.db*"))
    monkeypatch.chdir(tmp_path / "patterns")
    return tmp_path / "patterns"


@pytest.mark.parametrize("number", range(len(FILES)))
def test_consoles_print_what_is_shown(folder: Path, number: int) -> None:
    session, commands = Session(), re.split(r"^(?=\$ )", blocks(PAGE, "console")[number], flags=re.MULTILINE)[1:]
    with Runner(settings=load_settings()[0]) as runner:
        runner.deploy(*sorted(folder.glob("*.form")), *sorted(folder.glob("*.bpmn")))
        for command in commands:
            if command.startswith(ASKING):
                until(lambda command=command: session.missing(command) == [])  # type: ignore[misc]
            else:
                assert session.missing(command) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pictures_are_fresh_drawings(path: Path, tmp_path: Path) -> None:
    picture = path.with_suffix(".svg")
    fresh = tmp_path / picture.name
    fresh.write_text(render_svg(path.read_bytes(), theme="light", source=path.name) + "\n", "utf-8")
    assert picture.read_bytes() == fresh.read_bytes(), f"The picture is old: runner render {path} -o {picture}"


def test_every_pattern_has_a_section_with_its_picture() -> None:
    page = PAGE.read_text("utf-8")
    assert [path.stem for path in FILES if f"({path.stem}.svg)" not in page or f"`{path.name}`" not in page] == []
    assert len(blocks(PAGE, "console")) == len(FILES)
