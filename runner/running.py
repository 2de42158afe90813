"""`runner run`: deploy a file or take a key, start one instance, follow it to its end."""

from __future__ import annotations

import os.path
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from runner.app import Runner, RunnerInstance, unique_process
from runner.commands.instances import history_after
from runner.errors import DiagramUnreadable
from runner.instance import LOOK_AGAIN_SECONDS
from runner.model import HistoryEntry, InstanceState, InstanceView
from runner.settings import Settings

COMPLETED, ENDED_OTHERWISE, TIMED_OUT = 0, 1, 3


class Show(Protocol):
    """How a run is shown while it happens and when it is over."""

    timeout: float | None

    def begin(self, instance_id: str, key: str, version: int) -> None:
        """Say that the instance has started."""

    def step(self, entries: tuple[HistoryEntry, ...]) -> None:
        """Show what has happened since."""

    def end(self, view: InstanceView, status: int) -> None:
        """Show the result."""


def run_to_end(
    settings: Settings,
    what: str,
    variables: Mapping[str, Any],
    *,
    process: str | None,
    business_key: str | None,
    show: Show,
) -> int:
    """Run a file or key and give the exit status. Raises RunnerError for what is refused."""
    with Runner(settings=settings) as runner:
        key = _key(runner, what, process)
        instance = runner.start(key, variables, business_key=business_key)
        view = instance.view()
        show.begin(instance.id, view.instance.key, view.instance.version)
        try:
            settled = _follow(runner, instance, show)
        except KeyboardInterrupt:
            settled = False  # a person who waits no longer: as if the time had passed
        view = instance.view()
        status = TIMED_OUT if not settled else _status(view)
        show.end(view, status)
        # What still runs when time is up must not hold the command; its job is offered again later.
        runner.close(timeout=10.0 if settled else 0.5)
    return status


def _key(runner: Runner, what: str, process: str | None) -> str:
    path = Path(what)
    # Unlike the methods of Path, these have an answer for names that no file can have, and folders that none may read.
    if os.path.isfile(path):
        return unique_process(runner, runner.deploy(path), process)
    if os.path.isdir(path):
        raise DiagramUnreadable(f"Expected a BPMN file or a process key, but '{what}' is a folder.")
    if path.suffix or len(path.parts) > 1:
        raise DiagramUnreadable(f"Expected a BPMN file or a process key, but there is no file '{what}'.")
    return what


def _follow(runner: Runner, instance: RunnerInstance, show: Show) -> bool:
    end = None if show.timeout is None else time.monotonic() + show.timeout
    seen: tuple[HistoryEntry, ...] = ()
    with runner.runtime.watches.watch(instance.id, every_step=True) as moved:
        while True:
            settled = instance.wait_until_settled(0)
            new = history_after(runner.runtime, instance.id, seen)
            if new:
                show.step(new)
                seen = new[-1:]
            if settled:
                return True
            left = LOOK_AGAIN_SECONDS if end is None else min(LOOK_AGAIN_SECONDS, end - time.monotonic())
            if left <= 0:
                return False
            moved.wait(left)


def _status(view: InstanceView) -> int:
    return COMPLETED if view.instance.state is InstanceState.COMPLETED else ENDED_OTHERWISE
