"""Jobs: claimed by a worker, and ended in one of five ways. A late answer changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from runner.commands.advance import apply_advance, hold, open_incident, resolve_incident_of
from runner.engine.advance import Advance, Happening, OpenedIncident
from runner.engine.faults import ErrorUncaught
from runner.handling import DEFAULT_TIMEOUT
from runner.model import Failure, IncidentKind, JobState
from runner.retry import RetryPolicy
from runner.runtime import LiveInstance, Runtime
from runner.store import jobs
from runner.store.transactions import Transaction


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job in the hands of a worker, with all that its handler is given.

    `token` proves the claim; `counted` is the number of the attempt since the last "retry" of a person, which the
    policy judges; `attempt` the number in all.
    """

    id: str
    token: str
    instance_id: str
    token_id: int
    element_id: str
    topic: str
    attempt: int
    counted: int
    business_key: str | None
    headers: Mapping[str, str]
    variables: Mapping[str, Any]
    policy: RetryPolicy
    timeout: timedelta
    claimed_at: datetime

    @property
    def held(self) -> tuple[str, str]:
        """Give what the store knows the claim by."""
        return (self.id, self.token)


def claim_jobs(runtime: Runtime, topics: frozenset[str], *, worker: str, limit: int) -> list[ClaimedJob]:
    """Take up to `limit` due jobs of these topics, by priority and then age; each attempt goes up by one."""

    def claim(transaction: Transaction) -> list[ClaimedJob]:
        until = transaction.now + _micros(runtime.claim_duration)
        claimed = []
        for row in jobs.read_claimable(transaction, topics, limit):
            token = secrets.token_hex(8)
            live = hold(runtime, transaction, row["instance_id"])
            jobs.claim(transaction, row["id"], worker=worker, token=token, until=until)
            claimed.append(_claimed(runtime, transaction, live, row, token))
        return claimed

    return runtime.database.write(claim) if topics and limit > 0 else []


def complete_job(runtime: Runtime, job: ClaimedJob, variables: Mapping[str, Any]) -> None:
    """Take the handler's variables (checked JSON data) in and move the token on. Raises JobNotHeld."""

    def complete(transaction: Transaction) -> None:
        jobs.finish(transaction, job.held, JobState.COMPLETED)
        live = hold(runtime, transaction, job.instance_id)
        advance = live.execution.complete(job.token_id, variables)
        resolve_incident_of(transaction, live, job.token_id, advance)
        apply_advance(runtime, transaction, live, advance, command="complete_job")

    runtime.database.write(complete)


def throw_error(runtime: Runtime, job: ClaimedJob, code: str, message: str, variables: Mapping[str, Any]) -> None:
    """Throw a BPMN error out of a job: to the boundary event that catches it, else an incident. Raises JobNotHeld."""

    def throw(transaction: Transaction) -> None:
        live = hold(runtime, transaction, job.instance_id)
        try:
            advance = live.execution.throw_error(job.token_id, code, variables)
        except ErrorUncaught as error:
            failure = Failure("BpmnError", f"{code}: {message}" if message else code)
            sentence = f"{error} It says: {message}" if message else str(error)
            _give_up(runtime, transaction, live, job, (failure, IncidentKind.ERROR_UNCAUGHT, sentence))
        else:
            jobs.finish(transaction, job.held, JobState.ERROR_THROWN, failure=Failure(code, message))
            resolve_incident_of(transaction, live, job.token_id, advance)
            apply_advance(runtime, transaction, live, advance, command="throw_error")

    runtime.database.write(throw)


def fail_job(runtime: Runtime, job: ClaimedJob, failure: Failure, *, kind: IncidentKind | None = None) -> None:
    """End an attempt in failure: offered again when the policy says, else an incident. Raises JobNotHeld.

    With `kind`, no further attempt is worth making: an incident of that kind at once.
    """

    def fail(transaction: Transaction) -> None:
        live = hold(runtime, transaction, job.instance_id)
        delay = None if kind is not None else job.policy.delay(job.counted, failure.type)
        if delay is None:
            reason = kind or IncidentKind.RETRIES_EXHAUSTED
            _give_up(runtime, transaction, live, job, (failure, reason, str(failure)))
            return
        due_at = transaction.now + _micros(delay)
        jobs.finish(transaction, job.held, JobState.READY, failure=failure, due_at=due_at)
        detail = {"attempt": job.attempt, "error": str(failure), "retry_in_seconds": delay.total_seconds()}
        _log(runtime, transaction, live, job, ("job_failed", detail))
        runtime.dispatcher.enqueue(transaction, (job.topic,))

    runtime.database.write(fail)


