"""All that is stored about each instance, one after the other and in bounded memory, for whoever checks that it fits
together (`commands/verification.py`). Knows the rows and not what they ought to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, exists, func, or_, select, text

from runner.errors import DatabaseUnusable
from runner.store import archives
from runner.store.tables import archives as archive_rows
from runner.store.tables import (
    candidates,
    definitions,
    deliveries,
    incidents,
    instances,
    jobs,
    messages,
    signals,
    snapshots,
    steps,
    user_tasks,
    waits,
)

# Instances whose headers, jobs and incidents are in memory at the same time; steps come one by one.
INSTANCES_AT_ONCE = 100
STEPS_AT_ONCE = 500
_NO_LOG: tuple[str | None, Iterator[Any]] = (None, iter(()))


@dataclass(frozen=True, slots=True)
class Dossier:
    """One instance with all its rows, columns as attributes. `steps` can be read once, before the next dossier.

    If `packed`, there is an archive row, and `steps`, `snapshot` and `jobs` come from it; `loose` is how many such rows
    stand beside it, and `damage` why it cannot be read, or an empty text. `defined`: its definition is there.
    `called` are (id, parent_token, state) of the instances that it called, `caller` (id, state) of its own caller.
    """

    header: Any
    defined: bool
    steps: Iterable[Any]
    snapshot: Any | None
    jobs: Sequence[Any]
    incidents: Sequence[Any]
    waits: Sequence[Any] = ()
    user_tasks: Sequence[Any] = ()
    called: Sequence[Any] = ()
    caller: Any | None = None
    packed: bool = False
    loose: int = 0
    damage: str = ""


def read_dossiers(connection: Connection) -> Iterator[Dossier]:
    """Give every instance, by id. The connection must show one moment (`Database.read_one_moment`)."""
    known = frozenset(connection.execute(select(definitions.c.id)).scalars())
    last = ""
    while headers := _headers_after(connection, last):
        last = headers[-1].id
        yield from _dossiers(connection, headers, known)


def stray_rows(connection: Connection) -> Iterator[tuple[str, str]]:
    """Give (table, instance id) of what is stored for instances that do not exist."""
    for table in (steps, snapshots, jobs, incidents, archive_rows, waits, user_tasks, candidates):
        own, known = table.c.instance_id.is_not(None), exists().where(instances.c.id == table.c.instance_id)
        query = select(table.c.instance_id).where(own, ~known).distinct()
        yield from ((table.name, instance_id) for instance_id in connection.execute(query).scalars())


def messages_amiss(connection: Connection) -> Iterator[tuple[int, str]]:
    """Give (number, state) of messages that lack what belongs to their state, or have what does not."""
    open_states = messages.c.state.in_(("sent", "waiting"))
    received = messages.c.instance_id.is_not(None)
    fits = or_(
        open_states & messages.c.ended_at.is_(None) & ~received,
        (messages.c.state == "delivered") & messages.c.ended_at.is_not(None) & received,
        (messages.c.state == "expired") & messages.c.ended_at.is_not(None) & ~received,
    )
    query = select(messages.c.id, messages.c.state).where(~fits).order_by(messages.c.id)
    yield from ((row[0], row[1]) for row in connection.execute(query))


def messages_kept_from(connection: Connection) -> Iterator[tuple[int, int]]:
    """Give (message, wait) for messages that wait although an event in an instance waits for them."""
    query = (
        select(messages.c.id, func.min(waits.c.id))
        .join(waits, (waits.c.name == messages.c.name) & or_(waits.c.key == messages.c.key, waits.c.key == ""))
        .join(instances, instances.c.id == waits.c.instance_id)
        .where(
            messages.c.state == "waiting",
            waits.c.kind == "message",
            waits.c.due_at.is_(None),
            or_(messages.c.business_key.is_(None), messages.c.business_key == instances.c.business_key),
            # While its token has an incident, no message comes to it.
            ~exists().where(
                incidents.c.instance_id == waits.c.instance_id,
                incidents.c.token_id == waits.c.token_id,
                incidents.c.resolved_at.is_(None),
            ),
            # It began to wait while the message was alive.
            waits.c.opened_at < messages.c.expires_at,
        )
        .group_by(messages.c.id)
    )
    yield from ((row[0], row[1]) for row in connection.execute(query))


def deliveries_amiss(connection: Connection) -> Iterator[int]:
    """Give the deliveries of signals that do not exist."""
    query = select(deliveries.c.id).where(~exists().where(signals.c.id == deliveries.c.signal_id))
    yield from connection.execute(query).scalars()


def file_damage(connection: Connection) -> list[str]:
    """Give what SQLite finds wrong with the file itself; nothing for a database server."""
    if connection.dialect.name != "sqlite":
        return []
    return [line for line in connection.execute(text("PRAGMA integrity_check")).scalars() if line != "ok"]


def _headers_after(connection: Connection, last: str) -> Sequence[Any]:
    query = select(instances).where(instances.c.id > last).order_by(instances.c.id).limit(INSTANCES_AT_ONCE)
    return connection.execute(query).all()


def _dossiers(connection: Connection, headers: Sequence[Any], known: frozenset[int]) -> Iterator[Dossier]:
    between = (headers[0].id, headers[-1].id)
    own_jobs, own_incidents, own_snapshots, own_waits, own_work = (
        _by_instance(connection, table, between) for table in (jobs, incidents, snapshots, waits, user_tasks)
    )
    called, callers = _calls(connection, between)
    packed = archive_rows.c.instance_id
    archived = frozenset(connection.execute(select(packed).where(*_inside(packed, between))).scalars())
    logs = groupby(_log_rows(connection, between), lambda row: row.instance_id)
    owner, log = next(logs, _NO_LOG)
    for header in headers:
        dossier = Dossier(
            header=header,
            defined=header.definition_id in known,
            steps=log if owner == header.id else (),
            snapshot=next(iter(own_snapshots.get(header.id, ())), None),
            jobs=own_jobs.get(header.id, ()),
            incidents=own_incidents.get(header.id, ()),
            waits=own_waits.get(header.id, ()),
            user_tasks=own_work.get(header.id, ()),
            called=called.get(header.id, ()),
            caller=callers.get(header.id),
        )
        yield _unpacked(connection, dossier) if header.id in archived else dossier
        if owner == header.id:
            owner, log = next(logs, _NO_LOG)


def _unpacked(connection: Connection, dossier: Dossier) -> Dossier:
    loose = sum(1 for _ in dossier.steps) + len(dossier.jobs) + (dossier.snapshot is not None)
    try:
        contents = archives.read(connection, dossier.header.id) or archives.Contents([], None, [])
    except DatabaseUnusable as error:
        return replace(dossier, steps=(), packed=True, damage=str(error))
    return replace(
        dossier, steps=contents.steps, snapshot=contents.snapshot, jobs=contents.jobs, packed=True, loose=loose
    )


def _calls(connection: Connection, between: tuple[str, str]) -> tuple[Mapping[str, Sequence[Any]], Mapping[str, Any]]:
    """Give the instances called by each of these, and of each called one the one that called it."""
    called: dict[str, list[Any]] = {}
    columns = (instances.c.id, instances.c.parent_id, instances.c.parent_token, instances.c.state)
    for row in connection.execute(select(*columns).where(*_inside(instances.c.parent_id, between))):
        called.setdefault(row.parent_id, []).append(row)
    child = instances.alias("child")
    pairs = select(child.c.id.label("called_id"), instances.c.id, instances.c.state)
    pairs = pairs.join(instances, instances.c.id == child.c.parent_id).where(*_inside(child.c.id, between))
    return called, {row.called_id: row for row in connection.execute(pairs)}


def _log_rows(connection: Connection, between: tuple[str, str]) -> Iterable[Any]:
    # Only of instances that exist, so that these rows and the headers, in the same order, stay side by side.
    query = select(steps).join(instances, instances.c.id == steps.c.instance_id)
    query = query.where(*_inside(steps.c.instance_id, between)).order_by(steps.c.instance_id, steps.c.seq)
    return connection.execute(query, execution_options={"yield_per": STEPS_AT_ONCE})


def _by_instance(connection: Connection, table: Table, between: tuple[str, str]) -> Mapping[str, Sequence[Any]]:
    found: dict[str, list[Any]] = {}
    for row in connection.execute(select(table).where(*_inside(table.c.instance_id, between))):
        found.setdefault(row.instance_id, []).append(row)
    return found


def _inside(column: Column[Any], between: tuple[str, str]) -> tuple[ColumnElement[bool], ...]:
    # PostgreSQL's BETWEEN takes no COLLATE, which the type of ids brings along.
    return column >= between[0], column <= between[1]
