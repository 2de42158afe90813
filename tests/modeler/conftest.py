"""Camunda's own tools, run with Node. `npm ci --prefix tests/modeler` installs them; without them these tests skip."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Node = Callable[..., Any]


@pytest.fixture(scope="session")
def node() -> Node:
    """Give a function that runs a script of this folder and reads the JSON that it prints."""
    program = shutil.which("node")
    if program is None or not (HERE / "node_modules").is_dir():
        pytest.skip("needs Node, and `npm ci --prefix tests/modeler`")

    def run(script: str, *arguments: Path) -> Any:
        command = [program, str(HERE / script), *map(str, arguments)]
        return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)

    return run
