"""Settings come from four places, the nearest wins, and each says where it came from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from runner.cli import cli
from runner.errors import SettingsInvalid
from runner.settings import load_settings


def test_the_nearest_place_wins_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "runner.toml").write_text('threads = 3\nport = 9000\nhandlers = ["a", "b"]\n')

    settings, origins = load_settings({"port": 9002}, environment={"RUNNER_THREADS": "5"}, folder=tmp_path)

    assert (settings.threads, settings.port, settings.handlers) == (5, 9002, ("a", "b"))
    assert (origins["threads"], origins["port"], origins["host"]) == ("RUNNER_THREADS", "given", "default")
    assert origins["handlers"] == str(tmp_path / "runner.toml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("threads = ", "runner.toml cannot be read"),
        ("thread = 3", "Did you mean 'threads'"),
        ('threads = "many"', "'threads'"),
        ("port = 99999", "'port'"),
        ('log_level = "LOUD"', "LOUD"),
    ],
)
def test_a_broken_file_is_a_sentence_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "runner.toml").write_text(text)

    with pytest.raises(SettingsInvalid, match=r"runner\.toml") as caught:
        load_settings(environment={}, folder=tmp_path)
    assert says in str(caught.value)


def test_a_broken_file_stops_a_command_with_exit_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runner.toml").write_text("[[[")

    result = CliRunner().invoke(cli, ["instances"])

    assert result.exit_code == 2 and "runner.toml" in result.stderr
    assert not (tmp_path / "runner.db").exists()


def test_the_command_prints_value_and_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_DATABASE", "sqlite:///other.db")

    found = json.loads(CliRunner().invoke(cli, ["settings", "--json"]).stdout)

    assert found["database"] == {"value": "sqlite:///other.db", "origin": "RUNNER_DATABASE"}
    assert found["handlers"] == {"value": ["handlers"], "origin": "default"}


def test_a_password_in_the_database_url_is_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_DATABASE", "postgresql://me:secret@db/runner")

    printed = CliRunner().invoke(cli, ["settings", "--json"]).stdout

    assert "secret" not in printed and "postgresql://me:***@db/runner" in printed
