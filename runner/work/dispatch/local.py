"""Jobs for worker threads in this process: a wake-up after the commit, and polling for all that it cannot know."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from runner.store.transactions import Transaction


class LocalDispatcher:
    """Wakes waiting workers. Jobs of other processes, and retries that become due, are found by polling."""

    def __init__(self) -> None:
        self._announced = threading.Event()

    def enqueue(self, transaction: Transaction, topics: Sequence[str]) -> None:
        """Wake the workers once the transaction is durable: before that there is nothing to claim."""
        transaction.after_commit.append(self._announced.set)

    def wait(self, seconds: float) -> None:
        """Block until something is announced, at most so long."""
        self._announced.wait(seconds)
        self._announced.clear()

    def ensure(self) -> None:
        """Wake the workers: they look at the whole table anyway."""
        self._announced.set()
