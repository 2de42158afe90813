"""Ended instances, packed: steps, snapshot and jobs of one instance become one compressed row, and are read as before.
Their header and incidents stay where they are. `commands/upkeep.py` says when.

Content, format 1: zlib of the JSON {"steps": [row], "snapshot": row or null, "jobs": [row]}, a row {column: value}."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, exists, func, select

from runner.errors import DatabaseUnusable
from runner.store.statements import Statement
from runner.store.tables import archives, candidates, incidents, instances, jobs, snapshots, steps, user_tasks, waits
from runner.store.transactions import Transaction

FORMAT = 1

_INSERT = Statement.insert(archives)
_MARK = Statement(
    instances,
    instances.update().where(instances.c.id == bindparam("wanted_id")).values(archived_at=bindparam("archived_at")),
)
_ENDED = (instances.c.id == bindparam("wanted_id"), instances.c.ended_at < bindparam("ended_before"))
# Whoever holds the row already is doing the same: it is left to them.
_TAKE_WHOLE = select(instances.c.seq).where(
    *_ENDED, instances.c.archived_at.is_(None), instances.c.seq == bindparam("wanted_seq")
)
_TAKE = select(instances.c.seq).where(*_ENDED)
_TAKES_WHOLE = (Statement(instances, _TAKE_WHOLE), Statement(instances, _TAKE_WHOLE.with_for_update(skip_locked=True)))
_TAKES = (Statement(instances, _TAKE), Statement(instances, _TAKE.with_for_update(skip_locked=True)))

_PACKABLE = select(instances.c.seq, instances.c.ended_at).where(
    instances.c.id == bindparam("wanted_id"), instances.c.ended_at.is_not(None), instances.c.archived_at.is_(None)
)
_STEPS, _SNAPSHOT, _JOBS = (
    select(table).where(table.c.instance_id == bindparam("wanted_id")).order_by(*order)
    for table, order in ((steps, [steps.c.seq]), (snapshots, []), (jobs, [jobs.c.created_at, jobs.c.token_id]))
)


def _drop(table: Table) -> Statement:
    column = table.c.id if table is instances else table.c.instance_id
    return Statement(table, table.delete().where(column == bindparam("wanted_id")))


_PACKED = tuple(_drop(table) for table in (steps, snapshots, jobs))
_ALL = (*_PACKED, *(_drop(table) for table in (incidents, waits, user_tasks, candidates, archives, instances)))


@dataclass(frozen=True, slots=True)
class Package:
    """An instance made ready for its archive row; `seq` is its newest step, which no later one may follow."""

    instance_id: str
    seq: int
    ended_at: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive row holds, with the columns of `steps`, `snapshots` and `jobs` as attributes."""

    steps: list[SimpleNamespace]
    snapshot: SimpleNamespace | None
    jobs: list[SimpleNamespace]


def find_archivable(connection: Connection, *, ended_before: int, limit: int) -> list[str]:
    """Give instances that ended before an instant and are not archived, longest ago first."""
    query = select(instances.c.id).where(instances.c.archived_at.is_(None), *_ended_before(ended_before))
    return list(connection.execute(query.order_by(instances.c.ended_at, instances.c.id).limit(limit)).scalars())


def find_deletable(connection: Connection, *, ended_before: int, limit: int) -> list[str]:
    """Give instances that ended before an instant, archived or not, longest ago first among each.

    One that was called is kept as long as the one that called it.
    """
    packed = select(archives.c.instance_id).where(
        archives.c.ended_at < ended_before, ~_is_called(archives.c.instance_id)
    )
    packed = packed.order_by(archives.c.ended_at, archives.c.instance_id).limit(limit)
    found = list(connection.execute(packed).scalars())
    if found:
        return found
    query = select(instances.c.id).where(
        instances.c.archived_at.is_(None), *_ended_before(ended_before), ~_is_called(instances.c.id)
    )
    return list(connection.execute(query.order_by(instances.c.ended_at, instances.c.id).limit(limit)).scalars())


