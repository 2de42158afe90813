"""A worker: threads that call handlers, one that claims jobs for them, one that watches the clock for them.

A handler that hangs cannot be stopped in Python; when its time is over its attempt is failed, its claim is gone, and
its thread is left behind and replaced."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from runner.commands.jobs import ClaimedJob, claim_jobs, extend_claims, fail_job, let_go, postpone_job
from runner.errors import Conflict, DatabaseUnusable, RunnerError
from runner.model import Failure, IncidentKind
from runner.runtime import Runtime
from runner.store import jobs as job_rows
from runner.work.executor import Outcome, attempt
from runner.work.intake import Intake
from runner.work.rounds import one_round

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
WATCH_SECONDS = 0.1


@dataclass(slots=True)
class Held:
    """A claimed job in this worker.

    `deadline` is when its handler's time is over (None while none runs), `extend_at` when to give a sign of life,
    `unsaved` an outcome that the database could not take yet.
    """

    job: ClaimedJob
    extend_at: datetime
    deadline: datetime | None = None
    unsaved: Outcome | None = None


class Worker:
    """Runs jobs of some topics (None: of all that have a handler) in `threads` threads until stopped."""

    def __init__(self, runtime: Runtime, *, topics: frozenset[str] | None = None, threads: int = 8) -> None:
        self._runtime = runtime
        self.topics = runtime.handlers.topics if topics is None else topics
        self._size = threads
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._held: dict[str, Held] = {}
        self._intake = Intake(threads)
        self._threads: list[threading.Thread] = []
        self._numbers = itertools.count(1)
        # True while jobs are left in the table for want of room: then a job that ends makes the claimer look again.
        self._more = False

    def start(self) -> None:
        """Begin to claim and run jobs."""
        for _ in range(self._size):
            self._spawn(self._run_jobs, "handler")
        self._spawn(self._claim_jobs, "claims")
        self._spawn(self._watch, "watch")

    def stop(self, *, timeout: float = 10.0) -> None:
        """Claim no more and let handlers finish for up to `timeout` seconds in all.

        What has not begun is given back; what still runs by then will be offered again when its claim lapses.
        """
        self._stopping.set()
        self._runtime.dispatcher.ensure()
        self._give_back(self._intake.close(), reason="the worker stops")
        end = time.monotonic() + timeout
        for thread in self._threads:
            is_handler = thread.name.startswith("runner-handler")
            thread.join(max(0.0, end - time.monotonic()) if is_handler else None)
        # What was claimed at the very moment of stopping, perhaps by an answer that is not stored yet.
        with suppress(DatabaseUnusable):
            self._runtime.database.write(lambda _transaction: None)
        self._give_back(self._intake.close(), reason="the worker stops")

    def room(self, topic: str) -> int:
        """Give how many more jobs of a topic this worker would take now."""
        return 0 if self._stopping.is_set() else self._intake.room(topic)

    def take(self, jobs: Sequence[ClaimedJob]) -> None:
        """Receive jobs that are claimed for this worker."""
        if jobs:
            # By this machine's clock, as in `_needs_a_sign`; the claim itself goes by the database's.
            extend_at = self._runtime.clock.now() + self._runtime.claim_duration / 3
            with self._lock:
                for job in jobs:
                    self._held[job.id] = Held(job, extend_at)
            self._intake.put(jobs)

    def _give_back(self, jobs: Sequence[ClaimedJob], *, reason: str) -> None:
        for job in jobs:
            with self._lock:
                self._held.pop(job.id, None)
            try:
                postpone_job(self._runtime, job, timedelta(0), reason=reason)
            except RunnerError as error:
                log.warning("%s", error, extra={"action": "give_back_failed", "job_id": job.id})

    def _spawn(self, target: Callable[[], None], role: str) -> None:
        thread = threading.Thread(target=target, name=f"runner-{role}-{next(self._numbers)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    # -- claiming -------------------------------------------------------------------------------------------------

    def _claim_jobs(self) -> None:
        while not self._stopping.is_set():
            pause = one_round(self._claim, action="claim_failed")
            if pause > 0:
                self._runtime.dispatcher.wait(pause)

    def _claim(self) -> float:
        """Claim what is due and give how many seconds to wait before looking again."""
        self._more = self._claim_up_to(self._intake.free(), self.topics)
        quick = self._intake.quick(self.topics) if self._more else frozenset()
        if quick:
            self._more = self._claim_up_to(min(map(self._intake.room, quick)), quick)
        return POLL_SECONDS if self._more else self._until_next()

    def _claim_up_to(self, limit: int, topics: frozenset[str]) -> bool:
        """Claim so many jobs and tell whether there may be more."""
        claimed = claim_jobs(self._runtime, topics, worker=self._runtime.actor, limit=limit)
        self.take(claimed)
        return len(claimed) >= limit

    def _until_next(self) -> float:
        """Give the seconds until a retry falls due, at most the poll interval."""
        with self._runtime.database.read() as connection:
            due_at = job_rows.next_due(connection)
        if due_at is None:
            return POLL_SECONDS
        seconds = (due_at - self._runtime.database.now()) / 1e6
        # Due already, yet not claimed: of another topic, or another worker was quicker. Do not spin.
        return min(POLL_SECONDS, seconds) if seconds > 0 else POLL_SECONDS

    # -- running --------------------------------------------------------------------------------------------------

    def _run_jobs(self) -> None:
        with asyncio.Runner() as loop:
            while (job := self._intake.take()) is not None:
                deadline = self._runtime.clock.now() + job.timeout
                held = self._begin(job, deadline)
                if held is None:
                    self._intake.abandon(job)
                    continue
                began = time.monotonic()
                outcome = attempt(self._runtime, job, deadline=deadline, loop=loop)
                if not self._is_mine(held):
                    log.warning("The answer of job %s came after its time was over and is dropped.", job.id)
                    return
                self._intake.finish(job, time.monotonic() - began)
                self._save(held, outcome)

    def _begin(self, job: ClaimedJob, deadline: datetime) -> Held | None:
        with self._lock:
            held = self._held.get(job.id)
            if held is None or held.job is not job:
                return None
            held.deadline = deadline
            return held

    def _is_mine(self, held: Held) -> bool:
        """Tell whether the handler was in time; if not, this thread has been replaced. In time, time stands still."""
        with self._lock:
            held.deadline = None
            return self._held.get(held.job.id) is held

    def _save(self, held: Held, outcome: Outcome, *, last_resort: bool = False) -> None:
        def done(error: BaseException | None) -> None:
            if isinstance(error, DatabaseUnusable) and not self._stopping.is_set():
                log.error("%s The answer of job %s is kept and tried again.", error, held.job.id)
                held.unsaved = outcome
                return
            if error is not None and not isinstance(error, Conflict) and not last_resort:
                # Not foreseen: without an incident the job would lapse, be claimed and fail like this for ever.
                log.error("The answer of job %s cannot be stored.", held.job.id, exc_info=error)
                failure = Failure(type(error).__name__, str(error))
                self._save(held, partial(fail_job, failure=failure, kind=IncidentKind.STALLED), last_resort=True)
                return
            if error is not None:
                log.warning("%s", error, extra={"action": "answer_dropped", "job_id": held.job.id})
                if held.job.lock is not None:
                    let_go(self._runtime, held.job)
            self._let_go(held)

        held.unsaved = None
        outcome(self._runtime, held.job, done=done)

    def _let_go(self, held: Held) -> None:
        with self._lock:
            if self._held.get(held.job.id) is held:
                del self._held[held.job.id]
        if self._more:
            self._runtime.dispatcher.ensure()

    # -- watching -------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        pause = WATCH_SECONDS
        while not self._stopping.wait(pause):
            pause = one_round(self.watch_once, action="watch_failed")

    def watch_once(self) -> float:
        """Fail attempts whose time is over, save what could not be saved, give a sign of life for the others.

        Gives the seconds until the next look.
        """
        now = self._runtime.clock.now()
        with self._lock:
            held = list(self._held.values())
            overdue = [each for each in held if each.deadline is not None and each.deadline <= now]
            for each in overdue:
                del self._held[each.job.id]
        for each in overdue:
            self._time_out(each.job)
        self._give_back(self._intake.overdue(), reason="the worker is busy")
        for each in held:
            if each.unsaved is not None:
                self._save(each, each.unsaved)
        self._extend([each for each in held if self._needs_a_sign(each, now) and each not in overdue], now)
        return WATCH_SECONDS

    def _needs_a_sign(self, held: Held, now: datetime) -> bool:
        # Later than the next sign can be due: the clock was put back.
        return held.extend_at <= now or held.extend_at > now + self._runtime.claim_duration / 3

    def _extend(self, held: list[Held], now: datetime) -> None:
        for job in extend_claims(self._runtime, [each.job for each in held]):
            log.warning("The claim of job %s is gone; its answer will be dropped.", job.id)
        for each in held:
            each.extend_at = now + self._runtime.claim_duration / 3

    def _time_out(self, job: ClaimedJob) -> None:
        self._spawn(self._run_jobs, "handler")
        self._intake.abandon(job)
        seconds = job.timeout / timedelta(seconds=1)
        failure = Failure("HandlerTimeout", f"the handler for '{job.topic}' did not return within {seconds:g} s")
        try:
            fail_job(self._runtime, job, failure)
        except Conflict as error:
            log.info("%s", error, extra={"action": "answer_dropped", "job_id": job.id})
