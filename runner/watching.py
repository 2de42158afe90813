"""A folder of diagrams, deployed and kept deployed: what is saved in the modeler is a new version within a second."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from watchfiles import watch

from runner.commands.called import with_missing_calls
from runner.commands.files import DEPLOYED, deploy_file, files_in, importing, rank
from runner.decisions import is_decision_file
from runner.errors import RunnerError
from runner.model import Deployment
from runner.runtime import Runtime

log = logging.getLogger(__name__)
Report = Callable[[str], None]


class FolderWatch:
    """Deploys a folder's decisions and diagrams, then what is saved there; a refusal is reported, the old one stays."""

    def __init__(self, runtime: Runtime, folder: Path, report: Report) -> None:
        self._runtime, self._folder, self._report = runtime, folder, report
        self._stopping = threading.Event()
        self._saved: dict[Path, int] = {}
        self._thread = threading.Thread(target=self._watch, name="runner-folder", daemon=True)

    def start(self) -> None:
        """Deploy what is there, then watch for changes."""
        if not self._folder.is_dir():
            self._report(f"Expected a folder of diagrams, but {self._folder} does not exist: nothing is watched.")
            return
        self._saved = self._stamps()
        self.deploy(*self._saved)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def deploy(self, *paths: Path) -> None:
        """Deploy files in this order and report what came of it; never raises for what is in a file."""
        stored = [deployment for path in paths for deployment in self._store(path)]
        for deployment in with_missing_calls(self._runtime, stored):
            self._tell(deployment)

    def _store(self, path: Path) -> tuple[Deployment, ...]:
        try:
            deployments = deploy_file(self._runtime, path)
        except RunnerError as error:
            self._runtime.refusals[path.name] = str(error)
            self._report(f"refused: {error}")
            return ()
        self._runtime.refusals.pop(path.name, None)
        return deployments

    def _tell(self, deployment: Deployment) -> None:
        definition = deployment.definition
        if deployment.created:
            self._report(f"deployed: {definition.key} version {definition.version} from {definition.source}")
        for warning in deployment.warnings:
            self._report(f"warning: {warning}")

    def _stamps(self) -> dict[Path, int]:
        found = {}
        for path in files_in(self._folder):
            with suppress(FileNotFoundError):  # it may be replaced at this very moment
                found[path] = path.stat().st_mtime_ns
        return found

    def _watch(self) -> None:
        # 100 ms collects the two or three events of one save; saving is seen well within a second.
        rounds = watch(
            self._folder,
            stop_event=self._stopping,
            debounce=100,
            step=50,
            recursive=False,
            rust_timeout=500,
            yield_on_timeout=True,
        )
        next(rounds, None)
        # Now it watches; what happened between deploying and this moment has made no event.
        now = self._stamps()
        self._changed(path for path in {*self._saved, *now} if self._saved.get(path) != now.get(path))
        for found in rounds:
            self._changed({Path(name) for _, name in found})

    def _changed(self, paths: Iterable[Path]) -> None:
        changed = set(paths)
        if any(is_decision_file(path) for path in changed):
            changed.update(importing(self._folder))
        saved = {path for path in changed if path.suffix in DEPLOYED and path.exists()}
        for path in changed - saved:
            self._runtime.refusals.pop(path.name, None)
        self.deploy(*sorted(saved, key=lambda path: (rank(path), path)))
