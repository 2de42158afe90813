"""User tasks: the rows of work for people, who may claim it, who has it, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, bindparam, literal_column, or_, select, union_all

from runner.errors import UserTaskOver
from runner.model import UserTask, UserTaskFilter, UserTaskState
from runner.store.statements import Statement
from runner.store.tables import candidates, user_tasks
from runner.store.times import from_micros, optional_from_micros, to_micros
from runner.store.transactions import Transaction

_COLUMNS = tuple(user_tasks.c)
_OPEN = user_tasks.c.ended_at.is_(None)
_INSERT = Statement.insert(user_tasks, without=("ended_at", "ended_by"))
_INSERT_CANDIDATE = Statement.insert(candidates)
_DROP_CANDIDATES = Statement(
    candidates,
    candidates.delete().where(
        candidates.c.instance_id == bindparam("wanted_instance"), candidates.c.user_task_id == bindparam("wanted_id")
    ),
)
_GET = select(*_COLUMNS).where(user_tasks.c.id == bindparam("wanted_id"))
_TAKES = (Statement(user_tasks, _GET), Statement(user_tasks, _GET.with_for_update()))
_ASSIGN = Statement(
    user_tasks,
    user_tasks.update()
    .where(user_tasks.c.id == bindparam("wanted_id"), _OPEN)
    .values(state=bindparam("state"), assignee=bindparam("assignee"), claimed_at=bindparam("claimed_at")),
    ("state", "assignee", "claimed_at"),
)
_END = Statement(
    user_tasks,
    user_tasks.update()
    .where(user_tasks.c.id == bindparam("wanted_id"), _OPEN)
    .values(state=bindparam("state"), ended_at=bindparam("ended_at"), ended_by=bindparam("ended_by")),
)
_CANCEL = Statement(
    user_tasks,
    user_tasks.update()
    .where(user_tasks.c.id == bindparam("wanted_id"), _OPEN)
    .values(state=literal_column("'canceled'"), ended_at=bindparam("ended_at")),
)
# Those that matter more come first, then those that have waited longest.
_ORDER = (user_tasks.c.priority.desc(), user_tasks.c.created_at, user_tasks.c.id)


# -- for commands -------------------------------------------------------------------------------------------------


def insert_user_task(transaction: Transaction, row: Mapping[str, Any], may_claim: Iterable[tuple[str, str]]) -> None:
    """Store a new user task; `may_claim` are (kind, name) of people ("user") and groups ("group")."""
    transaction.write(_INSERT, row, key=row["id"])
    for kind, name in may_claim:
        candidate = {"kind": kind, "name": name, "user_task_id": row["id"], "instance_id": row["instance_id"]}
        transaction.write(_INSERT_CANDIDATE, candidate, key=(row["id"], kind, name))


def take(transaction: Transaction, id: str) -> Any | None:
    """Give a user task's row for changing, locked until the commit; None if there is none."""
    rows = transaction.rows(_TAKES[transaction.locks_rows], {"wanted_id": id})
    return None if not rows else _Row(*rows[0])


def assign(transaction: Transaction, id: str, assignee: str | None) -> None:
    """Give an open user task to somebody, or (None) back to those who may claim it."""
    state = UserTaskState.CREATED if assignee is None else UserTaskState.CLAIMED
    claimed_at = None if assignee is None else transaction.now
    row = {"wanted_id": id, "state": str(state), "assignee": assignee, "claimed_at": claimed_at}
    transaction.write(_ASSIGN, row, key=id, otherwise=UserTaskOver)


def end(transaction: Transaction, row: Any, state: UserTaskState, *, by: str | None) -> None:
    """End an open user task. Raises UserTaskOver at the commit if somebody else has ended it."""
    values = {"wanted_id": row.id, "state": str(state), "ended_at": transaction.now, "ended_by": by}
    transaction.write(_END, values, key=row.id, otherwise=UserTaskOver)
    _drop_candidates(transaction, row.instance_id, row.id)


