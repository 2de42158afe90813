"""Signals: a row for each that was broadcast, and one for each event that is still to be told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, select

from runner.errors import WaitOver
from runner.store.statements import Statement
from runner.store.tables import deliveries, signals, waits
from runner.store.transactions import Transaction


class DeliveryRow(NamedTuple):
    """One event that a signal has reached, and what it carries (JSON text)."""

    id: int
    wait_id: int
    signal_id: str
    variables: str


_INSERT = Statement.insert(signals)
_REACH = Statement(
    deliveries,
    deliveries.insert().from_select(
        ["signal_id", "wait_id"],
        select(bindparam("new_signal_id"), waits.c.id)
        .where(waits.c.due_at.is_(None), waits.c.kind == bindparam("kind"), waits.c.name == bindparam("wanted_name"))
        .order_by(waits.c.id),
    ),
    ("signal_id", "wait_id"),
)
_SPARE = Statement(
    deliveries,
    deliveries.delete().where(
        deliveries.c.signal_id == bindparam("of_signal"),
        deliveries.c.wait_id.in_(
            select(waits.c.id).where(
                waits.c.instance_id == bindparam("of_instance"),
                waits.c.token_id == bindparam("of_token"),
                waits.c.element_id == bindparam("of_element"),
                waits.c.event_index == bindparam("of_index"),
            )
        ),
    ),
)
_OPEN = Statement(
    deliveries,
    select(deliveries.c.id)
    .where(deliveries.c.id > bindparam("after"))
    .order_by(deliveries.c.id)
    .limit(bindparam("most")),
)
_TAKE = (
    select(deliveries.c.id, deliveries.c.wait_id, deliveries.c.signal_id, signals.c.variables)
    .join(signals, signals.c.id == deliveries.c.signal_id)
    .where(deliveries.c.id == bindparam("wanted_id"))
)
# Whoever holds the row is delivering it already: it is left to them.
_TAKES = (Statement(deliveries, _TAKE), Statement(deliveries, _TAKE.with_for_update(skip_locked=True, of=deliveries)))
_END = Statement(deliveries, deliveries.delete().where(deliveries.c.id == bindparam("wanted_id")))
_FORGOTTEN = Statement(
    signals,
    select(signals.c.id)
    .where(signals.c.broadcast_at < bindparam("before"), ~exists().where(deliveries.c.signal_id == signals.c.id))
    .order_by(signals.c.broadcast_at)
    .limit(bindparam("most")),
)
_DELETE = Statement(signals, signals.delete().where(signals.c.id == bindparam("wanted_id")))


def reach(transaction: Transaction, signal_id: str, name: str) -> int:
    """Write down that a signal reaches every event that waits for its name now, and give their number."""
    transaction.flush()
    return transaction.execute(_REACH, {"new_signal_id": signal_id, "kind": "signal", "wanted_name": name})


def spare(transaction: Transaction, signal_id: str, instance_id: str, place: tuple[int, str, int]) -> int:
    """Let a signal not reach one event, by token id, element id and index; give how many it was to reach there."""
    values = dict(zip(("of_token", "of_element", "of_index"), place, strict=True))
    return transaction.execute(_SPARE, {"of_signal": signal_id, "of_instance": instance_id, **values})


def insert_signal(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Store a signal; `row` holds the columns of `signals`."""
    transaction.write(_INSERT, row, key=row["id"])


def undelivered(transaction: Transaction, limit: int, after: int = 0) -> list[int]:
    """Give the ids of deliveries that are to be made, oldest first, of those above `after`."""
    return [row[0] for row in transaction.rows(_OPEN, {"most": limit, "after": after})]


def take(transaction: Transaction, delivery_id: int) -> DeliveryRow | None:
    """Give a delivery to make it, locked until the commit; None if it is made, or another process holds it."""
    transaction.flush()
    rows = transaction.rows(_TAKES[transaction.locks_rows], {"wanted_id": delivery_id})
    return DeliveryRow(*rows[0]) if rows else None


def end(transaction: Transaction, delivery_id: int) -> None:
    """Take away a delivery that is made. Raises WaitOver at the commit if somebody else was quicker."""
    transaction.write(_END, {"wanted_id": delivery_id}, key=delivery_id, otherwise=WaitOver)


def forget(transaction: Transaction, *, before: int, limit: int) -> int:
    """Delete signals that were broadcast before an instant and have reached all they were to; give their number."""
    found = transaction.rows(_FORGOTTEN, {"before": before, "most": limit})
    for (id,) in found:
        transaction.write(_DELETE, {"wanted_id": id}, key=id)
    return len(found)
