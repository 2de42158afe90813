"""Messages: stored first, matched second. A row is sent (to be matched), waiting (nobody is there yet), delivered or
expired."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, literal_column, or_, select

from runner.errors import MessageTaken
from runner.model import Message, MessageState
from runner.store.statements import Statement
from runner.store.tables import instances, messages
from runner.store.times import from_micros, optional_from_micros
from runner.store.transactions import Transaction


class MessageRow(NamedTuple):
    """A row of `messages`, column by column; `variables` is JSON text."""

    id: int
    name: str
    key: str
    business_key: str | None
    variables: str
    message_id: str | None
    reserved_id: str | None
    state: str
    published_at: int
    expires_at: int
    ended_at: int | None
    sender_instance_id: str | None
    sender_element_id: str | None
    instance_id: str | None
    element_id: str | None
    started: int
    problem: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that is to be stored; `variables` is JSON text, `ttl` microseconds, `sender` (instance, element)."""

    name: str
    key: str
    variables: str
    ttl: int
    business_key: str | None = None
    message_id: str | None = None
    sender: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who got a message: the instance, the element in it, and whether the message started the instance."""

    instance_id: str
    element_id: str
    started: bool


_COLUMNS = tuple(messages.c[name] for name in MessageRow._fields)
_INSERT = Statement.insert(messages)
_PUBLISH = Statement(messages, messages.insert().returning(messages.c.id), _INSERT.columns)
_RESERVED = Statement(
    messages,
    select(*_COLUMNS).where(
        messages.c.name == bindparam("wanted_name"), messages.c.reserved_id == bindparam("wanted_message_id")
    ),
)
_FREE_ID = Statement(
    messages, messages.update().where(messages.c.id == bindparam("wanted_id")).values(reserved_id=None)
)
_GET = Statement(messages, select(*_COLUMNS).where(messages.c.id == bindparam("wanted_id")))
# In the SQL and not handed over as values: only so can the indexes of open messages be used.
_SENT = messages.c.state == literal_column("'sent'")
_WAITING = messages.c.state == literal_column("'waiting'")
_OPEN = messages.c.ended_at.is_(None)
_SENT_IDS = Statement(messages, select(messages.c.id).where(_SENT).order_by(messages.c.id).limit(bindparam("most")))


def _pair(query: Select[Any], *, skip: bool = True) -> tuple[Statement, Statement]:
    """Give a query without and with locks, for databases where rows must be locked when they are read."""
    return Statement(messages, query), Statement(messages, query.with_for_update(skip_locked=skip, of=messages))


_FIRST_IN_LINE = _pair(
    select(*_COLUMNS)
    .where(
        _OPEN,
        _SENT,
        messages.c.name == bindparam("wanted_name"),
        messages.c.key == bindparam("wanted_key"),
        messages.c.id <= bindparam("wanted_id"),
    )
    .order_by(messages.c.id)
    .limit(1),
    skip=False,
)
_BUFFERED = (
    select(messages.c.id)
    .where(_OPEN, _WAITING, messages.c.name == bindparam("wanted_name"), messages.c.expires_at > bindparam("after"))
    .order_by(messages.c.id)
    .limit(1)
)
_HAS_KEY = messages.c.key == bindparam("wanted_key")
_HAS_BUSINESS_KEY = messages.c.business_key == bindparam("wanted_business_key")
_FITTING = _BUFFERED.where(or_(messages.c.business_key.is_(None), _HAS_BUSINESS_KEY))
_BUFFERED_OF_ANY_KEY = _pair(_FITTING)
_BUFFERED_OF_KEY = _pair(_FITTING.where(_HAS_KEY))
_BLOCKED = _pair(_BUFFERED.where(or_(_HAS_KEY, _HAS_BUSINESS_KEY)))
_WAKE = Statement(
    messages, messages.update().where(messages.c.id == bindparam("wanted_id"), _WAITING).values(state=MessageState.SENT)
)
_WAKE_ALL = Statement(
    messages,
    messages.update()
    .where(_OPEN, _WAITING, messages.c.name == bindparam("wanted_name"), messages.c.expires_at > bindparam("after"))
    .values(state=MessageState.SENT),
)
_MINE = (messages.c.id == bindparam("wanted_id"), _SENT)
_KEEP = Statement(messages, messages.update().where(*_MINE).values(state=MessageState.WAITING))
_END = Statement(
    messages,
    messages.update()
    .where(*_MINE)
    .values(
        state=bindparam("new_state"),
        ended_at=bindparam("new_ended_at"),
        instance_id=bindparam("new_instance_id"),
        element_id=bindparam("new_element_id"),
        started=bindparam("new_started"),
        problem=bindparam("new_problem"),
    ),
)
_NOTE = Statement(
    messages,
    messages.update().where(messages.c.id == bindparam("wanted_id"), _OPEN).values(problem=bindparam("new_problem")),
)
_EXPIRE = Statement(
    messages,
    messages.update()
    .where(messages.c.id == bindparam("wanted_id"), _WAITING)
    .values(state=MessageState.EXPIRED, ended_at=bindparam("new_ended_at"), problem=bindparam("new_problem")),
)
_FORGOTTEN = Statement(
    messages,
    select(messages.c.id)
    .where(
        messages.c.ended_at.is_not(None),
        messages.c.ended_at < bindparam("before"),
        messages.c.expires_at < bindparam("before"),
    )
    .order_by(messages.c.ended_at)
    .limit(bindparam("most")),
)
_DELETE = Statement(messages, messages.delete().where(messages.c.id == bindparam("wanted_id")))
_ACTIVE_BY_KEY = Statement(
    instances,
    select(instances.c.id)
    .where(
        instances.c.state == literal_column("'active'"),
        instances.c.business_key.is_not(None),
        instances.c.key == bindparam("process_key"),
        instances.c.business_key == bindparam("wanted_business_key"),
    )
    .limit(1),
)


# -- for commands -------------------------------------------------------------------------------------------------


def insert_message(transaction: Transaction, new: NewMessage) -> None:
    """Store a new message that is to be matched."""
    transaction.write(_INSERT, _row(transaction, new), key="new")


def publish(transaction: Transaction, new: NewMessage) -> int:
    """Store a new message that is to be matched, at once, and give its number."""
    transaction.touched += 1
    return int(transaction.rows(_PUBLISH, _row(transaction, new))[0][0])


def _row(transaction: Transaction, new: NewMessage) -> dict[str, Any]:
    sender_instance_id, sender_element_id = new.sender or (None, None)
    return {
        "name": new.name,
        "key": new.key,
        "business_key": new.business_key,
        "variables": new.variables,
        "message_id": new.message_id,
        "reserved_id": new.message_id,
        "state": str(MessageState.SENT),
        "published_at": transaction.now,
        "expires_at": transaction.now + new.ttl,
        "ended_at": None,
        "sender_instance_id": sender_instance_id,
        "sender_element_id": sender_element_id,
        "instance_id": None,
        "element_id": None,
        "started": 0,
        "problem": "",
    }


def find_reserved(transaction: Transaction, name: str, message_id: str) -> MessageRow | None:
    """Give the message that has a message id at this moment, or None."""
    return _first(transaction.rows(_RESERVED, {"wanted_name": name, "wanted_message_id": message_id}))


def free_id(transaction: Transaction, id: int) -> None:
    """Let a message id be published again: the time of the first is over."""
    transaction.execute(_FREE_ID, {"wanted_id": id})


def get(transaction: Transaction, id: int) -> MessageRow | None:
    """Give a message, or None."""
    return _first(transaction.rows(_GET, {"wanted_id": id}))


def sent(transaction: Transaction, limit: int) -> list[int]:
    """Give the ids of messages that are to be matched, oldest first."""
    return [row[0] for row in transaction.rows(_SENT_IDS, {"most": limit})]


def first_in_line(transaction: Transaction, message: MessageRow) -> MessageRow | None:
    """Give the oldest message to be matched of the same name and key, this one or an older one; None if none is."""
    values = {"wanted_name": message.name, "wanted_key": message.key, "wanted_id": message.id}
    return _first(transaction.rows(_FIRST_IN_LINE[transaction.locks_rows], values))


def wake(transaction: Transaction, name: str, key: str, business_key: str | None) -> bool:
    """Have the oldest message that waits under a name and key ("": any key) matched again; False if none waits.

    Messages for instances with another business key than this are not meant.
    """
    statement = (_BUFFERED_OF_KEY if key else _BUFFERED_OF_ANY_KEY)[transaction.locks_rows]
    values = {"wanted_name": name, "wanted_key": key, "after": transaction.now, "wanted_business_key": business_key}
    found = transaction.rows(statement, values)
    if found:
        transaction.execute(_WAKE, {"wanted_id": found[0][0]})
    return bool(found)


def wake_blocked(transaction: Transaction, name: str, business_key: str) -> bool:
    """Have the oldest message matched again that waits for an instance with this business key to end; False if none."""
    values = {"wanted_name": name, "wanted_key": business_key, "after": transaction.now}
    found = transaction.rows(_BLOCKED[transaction.locks_rows], {**values, "wanted_business_key": business_key})
    if found:
        transaction.execute(_WAKE, {"wanted_id": found[0][0]})
    return bool(found)


def wake_all(transaction: Transaction, name: str) -> bool:
    """Have all messages that wait under a name matched again; False if none waits."""
    return transaction.execute(_WAKE_ALL, {"wanted_name": name, "after": transaction.now}) > 0


def keep(transaction: Transaction, id: int) -> None:
    """Let a message wait for somebody to want it. Raises MessageTaken at the commit if another was quicker."""
    transaction.write(_KEEP, {"wanted_id": id}, key=id, otherwise=MessageTaken)


def end(
    transaction: Transaction, id: int, state: MessageState, receiver: Receiver | None = None, *, problem: str = ""
) -> None:
    """Store how a message that was to be matched ended. Raises MessageTaken at the commit if another was quicker."""
    row = {
        "wanted_id": id,
        "new_state": str(state),
        "new_ended_at": transaction.now,
        "new_instance_id": receiver.instance_id if receiver else None,
        "new_element_id": receiver.element_id if receiver else None,
        "new_started": int(receiver.started) if receiver else 0,
        "new_problem": problem,
    }
    transaction.write(_END, row, key=id, otherwise=MessageTaken)


def note(transaction: Transaction, id: int, problem: str) -> None:
    """Write down why a message could not be delivered yet."""
    transaction.execute(_NOTE, {"wanted_id": id, "new_problem": problem})


def expire(transaction: Transaction, id: int, problem: str) -> bool:
    """End a message whose time to live is over; False if it does not wait any more."""
    values = {"wanted_id": id, "new_ended_at": transaction.now, "new_problem": problem}
    return transaction.execute(_EXPIRE, values) > 0


def forget(transaction: Transaction, *, before: int, limit: int) -> int:
    """Delete messages that ended, and whose time to live was over, before an instant; give their number."""
    found = transaction.rows(_FORGOTTEN, {"before": before, "most": limit})
    for (id,) in found:
        transaction.write(_DELETE, {"wanted_id": id}, key=id)
    return len(found)


def active_instance(transaction: Transaction, process_key: str, business_key: str) -> str | None:
    """Give an active instance of a process with this business key, or None."""
    values = {"process_key": process_key, "wanted_business_key": business_key}
    found = transaction.rows(_ACTIVE_BY_KEY, values)
    return found[0][0] if found else None


def _first(rows: list[tuple[Any, ...]]) -> MessageRow | None:
    return MessageRow(*rows[0]) if rows else None


# -- for pages and people -----------------------------------------------------------------------------------------


def list_messages(
    connection: Connection, *, state: str | None, name: str | None, limit: int, offset: int
) -> tuple[Message, ...]:
    """Give messages, newest first."""
    query = select(*_COLUMNS).order_by(messages.c.id.desc()).limit(limit).offset(offset)
    if state is not None:
        query = query.where(messages.c.state == state)
    if name is not None:
        query = query.where(messages.c.name == name)
    return tuple(record(MessageRow(*row)) for row in connection.execute(query))


def find(connection: Connection, id: int) -> Message:
    """Give a message that is known to be there."""
    return record(MessageRow(*connection.execute(select(*_COLUMNS).where(messages.c.id == id)).one()))


def expired(connection: Connection, *, at: int, limit: int) -> list[Message]:
    """Give messages that wait although their time to live is over, those that were to end first first."""
    query = select(*_COLUMNS).where(_WAITING, messages.c.expires_at <= at).order_by(messages.c.expires_at).limit(limit)
    return [record(MessageRow(*row)) for row in connection.execute(query)]


def record(row: MessageRow) -> Message:
    """Give the record of a row."""
    return Message(
        id=row.id,
        name=row.name,
        key=row.key,
        business_key=row.business_key,
        variables=json.loads(row.variables),
        message_id=row.message_id,
        state=MessageState(row.state),
        published_at=from_micros(row.published_at),
        expires_at=from_micros(row.expires_at),
        ended_at=optional_from_micros(row.ended_at),
        sender=None if row.sender_instance_id is None else (row.sender_instance_id, row.sender_element_id or ""),
        instance_id=row.instance_id,
        element_id=row.element_id,
        started=bool(row.started),
        problem=row.problem,
    )
