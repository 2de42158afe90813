"""What docs/decisions.md shows is so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from documents import ROOT, Session, blocks

from runner.cli import cli
from runner.decisions.hit_policies import POLICIES

PAGE = ROOT / "docs" / "decisions.md"


@pytest.fixture(autouse=True)
def _in_a_folder_with_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)


def test_consoles_print_what_is_shown() -> None:
    session = Session()
    assert [line for block in blocks(PAGE, "console") for line in session.missing(block)] == []


def test_a_refusal_looks_as_shown() -> None:
    battle = Path("examples/battle.dmn").read_text("utf-8")
    Path("battle.dmn").write_text(battle.replace("&lt; 20", "&lt;", 1), "utf-8")
    assert CliRunner().invoke(cli, ["check", "battle.dmn"]).stdout == blocks(PAGE, "text")[0]


@pytest.mark.parametrize("code", blocks(PAGE, "python"))
def test_python_does_what_is_said(code: str) -> None:
    exec(compile(code, str(PAGE), "exec"), {})


def test_every_code_is_explained() -> None:
    """Give in the table each code that reading decisions can report."""
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "runner" / "decisions").glob("*.py"))
    codes = set(re.findall(r'(?:refuse|warn|note|_find)\(\s*[^"]*?"([a-z]+(?:_[a-z]+)+)"', sources))
    text = PAGE.read_text("utf-8")
    assert len(codes) >= 20
    assert [code for code in sorted(codes) if f"`{code}`" not in text] == []


def test_every_hit_policy_is_explained() -> None:
    text = PAGE.read_text("utf-8")
    assert [policy for policy in POLICIES if f"| `{policy}` |" not in text] == []
