"""The commands for whoever operates the store: what they print, and with which status they exit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from runner.cli import OK, REFUSED, cli

FIXTURES = Path(__file__).parents[1] / "fixtures" / "state_0001"
Invoke = Callable[..., Result]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Give `runner` with a database of ended instances in the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "ended.db", tmp_path / "runner.db")
    return lambda *arguments: CliRunner().invoke(cli, list(arguments))


def change(statement: str) -> None:
    """Change rows of the database in the working folder behind the runner's back."""
    engine = create_engine("sqlite:///runner.db")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def parsed(result: Result) -> dict[str, Any]:
    """Give the one JSON object that was printed."""
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_verify_says_what_it_checked_and_exits_0(invoke: Invoke) -> None:
    result = invoke("verify")

    assert result.exit_code == OK
    assert "Checked: 2 instances, 0 archived, 5 steps, 3 jobs, 0 incidents, 0 waits, 0 user tasks" in result.stdout
    assert result.stdout.count("holds") == 10


def test_verify_names_each_violation_and_exits_1(invoke: Invoke) -> None:
    change("UPDATE jobs SET state = 'ready' WHERE topic = 'b'")

    result = invoke("verify")

    assert result.exit_code == 1
    assert "I3 instance 01M" in result.stdout and "set the state of these jobs to 'canceled'" in result.stdout


def test_verify_answers_programs(invoke: Invoke) -> None:
    change("DELETE FROM steps WHERE seq = 0")

    found = parsed(invoke("verify", "--json"))

    assert [each["invariant"] for each in found["violations"]] == ["I1", "I1"]
    assert set(found["violations"][0]) == {"invariant", "instance_id", "message", "advice"}


def test_a_file_that_is_damaged_is_refused_with_what_to_do(invoke: Invoke, tmp_path: Path) -> None:
    invoke("verify")
    content = bytearray((tmp_path / "runner.db").read_bytes())
    content[6000:9000] = b"\xff" * 3000
    (tmp_path / "runner.db").write_bytes(content)

    result = invoke("verify")

    assert result.exit_code == REFUSED and "the file is damaged: restore a backup" in result.stderr


def test_backup_says_where_and_how_large(invoke: Invoke) -> None:
    result = invoke("backup", "copy.db")

    size = Path("copy.db").stat().st_size
    assert result.exit_code == OK and f"copy.db: {size / 1000:.1f} KB" in result.stdout
    assert invoke("verify", "--database", "sqlite:///copy.db").exit_code == OK


def test_backup_refuses_a_file_that_exists(invoke: Invoke) -> None:
    result = invoke("backup", "runner.db", "--json")

    assert result.exit_code == REFUSED
    assert parsed(result)["error"]["code"] == "conflict"


def test_stats_shows_counts_and_sizes(invoke: Invoke) -> None:
    result = invoke("stats")

    assert result.exit_code == OK
    assert "instances: 1 completed, 1 terminated" in result.stdout
    assert "longest log: 3 steps" in result.stdout


def test_stats_answers_programs(invoke: Invoke) -> None:
    found = parsed(invoke("stats", "--json"))

    assert (found["instances"], found["jobs"]) == ({"completed": 1, "terminated": 1}, {"canceled": 1, "completed": 2})
    assert found["tables"]["steps"]["rows"] == 5 and found["database_bytes"] > 0


def test_archive_packs_what_is_old_and_show_goes_on_showing_it(invoke: Invoke) -> None:
    (instance,) = parsed(invoke("instances", "--state", "completed", "--json"))["instances"]
    before = invoke("show", instance["instance_id"], "--at", "1").stdout

    assert parsed(invoke("archive", "--older-than-days", "0", "--json")) == {"archived": 1}

    assert invoke("show", instance["instance_id"], "--at", "1").stdout == before
    assert "(archived: 1)" in invoke("stats").stdout


def test_archive_takes_the_days_from_the_settings(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "runner.toml").write_text("archive_after_days = 36500")
    assert "0 instances archived" in invoke("archive").stdout

    (tmp_path / "runner.toml").write_text("archive_after_days = 0.5")
    assert "1 instances archived" in invoke("archive").stdout


def test_archive_wants_to_be_told_what_is_old(invoke: Invoke) -> None:
    result = invoke("archive")

    assert result.exit_code == REFUSED and "--older-than-days" in result.stderr
