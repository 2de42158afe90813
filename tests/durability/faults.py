"""Faults between the runner and its database, each with a switch, and what is asked for while they last."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from durability import samples
from durability.statements import Witness, witnessed

from runner import Runner
from runner.app import RunnerInstance
from runner.errors import DatabaseUnusable
from runner.settings import Settings

# How long to wait for what comes by itself, on a machine that has much else to do.
PATIENCE = 60.0
# The share of statements that fail on a bad disk.
FAILING = 0.1
# No job may wait for a long lease where a test loses claims on purpose.
IMPATIENT = Settings(threads=4, claim_seconds=0.5)


class BadDisk:
    """A disk on which, now and then, a statement of the writer fails: before it is run, or (a COMMIT) after it."""

    def __init__(self, url: str, *, after_commit: bool) -> None:
        self._error = sqlite3.OperationalError if url.startswith("sqlite") else psycopg.OperationalError
        self._dice, self._after_commit = random.Random(1), after_commit
        self._lock = threading.Lock()
        self.failures = 0
        self.broken = False

    def before(self, sql: str, _rows: int) -> None:
        """Perhaps fail a statement that writes."""
        if sql.startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")):
            self._perhaps_fail()

    def after(self, sql: str, _rows: int) -> None:
        """Perhaps say that a commit failed that did not."""
        if self._after_commit and sql == "COMMIT":
            self._perhaps_fail()

    def _perhaps_fail(self) -> None:
        with self._lock:
            if not self.broken or self._dice.random() >= FAILING:
                return
            self.failures += 1
        raise self._error("disk I/O error")


@contextmanager
def working(url: str, *witnesses: Witness) -> Iterator[Runner]:
    """Give a runner with all samples deployed, watched by the witnesses."""
    if witnesses:
        with witnessed(witnesses[0]), working(url, *witnesses[1:]) as runner:
            yield runner
        return
    with Runner(url, [samples], settings=IMPATIENT) as runner:
        samples.deploy(runner.runtime)
        yield runner


def start_what_can_be(runner: Runner, number: int) -> list[RunnerInstance]:
    """Try to start so many instances, the samples in turn; give those whose start was acknowledged."""
    started = []
    keys = list(samples.SAMPLES)
    for turn in range(number):
        key = keys[turn % len(keys)]
        try:
            started.append(runner.start(key, samples.SAMPLES[key].variables))
        except DatabaseUnusable:
            continue
    return started
