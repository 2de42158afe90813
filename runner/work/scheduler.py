"""What is due without anybody asking: jobs whose worker is gone are offered again (the reconciler), and instances that
ended long ago are put away."""

from __future__ import annotations

import logging
import threading
from typing import Any

from runner.commands.jobs import claimed_jobs, release_jobs
from runner.commands.upkeep import Retention, tidy
from runner.errors import Conflict
from runner.runtime import Runtime
from runner.work.courier import Courier
from runner.work.identity import is_dead
from runner.work.rounds import one_round
from runner.work.timekeeper import Timekeeper

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
# A backlog is put away bit by bit, so that the work of the runner goes on beside it.
BATCHES_PER_TICK = 5


class Scheduler:
    """A thread that ticks; several may run on one database, for what they do is guarded by claims."""

    def __init__(self, runtime: Runtime, retention: Retention | None = None) -> None:
        self._runtime = runtime
        self._retention = retention or Retention()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="runner-scheduler", daemon=True)
        self._timekeeper, self._courier = Timekeeper(runtime), Courier(runtime)

    def start(self) -> None:
        """Take jobs back from dead workers at once, then go on ticking; fire timers and deliver messages beside it."""
        self._thread.start()
        self._timekeeper.start()
        self._courier.start()

    def stop(self) -> None:
        """Stop ticking, firing and delivering."""
        self._stopping.set()
        self._timekeeper.stop()
        self._courier.stop()
        self._thread.join()

    def tick(self) -> float:
        """Offer again every job whose claim has lapsed, or whose worker on this machine is dead; then put away.

        Gives the seconds until the next tick.
        """
        rows = claimed_jobs(self._runtime)
        now = self._runtime.database.now()
        dead = frozenset(name for name in {row["claimed_by"] for row in rows} if is_dead(name))
        for row in rows:
            if row["claimed_until"] <= now or row["claimed_by"] in dead:
                self._release(row, dead)
        for _ in range(BATCHES_PER_TICK):
            if self._stopping.is_set() or not tidy(self._runtime, self._retention):
                break
        return TICK_SECONDS

    def _release(self, row: dict[str, Any], dead: frozenset[str]) -> None:
        try:
            release_jobs(self._runtime, [row], dead=dead)
        except Conflict as error:
            log.debug("%s", error)  # its worker answered, or another scheduler was quicker

    def _run(self) -> None:
        while not self._stopping.wait(one_round(self.tick, action="tick_failed")):
            pass
