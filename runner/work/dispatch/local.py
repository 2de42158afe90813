"""Jobs for worker threads in this process: a new job goes straight to a worker with room, claimed in the transaction
that opened it; all others are found by polling, which a wake-up shortens: the own worker's, and by a notice those of
other processes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from runner.commands.jobs import ClaimedJob, claim_new_job
from runner.runtime import LiveInstance, Runtime
from runner.store.notices import Notice, tell_due
from runner.store.transactions import Transaction

_PROMISED = "jobs promised to the worker"


class Receiver(Protocol):
    """A worker that takes claimed jobs."""

    topics: frozenset[str]

    def room(self, topic: str) -> int:
        """Give how many more jobs of a topic it would take now."""

    def take(self, jobs: Sequence[ClaimedJob]) -> None:
        """Receive jobs that are claimed for it."""


class LocalDispatcher:
    """Hands new jobs to the worker of this process and wakes it for the others."""

    def __init__(self) -> None:
        self._announced = threading.Event()
        self._receiver: Receiver | None = None

    def attach(self, receiver: Receiver | None) -> None:
        """Hand new jobs to this worker from now on (None: to nobody)."""
        self._receiver = receiver

    def enqueue(
        self, runtime: Runtime, transaction: Transaction, live: LiveInstance, rows: Sequence[dict[str, Any]]
    ) -> None:
        """Claim what the worker has room for; wake it and other processes for the rest, once that is durable."""
        receiver = self._receiver
        for row in rows:
            topic = row["topic"]
            promised: list[ClaimedJob] = transaction.held.get(_PROMISED, [])
            # Whether a lock is free is for who claims to find out.
            is_free = receiver is not None and topic in receiver.topics and row["lock"] is None
            if receiver is None or not is_free or receiver.room(topic) <= len(promised):
                transaction.after_commit[self._announced.set] = None
                tell_due(transaction, topic)
                continue
            promised.append(claim_new_job(runtime, transaction, live, row, worker=runtime.actor))
            if len(promised) == 1:
                transaction.held[_PROMISED] = promised
                transaction.after_commit[partial(receiver.take, promised)] = None

    def wait(self, seconds: float) -> None:
        """Block until something is announced, at most so long."""
        self._announced.wait(seconds)
        self._announced.clear()

    def ensure(self, transaction: Transaction | None = None) -> None:
        """Wake the worker, which looks at the whole table anyway; with a transaction, other processes, too."""
        if transaction is None:
            self._announced.set()
        else:
            transaction.after_commit[self._announced.set] = None
            tell_due(transaction, None)

    def hear(self, notice: Notice) -> None:
        """Wake the worker if another process told of jobs that it may run."""
        receiver = self._receiver
        if receiver is not None and (notice.topics is None or not receiver.topics.isdisjoint(notice.topics)):
            self._announced.set()
