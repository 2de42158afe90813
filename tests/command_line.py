"""The `runner` command as a process of its own, as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-c", "from runner.cli import main; main()"]


def environment(**more: str) -> dict[str, str]:
    """Give an environment in which the project can be imported and nothing else is set about the runner."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUNNER_", "POKEMON_", "OAK_"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | more


def command(*arguments: str | Path, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `runner` with these arguments to its end, and give its exit status and output."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def answer(*arguments: str | Path, folder: Path = ROOT, **variables: str) -> dict[str, Any]:
    """Run `runner` with `--json`, expect nothing else on its standard output, and give that."""
    found = json.loads(command(*arguments, "--json", folder=folder, **variables).stdout)
    assert isinstance(found, dict)
    return found


def started(*arguments: str | Path, folder: Path = ROOT, **variables: str) -> subprocess.Popen[str]:
    """Start `runner` with these arguments; use as a context manager and stop it."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
