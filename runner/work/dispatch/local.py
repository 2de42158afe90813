"""Jobs for worker threads in this process: a new job goes straight to a worker with room, claimed in the transaction
that opened it; all others are found by polling, which a wake-up shortens."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

from runner.commands.jobs import ClaimedJob, claim_new_job
from runner.runtime import LiveInstance, Runtime
from runner.store.transactions import Transaction

_PROMISED = "jobs promised to the worker"


class Receiver(Protocol):
    """A worker that takes claimed jobs."""

    topics: frozenset[str]

    def room(self) -> int:
        """Give how many more jobs it would take now."""

    def take(self, job: ClaimedJob) -> None:
        """Receive a job that is claimed for it."""


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
        """Claim what the worker has room for; wake it for the rest, once the transaction is durable."""
        receiver = self._receiver
        promised: list[str] = transaction.held.setdefault(_PROMISED, [])
        for row in rows:
            if receiver is None or row["topic"] not in receiver.topics or receiver.room() <= len(promised):
                transaction.after_commit[self._announced.set] = None
            else:
                promised.append(row["id"])
                job = claim_new_job(runtime, transaction, live, row, worker=runtime.actor)
                transaction.after_commit[partial(receiver.take, job)] = None

    def wait(self, seconds: float) -> None:
        """Block until something is announced, at most so long."""
        self._announced.wait(seconds)
        self._announced.clear()

    def ensure(self) -> None:
        """Wake the worker: it looks at the whole table anyway."""
        self._announced.set()
