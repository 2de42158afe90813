"""Jobs: the rows that wait for a worker, its claim, and how the attempt ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, or_, select

from runner.errors import JobNotHeld
from runner.model import Failure, JobRecord, JobState
from runner.store import archives
from runner.store.statements import Statement
from runner.store.tables import instances, jobs
from runner.store.times import from_micros, optional_from_micros
from runner.store.transactions import Transaction

_OPEN = ("ready", "claimed", "failed")
# Written into the SQL and not handed over as values: only so can the indexes of open jobs be used.
_READY = jobs.c.state == literal_column("'ready'")
_CLAIMED = jobs.c.state == literal_column("'claimed'")
_INSERT = Statement.insert(jobs)
_MINE = (
    jobs.c.id == bindparam("wanted_id"),
    jobs.c.state == JobState.CLAIMED,
    jobs.c.claim_token == bindparam("wanted_token"),
)
_FINISH = Statement(
    jobs,
    jobs.update()
    .where(*_MINE)
    .values(
        state=bindparam("state"),
        ended_at=bindparam("ended_at"),
        due_at=func.coalesce(bindparam("due_at"), jobs.c.due_at),
        attempt=jobs.c.attempt - bindparam("give_back"),
        claim_token=None,
        claimed_until=None,
        failure_type=bindparam("failure_type"),
        failure_message=bindparam("failure_message"),
        failure_traceback=bindparam("failure_traceback"),
    ),
)
_CLAIM = Statement(
    jobs,
    jobs.update()
    .where(jobs.c.id == bindparam("wanted_id"), jobs.c.state == JobState.READY)
    .values(
        state=JobState.CLAIMED,
        attempt=jobs.c.attempt + 1,
        claimed_by=bindparam("claimed_by"),
        claim_token=bindparam("claim_token"),
        claimed_until=bindparam("claimed_until"),
    ),
)
_EXTEND = Statement(jobs, jobs.update().where(*_MINE).values(claimed_until=bindparam("claimed_until")))
_CANCEL = Statement(
    jobs,
    jobs.update()
    .where(jobs.c.id == bindparam("wanted_id"))
    .values(state=JobState.CANCELED, claim_token=None, claimed_until=None, ended_at=bindparam("ended_at")),
)
_REVIVE = Statement(
    jobs,
    jobs.update()
    .where(jobs.c.id == bindparam("wanted_id"), jobs.c.state == JobState.FAILED)
    .values(state=JobState.READY, due_at=bindparam("due_at"), forgiven=jobs.c.attempt),
)
_HURRY = Statement(
    jobs,
    jobs.update()
    .where(
        jobs.c.instance_id == bindparam("wanted_instance"),
        jobs.c.state == JobState.READY,
        jobs.c.failure_type.is_not(None),
    )
    .values(due_at=bindparam("new_due_at")),
)
_RELEASE = Statement(
    jobs,
    jobs.update()
    .where(*_MINE)
    .values(state=JobState.READY, claim_token=None, claimed_until=None, due_at=bindparam("due_at")),
)
_INSTANCE_SEQ = (
    select(instances.c.seq).where(instances.c.id == jobs.c.instance_id).scalar_subquery().label("instance_seq")
)
_claimable: dict[frozenset[str], tuple[Statement, Statement]] = {}


def job_id(instance_id: str, token_id: int) -> str:
    """Give the id of the job that a token leaves: always the same, so it is the idempotency key."""
    return f"{instance_id}-{token_id}"


# -- for commands -------------------------------------------------------------------------------------------------


def insert_job(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Store a new job; `row` holds the columns of `jobs`."""
    transaction.write(_INSERT, row, key=row["id"])


def read_claimable(transaction: Transaction, topics: frozenset[str], limit: int) -> list[dict[str, Any]]:
    """Give the rows that are due now for these topics, by priority and then age; locked where that is needed.

    Each has the number of its instance's newest step as `instance_seq`, too.
    """
    if topics not in _claimable:
        query = (
            select(*jobs.c, _INSTANCE_SEQ)
            .where(_READY, jobs.c.due_at <= bindparam("until"))
            .where(or_(*(jobs.c.topic == topic for topic in sorted(topics))))
            .order_by(jobs.c.priority.desc(), jobs.c.due_at, jobs.c.id)
            .limit(bindparam("most"))
        )
        _claimable[topics] = (Statement(jobs, query), Statement(jobs, query.with_for_update(skip_locked=True)))
    statement = _claimable[topics][transaction.locks_rows]
    rows = transaction.rows(statement, {"until": transaction.now, "most": limit})
    return [dict(zip((*jobs.c.keys(), _INSTANCE_SEQ.name), row, strict=True)) for row in rows]


