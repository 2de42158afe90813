"""Instances and their log: the header row, one step row per commit, and snapshots that keep restoring short."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, literal_column, select

from runner.errors import InstanceChanged, RunnerError
from runner.model import HistoryEntry, Instance, InstanceState
from runner.store import archives
from runner.store.statements import Statement
from runner.store.tables import instances, jobs, snapshots, steps
from runner.store.times import from_micros, optional_from_micros
from runner.store.transactions import Transaction


@dataclass(slots=True)
class Header:
    """An instance row as commands hold and change it; `seq` is the number of its newest step."""

    id: str
    definition_id: int
    key: str
    version: int
    state: str
    business_key: str | None
    seq: int
    incidents: int
    started_at: int
    ended_at: int | None = None
    snapshot_bytes: int = 0
    delta_bytes: int = 0
    archived_at: int | None = None


_HEADER = tuple(Header.__dataclass_fields__)
_INSERT = Statement.insert(instances)
_CHANGING = ("state", "seq", "incidents", "ended_at", "snapshot_bytes", "delta_bytes")
_UPDATE = Statement(
    instances,
    instances.update()
    .where(instances.c.id == bindparam("wanted_id"), instances.c.seq == bindparam("wanted_seq"))
    .values({name: bindparam(name) for name in _CHANGING}),
)
_SELECT = select(*(instances.c[name] for name in _HEADER)).where(instances.c.id == bindparam("wanted_id"))
_GET = Statement(instances, _SELECT)
_LOCK = Statement(instances, _SELECT.with_for_update())
_STANDING = select(instances.c.state, instances.c.incidents).where(instances.c.id == bindparam("wanted_id"))
_INSERT_STEP = Statement.insert(steps)
_DELTAS = Statement(
    steps,
    select(steps.c.delta)
    .where(steps.c.instance_id == bindparam("wanted_id"), steps.c.seq > bindparam("after"))
    .order_by(steps.c.seq),
)
_GET_SNAPSHOT = Statement(
    snapshots, select(snapshots.c.seq, snapshots.c.state).where(snapshots.c.instance_id == bindparam("wanted_id"))
)
_DROP_SNAPSHOT = Statement(snapshots, snapshots.delete().where(snapshots.c.instance_id == bindparam("wanted_id")))
_INSERT_SNAPSHOT = Statement.insert(snapshots)


# -- for commands -------------------------------------------------------------------------------------------------


def lock_header(transaction: Transaction, instance_id: str) -> Header | None:
    """Read an instance row, locked against other writers until the commit; None if there is none."""
    statement = _LOCK if transaction.locks_rows else _GET
    rows = transaction.rows(statement, {"wanted_id": instance_id})
    return Header(*rows[0]) if rows else None


def insert_header(transaction: Transaction, header: Header) -> None:
    """Store a new instance."""
    row = {name: getattr(header, name) for name in _HEADER}
    transaction.write(_INSERT, row, key=header.id)


def update_header(transaction: Transaction, header: Header, *, seq_before: int) -> None:
    """Store what changed. Raises InstanceChanged at the commit if somebody else moved the instance on."""
    row: dict[str, Any] = {name: getattr(header, name) for name in _CHANGING}
    row["wanted_id"], row["wanted_seq"] = header.id, seq_before
    transaction.write(_UPDATE, row, key=header.id, otherwise=InstanceChanged(header.id))


def insert_step(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Append one row to the log; `row` holds the columns of `steps`."""
    transaction.write(_INSERT_STEP, row, key=(row["instance_id"], row["seq"]))


