"""Brings messages and signals that are stored to whoever waits for them, each in a transaction of its own, and ends
messages whose time is over. Woken by what is sent in this process; for all else it looks again."""

from __future__ import annotations

import logging
import threading

from runner.commands.messages import deliver_messages, expire_messages, note_problem, undelivered_messages
from runner.commands.signals import deliver_signals, undelivered_signals
from runner.runtime import Runtime
from runner.work.rounds import one_round
from runner.work.setbacks import Setbacks

log = logging.getLogger(__name__)
LOOK_AGAIN_SECONDS = 1.0
# A message for which somebody begins to wait in another process at this moment is looked at again.
SOON_SECONDS = 0.02
BATCH = 100


class Courier:
    """A thread; several may run on one database: each message and signal is brought by one of them."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._messages, self._signals = Setbacks(), Setbacks()
        self._tried: list[int] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="runner-courier", daemon=True)

    def start(self) -> None:
        """Deliver what was sent while nothing ran, and go on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; what is not delivered yet is delivered by whoever runs next."""
        self._stopping.set()
        self._runtime.post.ring()
        self._thread.join()

    def deliver(self) -> float:
        """Deliver what there is, and give the seconds until there may be more."""
        messages, signals = self._deliver_messages(), self._deliver_signals()
        if messages or signals:
            again = messages == self._tried and not signals
            self._tried = messages
            return SOON_SECONDS if again else 0.0
        self._tried = []
        return 0.0 if expire_messages(self._runtime, limit=BATCH) == BATCH else LOOK_AGAIN_SECONDS

    def _deliver_messages(self) -> list[int]:
        runtime, setbacks = self._runtime, self._messages
        ids = setbacks.without(undelivered_messages(runtime, limit=BATCH + len(setbacks)))
        if ids:
            for id, error in setbacks.note(ids, deliver_messages(runtime, ids)).items():
                log.error("Message %s could not be delivered yet: %s", id, error, extra={"action": "message_failed"})
                note_problem(runtime, id, error)
        return ids

    def _deliver_signals(self) -> list[int]:
        runtime, setbacks = self._runtime, self._signals
        ids = setbacks.without(undelivered_signals(runtime, limit=BATCH + len(setbacks)))
        if ids:
            for id, error in setbacks.note(ids, deliver_signals(runtime, ids)).items():
                log.error("Signal %s could not be delivered yet: %s", id, error, extra={"action": "signal_failed"})
        return ids

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._runtime.post.look()
            pause = one_round(self.deliver, action="courier_failed")
            if pause > 0 and not self._stopping.is_set():
                self._runtime.post.sleep(pause)
