"""A worker: threads that call handlers, one that claims jobs for them, one that watches the clock for them.

A handler that hangs cannot be stopped in Python; when its time is over its attempt is failed, its claim is gone, and
its thread is left behind and replaced."""

from __future__ import annotations

import asyncio
import itertools
import logging
import queue
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from runner.commands.jobs import ClaimedJob, claim_jobs, extend_claims, fail_job
from runner.errors import Conflict, RunnerError
from runner.model import Failure
from runner.runtime import Runtime
from runner.store import jobs as job_rows
from runner.store.times import to_micros
from runner.work.executor import execute

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
WATCH_SECONDS = 0.1
TROUBLE_SECONDS = 1.0


@dataclass(slots=True)
class Held:
    """A claimed job in this worker: when its time is over (None until it runs), and when to give a sign of life."""

    job: ClaimedJob
    extend_at: datetime
    deadline: datetime | None = None


class Worker:
    """Runs jobs of some topics (None: of all that have a handler) in `threads` threads until stopped."""

    def __init__(self, runtime: Runtime, *, topics: frozenset[str] | None = None, threads: int = 8) -> None:
        self._runtime = runtime
        self.topics = runtime.handlers.topics if topics is None else topics
        self._size = threads
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._held: dict[str, Held] = {}
        self._work: queue.SimpleQueue[ClaimedJob | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Begin to claim and run jobs."""
        for _ in range(self._size):
            self._spawn(self._run_jobs, "handler")
        self._spawn(self._claim_jobs, "claims")
        self._spawn(self._watch, "watch")

    def stop(self, *, timeout: float = 10.0) -> None:
        """Claim no more, let handlers finish for up to `timeout` seconds; what still runs will be offered again."""
        self._stopping.set()
        self._runtime.dispatcher.ensure()
        for _ in range(self._size):
            self._work.put(None)
        for thread in self._threads:
            thread.join(timeout if thread.name.startswith("runner-handler") else None)

    def _spawn(self, target: object, role: str) -> None:
        name = f"runner-{role}-{next(self._numbers)}"
        thread = threading.Thread(target=target, name=name, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    # -- claiming -------------------------------------------------------------------------------------------------

    def _claim_jobs(self) -> None:
        while not self._stopping.is_set():
            try:
                claimed = self._claim()
                pause = 0.0 if claimed else self._until_next()
            except RunnerError as error:
                log.error("%s", error, extra={"action": "claim_failed"})
                pause = TROUBLE_SECONDS
            if pause > 0:
                self._runtime.dispatcher.wait(pause)

    def _claim(self) -> int:
        free = self._size - len(self._held)
        claimed = claim_jobs(self._runtime, self.topics, worker=self._runtime.actor, limit=free)
        for job in claimed:
            with self._lock:
                self._held[job.id] = Held(job, job.claimed_at + self._runtime.claim_duration / 3)
            self._work.put(job)
        return len(claimed)

    def _until_next(self) -> float:
        """Give the seconds until a retry falls due, at most the poll interval."""
        if len(self._held) >= self._size:
            return POLL_SECONDS
        with self._runtime.database.read() as connection:
            due_at = job_rows.next_due(connection)
        if due_at is None:
            return POLL_SECONDS
        seconds = (due_at - to_micros(self._runtime.clock.now())) / 1e6
        # Due already, yet not claimed: of another topic, or another worker was quicker. Do not spin.
        return min(POLL_SECONDS, seconds) if seconds > 0 else POLL_SECONDS

    # -- running --------------------------------------------------------------------------------------------------

    def _run_jobs(self) -> None:
        with asyncio.Runner() as loop:
            while (job := self._work.get()) is not None and not self._stopping.is_set():
                with self._lock:
                    held = self._held.get(job.id)
                    if held is None or held.job is not job:
                        continue
                    held.deadline = self._runtime.clock.now() + job.timeout
                execute(self._runtime, job, loop=loop, stopping=self._stopping)
                if not self._let_go(job):
                    return
                self._runtime.dispatcher.ensure()

    def _let_go(self, job: ClaimedJob) -> bool:
        """Forget a job that has ended; False if its time was over and this thread has been replaced."""
        with self._lock:
            held = self._held.get(job.id)
            if held is None or held.job is not job:
                return False
            del self._held[job.id]
            return True

    # -- watching -------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_SECONDS):
            try:
                self.watch_once()
            except RunnerError as error:
                log.error("%s", error, extra={"action": "watch_failed"})

    def watch_once(self) -> None:
        """Fail attempts whose time is over, and give a sign of life for the others."""
        now = self._runtime.clock.now()
        with self._lock:
            overdue = [held.job for held in self._held.values() if held.deadline is not None and held.deadline <= now]
            for job in overdue:
                del self._held[job.id]
            living = [held for held in self._held.values() if held.extend_at <= now]
        for job in overdue:
            self._time_out(job)
        for job in extend_claims(self._runtime, [held.job for held in living]):
            log.warning("The claim of job %s is gone; its answer will be dropped.", job.id)
        for held in living:
            held.extend_at = now + self._runtime.claim_duration / 3

    def _time_out(self, job: ClaimedJob) -> None:
        self._spawn(self._run_jobs, "handler")
        seconds = job.timeout / timedelta(seconds=1)
        failure = Failure("HandlerTimeout", f"the handler for '{job.topic}' did not return within {seconds:g} s")
        try:
            fail_job(self._runtime, job, failure)
        except Conflict as error:
            log.info("%s", error, extra={"action": "answer_dropped", "job_id": job.id})
