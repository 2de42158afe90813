"""Jobs: the rows that wait for a worker, its claim, and how the attempt ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    Text,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
)

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
_holder = jobs.alias("holder")


def _if_locked(column: Any) -> Any:
    return case((jobs.c.lock.is_not(None), column), else_=null())


def _lock_is_free(lock: Any) -> ColumnElement[bool]:
    """Say that no job has a lock: none claimed, and none canceled whose handler may still run."""
    holds = or_(
        _holder.c.state == literal_column("'claimed'"),
        _holder.c.claimed_until > bindparam("until"),
    )
    return ~exists().where(_holder.c.claim_token.is_not(None), _holder.c.lock == lock, holds)


_IS_OPEN = jobs.c.state.in_([literal_column(f"'{state}'") for state in _OPEN])
_INSERT = Statement.insert(jobs, without=("ended_at", "failure_type", "failure_message", "failure_traceback"))
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
_COMPLETE = Statement(
    jobs,
    jobs.update()
    .where(jobs.c.id == bindparam("wanted_id"), _CLAIMED, jobs.c.claim_token == bindparam("wanted_token"))
    .values(
        state=literal_column("'completed'"),
        ended_at=bindparam("ended_at"),
        claim_token=null(),
        claimed_until=null(),
        failure_type=null(),
        failure_message=null(),
        failure_traceback=null(),
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
    .where(jobs.c.id == bindparam("wanted_id"), _IS_OPEN)
    .values(
        state=JobState.CANCELED,
        # Its handler may still run: until its worker says so, or the claim lapses, it keeps the lock.
        claim_token=_if_locked(jobs.c.claim_token),
        claimed_until=_if_locked(jobs.c.claimed_until),
        ended_at=bindparam("ended_at"),
    ),
)
_LET_GO = Statement(
    jobs,
    jobs.update()
    .where(jobs.c.id == bindparam("wanted_id"), jobs.c.claim_token == bindparam("wanted_token"))
    .where(jobs.c.state == JobState.CANCELED)
    .values(claim_token=None, claimed_until=None),
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
_CLAIMED_UNTIL = Statement(jobs, select(jobs.c.claimed_until).where(*_MINE))
_INSTANCE_SEQ = (
    select(instances.c.seq).where(instances.c.id == jobs.c.instance_id).scalar_subquery().label("instance_seq")
)
_MOST: BindParameter[int] = bindparam("most")
_ORDER = (jobs.c.priority.desc(), jobs.c.due_at, jobs.c.id)
_CLAIMED_ROW = select(*jobs.c, _INSTANCE_SEQ)
# Chosen in the index alone: SQLite would fetch the row of each waiting retry, and of each other worker's job. Adding
# nothing keeps it from taking the index of times instead, which has no order of priorities. Topics are one value in
# either statement, however many there are.
_UNLOCKED = or_(jobs.c.lock.is_(None), _lock_is_free(jobs.c.lock))
_CHOSEN = (
    select(jobs.c.id)
    .where(
        _READY,
        jobs.c.due_at + literal_column("0") <= bindparam("until"),
        jobs.c.topic.in_(select(func.json_each(bindparam("topics")).table_valued("value").c.value)),
        _UNLOCKED,
    )
    .order_by(*_ORDER)
    .limit(_MOST)
)
_CLAIMABLE = Statement(jobs, _CLAIMED_ROW.where(jobs.c.id.in_(_CHOSEN)).order_by(*_ORDER))
_CLAIMABLE_LOCKED = Statement(
    jobs,
    _CLAIMED_ROW.where(
        _READY,
        jobs.c.due_at <= bindparam("until"),
        jobs.c.topic == any_(bindparam("topics", type_=ARRAY(Text))),
        _UNLOCKED,
    )
    .order_by(*_ORDER)
    .limit(_MOST)
    .with_for_update(skip_locked=True, of=jobs),
)
# Two that claim at once do not see each other's claims: only one of them gets the lock's name until it commits.
_ALONE = Statement(
    jobs, select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("lock"), literal_column("0"))))
)
_FREE = Statement(jobs, select(literal_column("1")).where(_lock_is_free(bindparam("lock"))))


def job_id(instance_id: str, token_id: int) -> str:
    """Give the id of the job that a token leaves: always the same, so it is the idempotency key."""
    return f"{instance_id}-{token_id}"


# -- for commands -------------------------------------------------------------------------------------------------


def insert_job(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Store a new job; `row` holds the columns of `jobs` but those that tell how it ended."""
    transaction.write(_INSERT, row, key=row["id"])


