"""Waits: the events that wait for a timer, a message or a signal. One row each, gone when the wait is over; without an
instance it is a start event of a definition's newest version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, literal_column, select

from runner.errors import WaitOver
from runner.model import Wait
from runner.store.statements import Statement
from runner.store.tables import definitions, instances, waits
from runner.store.times import from_micros, optional_from_micros
from runner.store.transactions import Transaction


class WaitRow(NamedTuple):
    """A row of `waits`, column by column."""

    id: int
    instance_id: str | None
    definition_id: int
    token_id: int
    element_id: str
    event_index: int
    kind: str
    name: str
    key: str
    due_at: int | None
    remaining: int | None
    schedule_kind: str | None
    schedule_text: str | None
    interrupting: int
    opened_at: int

    @property
    def repeats(self) -> bool:
        """Tell whether it goes on waiting after it has fired: a start event, or one that does not interrupt."""
        return self.instance_id is None or not self.interrupting


_COLUMNS = tuple(waits.c[name] for name in WaitRow._fields)
_INSERT = Statement.insert(waits)
_OF_TOKEN = (waits.c.instance_id == bindparam("wanted_instance"), waits.c.token_id == bindparam("wanted_token"))
_CLOSE_ALL = Statement(waits, waits.delete().where(waits.c.instance_id == bindparam("wanted_instance")))
_CLOSE_TOKEN = Statement(waits, waits.delete().where(*_OF_TOKEN))
_CLOSE_ONE = Statement(
    waits,
    waits.delete().where(
        *_OF_TOKEN, waits.c.element_id == bindparam("wanted_element"), waits.c.event_index == bindparam("wanted_index")
    ),
)
_CLOSE_STARTS = Statement(
    waits,
    waits.delete().where(
        waits.c.instance_id.is_(None),
        waits.c.definition_id.in_(select(definitions.c.id).where(definitions.c.key == bindparam("process_key"))),
    ),
)
_END = Statement(waits, waits.delete().where(waits.c.id == bindparam("wanted_id")))
_RESCHEDULE = Statement(
    waits,
    waits.update()
    .where(waits.c.id == bindparam("wanted_id"), waits.c.due_at == bindparam("due_before"))
    .values(due_at=bindparam("new_due_at"), remaining=bindparam("new_remaining")),
    ("due_at", "remaining"),
)
_GET = Statement(waits, select(*_COLUMNS).where(waits.c.id == bindparam("wanted_id")))
# Whoever holds the row is firing it already: it is left to them.
_TAKE = Statement(
    waits, select(*_COLUMNS).where(waits.c.id == bindparam("wanted_id")).with_for_update(skip_locked=True)
)
_DUE = Statement(
    waits,
    select(waits.c.id)
    .where(waits.c.due_at.is_not(None), waits.c.due_at <= bindparam("until"))
    .order_by(waits.c.due_at)
    .limit(bindparam("most")),
)
_NEXT_DUE = Statement(waits, select(func.min(waits.c.due_at)).where(waits.c.due_at.is_not(None)))
_NAMED = (waits.c.due_at.is_(None), waits.c.kind == bindparam("kind"), waits.c.name == bindparam("wanted_name"))
_KEYED = (*_NAMED, waits.c.key == bindparam("wanted_key"))


def _oldest(query: Select[Any]) -> Statement:
    return Statement(waits, query.order_by(waits.c.id).limit(1))


_CATCH = select(*_COLUMNS).where(*_KEYED, waits.c.instance_id.is_not(None), waits.c.id > bindparam("after"))
_OLDEST_CATCH = _oldest(_CATCH)
_OLDEST_CATCH_OF = _oldest(
    _CATCH.join(instances, instances.c.id == waits.c.instance_id).where(
        instances.c.business_key == bindparam("wanted_business_key")
    )
)
_STARTS = Statement(waits, select(*_COLUMNS).where(*_KEYED, waits.c.instance_id.is_(None)).order_by(waits.c.id))
_MESSAGES_OF = Statement(
    waits,
    select(waits.c.name, waits.c.key).where(
        waits.c.instance_id == bindparam("wanted_instance"),
        waits.c.token_id == bindparam("wanted_token"),
        waits.c.kind == "message",
    ),
)
_BEGUN = Statement(
    waits,
    select(waits.c.id)
    .where(
        *_NAMED,
        waits.c.definition_id == bindparam("of_definition"),
        waits.c.instance_id.is_not(None),
        waits.c.element_id == bindparam("of_element"),
        waits.c.event_index == bindparam("of_index"),
    )
    .limit(1),
)
_MESSAGE_STARTS_OF = Statement(
    waits,
    select(waits.c.name)
    .join(definitions, definitions.c.id == waits.c.definition_id)
    .where(
        waits.c.instance_id.is_(None),
        waits.c.kind == literal_column("'message'"),
        definitions.c.key == bindparam("process_key"),
    )
    .order_by(waits.c.id),
)
_NAME_LOCK: tuple[Any, Any] = (literal_column("1651535214"), func.hashtext(bindparam("name")))  # the letters "bpmn"
_LOCK_SHARED = Statement(waits, select(func.pg_advisory_xact_lock_shared(*_NAME_LOCK)))
_LOCK_ALONE = Statement(waits, select(func.pg_try_advisory_xact_lock(*_NAME_LOCK)))


# -- for commands -------------------------------------------------------------------------------------------------


def insert_wait(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """Store a wait that opens; `row` holds the columns of `waits` but the id."""
    key = f"{row['instance_id'] or row['definition_id']}-{row['token_id']:012}-{row['element_id']}-{row['event_index']}"
    transaction.write(_INSERT, row, key=key)


def close_all(transaction: Transaction, instance_id: str) -> None:
    """Take away every wait of an instance."""
    transaction.execute(_CLOSE_ALL, {"wanted_instance": instance_id})


def close_token(transaction: Transaction, instance_id: str, token_id: int) -> None:
    """Take away every wait of a token."""
    transaction.execute(_CLOSE_TOKEN, {"wanted_instance": instance_id, "wanted_token": token_id})


def close_one(transaction: Transaction, instance_id: str, place: tuple[int, str, int]) -> None:
    """Take away one wait by (token id, element id, index), if it is there."""
    token_id, element_id, index = place
    values = {"wanted_instance": instance_id, "wanted_token": token_id, "wanted_element": element_id}
    transaction.execute(_CLOSE_ONE, {**values, "wanted_index": index})


def messages_of(transaction: Transaction, instance_id: str, token_id: int) -> list[tuple[str, str]]:
    """Give name and key of each message that may come to a token."""
    values = {"wanted_instance": instance_id, "wanted_token": token_id}
    return [(row[0], row[1]) for row in transaction.rows(_MESSAGES_OF, values)]


def close_starts(transaction: Transaction, process_key: str) -> None:
    """Take away what start events of a process wait for: a newer version takes their place."""
    transaction.execute(_CLOSE_STARTS, {"process_key": process_key})


def end(transaction: Transaction, wait: WaitRow) -> None:
    """Take away a wait that fires. Raises WaitOver at the commit if somebody else was quicker."""
    transaction.write(_END, {"wanted_id": wait.id}, key=wait.id, otherwise=WaitOver)


def drop(transaction: Transaction, wait: WaitRow) -> None:
    """Take away a wait, now, if it is still there."""
    transaction.execute(_END, {"wanted_id": wait.id})


def reschedule(transaction: Transaction, wait: WaitRow, *, due_at: int, remaining: int | None) -> None:
    """Move a timer to its next occurrence. Raises WaitOver at the commit if somebody else was quicker."""
    row = {"wanted_id": wait.id, "due_before": wait.due_at, "new_due_at": due_at, "new_remaining": remaining}
    transaction.write(_RESCHEDULE, row, key=wait.id, otherwise=WaitOver)


def get(transaction: Transaction, wait_id: int) -> WaitRow | None:
    """Give a wait, or None if it is over."""
    return _first(transaction.rows(_GET, {"wanted_id": wait_id}))


def take(transaction: Transaction, wait_id: int) -> WaitRow | None:
    """Give a wait to fire it, locked until the commit; None if it is over, or another process holds it."""
    return _first(transaction.rows(_TAKE if transaction.locks_rows else _GET, {"wanted_id": wait_id}))


def due(transaction: Transaction, limit: int) -> list[int]:
    """Give the ids of timers that are due now, those due longest first."""
    return [row[0] for row in transaction.rows(_DUE, {"until": transaction.now, "most": limit})]


def next_due(transaction: Transaction) -> int | None:
    """Give when the next timer is due (microseconds), or None if none waits."""
    found: int | None = transaction.rows(_NEXT_DUE, {})[0][0]
    return found


def oldest_catch(
    transaction: Transaction, name: str, key: str, business_key: str | None, *, after: int = 0
) -> WaitRow | None:
    """Give the event in an instance that has waited longest for a message of this name and key (or for any key).

    With `business_key`, only in instances with that one; of those whose wait has an id above `after`.
    """
    transaction.flush()
    statement = _OLDEST_CATCH if business_key is None else _OLDEST_CATCH_OF
    values = {"kind": "message", "wanted_name": name, "wanted_business_key": business_key, "after": after}
    found = [
        WaitRow(*row)
        for wanted in sorted({key, ""})
        for row in transaction.rows(statement, {**values, "wanted_key": wanted})
    ]
    return min(found, default=None)


def starts(transaction: Transaction, kind: str, name: str) -> list[WaitRow]:
    """Give the start events of newest versions that wait for a message or signal, oldest first."""
    values = {"kind": kind, "wanted_name": name, "wanted_key": ""}
    return [WaitRow(*row) for row in transaction.rows(_STARTS, values)]


def message_starts_of(transaction: Transaction, process_key: str) -> list[str]:
    """Give the names of the messages that start the newest version of a process."""
    return [row[0] for row in transaction.rows(_MESSAGE_STARTS_OF, {"process_key": process_key})]


def is_begun(transaction: Transaction, start: WaitRow) -> bool:
    """Tell whether an instance waits at a start event for this trigger of several."""
    values = {"kind": start.kind, "wanted_name": start.name, "of_definition": start.definition_id}
    values |= {"of_element": start.element_id, "of_index": start.event_index}
    return bool(transaction.rows(_BEGUN, values))


def expect_message(transaction: Transaction, name: str) -> None:
    """Before looking for messages that wait: make sure that no other process finds nobody waiting at the same time.

    A message and an event that wait for each other would miss each other for ever, if each looked before the other had
    committed. SQLite has one writer at a time anyway.
    """
    if transaction.locks_rows:
        transaction.rows(_LOCK_SHARED, {"name": name})


def may_conclude(transaction: Transaction, name: str) -> bool:
    """Before concluding that nobody waits for a message: keep others from opening waits of its name until the commit.

    False if some are being opened now: look again later. It is never waited for, so two cannot wait for each other.
    """
    return not transaction.locks_rows or bool(transaction.rows(_LOCK_ALONE, {"name": name})[0][0])


def _first(rows: list[tuple[Any, ...]]) -> WaitRow | None:
    return WaitRow(*rows[0]) if rows else None


# -- for pages and people -----------------------------------------------------------------------------------------


def list_waits(connection: Connection, instance_id: str) -> tuple[Wait, ...]:
    """Give what an instance waits for, oldest first."""
    query = select(*_COLUMNS).where(waits.c.instance_id == instance_id).order_by(waits.c.id)
    return tuple(record(WaitRow(*row)) for row in connection.execute(query))


def named(connection: Connection, kind: str, name: str, limit: int) -> list[WaitRow]:
    """Give some of those that wait for a message or signal of this name, oldest first."""
    query = select(*_COLUMNS).where(*_NAMED).order_by(waits.c.key, waits.c.id).limit(limit)
    return [WaitRow(*row) for row in connection.execute(query, {"kind": kind, "wanted_name": name})]


def names(connection: Connection, kind: str, limit: int) -> list[str]:
    """Give the names that are waited for, `limit` at most, by stepping through the index from one to the next."""
    following = select(func.min(waits.c.name)).where(
        waits.c.due_at.is_(None), waits.c.kind == kind, waits.c.name > bindparam("before")
    )
    found: list[str] = []
    name = ""
    while len(found) < limit:
        found_name = connection.execute(following, {"before": name}).scalar()
        if found_name is None:
            break
        name = str(found_name)
        found.append(name)
    return found


def record(row: WaitRow) -> Wait:
    """Give the record of a row."""
    return Wait(
        token_id=row.token_id,
        element_id=row.element_id,
        kind=row.kind,
        name=row.name,
        key=row.key,
        due_at=optional_from_micros(row.due_at),
        remaining=row.remaining,
        schedule=row.schedule_text,
        interrupting=bool(row.interrupting),
        opened_at=from_micros(row.opened_at),
    )