def replace_snapshot(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Store an instance's whole state; `row` holds the columns of `snapshots`."""
    transaction.write(_DROP_SNAPSHOT, {"wanted_id": row["instance_id"]}, key=row["instance_id"])
    transaction.write(_INSERT_SNAPSHOT, row, key=row["instance_id"])


def read_state(transaction: Transaction, instance_id: str) -> tuple[dict[str, Any] | None, Iterator[dict[str, Any]]]:
    """Give the newest snapshot (or None) and the deltas after it, oldest first."""
    found = transaction.rows(_GET_SNAPSHOT, {"wanted_id": instance_id})
    seq, state = (found[0][0], json.loads(found[0][1])) if found else (-1, None)
    deltas = transaction.rows(_DELTAS, {"wanted_id": instance_id, "after": seq})
    return state, (json.loads(delta) for (delta,) in deltas)


def from_header(header: Header) -> Instance:
    """Give the record of an instance that a command holds."""
    return _record(header)


# -- for pages and people -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """Which instances to list; None means any. `problem` is "incident" or "retrying"."""

    key: str | None = None
    state: str | None = None
    problem: str | None = None


def find(connection: Connection, instance_id: str) -> Instance | None:
    """Give an instance, or None."""
    row = connection.execute(_listing().where(instances.c.id == instance_id)).first()
    return None if row is None else _record(row)


def standing(connection: Connection, instance_id: str) -> tuple[InstanceState, int] | None:
    """Give an instance's state and the number of its open incidents, or None."""
    row = connection.execute(_STANDING, {"wanted_id": instance_id}).first()
    return None if row is None else (InstanceState(row[0]), int(row[1]))


def find_by_prefix(connection: Connection, prefix: str) -> tuple[str, ...]:
    """Give up to three ids that begin with `prefix`."""
    query = select(instances.c.id).where(instances.c.id.startswith(prefix, autoescape=True)).limit(3)
    return tuple(connection.execute(query).scalars())


def list_instances(
    connection: Connection, wanted: InstanceFilter, *, limit: int, offset: int
) -> tuple[tuple[Instance, ...], int]:
    """Give one page of instances, newest first, and how many there are in all."""
    conditions = _conditions(wanted)
    query = _listing().where(*conditions).order_by(instances.c.started_at.desc(), instances.c.id.desc())
    total = connection.execute(select(func.count()).select_from(instances).where(*conditions)).scalar_one()
    return tuple(_record(row) for row in connection.execute(query.limit(limit).offset(offset))), int(total)


def read_deltas(connection: Connection, instance_id: str, *, until: int | None = None) -> list[dict[str, Any]]:
    """Give an instance's deltas, oldest first, up to step `until`."""
    query = select(steps.c.delta).where(steps.c.instance_id == instance_id, *_upto(until)).order_by(steps.c.seq)
    found = connection.execute(query).all() or archives.read_steps(connection, instance_id, after=-1, until=until)
    return [json.loads(step.delta) for step in found]


def read_history(
    connection: Connection, instance_id: str, *, after: int = -1, first: int = 1, until: int | None = None
) -> list[HistoryEntry]:
    """Give the history entries of the steps after `after`, up to step `until`, oldest first, numbered from `first`."""
    query = select(steps.c.seq, steps.c.at, steps.c.happenings).where(
        steps.c.instance_id == instance_id, steps.c.seq > after, *_upto(until)
    )
    found = connection.execute(query.order_by(steps.c.seq)).all()
    entries: list[HistoryEntry] = []
    for step in found or archives.read_steps(connection, instance_id, after=after, until=until):
        at = from_micros(step.at)
        for element_id, element_type, event, *detail in json.loads(step.happenings):
            number = first + len(entries)
            entries.append(HistoryEntry(number, at, element_id, element_type, event, step.seq, *(detail or [{}])))
    return entries


def _upto(until: int | None) -> list[Any]:
    return [] if until is None else [steps.c.seq <= until]


def read_changes(connection: Connection, after: int, limit: int = 1000) -> list[tuple[int, str, str, int]]:
    """Give (cursor, instance id, key, seq) of the steps stored after a cursor; cheap when there are none."""
    query = (
        select(steps.c.id, steps.c.instance_id, instances.c.key, steps.c.seq)
        .join(instances, instances.c.id == steps.c.instance_id)
        .where(steps.c.id > after)
        .order_by(steps.c.id)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def last_change(connection: Connection) -> int:
    """Give the cursor of the newest step, 0 if there is none."""
    return int(connection.execute(select(func.max(steps.c.id))).scalar() or 0)


_TROUBLED = instances.c.incidents > literal_column("0")


def _retrying() -> Any:
    return (
        select(func.count())
        .select_from(jobs)
        .where(jobs.c.instance_id == instances.c.id, jobs.c.state == "ready", jobs.c.failure_type.is_not(None))
        .scalar_subquery()
    )


def _listing() -> Select[Any]:
    return select(*(instances.c[name] for name in _HEADER), _retrying().label("retrying"))


def _conditions(wanted: InstanceFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.key is not None:
        conditions.append(instances.c.key == wanted.key)
    if wanted.state is not None:
        # In the SQL, not as a value: only so can the index of active instances be used.
        state = literal_column("'active'") if wanted.state == "active" else wanted.state
        conditions.append(instances.c.state == state)
    if wanted.problem == "incident":
        conditions.append(_TROUBLED)
    elif wanted.problem == "retrying":
        waiting = select(jobs.c.instance_id).where(
            jobs.c.state == literal_column("'ready'"), jobs.c.failure_type.is_not(None)
        )
        conditions.append(instances.c.id.in_(waiting))
    elif wanted.problem is not None:
        raise RunnerError(f"Expected problem to be 'incident' or 'retrying', but got '{wanted.problem}'.")
    return conditions


def _record(row: Any) -> Instance:
    return Instance(
        id=row.id,
        key=row.key,
        version=row.version,
        definition_id=row.definition_id,
        state=InstanceState(row.state),
        business_key=row.business_key,
        seq=row.seq,
        started_at=from_micros(row.started_at),
        ended_at=optional_from_micros(row.ended_at),
        incidents=row.incidents,
        retrying=getattr(row, "retrying", 0),
    )
