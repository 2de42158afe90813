"""Deploying a file by what it holds: processes, decisions or a form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runner.bpmn.xml import load_file
from runner.commands.decisions import deploy_decisions
from runner.commands.definitions import deploy
from runner.commands.forms import deploy_form
from runner.decisions import is_decision_file
from runner.decisions.imports import beside
from runner.errors import DiagramUnreadable
from runner.forms.camunda import is_form_file
from runner.model import Deployment
from runner.runtime import Runtime

# What a folder is searched for, in this order: processes that are started find decisions and forms that are there.
DEPLOYED = (".form", ".dmn", ".bpmn")


def deploy_file(
    runtime: Runtime,
    path: Path,
    *,
    deployment: str | None = None,
    together: Sequence[Path] = (),
    renewed: bool = False,
) -> tuple[Deployment, ...]:
    """Store what a file holds; unchanged content makes no new version. A decision file may import what lies beside it,
    or is deployed together with it. `renewed`: something that is deployed with it has changed.

    Raises DiagramUnreadable, DiagramRefused, DecisionsRefused or FormRefused; then nothing is stored.
    """
    content = load_file(path)
    if is_form_file(path):
        return deploy_form(runtime, content, source=path.name, deployment=deployment)
    if is_decision_file(path):
        find = beside(path, together)
        return deploy_decisions(runtime, content, source=path.name, deployment=deployment, find=find)
    return deploy(runtime, content, source=path.name, deployment=deployment, renewed=renewed)


def files_in(folder: Path) -> tuple[Path, ...]:
    """Give the files of a folder that can be deployed, forms and decisions first, each kind by name."""
    found = [path for path in folder.iterdir() if path.suffix in DEPLOYED]
    return tuple(sorted(found, key=lambda path: (rank(path), path.name)))


def rank(path: Path) -> int:
    """Give the place of a file in the order in which files are deployed."""
    return DEPLOYED.index(path.suffix) if path.suffix in DEPLOYED else len(DEPLOYED)


def importing(folder: Path) -> tuple[Path, ...]:
    """Give the decision files of a folder that may import others: a change there concerns them, too."""
    return tuple(path for path in files_in(folder) if is_decision_file(path) and _imports(path))


def _imports(path: Path) -> bool:
    try:
        return b"import" in load_file(path)
    except DiagramUnreadable:  # it will be said when that file is deployed
        return False