def _is_called(id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the instance of this id was called by one that is still there."""
    own, parent = instances.alias("own"), instances.alias("parent")
    return exists(
        select(own.c.id)
        .join(parent, parent.c.id == own.c.parent_id)
        .where(own.c.id == id, own.c.parent_id.is_not(None))
    )


def _ended_before(instant: int) -> list[Any]:
    # SQLite numbers a step from the highest number there is. Were the newest step taken away, its number would be given
    # a second time, and whoever asks for the changes since then would miss them.
    newest = select(steps.c.instance_id).order_by(steps.c.id.desc()).limit(1).scalar_subquery()
    return [
        instances.c.ended_at.is_not(None),
        instances.c.ended_at < instant,
        instances.c.id != func.coalesce(newest, ""),
    ]


def pack(connection: Connection, instance_id: str) -> Package | None:
    """Read and compress an ended instance; None if it is archived or gone. Nothing is changed."""
    header = connection.execute(_PACKABLE, {"wanted_id": instance_id}).first()
    if header is None:
        return None
    whole = {
        "steps": _rows(connection, _STEPS, instance_id),
        "snapshot": next(iter(_rows(connection, _SNAPSHOT, instance_id)), None),
        "jobs": _rows(connection, _JOBS, instance_id),
    }
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return Package(instance_id, header.seq, header.ended_at, zlib.compress(text.encode()))


def store(transaction: Transaction, package: Package, *, ended_before: int) -> bool:
    """Put a package in place of the rows it was made of; False, changing nothing, if they are not those any more."""
    wanted = {"wanted_id": package.instance_id, "wanted_seq": package.seq, "ended_before": ended_before}
    if not transaction.rows(_TAKES_WHOLE[transaction.locks_rows], wanted):
        return False
    id = package.instance_id
    row = {"instance_id": id, "ended_at": package.ended_at, "format": FORMAT, "content": package.content}
    transaction.write(_INSERT, row, key=id)
    transaction.write(_MARK, {"wanted_id": id, "archived_at": transaction.now}, key=id)
    for statement in _PACKED:
        transaction.write(statement, {"wanted_id": id}, key=id)
    return True


def delete(transaction: Transaction, instance_id: str, *, ended_before: int) -> bool:
    """Remove every row of an instance that ended before an instant; False, changing nothing, if it did not."""
    wanted = {"wanted_id": instance_id, "ended_before": ended_before}
    if not transaction.rows(_TAKES[transaction.locks_rows], wanted):
        return False
    for statement in _ALL:
        transaction.write(statement, {"wanted_id": instance_id}, key=instance_id)
    return True


def read(connection: Connection, instance_id: str) -> Contents | None:
    """Give what an instance's archive row holds, or None if it has none. Raises DatabaseUnusable if unreadable."""
    row = connection.execute(select(archives).where(archives.c.instance_id == instance_id)).first()
    if row is None:
        return None
    if row.format != FORMAT:
        raise DatabaseUnusable(
            f"Expected instance '{instance_id}' to be archived in format {FORMAT}, but it is in format {row.format}: "
            "it was archived by a newer version of the runner. Upgrade the runner."
        )
    try:
        whole = json.loads(zlib.decompress(row.content))
    except (zlib.error, ValueError) as error:
        raise DatabaseUnusable(
            f"Expected instance '{instance_id}' to be readable in the table of archives, but its row is damaged "
            f"({error}). Restore a backup."
        ) from error
    return Contents(
        steps=[_namespace(steps, each) for each in whole["steps"]],
        snapshot=None if whole["snapshot"] is None else _namespace(snapshots, whole["snapshot"]),
        jobs=[_namespace(jobs, each) for each in whole["jobs"]],
    )


def read_steps(connection: Connection, instance_id: str, *, after: int, until: int | None) -> list[SimpleNamespace]:
    """Give the archived steps after one, up to another, oldest first; none if the instance is not archived."""
    found = read(connection, instance_id)
    return [step for step in found.steps if after < step.seq and (until is None or step.seq <= until)] if found else []


def read_jobs(connection: Connection, instance_id: str) -> list[SimpleNamespace]:
    """Give the archived jobs, oldest first; none if the instance is not archived."""
    found = read(connection, instance_id)
    return found.jobs if found else []


def _rows(connection: Connection, query: Select[Any], instance_id: str) -> list[dict[str, Any]]:
    found = connection.execute(query, {"wanted_id": instance_id})
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def _namespace(table: Table, row: dict[str, Any]) -> SimpleNamespace:
    # A column that a later version added was not there to be packed.
    return SimpleNamespace(**(dict.fromkeys(table.columns.keys()) | row))
