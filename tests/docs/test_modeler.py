"""What docs/modeler.md shows is printed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from documents import ROOT, Session, blocks

PAGE = ROOT / "docs" / "modeler.md"


def test_consoles_print_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("processes", "examples", ".camunda"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    session = Session()
    assert [line for block in blocks(PAGE, "console") for line in session.missing(block)] == []
