"""Deploying a file by what it holds: processes or decisions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runner.bpmn.xml import load_file
from runner.commands.decisions import deploy_decisions
from runner.commands.definitions import deploy
from runner.decisions import is_decision_file
from runner.decisions.imports import beside
from runner.model import Deployment
from runner.runtime import Runtime

# What a folder is searched for, in this order: processes that are started call decisions that are there.
DEPLOYED = (".dmn", ".bpmn")


def deploy_file(
    runtime: Runtime, path: Path, *, deployment: str | None = None, together: Sequence[Path] = ()
) -> tuple[Deployment, ...]:
    """Store what a file holds; unchanged content makes no new version. A decision file may import what lies beside it,
    or is deployed together with it.

    Raises DiagramUnreadable, DiagramRefused or DecisionsRefused; then nothing is stored.
    """
    content = load_file(path)
    if is_decision_file(path):
        find = beside(path, together)
        return deploy_decisions(runtime, content, source=path.name, deployment=deployment, find=find)
    return deploy(runtime, content, source=path.name, deployment=deployment)


def files_in(folder: Path) -> tuple[Path, ...]:
    """Give the files of a folder that can be deployed, decisions first, each kind by name."""
    found = [path for path in folder.iterdir() if path.suffix in DEPLOYED]
    return tuple(sorted(found, key=lambda path: (DEPLOYED.index(path.suffix), path.name)))


def importing(folder: Path) -> tuple[Path, ...]:
    """Give the decision files of a folder that seem to import others: a change there may concern them."""
    return tuple(path for path in files_in(folder) if is_decision_file(path) and b"import" in path.read_bytes())
