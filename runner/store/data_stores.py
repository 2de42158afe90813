"""Data stores: a row with a value for each name, which steps of any instance read and write.

A row is written without looking who wrote it before: of two writers both commit, and the value of the later one stays.
Who computes a new value from the old one locks the name first (`read(…, changing=True)`), so no change is lost."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Text, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from runner.model import DataStoreValue
from runner.store.statements import Statement
from runner.store.tables import data_stores
from runner.store.times import from_micros
from runner.store.transactions import Transaction

_COLUMNS = tuple(column.name for column in data_stores.columns)


def _put(insert: Any) -> Statement:
    new = insert.excluded
    changed: dict[str, Any] = {name: new[name] for name in _COLUMNS if name not in ("name", "revision")}
    changed["revision"] = data_stores.c.revision + 1
    return Statement(
        data_stores, insert.on_conflict_do_update(index_elements=[data_stores.c.name], set_=changed), _COLUMNS
    )


_PUTS = (_put(sqlite.insert(data_stores).inline()), _put(postgresql.insert(data_stores).inline()))
_READ = Statement(data_stores, select(data_stores.c.value).where(data_stores.c.name == bindparam("wanted_name")))
# The two numbers of an advisory lock: what it is about (the letters "data"), and a hash of the name.
_LOCK = Statement(
    data_stores, select(func.pg_advisory_xact_lock(0x64617461, func.hashtext(bindparam("name", type_=Text))))
)
_DELETE = Statement(data_stores, data_stores.delete().where(data_stores.c.name == bindparam("wanted_name")))


def read(transaction: Transaction, name: str, *, changing: bool = False) -> Any:
    """Give the value under a name, None if there is none; `changing`: nobody else may change it until the commit."""
    if changing and transaction.locks_rows:
        transaction.rows(_LOCK, {"name": name})
    rows = transaction.rows(_READ, {"wanted_name": name})
    return json.loads(rows[0][0]) if rows else None


def put(transaction: Transaction, row: dict[str, Any]) -> None:
    """Store a value in place of the one that is there; `row` holds the columns but `revision`."""
    transaction.write(_PUTS[transaction.locks_rows], {**row, "revision": 1}, key=row["name"])


def delete(transaction: Transaction, name: str) -> bool:
    """Take a value away; tell whether there was one."""
    return transaction.execute(_DELETE, {"wanted_name": name}) == 1


def find(connection: Connection, name: str) -> DataStoreValue | None:
    """Give what is stored under a name, or None."""
    row = connection.execute(select(data_stores).where(data_stores.c.name == name)).first()
    return None if row is None else _record(tuple(row))


def list_all(connection: Connection) -> tuple[DataStoreValue, ...]:
    """Give all that is stored, by name."""
    rows = connection.execute(select(data_stores).order_by(data_stores.c.name))
    return tuple(_record(tuple(row)) for row in rows)


def names(connection: Connection) -> tuple[str, ...]:
    """Give the names under which something is stored."""
    return tuple(connection.execute(select(data_stores.c.name).order_by(data_stores.c.name)).scalars())


def amiss(connection: Connection) -> list[str]:
    """Give the names of values that are no JSON."""
    found = []
    for name, value in connection.execute(select(data_stores.c.name, data_stores.c.value)):
        try:
            json.loads(value)
        except ValueError:
            found.append(name)
    return found


def _record(row: tuple[Any, ...]) -> DataStoreValue:
    name, value, revision, changed_at, instance_id, element_id = row
    return DataStoreValue(name, json.loads(value), revision, from_micros(changed_at), instance_id, element_id)
