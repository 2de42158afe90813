"""What the pages in docs/ say is so: examples are evaluated, tables compared, and whatever is named exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCUMENTS, ROOT, Session, blocks, rows, section, write_files

from runner.expressions import Expression, Language, evaluate
from runner.model import IncidentKind
from runner.settings import load_settings

ARCHITECTURE, EXPRESSIONS, HANDLERS, OPERATIONS = (
    ROOT / "docs" / f"{name}.md" for name in ("architecture", "expressions", "handlers", "operations")
)
LANGUAGES = {"FEEL": Language.FEEL, "JUEL": Language.JUEL, "Plain": Language.PYTHON}
EXAMPLES = [(words, *row) for words in LANGUAGES for row in rows(section(EXPRESSIONS, words))]
_CORE = ("", "schedules", "bpmn", "engine", "engine/elements", "store", "commands")
ROOMS = (*_CORE, "bpmn/rules", "work", "work/dispatch", "templates", "forms")


def anchors(document: Path) -> set[str]:
    """Give the places in a document that a link can lead to."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("words", "text", "expected"), EXAMPLES)
def test_expression_gives_what_is_said(words: str, text: str, expected: str) -> None:
    (variables,) = map(json.loads, blocks(EXPRESSIONS, "json"))
    assert evaluate(Expression(text, LANGUAGES[words]), variables) == json.loads(expected)


def test_every_language_has_examples() -> None:
    assert {words for words, *_ in EXAMPLES} == set(LANGUAGES)


def test_handler_examples_pass_their_own_tests(tmp_path: Path) -> None:
    write_files(HANDLERS, tmp_path)
    shutil.copytree(ROOT / "processes", tmp_path / "processes")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    tried = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "4 passed" in tried.stdout, tried.stdout + tried.stderr


def test_consoles_of_operations_print_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("processes", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OAK_URL", "http://127.0.0.1:9")  # the port named "discard": nobody answers there
    session = Session()
    assert [line for block in blocks(OPERATIONS, "console") for line in session.missing(block)] == []


def test_settings_example_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "runner.toml").write_text(*blocks(OPERATIONS, "toml"))
    settings, _ = load_settings(environment={}, folder=tmp_path)
    assert (settings.handlers, settings.threads) == (("handlers", "shop.py"), 16)


def test_every_kind_of_incident_is_explained() -> None:
    kinds = [row[0] for row in rows(section(OPERATIONS, "Retrying, incidents and what to do"))]
    assert sorted(kinds) == sorted(IncidentKind)


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_is_on_the_map(room: str) -> None:
    text = section(ARCHITECTURE, "Rooms")
    names = {path.name for path in (ROOT / "runner" / room).glob("*.py")} - {"__init__.py"}
    assert [name for name in sorted(names) if name not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_and_tests_that_are_named_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    paths = re.findall(
        r"`((?:runner|handlers|web|tests|docs|processes|examples|benchmarks)/[\w/.-]*)(?:::(\w+))?", text
    )
    made_up = {"handlers/center.py", "tests/unit/test_center.py"}
    missing = [path for path, _ in paths if path not in made_up and not (ROOT / path).exists()]
    tests = [(path, name) for path, name in paths if name and f"def {name}(" not in (ROOT / path).read_text("utf-8")]
    assert (missing, tests) == ([], [])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", document.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        place = (document.parent / path).resolve() if path else document
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(target)
    assert broken == []
