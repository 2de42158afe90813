"""Deployed forms: one row per version, with its file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from runner.model import Definition
from runner.store.bindings import bound, only_newest
from runner.store.statements import Statement
from runner.store.tables import forms
from runner.store.times import from_micros
from runner.store.transactions import Transaction

_COLUMNS = (forms.c.id, forms.c.key, forms.c.version, forms.c.source, forms.c.content_hash, forms.c.deployed_at)
_INSERT = Statement.insert(forms)
_NEWEST = Statement(
    forms,
    select(forms.c.version, forms.c.content_hash)
    .where(forms.c.key == bindparam("wanted_key"))
    .order_by(forms.c.version.desc())
    .limit(1),
)


def newest(transaction: Transaction, key: str) -> tuple[int, str] | None:
    """Give version and content hash of the newest version of a form, or None."""
    rows = transaction.rows(_NEWEST, {"wanted_key": key})
    return (rows[0][0], rows[0][1]) if rows else None


def insert_form(transaction: Transaction, row: dict[str, Any]) -> None:
    """Store a new version; `row` holds the columns of `forms`."""
    transaction.write(_INSERT, row, key=(row["key"], row["version"]))


def find(connection: Connection, key: str) -> Definition | None:
    """Give the newest version of a form, or None."""
    query = select(*_COLUMNS).where(forms.c.key == key).order_by(forms.c.version.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _record(tuple(row))


def newest_of_each(connection: Connection) -> tuple[Definition, ...]:
    """Give the newest version of every form, by id."""
    query = select(*_COLUMNS).join(*only_newest(forms)).order_by(forms.c.key)
    return tuple(_record(tuple(row)) for row in connection.execute(query))


def linked(
    connection: Connection, name: str, *, is_file: bool, binding: str, version: str | None, caller: int
) -> bytes | None:
    """Give the file of the form that process definition `caller` names by id, or by the name of its file; or None.

    The version is that of `bound`.
    """
    named = forms.c.source == name if is_file else forms.c.key == name
    row = bound(
        connection, select(forms.c.content).where(named), forms, binding=binding, version=version, caller=caller
    )
    return None if row is None else bytes(row.content)


def _record(row: tuple[Any, ...]) -> Definition:
    id, key, version, source, content_hash, deployed_at = row
    return Definition(id, key, version, "", source, content_hash, from_micros(deployed_at), dialect="form")
