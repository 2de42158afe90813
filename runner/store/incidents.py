"""Incidents: the places that need a person, open until the step behind them has succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

from runner.model import Incident, IncidentKind
from runner.store.statements import Statement
from runner.store.tables import incidents
from runner.store.times import from_micros, optional_from_micros
from runner.store.transactions import Transaction

_INSERT = Statement.insert(incidents)
_OPEN = Statement(
    incidents,
    select(*incidents.c)
    .where(incidents.c.instance_id == bindparam("wanted_instance"), incidents.c.resolved_at.is_(None))
    .order_by(incidents.c.id),
)
_REWORD = Statement(
    incidents,
    incidents.update()
    .where(incidents.c.id == bindparam("wanted_id"))
    .values(kind=bindparam("kind"), message=bindparam("message"), detail=bindparam("detail")),
)
_RESOLVE = Statement(
    incidents,
    incidents.update().where(incidents.c.id == bindparam("wanted_id")).values(resolved_at=bindparam("resolved_at")),
)


def insert_incident(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Store a new incident; `row` holds the columns of `incidents` but the id."""
    transaction.write(_INSERT, row, key=(row["instance_id"], row["token_id"]))


def read_open(transaction: Transaction, instance_id: str) -> list[dict[str, Any]]:
    """Give an instance's open incidents, oldest first."""
    rows = transaction.rows(_OPEN, {"wanted_instance": instance_id})
    return [dict(zip(incidents.c.keys(), row, strict=True)) for row in rows]


def reword(transaction: Transaction, id: int, *, kind: str, message: str, detail: str) -> None:
    """Say anew what is wrong: the retry failed again."""
    transaction.write(_REWORD, {"wanted_id": id, "kind": str(kind), "message": message, "detail": detail}, key=id)


def resolve(transaction: Transaction, id: int) -> None:
    """Close an incident: its step has succeeded, or is gone."""
    transaction.write(_RESOLVE, {"wanted_id": id, "resolved_at": transaction.now}, key=id)


def list_incidents(connection: Connection, instance_id: str) -> tuple[Incident, ...]:
    """Give all incidents of an instance, open and resolved, oldest first."""
    query = select(*incidents.c).where(incidents.c.instance_id == instance_id).order_by(incidents.c.id)
    return tuple(_record(row) for row in connection.execute(query))


def tokens(connection: Connection, instance_id: str) -> dict[int, Incident]:
    """Give an instance's open incidents by token."""
    query = select(*incidents.c).where(incidents.c.instance_id == instance_id, incidents.c.resolved_at.is_(None))
    return {row.token_id: _record(row) for row in connection.execute(query.order_by(incidents.c.id))}


def _record(row: Any) -> Incident:
    return Incident(
        id=row.id,
        instance_id=row.instance_id,
        element_id=row.element_id,
        kind=IncidentKind(row.kind),
        message=row.message,
        opened_at=from_micros(row.opened_at),
        job_id=row.job_id,
        detail=row.detail,
        resolved_at=optional_from_micros(row.resolved_at),
    )
