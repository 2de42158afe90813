"""Jobs: claimed by a worker, and ended in one of five ways. A late answer changes nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from runner.bpmn.diagram import ServiceBinding
from runner.bpmn.durations import parse_duration
from runner.commands.advance import apply_advance, catcher_above, hold, open_incident, resolve_incident_of
from runner.commands.calls import throw_upward
from runner.engine.advance import Advance, Happening, OpenedIncident, Thrown
from runner.engine.elements.answering import Judgement
from runner.engine.faults import ErrorUncaught
from runner.engine.state import checked_variables
from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.handling import DEFAULT_TIMEOUT
from runner.model import Failure, IncidentKind, JobState
from runner.retry import RetryPolicy
from runner.runtime import LiveInstance, Runtime
from runner.store import jobs
from runner.store.database import Command
from runner.store.transactions import Transaction

# Called with None or the error once an outcome is durable or refused, on the writing thread.
Done = Callable[[BaseException | None], None]


@dataclass(frozen=True, slots=True)
class ThrownError:
    """A BPMN error as a handler threw it; `variables` are checked JSON data."""

    code: str
    message: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.message else self.code


class ClaimedJob(NamedTuple):
    """A job in the hands of a worker, with all that its handler is given.

    `token` proves the claim; `counted` is the number of the attempt since the last "retry" of a person, which the
    policy judges; `attempt` the number in all. `event` is a listener's. `passed` is for the handler's parameters in
    their order.
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
    event: str | None = None
    lock: str | None = None
    passed: tuple[Any, ...] = ()

    @property
    def held(self) -> tuple[str, str]:
        """Give what the store knows the claim by."""
        return (self.id, self.token)


def claim_jobs(runtime: Runtime, topics: frozenset[str], *, worker: str, limit: int) -> list[ClaimedJob]:
    """Take up to `limit` due jobs of these topics, by priority and then age; each attempt goes up by one."""

    def claim(transaction: Transaction) -> list[ClaimedJob]:
        claimed: list[ClaimedJob] = []
        while len(claimed) < limit:
            rows = jobs.read_claimable(transaction, topics, limit - len(claimed))
            before = len(claimed)
            for row in rows:
                if row["lock"] is None or jobs.may_lock(transaction, row["lock"]):
                    claimed.append(_claim(runtime, transaction, row, worker))
            # Of several that share a lock only the first is claimed: others may come in the places of the rest.
            if len(claimed) in (before, before + len(rows)):
                break
        return claimed

    return runtime.database.write(claim) if topics and limit > 0 else []


def _claim(runtime: Runtime, transaction: Transaction, row: dict[str, Any], worker: str) -> ClaimedJob:
    until = transaction.now + _micros(runtime.claim_duration)
    row |= {"attempt": row["attempt"] + 1, "claim_token": secrets.token_hex(8)}
    live = hold(runtime, transaction, row["instance_id"], seq=row["instance_seq"])
    jobs.claim(transaction, row["id"], worker=worker, token=row["claim_token"], until=until)
    return _claimed(runtime, transaction, live, row)


def claim_new_job(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, row: dict[str, Any], *, worker: str
) -> ClaimedJob:
    """Put a worker's claim into the row of a new job before it is inserted: its first attempt begins at once."""
    row |= {
        "state": str(JobState.CLAIMED),
        "attempt": 1,
        "claimed_by": worker,
        "claim_token": secrets.token_hex(8),
        "claimed_until": transaction.now + _micros(runtime.claim_duration),
    }
    return _claimed(runtime, transaction, live, row)


def complete_job(runtime: Runtime, job: ClaimedJob, variables: Mapping[str, Any], *, done: Done | None = None) -> None:
    """Take the handler's variables (checked JSON data) in and move the token on. Raises JobNotHeld.

    The diagram may take the answer for a BPMN error or a failure.
    """

    def complete(transaction: Transaction) -> None:
        live = hold(runtime, transaction, job.instance_id)
        judgement = live.execution.judge(job.token_id, lambda: {"response": variables, **_external_task(job, None)})
        if judgement is not None:
            _end_as_judged(runtime, transaction, live, job, judgement)
            return
        try:
            advance = live.execution.complete(job.token_id, variables)
        except ExpressionFailed as error:
            failure = Failure("ExpressionFailed", str(error))
            _give_up(runtime, transaction, live, job, (failure, IncidentKind.EXPRESSION_FAILED, str(error)))
            return
        jobs.complete(transaction, job.held)
        _unlock(runtime, transaction, job)
        resolve_incident_of(transaction, live, job.token_id, advance)
        apply_advance(runtime, transaction, live, advance, command="complete_job")

    _store(runtime, complete, done)