def read_claimable(transaction: Transaction, topics: frozenset[str], limit: int) -> list[dict[str, Any]]:
    """Give the rows that are due now for these topics, by priority and then age; locked where that is needed.

    Each has the number of its instance's newest step as `instance_seq`, too.
    """
    names = sorted(topics)
    statement, wanted = (_CLAIMABLE_LOCKED, names) if transaction.locks_rows else (_CLAIMABLE, json.dumps(names))
    rows = transaction.rows(statement, {"until": transaction.now, "most": limit, "topics": wanted})
    return [dict(zip((*jobs.c.keys(), _INSTANCE_SEQ.name), row, strict=True)) for row in rows]


def may_lock(transaction: Transaction, lock: str) -> bool:
    """Tell whether a job with this lock may be claimed in this transaction: no other has it, or is getting it now."""
    if transaction.locks_rows and not transaction.rows(_ALONE, {"lock": lock})[0][0]:
        return False
    return bool(transaction.rows(_FREE, {"lock": lock, "until": transaction.now}))


def claim(transaction: Transaction, id: str, *, worker: str, token: str, until: int) -> None:
    """Take a ready job: its attempt goes up by one."""
    row = {"wanted_id": id, "claimed_by": worker, "claim_token": token, "claimed_until": until}
    transaction.write(_CLAIM, row, key=id, otherwise=JobNotHeld)


def complete(transaction: Transaction, held: tuple[str, str]) -> None:
    """End a job held as (id, claim token) well. Raises JobNotHeld at the commit if it is not held any more."""
    row = {"wanted_id": held[0], "wanted_token": held[1], "ended_at": transaction.now}
    transaction.write(_COMPLETE, row, key=held[0], otherwise=JobNotHeld)


def finish(
    transaction: Transaction,
    held: tuple[str, str],
    state: JobState,
    *,
    failure: Failure | None = None,
    due_at: int | None = None,
    give_back: int = 0,
) -> None:
    """End an attempt of a job held as (id, claim token) in any other way. Raises JobNotHeld as `complete` does.

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
    transaction.write(_FINISH, row, key=id, otherwise=JobNotHeld)


def extend(transaction: Transaction, held: tuple[str, str], *, until: int) -> int:
    """Move the end of a claim; gives 0 if the job is not held any more."""
    return transaction.execute(_EXTEND, {"wanted_id": held[0], "wanted_token": held[1], "claimed_until": until})


def cancel(transaction: Transaction, id: str) -> None:
    """End a job whose element was interrupted: an answer that comes later finds nothing, one that came before stays."""
    transaction.write(_CANCEL, {"wanted_id": id, "ended_at": transaction.now}, key=id)


def let_go(transaction: Transaction, held: tuple[str, str]) -> None:
    """Free the lock of a job that was canceled: its handler has returned."""
    transaction.write(_LET_GO, {"wanted_id": held[0], "wanted_token": held[1]}, key=held[0])


def revive(transaction: Transaction, id: str) -> None:
    """Offer a failed job again, now, with all its attempts before it."""
    transaction.write(_REVIVE, {"wanted_id": id, "due_at": transaction.now}, key=id)


def hurry(transaction: Transaction, instance_id: str) -> int:
    """Make an instance's waiting retries due now, and give their number."""
    return transaction.execute(_HURRY, {"wanted_instance": instance_id, "new_due_at": transaction.now})


def claimed_until(transaction: Transaction, row: Mapping[str, Any]) -> int | None:
    """Give until when the claim of a row lasts by now (microseconds), or None if it is over."""
    found = transaction.rows(_CLAIMED_UNTIL, {"wanted_id": row["id"], "wanted_token": row["claim_token"]})
    return int(found[0][0]) if found else None


def release(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Offer a job again whose worker is gone."""
    values = {"wanted_id": row["id"], "wanted_token": row["claim_token"], "due_at": transaction.now}
    transaction.write(_RELEASE, values, key=row["id"], otherwise=JobNotHeld)


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
    found = {row.token_id: _record(row) for row in connection.execute(query)}
    wanted = {job.lock for job in found.values() if job.lock is not None and job.state == JobState.READY}
    if not wanted:
        return found
    holding = select(jobs.c.lock, jobs.c.id).where(jobs.c.claim_token.is_not(None), jobs.c.lock.in_(wanted))
    holders = dict(tuple(row) for row in connection.execute(holding))
    return {
        token_id: replace(job, lock_holder=holders.get(job.lock)) if job.state == JobState.READY else job
        for token_id, job in found.items()
    }


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
        lock=row.lock,
    )
