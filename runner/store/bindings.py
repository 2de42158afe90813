"""Which versions are meant of what is deployed: the newest of each, or the one that a process names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, Table, func, or_, select

from runner.store.tables import definitions


def only_newest(table: Table) -> tuple[Subquery, ColumnElement[bool]]:
    """Give what to join with a table of versions, and how, so that the newest of each key is left."""
    newest = select(table.c.key, func.max(table.c.version).label("version")).group_by(table.c.key).subquery()
    return newest, (newest.c.key == table.c.key) & (newest.c.version == table.c.version)


def bound(
    connection: Connection, query: Select[Any], table: Table, *, binding: str, version: str | None, caller: int
) -> Any | None:
    """Give the row that a process definition `caller` means among those that `query` selects of `table`, or None.

    `binding` "latest" is the newest, "version" and "versionTag" what `version` names; "deployment" the newest that
    was deployed together with the caller, else the newest that was there then.
    """
    newest_first = query.order_by(table.c.version.desc(), table.c.id.desc()).limit(1)
    if binding == "version":
        if version is None or not version.isdigit() or len(version) > 9:
            return None
        newest_first = newest_first.where(table.c.version == int(version))
    elif binding == "versionTag":
        newest_first = newest_first.where(table.c.version_tag == version)
    elif binding == "deployment":
        same = select(definitions.c.deployment).where(definitions.c.id == caller).scalar_subquery()
        at = select(definitions.c.deployed_at).where(definitions.c.id == caller).scalar_subquery()
        together = connection.execute(newest_first.where(table.c.deployment == same)).first()
        if together is not None:
            return together
        newest_first = newest_first.where(or_(table.c.deployed_at <= at, table.c.version == 1))
    return connection.execute(newest_first).first()
