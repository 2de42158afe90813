"""A process without service tasks needs no handlers: nobody has to write a module for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from builders import bpmn, chain

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder whose handlers module has no handler in it, with a process that calls none and one that does."""
    (tmp_path / "handlers.py").write_text("NOTHING = None\n")
    (tmp_path / "free.bpmn").write_bytes(bpmn([("s", "startEvent"), ("a", "task")], [("s", "a")]))
    (tmp_path / "bound.bpmn").write_bytes(chain(["pay"]))
    return tmp_path


def runner(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # With the folder before the repository: its handlers.py is found, and not our example.
    code = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(ROOT)!r}]; from runner.cli import cli; cli()"
    command = [sys.executable, "-P", "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_a_process_without_service_tasks_runs_where_no_handler_is(folder: Path) -> None:
    ran = runner(folder, "run", "free.bpmn")
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "completed"), ran.stderr
    assert runner(folder, "check", "free.bpmn").returncode == 0


def test_a_service_task_is_refused_there_in_its_own_words(folder: Path) -> None:
    refused = runner(folder, "run", "bound.bpmn")
    assert refused.returncode == 2 and "Expected a handler for 'pay'" in refused.stderr


def test_a_module_that_is_named_must_hold_a_handler(folder: Path) -> None:
    refused = runner(folder, "run", "free.bpmn", "--handlers", "handlers")
    assert refused.returncode == 2 and "Expected handlers in 'handlers'" in refused.stderr
