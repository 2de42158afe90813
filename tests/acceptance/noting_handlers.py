"""Handlers that take a while and note each call in a file, for processes that share a database.

The file is named by the environment, and so is by how many hours the clock of the process is wrong."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runner import Job, handler
from runner.clock import SystemClock

CALLS, HOURS = "TEST_CALLS", "TEST_CLOCK_IS_WRONG_BY_HOURS"
# Handlers that only wait, like those that ask a service.
SECONDS = 0.02


if HOURS in os.environ:
    _wrong_by = timedelta(hours=float(os.environ[HOURS]))
    SystemClock.now = lambda _clock: datetime.now(UTC) + _wrong_by  # type: ignore[method-assign]


@dataclass(frozen=True)
class Call:
    """One call of a handler: the id of its process, of its job (the idempotency key), and its attempt."""

    pid: int
    job_id: str
    attempt: int


def note(job: Job) -> None:
    """Write a call down, in one write that a kill cannot split, and take a while."""
    file = os.open(os.environ[CALLS], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{os.getpid()} {job.id} {job.attempt}\n".encode())
    os.close(file)
    threading.Event().wait(SECONDS)


def read_calls(path: Path) -> list[Call]:
    """Give every call noted so far."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [Call(int(pid), job_id, int(attempt)) for pid, job_id, attempt in map(str.split, lines)]


@handler("one")
def one(seen: list[str], job: Job) -> dict[str, list[str]]:
    """Be the first."""
    note(job)
    return {"seen": [*seen, "one"]}


@handler("two")
def two(seen: list[str], job: Job) -> dict[str, list[str]]:
    """Be the second."""
    note(job)
    return {"seen": [*seen, "two"]}


@handler("three")
def three(seen: list[str], job: Job) -> dict[str, list[str]]:
    """Be the third."""
    note(job)
    return {"seen": [*seen, "three"]}
