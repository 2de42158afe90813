"""What wakes a thread that sleeps until there is something to do: a timer that is due earlier, or a message to deliver.

A hint, as all that wakes: who sleeps looks again anyway. Where nobody sleeps, other processes are told."""

from __future__ import annotations

import threading

from runner.store.notices import Notice, tell_alarm
from runner.store.transactions import Transaction


class Alarm:
    """One sleeper's alarm clock, by one `name` in all processes. Instants are whole microseconds since 1970 UTC."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._attended = False
        self._rung = threading.Event()
        self._until: int | None = None

    def look(self) -> None:
        """Say that the sleeper is about to look what there is to do: whatever comes from now on rings."""
        self._attended = True
        self._until = None
        self._rung.clear()

    def sleep(self, seconds: float, *, until: int | None = None) -> None:
        """Sleep until it rings, at most so long; what is due from the instant `until` on need not ring."""
        self._until = until
        self._rung.wait(max(0.0, seconds))

    def ring(self) -> None:
        """Wake the sleeper."""
        self._rung.set()

    def ring_for(self, due_at: int) -> None:
        """Wake the sleeper if something is due before it wakes by itself."""
        until = self._until
        if until is None or due_at < until:
            self._rung.set()

    def ring_with(self, transaction: Transaction) -> None:
        """Wake the sleeper once a transaction is durable: that of this process, or those of others if it has none."""
        transaction.after_commit[self.ring] = None
        self.tell_others(transaction)

    def tell_others(self, transaction: Transaction) -> None:
        """Ring in other processes once a transaction is durable, if nobody in this one would do anything about it."""
        if not self._attended:
            tell_alarm(transaction, self._name)

    def hear(self, notice: Notice) -> None:
        """Wake the sleeper if another process rings."""
        if notice.alarms is None or self._name in notice.alarms:
            self.ring()