def throw_error(runtime: Runtime, job: ClaimedJob, error: ThrownError, *, done: Done | None = None) -> None:
    """Throw a BPMN error out of a job: to the boundary event that catches it, else an incident. Raises JobNotHeld."""

    def throw(transaction: Transaction) -> None:
        _throw(runtime, transaction, hold(runtime, transaction, job.instance_id), job, error)

    _store(runtime, throw, done)


def _throw(runtime: Runtime, transaction: Transaction, live: LiveInstance, job: ClaimedJob, error: ThrownError) -> None:
    try:
        advance = live.execution.throw_error(job.token_id, error.code, error.variables, message=error.message)
    except ErrorUncaught as uncaught:
        thrown = Thrown("error", job.token_id, job.element_id, error.code, dict(error.variables))
        if catcher_above(runtime, transaction, live, thrown) is not None:
            _end_by_error(runtime, transaction, job, error)
            throw_upward(runtime, transaction, live, thrown, command="throw_error", message=error.message)
            return
        failure = Failure("BpmnError", str(error))
        sentence = f"{uncaught} It says: {error.message}" if error.message else str(uncaught)
        _give_up(runtime, transaction, live, job, (failure, IncidentKind.ERROR_UNCAUGHT, sentence))
    else:
        _end_by_error(runtime, transaction, job, error)
        resolve_incident_of(transaction, live, job.token_id, advance)
        apply_advance(runtime, transaction, live, advance, command="throw_error")


def let_go(runtime: Runtime, job: ClaimedJob) -> None:
    """Free the lock of a job that was canceled while its handler ran, now that it has returned."""

    def let_go(transaction: Transaction) -> None:
        jobs.let_go(transaction, job.held)
        _unlock(runtime, transaction, job)

    runtime.database.submit(let_go, lambda _result, _error: None)


def _unlock(runtime: Runtime, transaction: Transaction, job: ClaimedJob) -> None:
    """Wake who waits for the lock of a job that is not claimed any more."""
    if job.lock is not None:
        runtime.dispatcher.ensure(transaction)


def _end_by_error(runtime: Runtime, transaction: Transaction, job: ClaimedJob, error: ThrownError) -> None:
    _unlock(runtime, transaction, job)
    jobs.finish(transaction, job.held, JobState.ERROR_THROWN, failure=Failure(error.code, error.message))


def fail_job(
    runtime: Runtime,
    job: ClaimedJob,
    failure: Failure,
    *,
    kind: IncidentKind | None = None,
    done: Done | None = None,
) -> None:
    """End an attempt in failure: offered again when the policy says, else an incident. Raises JobNotHeld.

    With `kind`, no further attempt is worth making: an incident of that kind at once.
    """

    def fail(transaction: Transaction) -> None:
        live = hold(runtime, transaction, job.instance_id)
        judgement = None
        if kind in (None, IncidentKind.PERMANENT_FAILURE):
            error = {"code": failure.type, "message": failure.message}
            judgement = live.execution.judge(job.token_id, lambda: {"error": error, **_external_task(job, failure)})
        if judgement is not None:
            _end_as_judged(runtime, transaction, live, job, judgement)
            return
        delay = None if kind is not None else job.policy.delay(job.counted, failure.type)
        _fail(runtime, transaction, live, job, (failure, kind or IncidentKind.RETRIES_EXHAUSTED, delay))

    _store(runtime, fail, done)


def _fail(
    runtime: Runtime,
    transaction: Transaction,
    live: LiveInstance,
    job: ClaimedJob,
    reason: tuple[Failure, IncidentKind, timedelta | None],
) -> None:
    """Offer a job again after a pause, or open an incident if that is None."""
    failure, kind, delay = reason
    if delay is None:
        _give_up(runtime, transaction, live, job, (failure, kind, str(failure)))
        return
    due_at = transaction.now + _micros(delay)
    jobs.finish(transaction, job.held, JobState.READY, failure=failure, due_at=due_at)
    detail = {"attempt": job.attempt, "error": str(failure), "retry_in_seconds": delay.total_seconds()}
    _log(runtime, transaction, live, job, ("job_failed", detail))
    runtime.dispatcher.ensure(transaction)


def _end_as_judged(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, job: ClaimedJob, judgement: Judgement
) -> None:
    """End an attempt as the diagram says: with a BPMN error, or as failed."""
    if judgement.code is not None:
        thrown = ThrownError(judgement.code, judgement.message, checked_variables(dict(judgement.variables)))
        _throw(runtime, transaction, live, job, thrown)
        return
    failure = Failure("JobError", judgement.message)
    delay = None if judgement.retries == 0 else job.policy.delay(job.counted, failure.type)
    if delay is not None and judgement.backoff is not None:
        with suppress(ExpressionInvalid):
            delay = parse_duration(judgement.backoff)
    kind = IncidentKind.PERMANENT_FAILURE if judgement.retries == 0 else IncidentKind.RETRIES_EXHAUSTED
    _fail(runtime, transaction, live, job, (failure, kind, delay))


