"""Instances and their log: the header row, one step row per commit, and snapshots that keep restoring short."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal_column, select

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
    parent_id: str | None = None
    parent_token: int | None = None
    depth: int | None = None


_HEADER = tuple(Header.__dataclass_fields__)
_INSERT = Statement.insert(instances)
_CHANGING = ("state", "seq", "incidents", "ended_at", "snapshot_bytes", "delta_bytes")  # by `update_header`
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
_SNAPSHOT = select(snapshots.c.seq, snapshots.c.state).where(snapshots.c.instance_id == bindparam("wanted_id"))
_GET_SNAPSHOT = Statement(snapshots, _SNAPSHOT)
_CALLED = Statement(
    instances,
    select(instances.c.id).where(
        instances.c.parent_id == bindparam("wanted_parent"),
        instances.c.parent_token == bindparam("wanted_token"),
        instances.c.ended_at.is_(None),
    ),
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
    row: dict[str, Any] = {
        "wanted_id": header.id,
        "wanted_seq": seq_before,
        "state": header.state,
        "seq": header.seq,
        "incidents": header.incidents,
        "ended_at": header.ended_at,
        "snapshot_bytes": header.snapshot_bytes,
        "delta_bytes": header.delta_bytes,
    }
    transaction.write(_UPDATE, row, key=header.id, otherwise=InstanceChanged)


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


def called_by(transaction: Transaction, parent_id: str, token_id: int) -> str | None:
    """Give the instance that a token waits for at a call activity, or None."""
    rows = transaction.rows(_CALLED, {"wanted_parent": parent_id, "wanted_token": token_id})
    return str(rows[0][0]) if rows else None


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


def list_called(connection: Connection, instance_id: str) -> dict[int, str]:
    """Give the instances that an instance waits for at call activities, by the token that waits."""
    query = select(instances.c.parent_token, instances.c.id).where(
        instances.c.parent_id == instance_id, instances.c.ended_at.is_(None)
    )
    return {int(row.parent_token): str(row.id) for row in connection.execute(query)}


def standing(connection: Connection, instance_id: str) -> tuple[InstanceState, int] | None:
    """Give an instance's state and the number of its open incidents, or None."""
    row = connection.execute(_STANDING, {"wanted_id": instance_id}).first()
    return None if row is None else (InstanceState(row[0]), int(row[1]))


def find_by_prefix(connection: Connection, prefix: str) -> tuple[str, ...]:
    """Give up to three ids that begin with `prefix`, in capitals or not (as ULIDs are read)."""
    beginning = prefix.upper()
    # A range, because only that is looked up in the index: nothing sorts behind the highest character there is.
    query = select(instances.c.id).where(instances.c.id >= beginning, instances.c.id < beginning + _HIGHEST)
    return tuple(connection.execute(query.order_by(instances.c.id).limit(3)).scalars())


def list_instances(
    connection: Connection, wanted: InstanceFilter, *, limit: int, offset: int
) -> tuple[tuple[Instance, ...], int]:
    """Give one page of instances, newest first, and how many there are in all."""
    conditions = _conditions(wanted)
    newest_first = (instances.c.started_at.desc(), instances.c.id.desc())
    # Which ones is read from an index alone; only the rows of the page are fetched, however many stand before it.
    found = _found(wanted)
    page = select(instances.c.id).select_from(found).where(*conditions).order_by(*newest_first)
    query = _listing().where(instances.c.id.in_(page.limit(limit).offset(offset))).order_by(*newest_first)
    total = connection.execute(select(func.count()).select_from(found).where(*conditions)).scalar_one()
    return tuple(_record(row) for row in connection.execute(query)), int(total)


def read_log(
    connection: Connection, instance_id: str, *, until: int | None = None
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Give what makes up the state after step `until`: the snapshot, if it is not newer, and the deltas after it."""
    snapshot = connection.execute(_SNAPSHOT, {"wanted_id": instance_id}).first()
    if snapshot is not None and until is not None and snapshot.seq > until:
        snapshot = None
    after, state = (-1, None) if snapshot is None else (snapshot.seq, json.loads(snapshot.state))
    query = select(steps.c.delta).where(steps.c.instance_id == instance_id, steps.c.seq > after, *_upto(until))
    found = list(connection.execute(query.order_by(steps.c.seq)).scalars())
    if not found and state is None:
        found = [step.delta for step in archives.read_steps(connection, instance_id, after=-1, until=until)]
    return state, [json.loads(delta) for delta in found]


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


def read_passed(connection: Connection, instance_id: str, *, until: int) -> tuple[int, frozenset[str]]:
    """Give how many history entries the steps up to `until` have, and the ids of what was completed or taken there."""
    # The database gathers the steps that read alike, as the rounds of a loop do: few are left to be read here.
    query = (
        select(steps.c.happenings, func.count().label("times"))
        .where(steps.c.instance_id == instance_id, *_upto(until))
        .group_by(steps.c.happenings)
    )
    found = [(row.happenings, row.times) for row in connection.execute(query)] or [
        (step.happenings, 1) for step in archives.read_steps(connection, instance_id, after=-1, until=until)
    ]
    entries = 0
    passed: set[str] = set()
    for text, times in found:
        happenings = json.loads(text)
        entries += times * len(happenings)
        passed.update(each[0] for each in happenings if each[2] in ("completed", "taken") and each[1] != "process")
    return entries, frozenset(passed)


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


# Written into the SQL and not handed over as values: only so can the indexes of the few that are in trouble be used.
_TROUBLED = instances.c.incidents > literal_column("0")
_RETRYING = (jobs.c.state == literal_column("'ready'"), jobs.c.failure_type.is_not(None))
_HIGHEST = "\U0010ffff"


def _retrying() -> Any:
    return (
        select(func.count()).select_from(jobs).where(jobs.c.instance_id == instances.c.id, *_RETRYING).scalar_subquery()
    )


def _listing() -> Select[Any]:
    return select(*(instances.c[name] for name in _HEADER), _retrying().label("retrying"))


def _found(wanted: InstanceFilter) -> Any:
    if wanted.problem != "retrying":
        return instances
    # The few jobs first: SQLite would rather ask each instance whether it is among them.
    retried = select(jobs.c.instance_id).where(*_RETRYING).distinct().subquery()
    return retried.join(instances, instances.c.id == retried.c.instance_id)


def _conditions(wanted: InstanceFilter) -> list[Any]:
    conditions: list[Any] = []
    key: ColumnElement[str] = instances.c.key
    state: ColumnElement[str] = instances.c.state
    if wanted.problem == "incident":
        # Of the few in trouble these are looked at one by one. Given plain columns, SQLite would go through all others
        # of that key or state instead.
        key, state = func.coalesce(key, ""), func.coalesce(state, "")
    if wanted.key is not None:
        conditions.append(key == wanted.key)
    if wanted.state is not None:
        conditions.append(state == wanted.state)
    if wanted.problem == "incident":
        conditions.append(_TROUBLED)
    elif wanted.problem not in (None, "retrying"):
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
        parent_id=row.parent_id,
    )
