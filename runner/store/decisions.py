"""Deployed decisions: one row per version of a decision, each file once, by its content, and what it imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from runner.model import Definition
from runner.store.bindings import bound, only_newest
from runner.store.statements import Statement
from runner.store.tables import decision_files, decision_imports, decisions
from runner.store.times import from_micros
from runner.store.transactions import Transaction

_COLUMNS = (
    decisions.c.id,
    decisions.c.key,
    decisions.c.version,
    decisions.c.name,
    decision_files.c.source,
    decisions.c.content_hash,
    decisions.c.deployed_at,
)
_WITH_FILE = decisions.join(decision_files, decision_files.c.content_hash == decisions.c.content_hash)
_INSERT = Statement.insert(decisions)
_INSERT_FILE = Statement.insert(decision_files)
_INSERT_IMPORT = Statement.insert(decision_imports)
_NEWEST = Statement(
    decisions,
    select(decisions.c.version, decisions.c.content_hash)
    .where(decisions.c.key == bindparam("wanted_key"))
    .order_by(decisions.c.version.desc())
    .limit(1),
)
_FILE = Statement(
    decision_files,
    select(decision_files.c.content_hash).where(decision_files.c.content_hash == bindparam("wanted_hash")),
)


def newest(transaction: Transaction, key: str) -> tuple[int, str] | None:
    """Give version and content hash of the newest version of a decision, or None."""
    rows = transaction.rows(_NEWEST, {"wanted_key": key})
    return (rows[0][0], rows[0][1]) if rows else None


def insert_file(transaction: Transaction, row: dict[str, Any], imports: Mapping[str, str]) -> None:
    """Store a file unless its content is there already; `row` holds the columns of `decision_files`, `imports` the
    hash of each imported file by its namespace."""
    if transaction.rows(_FILE, {"wanted_hash": row["content_hash"]}):
        return
    transaction.write(_INSERT_FILE, row, key=row["content_hash"])
    for namespace, imported in imports.items():
        found = {"content_hash": row["content_hash"], "namespace": namespace, "imported_hash": imported}
        transaction.write(_INSERT_IMPORT, found, key=(row["content_hash"], namespace))


def insert_decision(transaction: Transaction, row: dict[str, Any]) -> None:
    """Store a new version; `row` holds the columns of `decisions`."""
    transaction.write(_INSERT, row, key=(row["key"], row["version"]))


def find(connection: Connection, key: str, version: int | None = None) -> Definition | None:
    """Give one version of a decision (None: the newest) by its id or else its name, or None."""
    named = or_(decisions.c.key == key, decisions.c.name == key)
    query = select(*_COLUMNS).select_from(_WITH_FILE).where(named)
    if version is not None:
        query = query.where(decisions.c.version == version)
    # An id comes before a name.
    order = (decisions.c.key != key, decisions.c.version.desc())
    row = connection.execute(query.order_by(*order).limit(1)).first()
    return None if row is None else _record(tuple(row))


def called_hash(connection: Connection, key: str, binding: str, version: str | None, *, caller: int) -> str | None:
    """Give the content hash of the file with the version that a business rule task means, or None; see `bound`."""
    query = select(decisions.c.content_hash).where(decisions.c.key == key)
    row = bound(connection, query, decisions, binding=binding, version=version, caller=caller)
    return None if row is None else str(row.content_hash)


def read_file(connection: Connection, content_hash: str) -> tuple[str, bytes] | None:
    """Give source name and content of a file, or None."""
    row = connection.execute(select(decision_files).where(decision_files.c.content_hash == content_hash)).first()
    return None if row is None else (row.source, bytes(row.xml))


def read_imports(connection: Connection, content_hash: str) -> dict[str, str]:
    """Give the hash of each file that a file imports, by its namespace."""
    query = select(decision_imports.c.namespace, decision_imports.c.imported_hash)
    rows = connection.execute(query.where(decision_imports.c.content_hash == content_hash))
    return {namespace: imported for namespace, imported in rows}


def keys(connection: Connection) -> tuple[str, ...]:
    """Give every deployed decision's id."""
    return tuple(connection.execute(select(decisions.c.key).distinct().order_by(decisions.c.key)).scalars())


def newest_of_each(connection: Connection) -> tuple[Definition, ...]:
    """Give the newest version of every decision, by id."""
    joined = _WITH_FILE.join(*only_newest(decisions))
    query = select(*_COLUMNS).select_from(joined).order_by(decisions.c.key)
    return tuple(_record(tuple(row)) for row in connection.execute(query))


def _record(row: tuple[Any, ...]) -> Definition:
    id, key, version, name, source, content_hash, deployed_at = row
    return Definition(id, key, version, name, source, content_hash, from_micros(deployed_at), dialect="dmn")