def claim(transaction: Transaction, id: str, *, worker: str, token: str, until: int) -> None:
    """Take a ready job: its attempt goes up by one."""
    row = {"wanted_id": id, "claimed_by": worker, "claim_token": token, "claimed_until": until}
    transaction.write(_CLAIM, row, key=id, otherwise=JobNotHeld(id))


def finish(
    transaction: Transaction,
    held: tuple[str, str],
    state: JobState,
    *,
    failure: Failure | None = None,
    due_at: int | None = None,
    give_back: int = 0,
) -> None:
    """End an attempt of a job held as (id, claim token). Raises JobNotHeld at the commit if it is not held any more.

    `state` READY offers it again at `due_at`; `give_back` 1 makes the attempt not count.
    """
    id, token = held
    row = {
        "wanted_id": id,
        "wanted_token": token,
        "state": str(state),
        "ended_at": None if state in (JobState.READY, JobState.FAILED) else transaction.now,
        "due_at": due_at,
        "give_back": give_back,
        "failure_type": failure.type if failure else None,
        "failure_message": failure.message if failure else None,
        "failure_traceback": failure.traceback if failure else None,
    }
    transaction.write(_FINISH, row, key=id, otherwise=JobNotHeld(id))


def extend(transaction: Transaction, held: tuple[str, str], *, until: int) -> int:
    """Move the end of a claim; gives 0 if the job is not held any more."""
    return transaction.execute(_EXTEND, {"wanted_id": held[0], "wanted_token": held[1], "claimed_until": until})


def cancel(transaction: Transaction, id: str) -> None:
    """End a job whose element was interrupted; an answer that comes later finds nothing."""
    transaction.write(_CANCEL, {"wanted_id": id, "ended_at": transaction.now}, key=id)


def revive(transaction: Transaction, id: str) -> None:
    """Offer a failed job again, now, with all its attempts before it."""
    transaction.write(_REVIVE, {"wanted_id": id, "due_at": transaction.now}, key=id)


def hurry(transaction: Transaction, instance_id: str) -> int:
    """Make an instance's waiting retries due now, and give their number."""
    return transaction.execute(_HURRY, {"wanted_instance": instance_id, "new_due_at": transaction.now})


def release(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Offer a job again whose worker is gone."""
    values = {"wanted_id": row["id"], "wanted_token": row["claim_token"], "due_at": transaction.now}
    transaction.write(_RELEASE, values, key=row["id"], otherwise=JobNotHeld(row["id"]))


# -- for pages and people -----------------------------------------------------------------------------------------


def next_due(connection: Connection) -> int | None:
    """Give when the next ready job is due (microseconds), or None if none waits."""
    value = connection.execute(select(func.min(jobs.c.due_at)).where(_READY)).scalar()
    return None if value is None else int(value)


def claimed_rows(connection: Connection) -> list[dict[str, Any]]:
    """Give the rows of all claimed jobs."""
    query = select(*jobs.c).where(_CLAIMED)
    return [dict(row._mapping) for row in connection.execute(query)]


def open_jobs(connection: Connection, instance_id: str) -> dict[int, JobRecord]:
    """Give an instance's open jobs by the token that waits for each."""
    query = select(*jobs.c).where(jobs.c.instance_id == instance_id, jobs.c.state.in_(_OPEN)).order_by(jobs.c.id)
    return {row.token_id: _record(row) for row in connection.execute(query)}


def all_jobs(connection: Connection, instance_id: str) -> tuple[JobRecord, ...]:
    """Give all jobs of an instance, oldest first."""
    query = select(*jobs.c).where(jobs.c.instance_id == instance_id).order_by(jobs.c.created_at, jobs.c.token_id)
    return tuple(_record(row) for row in connection.execute(query).all() or archives.read_jobs(connection, instance_id))


def _record(row: Any) -> JobRecord:
    failure = None
    if row.failure_type is not None:
        failure = Failure(row.failure_type, row.failure_message or "", row.failure_traceback or "")
    return JobRecord(
        id=row.id,
        instance_id=row.instance_id,
        element_id=row.element_id,
        topic=row.topic,
        state=JobState(row.state),
        attempt=row.attempt,
        max_attempts=None,
        due_at=from_micros(row.due_at),
        priority=row.priority,
        claimed_by=row.claimed_by,
        claimed_until=optional_from_micros(row.claimed_until),
        failure=failure,
    )
