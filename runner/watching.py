"""A folder of diagrams, deployed and kept deployed: what is saved in the modeler is a new version within a second."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, watch

from runner.bpmn.xml import load_file
from runner.commands import definitions
from runner.errors import RunnerError
from runner.model import Deployment
from runner.runtime import Runtime

log = logging.getLogger(__name__)
Report = Callable[[str], None]


class FolderWatch:
    """Deploys `folder/*.bpmn`, then whatever is saved there; a refusal is reported and the old version stays."""

    def __init__(self, runtime: Runtime, folder: Path, report: Report) -> None:
        self._runtime, self._folder, self._report = runtime, folder, report
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="runner-folder", daemon=True)

    def start(self) -> None:
        """Deploy what is there, then watch for changes."""
        for path in sorted(self._folder.glob("*.bpmn")):
            self.deploy(path)
        if self._folder.is_dir():
            self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def deploy(self, path: Path) -> None:
        """Deploy one file and report what came of it; never raises for what is in the file."""
        try:
            deployments = definitions.deploy(self._runtime, load_file(path), source=path.name)
        except RunnerError as error:
            self._runtime.refusals[path.name] = str(error)
            self._report(f"refused: {error}")
        else:
            self._runtime.refusals.pop(path.name, None)
            for deployment in deployments:
                self._tell(deployment)

    def _tell(self, deployment: Deployment) -> None:
        definition = deployment.definition
        if deployment.created:
            self._report(f"deployed: {definition.key} version {definition.version} from {definition.source}")
        for warning in deployment.warnings:
            self._report(f"warning: {warning}")

    def _watch(self) -> None:
        # 100 ms collects the two or three events of one save; saving is seen well within a second.
        for found in watch(self._folder, stop_event=self._stopping, debounce=100, step=50, recursive=False):
            for kind, name in sorted(found, key=lambda each: each[1]):
                if kind is not Change.deleted and name.endswith(".bpmn"):
                    self.deploy(Path(name))
