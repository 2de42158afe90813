"""What docs/decisions.md shows is so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from documents import ROOT, Session, blocks

from runner.decisions.hit_policies import POLICIES

PAGE = ROOT / "docs" / "decisions.md"


@pytest.fixture(autouse=True)
def _in_a_folder_with_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)


def test_consoles_print_what_is_shown() -> None:
    session = Session()
    assert [line for block in blocks(PAGE, "console") for line in session.missing(block)] == []


@pytest.mark.parametrize("code", blocks(PAGE, "python"))
def test_python_does_what_is_said(code: str) -> None:
    exec(compile(code, str(PAGE), "exec"), {})


def test_every_hit_policy_is_explained() -> None:
    text = PAGE.read_text("utf-8")
    assert [policy for policy in POLICIES if f"| `{policy}` |" not in text] == []