def _external_task(job: ClaimedJob, failure: Failure | None) -> dict[str, Any]:
    """Give what Camunda 7's error definitions know an external task by."""
    message, details = (failure.message, failure.traceback) if failure else (None, None)
    task = {"id": job.id, "topicName": job.topic, "activityId": job.element_id, "retries": job.attempt}
    return {"externalTask": {**task, "errorMessage": message, "errorDetails": details}}


def postpone_job(
    runtime: Runtime, job: ClaimedJob, delay: timedelta, *, reason: str = "", done: Done | None = None
) -> None:
    """Offer a job again after `delay`; the attempt does not count. Raises JobNotHeld."""

    def postpone(transaction: Transaction) -> None:
        live = hold(runtime, transaction, job.instance_id)
        due_at = transaction.now + _micros(delay)
        jobs.finish(transaction, job.held, JobState.READY, due_at=due_at, give_back=1)
        detail = {"reason": reason, "seconds": delay.total_seconds()}
        _log(runtime, transaction, live, job, ("job_postponed", detail))
        runtime.dispatcher.ensure(transaction)

    _store(runtime, postpone, done)


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
            # Read anew: there may have been a sign of life since the row was read.
            until = jobs.claimed_until(transaction, row)
            if until is None or (until > transaction.now and row["claimed_by"] not in dead):
                continue
            live = hold(runtime, transaction, row["instance_id"])
            job = _claimed(runtime, transaction, live, row)
            failure = Failure("WorkerLost", f"worker {row['claimed_by']} stopped without an answer")
            if job.policy.max_attempts is not None and job.counted >= job.policy.max_attempts:
                _give_up(runtime, transaction, live, job, (failure, IncidentKind.RETRIES_EXHAUSTED, str(failure)))
            else:
                jobs.release(transaction, row)
                _log(runtime, transaction, live, job, ("job_released", {"attempt": job.attempt, "error": str(failure)}))
                runtime.dispatcher.ensure(transaction)

    runtime.database.write(release)


def claimed_jobs(runtime: Runtime) -> list[dict[str, Any]]:
    """Give the rows of all claimed jobs."""
    with runtime.database.read() as connection:
        return jobs.claimed_rows(connection)


def _claimed(runtime: Runtime, transaction: Transaction, live: LiveInstance, row: dict[str, Any]) -> ClaimedJob:
    listener = live.execution.listener_at(row["token_id"])
    service = listener.service if listener else live.deployed.process.elements[row["element_id"]].service
    found = runtime.handlers.get(row["topic"])
    policy = found.retry if found else RetryPolicy()
    timeout = found.timeout if found else DEFAULT_TIMEOUT
    computed = live.execution.rule_at(row["token_id"])
    variables = dict(live.execution.variables_at(row["token_id"]))
    return ClaimedJob(
        id=row["id"],
        token=row["claim_token"],
        instance_id=row["instance_id"],
        token_id=row["token_id"],
        element_id=row["element_id"],
        topic=row["topic"],
        attempt=row["attempt"],
        counted=row["attempt"] - row["forgiven"],
        business_key=live.header.business_key,
        headers=service.headers if service else {},
        variables=variables,
        # What was computed when the job opened comes before what is written.
        policy=policy.overridden_by(service.retry if service else None).overridden_by(computed),
        timeout=service.timeout if service and service.timeout is not None else timeout,
        claimed_at=transaction.now_at,
        event=listener.event if listener else None,
        lock=row["lock"],
        passed=_passed(service, variables),
    )


def _passed(service: ServiceBinding | None, variables: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give what the diagram passes by position; nothing if a mapping has made something else of `arguments`."""
    values = variables.get("arguments")
    if service is None or not isinstance(values, list) or not all(place < len(values) for place in service.passed):
        return ()
    return tuple(values[place] for place in service.passed)


def _give_up(
    runtime: Runtime,
    transaction: Transaction,
    live: LiveInstance,
    job: ClaimedJob,
    reason: tuple[Failure, IncidentKind, str],
) -> None:
    failure, kind, message = reason
    jobs.finish(transaction, job.held, JobState.FAILED, failure=failure)
    _unlock(runtime, transaction, job)
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
    element = live.deployed.process.find(job.element_id)
    happenings = [Happening(element.id, element.type, event, detail) for event, detail in events]
    apply_advance(runtime, transaction, live, Advance(happenings), command=events[0][0])


def _store(runtime: Runtime, command: Command[None], done: Done | None) -> None:
    """Run the command of an outcome: wait for it, or be told by `done`."""
    if done is None:
        runtime.database.write(command)
    else:
        runtime.database.submit(command, lambda _result, error: done(error))


def _micros(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
