"""Waits inside the open transaction: rows for events that begin or cease to wait, and what an instance sends.

What a message, signal or timer then does to whoever waits is for `messages.py`, `signals.py` and `timers.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from ulid import ULID

from runner.engine.advance import Advance, OpenedWait, SentMessage
from runner.engine.state import dumps
from runner.runtime import LiveInstance, Runtime
from runner.schedules import first_due
from runner.store import messages, signals, waits
from runner.store.messages import NewMessage
from runner.store.times import to_micros
from runner.store.transactions import Transaction

_EARLIEST = "earliest timer of the transaction"


def apply_waits(runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance) -> None:
    """Write what an instance waits for from now on and what it does not wait for any more, and store what it sends.

    An instance that waits for nothing and sends nothing costs nothing here.
    """
    header = live.header
    if header.ended_at is not None:
        _end(runtime, transaction, live)
    else:
        for token_id in advance.left:
            waits.close_token(transaction, header.id, token_id)
        for place in advance.closed:
            waits.close_one(transaction, header.id, place)
    for message in advance.messages:
        _send(runtime, transaction, live, message)
    for number in range(len(advance.signals) + 1):
        if header.ended_at is None:
            begun = (each for each in advance.waits if each.after_signals == number)
            _open(runtime, transaction, begun, live=live, definition_id=header.definition_id)
        # A signal reaches who waits when it is sent, not who begins to later in the same step.
        for signal in advance.signals[number : number + 1]:
            sender = (header.id, signal.element_id)
            broadcast(runtime, transaction, signal.name, signal.variables, sender=sender, told=signal.told)


def open_starts(
    runtime: Runtime, transaction: Transaction, opened: Iterable[OpenedWait], *, process_key: str, definition_id: int
) -> None:
    """Let the start events of a new version wait, and those of older ones no more."""
    waits.close_starts(transaction, process_key)
    _open(runtime, transaction, opened, live=None, definition_id=definition_id)


def broadcast(
    runtime: Runtime,
    transaction: Transaction,
    name: str,
    variables: dict[str, Any],
    *,
    sender: tuple[str, str] | None = None,
    told: Collection[tuple[int, str, int]] = (),
) -> tuple[str, int]:
    """Store a signal and that it reaches every event waiting for it now; give its id and their number.

    Those of the sender who were `told` have heard it already.
    """
    id = str(ULID())
    reached = signals.reach(transaction, id, name)
    if sender is not None and told:
        reached += len(told) - sum(signals.spare(transaction, id, sender[0], place) for place in told)
    row = {"id": id, "name": name, "variables": dumps(variables), "broadcast_at": transaction.now, "reached": reached}
    sender_instance, sender_element = sender or (None, None)
    row |= {"sender_instance_id": sender_instance, "sender_element_id": sender_element}
    signals.insert_signal(transaction, row)
    if reached:
        runtime.post.ring_with(transaction)
    return id, reached


def want_message(runtime: Runtime, transaction: Transaction, name: str, key: str, business_key: str | None) -> None:
    """Somebody begins to wait for a message, or goes on waiting: have the oldest one that is kept for that matched."""
    waits.expect_message(transaction, name)
    if messages.wake(transaction, name, key, business_key):
        runtime.post.ring_with(transaction)


def _open(
    runtime: Runtime,
    transaction: Transaction,
    opened: Iterable[OpenedWait],
    *,
    live: LiveInstance | None,
    definition_id: int,
) -> None:
    for wait in opened:
        row = _row(transaction, wait, live.header.id if live else None, definition_id)
        waits.insert_wait(transaction, row)
        if row["due_at"] is not None:
            _set_alarm(runtime, transaction, row["due_at"])
        elif wait.kind == "message" and live is not None:
            want_message(runtime, transaction, wait.name, wait.key, live.header.business_key)
        elif wait.kind == "message":
            waits.expect_message(transaction, wait.name)
            if messages.wake_all(transaction, wait.name):
                runtime.post.ring_with(transaction)


def _row(transaction: Transaction, wait: OpenedWait, instance_id: str | None, definition_id: int) -> dict[str, Any]:
    due = first_due(wait.schedule, now=transaction.now_at) if wait.schedule is not None else None
    return {
        "instance_id": instance_id,
        "definition_id": definition_id,
        "token_id": wait.token_id,
        "element_id": wait.element_id,
        "event_index": wait.index,
        "kind": wait.kind,
        "name": wait.name,
        "key": wait.key,
        "due_at": to_micros(due.at) if due else None,
        "remaining": due.remaining if due else None,
        "schedule_kind": wait.schedule.kind if wait.schedule else None,
        "schedule_text": wait.schedule.text if wait.schedule else None,
        "interrupting": int(wait.interrupting),
        "opened_at": transaction.now,
    }


def _set_alarm(runtime: Runtime, transaction: Transaction, due_at: int) -> None:
    """Wake the scheduler, once this is durable, if it would sleep too long."""
    earliest: list[int] = transaction.held.setdefault(_EARLIEST, [])
    if not earliest:
        transaction.after_commit[lambda: runtime.timers.ring_for(min(earliest))] = None
        runtime.timers.tell_others(transaction)
    earliest.append(due_at)


def _end(runtime: Runtime, transaction: Transaction, live: LiveInstance) -> None:
    header = live.header
    if live.deployed.may_wait:
        waits.close_all(transaction, header.id)
    if header.business_key is not None:
        # While this instance was active, no message with its key could start another.
        for name in waits.message_starts_of(transaction, header.key):
            waits.expect_message(transaction, name)
            if messages.wake_blocked(transaction, name, header.business_key):
                runtime.post.ring_with(transaction)


def _send(runtime: Runtime, transaction: Transaction, live: LiveInstance, message: SentMessage) -> None:
    new = NewMessage(
        name=message.name,
        key=message.key,
        variables=dumps(message.variables),
        ttl=runtime.message_ttl // timedelta(microseconds=1),
        sender=(live.header.id, message.element_id),
    )
    messages.insert_message(transaction, new)
    runtime.post.ring_with(transaction)