def cancel(transaction: Transaction, instance_id: str, id: str) -> None:
    """End a user task whose element was interrupted, if there is one and it is open."""
    transaction.write(_CANCEL, {"wanted_id": id, "ended_at": transaction.now}, key=id)
    _drop_candidates(transaction, instance_id, id)


def _drop_candidates(transaction: Transaction, instance_id: str, id: str) -> None:
    transaction.write(_DROP_CANDIDATES, {"wanted_instance": instance_id, "wanted_id": id}, key=id)


# -- for pages and people -----------------------------------------------------------------------------------------


def find(connection: Connection, id: str) -> UserTask | None:
    """Give a user task, or None."""
    row = connection.execute(_GET, {"wanted_id": id}).first()
    return None if row is None else _record(row)


def find_by_prefix(connection: Connection, prefix: str) -> tuple[str, ...]:
    """Give up to three ids of open user tasks that begin with `prefix`, in capitals or not."""
    beginning = prefix.upper()
    query = select(user_tasks.c.id).where(user_tasks.c.id >= beginning, user_tasks.c.id < beginning + "\U0010ffff")
    return tuple(connection.execute(query.where(_OPEN).order_by(user_tasks.c.id).limit(3)).scalars())


def list_open(connection: Connection, wanted: UserTaskFilter, *, limit: int, offset: int = 0) -> tuple[UserTask, ...]:
    """Give open user tasks, those of the highest priority first, then the oldest."""
    query = _wanted(select(*_COLUMNS).where(_OPEN), wanted).order_by(*_ORDER).limit(limit).offset(offset)
    return tuple(_record(row) for row in connection.execute(query))


def open_of_instance(connection: Connection, instance_id: str) -> dict[int, UserTask]:
    """Give an instance's open user tasks by the token that waits for each."""
    query = select(*_COLUMNS).where(user_tasks.c.instance_id == instance_id, _OPEN).order_by(user_tasks.c.id)
    return {row.token_id: _record(row) for row in connection.execute(query)}


def _wanted(query: Select[Any], wanted: UserTaskFilter) -> Select[Any]:
    if wanted.assignee is not None:
        query = query.where(user_tasks.c.assignee == wanted.assignee)
    if wanted.unclaimed:
        query = query.where(user_tasks.c.assignee.is_(None))
    if wanted.instance_id is not None:
        query = query.where(user_tasks.c.instance_id == wanted.instance_id)
    if wanted.due_before is not None:
        query = query.where(user_tasks.c.due_at < to_micros(wanted.due_before))
    if wanted.group is not None:
        query = query.where(user_tasks.c.id.in_(_claimable("group", wanted.group)))
    if wanted.user is not None:
        own = select(user_tasks.c.id).where(user_tasks.c.assignee == wanted.user, _OPEN)
        known = union_all(own, _claimable("user", wanted.user))
        is_theirs = or_(user_tasks.c.assignee == wanted.user, user_tasks.c.assignee.is_(None))
        query = query.where(user_tasks.c.id.in_(known), is_theirs)
    return query


def _claimable(kind: str, name: str) -> Select[Any]:
    return select(candidates.c.user_task_id).where(candidates.c.kind == kind, candidates.c.name == name)


class _Row:
    """A row with its columns as attributes."""

    def __init__(self, *values: Any) -> None:
        self.__dict__.update(zip(user_tasks.c.keys(), values, strict=True))


def _record(row: Any) -> UserTask:
    return UserTask(
        id=row.id,
        instance_id=row.instance_id,
        element_id=row.element_id,
        name=row.name,
        state=UserTaskState(row.state),
        assignee=row.assignee,
        candidate_users=tuple(json.loads(row.candidate_users)),
        candidate_groups=tuple(json.loads(row.candidate_groups)),
        priority=row.priority,
        due_at=optional_from_micros(row.due_at),
        follow_up_at=optional_from_micros(row.follow_up_at),
        form=row.form,
        created_at=from_micros(row.created_at),
        claimed_at=optional_from_micros(row.claimed_at),
        ended_at=optional_from_micros(row.ended_at),
        ended_by=row.ended_by,
    )
