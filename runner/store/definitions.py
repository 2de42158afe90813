"""Definitions: one row per version of a process, with the file it came from."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, exists, func, literal_column, or_, select

from runner.model import Definition, InstanceState
from runner.store.bindings import only_newest
from runner.store.statements import Statement
from runner.store.tables import definitions, instances
from runner.store.times import from_micros
from runner.store.transactions import Transaction

_NOT_COMPLETED = tuple(str(state) for state in InstanceState if state is not InstanceState.COMPLETED)
_COLUMNS = (
    definitions.c.id,
    definitions.c.key,
    definitions.c.version,
    definitions.c.name,
    definitions.c.source,
    definitions.c.content_hash,
    definitions.c.deployed_at,
    definitions.c.documentation,
    definitions.c.dialect,
)
_INSERT = Statement.insert(definitions)
_BY_KEY = Statement(
    definitions,
    select(*_COLUMNS)
    .where(definitions.c.key == bindparam("wanted_key"))
    .order_by(definitions.c.version.desc())
    .limit(1),
)
_BY_ID = Statement(definitions, select(*_COLUMNS).where(definitions.c.id == bindparam("wanted_id")))
_caller = definitions.alias("caller")
_CALLER = select(_caller.c.id).where(_caller.c.id == bindparam("wanted_caller"))
_TOGETHER = or_(
    # Deployed together with the caller, from the same file, or before it.
    exists(_CALLER.where(_caller.c.deployment == definitions.c.deployment)),
    exists(_CALLER.where(_caller.c.content_hash == definitions.c.content_hash)),
    definitions.c.id < bindparam("wanted_caller"),
)


def _called(*conditions: ColumnElement[bool]) -> Statement:
    wanted = select(*_COLUMNS).where(definitions.c.key == bindparam("wanted_key"), *conditions)
    return Statement(definitions, wanted.order_by(definitions.c.version.desc()).limit(1))


_CALLED = {
    "version": _called(definitions.c.version == bindparam("wanted_version")),
    "versionTag": _called(definitions.c.version_tag == bindparam("wanted_tag")),
    "deployment": _called(_TOGETHER),
}
_REBIND = Statement(
    definitions,
    definitions.update().where(definitions.c.id == bindparam("wanted_id")).values(bindings=bindparam("bindings")),
    ("bindings",),
)


def newest(transaction: Transaction, key: str) -> Definition | None:
    """Give the newest version of a key, or None."""
    rows = transaction.rows(_BY_KEY, {"wanted_key": key})
    return _record(rows[0]) if rows else None


def by_id(transaction: Transaction, definition_id: int) -> Definition | None:
    """Give a definition by its id inside a command, or None."""
    rows = transaction.rows(_BY_ID, {"wanted_id": definition_id})
    return _record(rows[0]) if rows else None


def called(transaction: Transaction, key: str, binding: str, version: str | None, *, caller: int) -> Definition | None:
    """Give the version of a process that a call activity means, or None.

    `binding` "latest" is the newest, "version" and "versionTag" the one named by `version`; "deployment" is the one
    that was deployed together with definition `caller`, or was the newest then (Camunda 8 docs, Choosing the resource
    binding type).
    """
    chosen = _CALLED.get(binding)
    if chosen is None:
        return newest(transaction, key)
    values: dict[str, Any] = {"wanted_key": key, "wanted_caller": caller, "wanted_tag": version}
    if binding == "version":
        if version is None or not version.isdigit() or len(version) > 9:
            return None
        values["wanted_version"] = int(version)
    rows = transaction.rows(chosen, values)
    return _record(rows[0]) if rows else None


def insert_definition(transaction: Transaction, row: dict[str, Any]) -> None:
    """Store a new version; `row` holds the columns of `definitions`, `bindings` as JSON text."""
    transaction.write(_INSERT, row, key=(row["key"], row["version"]))


def rebind(transaction: Transaction, definition_id: int, bindings: dict[str, str]) -> None:
    """Replace which topic each element is bound to: the diagram is the same, the handlers have changed."""
    transaction.write(_REBIND, {"wanted_id": definition_id, "bindings": json.dumps(bindings)}, key=definition_id)


def find(connection: Connection, key: str, version: int | None) -> Definition | None:
    """Give one version of a key (None: the newest), or None."""
    query = select(*_COLUMNS).where(definitions.c.key == key).order_by(definitions.c.version.desc()).limit(1)
    if version is not None:
        query = query.where(definitions.c.version == version)
    row = connection.execute(query).first()
    return None if row is None else _record(tuple(row))


def get(connection: Connection, definition_id: int) -> Definition | None:
    """Give a definition by its id, or None."""
    row = connection.execute(select(*_COLUMNS).where(definitions.c.id == definition_id)).first()
    return None if row is None else _record(tuple(row))


def read_content(connection: Connection, definition_id: int) -> tuple[str, str, bytes, dict[str, str]] | None:
    """Give key, source name, file content and bindings of a definition, or None."""
    columns = (definitions.c.key, definitions.c.source, definitions.c.xml, definitions.c.bindings)
    row = connection.execute(select(*columns).where(definitions.c.id == definition_id)).first()
    return None if row is None else (row.key, row.source, bytes(row.xml), json.loads(row.bindings))


def keys(connection: Connection) -> tuple[str, ...]:
    """Give every deployed key."""
    return tuple(connection.execute(select(definitions.c.key).distinct().order_by(definitions.c.key)).scalars())


def newest_id(connection: Connection) -> int:
    """Give the id of what was deployed last, 0 if nothing ever was."""
    return int(connection.execute(select(func.max(definitions.c.id))).scalar() or 0)


def newest_of_each(connection: Connection) -> tuple[Definition, ...]:
    """Give the newest version of every key, by key."""
    query = select(*_COLUMNS).join(*only_newest(definitions)).order_by(definitions.c.key)
    return tuple(_record(tuple(row)) for row in connection.execute(query))


def count_instances(connection: Connection) -> dict[str, dict[str, int]]:
    """Give per key the number of instances in each state, and under "incidents" that of instances with open ones.

    The connection must show one moment (`Database.read_one_moment`).
    """
    counts: dict[str, dict[str, int]] = {}
    # Most instances have completed. They are what the others leave of all, which an index counts without sorting.
    in_all = select(instances.c.key, func.count()).group_by(instances.c.key)
    others = select(instances.c.key, instances.c.state, func.count()).where(instances.c.state.in_(_NOT_COMPLETED))
    for key, number in connection.execute(in_all):
        counts[key] = {InstanceState.COMPLETED: number}
    for key, state, number in connection.execute(others.group_by(instances.c.key, instances.c.state)):
        counts[key][state] = number
        counts[key][InstanceState.COMPLETED] -= number
    # Counted here: asked to group, SQLite would look at every instance in the order of keys.
    troubled = select(instances.c.key).where(instances.c.incidents > literal_column("0"))
    for key, number in Counter(connection.execute(troubled).scalars()).items():
        counts[key]["incidents"] = number
    return counts


def _record(row: tuple[Any, ...]) -> Definition:
    id, key, version, name, source, content_hash, deployed_at, documentation, dialect = row
    return Definition(id, key, version, name, source, content_hash, from_micros(deployed_at), documentation, dialect)
