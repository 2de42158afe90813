"""One instance as the Python API shows it: asking about it, waiting for it, and what a person may do with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from runner.commands import incidents, instances
from runner.commands.incidents import Resolution
from runner.model import HistoryEntry, Incident, InstanceState, InstanceView, Token
from runner.runtime import Runtime

# Steps of other processes are announced on PostgreSQL only, as hints; whoever waits looks again after this long.
LOOK_AGAIN_SECONDS = 0.25
# What moves in this process has often ended a moment later, which is told: until then the database is not asked.
MOMENT_SECONDS = 0.01
_RUNNING = (InstanceState.ACTIVE, InstanceState.SUSPENDED)


class RunnerInstance:
    """One instance, read anew from the database by every property."""

    def __init__(self, runtime: Runtime, instance_id: str) -> None:
        self._runtime = runtime
        self.id = instance_id

    def view(self, *, at: int | None = None, newest: int | None = None) -> InstanceView:
        """Give all about the instance, read at one moment (or as of step `at`), or its `newest` steps only."""
        return instances.view_instance(self._runtime, self.id, at=at, newest=newest)

    @property
    def state(self) -> InstanceState:
        """Give where the instance stands: active, completed, …"""
        return instances.find_instance(self._runtime, self.id).state

    @property
    def variables(self) -> dict[str, Any]:
        """Give the process's variables."""
        return dict(self.view().variables)

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        """Give all that happened, oldest first."""
        return self.view().history

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Give the open incidents."""
        return tuple(incident for incident in self.view().incidents if incident.resolved_at is None)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Give where the tokens are and what each waits for."""
        return self.view().tokens

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the instance has ended; False if `timeout` seconds passed before that."""
        return self._wait(timeout, lambda _: False)

    def wait_until_settled(self, timeout: float | None = None) -> bool:
        """Block until the instance has ended or only a person can move it on; False if `timeout` passed before."""
        return self._wait(timeout, lambda incidents: incidents > 0 and not self._at_work())

    def cancel(self, *, compensate: bool = False) -> None:
        """End the instance now, or, with `compensate`, once all that has completed is undone, newest first.

        Raises InstanceEnded, or InstanceCalled if another instance waits for this one.
        """
        instances.cancel_instance(self._runtime, self.id, compensate=compensate)

    def resolve(
        self, incident_id: int | None = None, variables: Mapping[str, Any] | None = None, *, skip: bool = False
    ) -> None:
        """Try one incident again, with changed variables if wanted, or let its element be over with them as results.

        Raises IncidentNotFound, InstanceEnded, Invalid if there are several and none is named, or Conflict if it cannot
        be skipped.
        """
        incidents.resolve_incident(self._runtime, self.id, Resolution(incident_id, variables or {}, skip))

    def retry(self, variables: Mapping[str, Any] | None = None) -> None:
        """Try again what has an incident or waits for its next attempt. Raises IncidentNotFound or InstanceEnded."""
        incidents.retry_instance(self._runtime, self.id, variables)

    def _at_work(self) -> bool:
        return any(token.waiting_for == "job" for token in self.tokens)

    def _wait(self, timeout: float | None, stuck: Callable[[int], bool]) -> bool:
        end = None if timeout is None else time.monotonic() + timeout
        with self._runtime.watches.watch(self.id, every_step=False) as watch:
            state = self._runtime.watches.last_known(self.id)
            if state in _RUNNING:
                watch.wait(MOMENT_SECONDS if timeout is None else min(MOMENT_SECONDS, timeout))
                state = watch.state
            while state is None or state in _RUNNING:
                state, incidents = instances.standing(self._runtime, self.id)
                if state not in _RUNNING or stuck(incidents):
                    break
                left = LOOK_AGAIN_SECONDS if end is None else min(LOOK_AGAIN_SECONDS, end - time.monotonic())
                if left <= 0:
                    return False
                watch.wait(left)
                state = watch.state
        return True
