"""How much is stored: rows, bytes, and what has waited longest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, func, select, text

from runner.store.tables import (
    archives,
    data_stores,
    definitions,
    deliveries,
    forms,
    incidents,
    instances,
    jobs,
    messages,
    signals,
    snapshots,
    steps,
    waits,
)
from runner.store.times import from_micros

_TABLES = (
    definitions,
    instances,
    steps,
    snapshots,
    jobs,
    incidents,
    waits,
    messages,
    signals,
    deliveries,
    data_stores,
    forms,
    archives,
)


@dataclass(frozen=True, slots=True)
class TableSize:
    """Rows of a table and the bytes that they and their indexes take; None where the database cannot tell."""

    rows: int
    bytes: int | None


@dataclass(frozen=True, slots=True)
class OldestJob:
    """The job that has been due longest without being claimed (or, if none is due, the next one)."""

    id: str
    instance_id: str
    element_id: str
    topic: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of one moment. `steps_at_most` is the longest log of an instance, archived ones included."""

    tables: Mapping[str, TableSize]
    instances: Mapping[str, int]
    jobs: Mapping[str, int]
    waits: Mapping[str, int]
    messages: Mapping[str, int]
    open_incidents: Mapping[str, int]
    steps_at_most: int
    longest_instance: str | None
    oldest_job: OldestJob | None
    database_bytes: int
    archived: int


def count(connection: Connection) -> Counts:
    """Count everything; the connection should show one moment. Takes time in proportion to what is stored."""
    sizes = _file_sizes(connection) if connection.dialect.name == "sqlite" else _server_sizes(connection)
    rows = {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES}
    open_kinds = select(incidents.c.kind, func.count()).where(incidents.c.resolved_at.is_(None))
    longest = connection.execute(select(instances.c.id, instances.c.seq).order_by(instances.c.seq.desc()).limit(1))
    longest_id, longest_seq = longest.first() or (None, -1)
    return Counts(
        tables={name: TableSize(number, sizes.get(name)) for name, number in rows.items()},
        instances=_by(connection, instances.c.state),
        jobs=_by(connection, jobs.c.state),
        waits=_by(connection, waits.c.kind),
        messages=_by(connection, messages.c.state),
        open_incidents={kind: number for kind, number in connection.execute(open_kinds.group_by(incidents.c.kind))},
        steps_at_most=longest_seq + 1,
        longest_instance=longest_id,
        oldest_job=_oldest_job(connection),
        database_bytes=_database_bytes(connection),
        archived=rows["archives"],
    )


def _by(connection: Connection, state: Column[Any]) -> dict[str, int]:
    query = select(state, func.count()).group_by(state).order_by(state)
    return {name: number for name, number in connection.execute(query)}


def _oldest_job(connection: Connection) -> OldestJob | None:
    columns = (jobs.c.id, jobs.c.instance_id, jobs.c.element_id, jobs.c.topic, jobs.c.due_at)
    query = select(*columns).where(jobs.c.state == "ready").order_by(jobs.c.due_at, jobs.c.id).limit(1)
    row = connection.execute(query).first()
    return None if row is None else OldestJob(*row[:4], from_micros(row.due_at))


def _file_sizes(connection: Connection) -> dict[str, int]:
    """Add up the pages of each table and its indexes, if this SQLite was built to tell."""
    options = connection.execute(text("PRAGMA compile_options")).scalars()
    if "ENABLE_DBSTAT_VTAB" not in set(options):
        return {}
    query = text(
        "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) "
        "WHERE aggregate = TRUE GROUP BY tbl_name"
    )
    return {name: size for name, size in connection.execute(query)}


def _server_sizes(connection: Connection) -> dict[str, int]:
    query = text("SELECT pg_total_relation_size(to_regclass(:name))")
    return {table.name: connection.execute(query, {"name": table.name}).scalar_one() for table in _TABLES}


def _database_bytes(connection: Connection) -> int:
    if connection.dialect.name != "sqlite":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
