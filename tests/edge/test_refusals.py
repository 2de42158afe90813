"""What cannot be used is refused in a sentence with exit status 2, and nothing is written for it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from builders import chain
from click.testing import CliRunner, Result

from runner.cli import cli

HANDLERS = 'from runner import handler\n@handler("echo")\ndef echo(n): return {"n": n}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a diagram and its handler."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(HANDLERS)
    (tmp_path / "p.bpmn").write_bytes(chain(["echo"]))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["run", "p.bpmn", "--handlers", "mine.py", *arguments])


def variables(*arguments: str) -> dict[str, object]:
    result = run("--database", "sqlite://", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout)["variables"])


def refused(result: Result, says: str) -> bool:
    (sentence,) = result.stderr.splitlines()
    return result.exit_code == 2 and sentence.startswith("runner: Expected ") and says in sentence


def test_a_file_that_is_no_database_is_named_and_left_as_it_was(folder: Path) -> None:
    (folder / "notes.db").write_text("These are notes. " * 100)

    assert refused(run("--database", "sqlite:///notes.db"), "notes.db, but the file is something else")
    assert (folder / "notes.db").read_text() == "These are notes. " * 100


@pytest.mark.parametrize("command", ["check", "deploy", "run", "render", "docs", "decide", "backup"])
def test_a_name_that_no_file_can_have_is_refused_in_a_sentence(folder: Path, command: str) -> None:
    result = CliRunner().invoke(cli, [command, "a" * 5000])
    assert result.exit_code == 2 and "Expected" in result.output


def test_a_database_in_a_folder_that_no_folder_can_be_is_refused(folder: Path) -> None:
    assert refused(run("--database", f"sqlite:///{'a' * 5000}/x.db"), "does not exist")


def test_a_database_of_a_newer_version_is_left_as_it_was(folder: Path) -> None:
    assert run("--var", "n=1").exit_code == 0
    with sqlite3.connect(folder / "runner.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    assert refused(run("--var", "n=1"), "runner.db has schema 9999: it was written by a newer version")
    with sqlite3.connect(folder / "runner.db") as connection:
        assert connection.execute("SELECT count(*) FROM instances").fetchone() == (1,)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////proc/x.db", "/proc/x.db, but the file cannot be opened"),
        ("sqlite:////nowhere/x.db", "/nowhere does not exist"),
        ("sqlite:///.", "is a folder"),
        ("mysql://x/y", "but got 'mysql'"),
        ("nonsense", "such as sqlite:///runner.db"),
    ],
)
def test_a_database_that_cannot_be_had_is_a_sentence(folder: Path, url: str, says: str) -> None:
    assert refused(run("--database", url), says)
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["mine.py", "p.bpmn"]


def test_a_folder_is_neither_a_file_nor_a_key(folder: Path) -> None:
    (folder / "diagrams").mkdir()
    result = CliRunner().invoke(cli, ["run", "diagrams", "--handlers", "mine.py"])
    assert refused(result, "'diagrams' is a folder")


def test_a_worker_of_a_topic_without_a_handler_is_told_the_near_one(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["worker", "--topics", "ehco", "--handlers", "mine.py"])
    assert refused(result, "'ehco'") and "Did you mean 'echo'?" in result.stderr


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("7", 7),
        ('"7"', "7"),
        ("null", None),
        ('{"a": [1.5, true]}', {"a": [1.5, True]}),
        ("Mewtwo", "Mewtwo"),
        ("", ""),
        ("a=b", "a=b"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_a_value_is_json_if_it_can_be_and_text_if_not(folder: Path, value: str, read: object) -> None:
    assert variables("--var", f"n={value}") == {"n": read}


def test_a_pair_wins_over_files_and_a_later_file_over_an_earlier(folder: Path) -> None:
    (folder / "one.json").write_text('{"n": 1, "a": 1, "b": 1}')
    (folder / "two.json").write_text('{"n": 2, "a": 2}')
    assert variables("--var", "n=3", "--vars", "one.json", "--vars", "two.json") == {"n": 3, "a": 2, "b": 1}


def test_a_file_that_was_saved_with_a_byte_order_mark_is_read(folder: Path) -> None:
    (folder / "windows.json").write_bytes(b'\xef\xbb\xbf{"n": 1}')
    assert variables("--vars", "windows.json") == {"n": 1}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "cannot be read"),
        (b'{"n": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "cannot be read"),
        (b'{"n": "\xff"}', "cannot be read"),
        (b"[1]", "holds a list"),
    ],
)
def test_a_file_that_holds_no_variables_is_refused(folder: Path, content: bytes, says: str) -> None:
    (folder / "vars.json").write_bytes(content)
    result = run("--vars", "vars.json")
    assert result.exit_code == 2 and "vars.json" in result.stderr and says in result.stderr
    assert not (folder / "runner.db").exists()


def test_variables_that_are_not_unicode_are_refused(folder: Path) -> None:
    assert refused(run("--var", r'n="\ud800"'), "variable 'n'")