def postpone_job(runtime: Runtime, job: ClaimedJob, delay: timedelta, reason: str) -> None:
    """Offer a job again after `delay`; the attempt does not count. Raises JobNotHeld."""

    def postpone(transaction: Transaction) -> None:
        live = hold(runtime, transaction, job.instance_id)
        due_at = transaction.now + _micros(delay)
        jobs.finish(transaction, job.held, JobState.READY, due_at=due_at, give_back=1)
        detail = {"reason": reason, "seconds": delay.total_seconds()}
        _log(runtime, transaction, live, job, ("job_postponed", detail))
        runtime.dispatcher.enqueue(transaction, (job.topic,))

    runtime.database.write(postpone)


def extend_claims(runtime: Runtime, held: list[ClaimedJob]) -> list[ClaimedJob]:
    """Give a sign of life for claimed jobs; gives those that are not held any more."""

    def extend(transaction: Transaction) -> list[ClaimedJob]:
        until = transaction.now + _micros(runtime.claim_duration)
        return [job for job in held if not jobs.extend(transaction, job.held, until=until)]

    return runtime.database.write(extend) if held else []


def release_jobs(runtime: Runtime, rows: list[dict[str, Any]], *, dead: frozenset[str]) -> None:
    """Take jobs back whose claim has lapsed or whose worker is in `dead`: offered again, or an incident once the
    attempts are used up. Rows that are still held, or not any more with this claim, stay as they are.
    """

    def release(transaction: Transaction) -> None:
        for row in rows:
            if row["claimed_until"] > transaction.now and row["claimed_by"] not in dead:
                continue
            live = hold(runtime, transaction, row["instance_id"])
            job = _claimed(runtime, transaction, live, row, row["claim_token"], attempt=row["attempt"])
            failure = Failure("WorkerLost", f"worker {row['claimed_by']} stopped without an answer")
            if job.policy.max_attempts is not None and job.counted >= job.policy.max_attempts:
                _give_up(runtime, transaction, live, job, (failure, IncidentKind.RETRIES_EXHAUSTED, str(failure)))
            else:
                jobs.release(transaction, row)
                _log(runtime, transaction, live, job, ("job_released", {"attempt": job.attempt, "error": str(failure)}))
                runtime.dispatcher.enqueue(transaction, (job.topic,))

    runtime.database.write(release)


def claimed_jobs(runtime: Runtime) -> list[dict[str, Any]]:
    """Give the rows of all claimed jobs."""
    with runtime.database.read() as connection:
        return jobs.claimed_rows(connection)


def _claimed(
    runtime: Runtime,
    transaction: Transaction,
    live: LiveInstance,
    row: dict[str, Any],
    token: str,
    attempt: int | None = None,
) -> ClaimedJob:
    element = live.deployed.process.elements[row["element_id"]]
    found = runtime.handlers.get(row["topic"])
    policy = found.retry if found else RetryPolicy()
    timeout = found.timeout if found else DEFAULT_TIMEOUT
    service = element.service
    number = row["attempt"] + 1 if attempt is None else attempt
    return ClaimedJob(
        id=row["id"],
        token=token,
        instance_id=row["instance_id"],
        token_id=row["token_id"],
        element_id=row["element_id"],
        topic=row["topic"],
        attempt=number,
        counted=number - row["forgiven"],
        business_key=live.header.business_key,
        headers=service.headers if service else {},
        variables=dict(live.execution.variables_at(row["token_id"])),
        policy=policy.overridden_by(service.retry if service else None),
        timeout=service.timeout if service and service.timeout is not None else timeout,
        claimed_at=transaction.now_at,
    )


def _give_up(
    runtime: Runtime,
    transaction: Transaction,
    live: LiveInstance,
    job: ClaimedJob,
    reason: tuple[Failure, IncidentKind, str],
) -> None:
    failure, kind, message = reason
    jobs.finish(transaction, job.held, JobState.FAILED, failure=failure)
    opened = OpenedIncident(job.token_id, job.element_id, kind, message)
    open_incident(transaction, live, opened, job_id=job.id, detail=failure.traceback)
    detail = {"attempt": job.attempt, "error": str(failure), "kind": kind}
    incident = {"kind": kind, "message": message}
    _log(runtime, transaction, live, job, ("job_failed", detail), ("incident_opened", incident))


def _log(
    runtime: Runtime,
    transaction: Transaction,
    live: LiveInstance,
    job: ClaimedJob,
    *events: tuple[str, dict[str, Any]],
) -> None:
    element = live.deployed.process.elements[job.element_id]
    happenings = [Happening(element.id, element.type, event, detail) for event, detail in events]
    apply_advance(runtime, transaction, live, Advance(happenings=happenings), command=events[0][0])


def _micros(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
