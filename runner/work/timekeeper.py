"""Fires timers when they are due. Sleeps until the next one, and is woken when an earlier one is set."""

from __future__ import annotations

import logging
import threading

from runner.commands.timers import due_timers, fire_timers
from runner.runtime import Runtime
from runner.work.rounds import one_round
from runner.work.setbacks import Setbacks

log = logging.getLogger(__name__)
# Timers that another process has set may be earlier than those known here.
LOOK_AGAIN_SECONDS = 1.0
BATCH = 100


class Timekeeper:
    """A thread; several may run on one database: each timer is fired by one of them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._setbacks = Setbacks()
        self._until: int | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="runner-timekeeper", daemon=True)

    def start(self) -> None:
        """Fire what was due while nothing ran, and go on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what is not fired yet is fired by whoever runs next."""
        self._stopping.set()
        self._runtime.timers.ring()
        self._thread.join()

    def fire_due(self) -> float:
        """Fire the timers that are due, and give the seconds until there may be others."""
        agenda = due_timers(self._runtime, limit=BATCH + len(self._setbacks))
        self._until = agenda.next_at
        ids = self._setbacks.without(agenda.due)
        if not ids:
            is_ahead = agenda.seconds is not None and not agenda.due
            return min(LOOK_AGAIN_SECONDS, agenda.seconds or 0.0) if is_ahead else LOOK_AGAIN_SECONDS
        for id, error in self._setbacks.note(ids, fire_timers(self._runtime, ids)).items():
            log.error("Timer %s could not be fired yet: %s", id, error, extra={"action": "timer_failed"})
        return 0.0

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._runtime.timers.look()
            pause = one_round(self.fire_due, action="timers_failed")
            if pause > 0 and not self._stopping.is_set():
                self._runtime.timers.sleep(pause, until=self._until)
