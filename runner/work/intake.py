"""What a worker has claimed and not begun: which thread takes the next job, and how many more may wait in memory.

Threads that fight for Python's interpreter lock are slower than one alone, so handlers that return at once are called
one after another by one thread, the lead; a second one steps in when the lead does not come back in time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from runner.commands.jobs import ClaimedJob

# Handlers that usually return within so many seconds are called one after another.
QUICK_SECONDS = 0.001
# How long a thread watches the lead before it steps in.
PATIENCE_SECONDS = 0.002
# So much work, in expected seconds of each thread, may wait in memory: another process that is idle could do it.
AHEAD_SECONDS = 0.1
# Jobs that have waited longer are given back: the handlers have become slower than they were.
OVERDUE_SECONDS = 1.0
# However quick they are, no more than this may wait, for each thread.
MOST_AHEAD = 32
# How much the newest call counts in the mean of a topic.
_SHARE = 0.1


class Waiting(NamedTuple):
    """A job that waits for a thread; `expected` is how many seconds its handler usually takes, None if unknown."""

    job: ClaimedJob
    expected: float | None
    since: float


class Intake:
    """The jobs that wait for one of `threads` handler threads; `seconds` tells how time passes."""

    def __init__(self, threads: int, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._size, self._seconds = threads, seconds
        self._lock = threading.Lock()
        # Where threads without a job wait, and where the one does that watches the lead.
        self._work, self._watch = threading.Condition(self._lock), threading.Condition(self._lock)
        self._waiting: deque[Waiting] = deque()
        self._means: dict[str, float] = {}
        self._ahead = 0.0
        self._unhurried = 0
        self._running = 0
        self._lead: ClaimedJob | None = None
        self._standby = False
        # How many threads wait for work and have not been called; one that was has not come yet.
        self._idle, self._called = 0, False
        self._closed = False

    # -- for whoever claims ---------------------------------------------------------------------------------------

    def free(self) -> int:
        """Give how many threads have nothing to do."""
        return max(0, self._size - self._running - self._unhurried)

    def room(self, topic: str) -> int:
        """Give how many more jobs of a topic may be claimed now: for threads that are free, or soon will be."""
        mean = self._means.get(topic)
        if mean is None:
            return self.free()
        ahead = (AHEAD_SECONDS * self._size - self._ahead) / mean if mean else MOST_AHEAD * self._size
        return max(self.free(), int(min(ahead, MOST_AHEAD * self._size - len(self._waiting))))

    def quick(self, topics: frozenset[str]) -> frozenset[str]:
        """Give those of the topics whose handlers usually return at once."""
        return frozenset(topic for topic in topics if self._means.get(topic, 1.0) < QUICK_SECONDS)

    def put(self, jobs: Sequence[ClaimedJob]) -> None:
        """Let claimed jobs wait for a thread."""
        now = self._seconds()
        with self._lock:
            for job in jobs:
                expected = self._means.get(job.topic)
                self._waiting.append(Waiting(job, expected, now))
                self._ahead += expected or 0.0
                self._unhurried += not _is_quick(expected)
            self._wake()

    def overdue(self) -> list[ClaimedJob]:
        """Take out the jobs that have waited too long, and expect nothing of their topics until a call returns."""
        oldest = self._seconds() - OVERDUE_SECONDS
        found = []
        with self._lock:
            while self._waiting and self._waiting[0].since <= oldest:
                found.append(self._pop())
                self._means.pop(found[-1].topic, None)
        return found

    def close(self) -> list[ClaimedJob]:
        """Hand out nothing more, and give what waits."""
        with self._lock:
            self._closed = True
            self._work.notify_all()
            self._watch.notify()
            return [self._pop() for _ in range(len(self._waiting))]

    # -- for handler threads --------------------------------------------------------------------------------------

    def take(self) -> ClaimedJob | None:
        """Wait for a job that this thread should run; None when there will be no more."""
        with self._lock:
            while not self._closed:
                if self._waiting and (self._lead is None or self._lead_is_late()):
                    return self._next()
                if not self._waiting or self._standby:
                    self._idle += 1
                    self._work.wait()
                    self._called = False
        return None

    def finish(self, job: ClaimedJob, seconds: float) -> None:
        """Note that the handler of a job that was taken has returned after so many seconds."""
        with self._lock:
            mean = self._means.get(job.topic)
            self._means[job.topic] = seconds if mean is None else mean + _SHARE * (seconds - mean)
            self._leave(job)

    def abandon(self, job: ClaimedJob) -> None:
        """Note that the thread of a job that was taken does not come back."""
        with self._lock:
            self._leave(job)
            self._wake()

    def _leave(self, job: ClaimedJob) -> None:
        self._running -= 1
        if self._lead is job:
            self._lead = None

    def _lead_is_late(self) -> bool:
        """Watch the lead for a moment, as one thread at a time does; tell whether it has not taken a job meanwhile."""
        if self._standby:
            return False
        self._standby = True
        lead, late_at = self._lead, time.monotonic() + PATIENCE_SECONDS
        while self._lead is lead and (left := late_at - time.monotonic()) > 0:
            self._watch.wait(left)
        self._standby = False
        return bool(self._waiting) and self._lead in (None, lead) and not self._closed

    def _next(self) -> ClaimedJob:
        quick = _is_quick(self._waiting[0].expected)
        job = self._pop()
        self._running += 1
        self._lead = job if quick else None
        self._wake()
        return job

    def _wake(self) -> None:
        """Call somebody to take the next job, or to watch that the lead does: one thread, who calls the next. While the
        lead works it may be long in coming; nobody else is called in its place."""
        if self._waiting and self._standby:
            if self._lead is None:
                self._watch.notify()
        elif self._waiting and self._idle and not self._called:
            self._idle -= 1
            self._called = True
            self._work.notify()

    def _pop(self) -> ClaimedJob:
        job, expected, _ = self._waiting.popleft()
        self._ahead = self._ahead - (expected or 0.0) if self._waiting else 0.0
        self._unhurried -= not _is_quick(expected)
        return job


def _is_quick(expected: float | None) -> bool:
    return expected is not None and expected < QUICK_SECONDS
