"""Messages: published once, stored first and matched second; each starts or continues exactly one instance.

How a message finds who wants it, and what happens if nobody does, is told in docs/messages.md."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from runner.commands.settling import settle
from runner.commands.triggers import go_on, start_at
from runner.commands.waits import want_message
from runner.engine.state import checked_variables, dumps
from runner.errors import MessageInvalid, TokenStuck
from runner.model import Message, MessageState
from runner.runtime import LiveInstance, Runtime
from runner.store import definitions, messages, waits
from runner.store.messages import MessageRow, NewMessage, Receiver
from runner.store.transactions import Transaction
from runner.store.waits import WaitRow

LONGEST = 500
LONGEST_TTL = timedelta(days=36_500)
# How many subscriptions are named that come near, and among how many names and keys they are looked for.
NEAREST, LOOKED_AT = 3, 200
# What UTF-8, or a text column of PostgreSQL, cannot hold.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Publication:
    """A message as it is published.

    `key` is compared with what the events that wait ask for; `business_key` narrows it to instances with that one.
    `ttl` is how long it is kept if nobody waits for it (None: as the settings say; zero: not at all). Within that time
    a second message of this name with the same `message_id` is not published again.
    """

    name: str
    key: str = ""
    variables: Mapping[str, Any] | None = None
    ttl: timedelta | None = None
    message_id: str | None = None
    business_key: str | None = None


def publish_message(runtime: Runtime, publication: Publication) -> Message:
    """Store a message and deliver it, if anybody waits for it; else it is kept. Gives it as it stands then.

    A `message_id` that is published already gives the first message. Raises MessageInvalid or VariablesInvalid; then
    nothing is stored.
    """
    new = _checked(runtime, publication)

    def store(transaction: Transaction) -> tuple[int, bool]:
        first = None if new.message_id is None else messages.find_reserved(transaction, new.name, new.message_id)
        if first is not None and (first.ended_at is None or first.expires_at > transaction.now):
            return first.id, False
        if first is not None:
            messages.free_id(transaction, first.id)
        return messages.publish(transaction, new), True

    id, is_new = runtime.database.write(store)
    if is_new:
        for error in deliver_messages(runtime, [id]):
            if error is not None:
                note_problem(runtime, id, error)
        if new.ttl == 0:
            expire_messages(runtime, limit=LOOKED_AT)
    return get_message(runtime, id)


def deliver_messages(runtime: Runtime, ids: Sequence[int]) -> list[Exception | None]:
    """Match messages that are stored; give what each failed with (None: delivered, kept, or done by somebody else).

    Those of one name and key are served in the order in which they were published.
    """
    return settle(runtime, [partial(_deliver, runtime, id) for id in ids])


def undelivered_messages(runtime: Runtime, *, limit: int) -> list[int]:
    """Give the numbers of messages that are to be matched, oldest first."""
    return runtime.database.write(partial(messages.sent, limit=limit))


def note_problem(runtime: Runtime, id: int, error: Exception) -> None:
    """Write down why a message could not be delivered; it will be tried again."""
    sentence = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", f"It could not be delivered yet: {error}")
    runtime.database.write(partial(messages.note, id=id, problem=sentence))


def expire_messages(runtime: Runtime, *, limit: int) -> int:
    """End messages whose time to live is over, each with the reason why nobody took it, and give their number."""
    now = runtime.database.write(lambda transaction: transaction.now)
    with runtime.database.read() as connection:
        found = messages.expired(connection, at=now, limit=limit)
        reasons = [(each.id, _reason(connection, each)) for each in found]
    commands = [partial(messages.expire, id=id, problem=reason) for id, reason in reasons]
    return sum(runtime.database.write_all(commands))


def list_messages(
    runtime: Runtime, *, state: str | None = None, name: str | None = None, limit: int = 50, offset: int = 0
) -> tuple[Message, ...]:
    """Give messages, newest first; one that waits says which subscriptions come near, and what differs."""
    with runtime.database.read_one_moment() as connection:
        found = messages.list_messages(connection, state=state, name=name, limit=limit, offset=offset)
        return tuple(_explained(connection, each) for each in found)


def get_message(runtime: Runtime, id: int) -> Message:
    """Give a message by its number, which must be one that was given."""
    with runtime.database.read_one_moment() as connection:
        return _explained(connection, messages.find(connection, id))


def checked_name(name: str, noun: str) -> None:
    """Make sure that a name can be stored and waited for. Raises MessageInvalid."""
    if not name.strip():
        raise MessageInvalid(f"Expected the name of a {noun}, but it is empty.")
    checked_text(name, f"a {noun}'s name")


def checked_text(text: str, what: str) -> None:
    """Make sure that a short text can be stored. Raises MessageInvalid."""
    if len(text) > LONGEST or _UNSTORABLE.search(text):
        shown = text[:60].encode("unicode_escape").decode()
        raise MessageInvalid(f"Expected {what} of {LONGEST} storable characters at most, but got '{shown}'.")


def _checked(runtime: Runtime, publication: Publication) -> NewMessage:
    checked_name(publication.name, "message")
    for text, what in (
        (publication.key, "a key"),
        (publication.message_id or "", "a message id"),
        (publication.business_key or "", "a business key"),
    ):
        checked_text(text, what)
    ttl = runtime.message_ttl if publication.ttl is None else publication.ttl
    if not timedelta() <= ttl <= LONGEST_TTL:
        raise MessageInvalid(f"Expected a time to live between nothing and 100 years, but got {ttl}.")
    return NewMessage(
        name=publication.name,
        key=publication.key,
        variables=dumps(checked_variables(dict(publication.variables or {}))),
        ttl=ttl // timedelta(microseconds=1),
        business_key=publication.business_key or None,
        message_id=publication.message_id or None,
    )


# -- matching -----------------------------------------------------------------------------------------------------


def _deliver(runtime: Runtime, id: int, transaction: Transaction) -> None:
    """Match a message, and before it those of the same name and key that are older."""
    message = messages.get(transaction, id)
    while message is not None and message.state == MessageState.SENT:
        first = messages.first_in_line(transaction, message)
        if first is None or not _match(runtime, transaction, first) or first.id == id:
            return


def _match(runtime: Runtime, transaction: Transaction, message: MessageRow) -> bool:
    """Give a message to who wants it, or keep it; False if that cannot be told yet."""
    receiver = _continued(runtime, transaction, message)
    if receiver is None:
        if not waits.may_conclude(transaction, message.name):
            runtime.post.ring_with(transaction)
            return False
        # Somebody may have begun to wait between the first look and this one, if there are other writers.
        receiver = _continued(runtime, transaction, message) if transaction.locks_rows else None
        receiver = receiver or _started(runtime, transaction, message)
    if receiver is not None:
        messages.end(transaction, message.id, MessageState.DELIVERED, receiver)
    else:
        messages.keep(transaction, message.id)
    return True


def _continued(runtime: Runtime, transaction: Transaction, message: MessageRow) -> Receiver | None:
    """Let the event that has waited longest for such a message go on, of those whose token has no incident."""
    wanted, after = (message.name, message.key, message.business_key), 0
    while (wait := waits.oldest_catch(transaction, *wanted, after=after)) is not None:
        try:
            live = go_on(runtime, transaction, wait, json.loads(message.variables), command="deliver_message")
        except TokenStuck:
            after, live = wait.id, None  # whoever resolves the incident has a message that is kept looked at again
        if live is not None:
            if wait.repeats and live.header.ended_at is None:
                want_message(runtime, transaction, wait.name, wait.key, live.header.business_key)
            return Receiver(live.header.id, wait.element_id, started=False)
    return None


def _started(runtime: Runtime, transaction: Transaction, message: MessageRow) -> Receiver | None:
    """Start an instance of the first process that such a message starts, and that has no active one with its key."""
    business_key = message.business_key or message.key or None
    for wait in waits.starts(transaction, "message", message.name):
        if business_key is not None and _occupant(transaction, wait, business_key) is not None:
            continue
        variables = json.loads(message.variables)
        live: LiveInstance | None = start_at(
            runtime, transaction, wait, variables, business_key=business_key, command="deliver_message"
        )
        if live is not None:
            return Receiver(live.header.id, wait.element_id, started=True)
    return None


def _occupant(transaction: Transaction, wait: WaitRow, business_key: str) -> str | None:
    definition = definitions.by_id(transaction, wait.definition_id)
    transaction.flush()
    return messages.active_instance(transaction, definition.key, business_key) if definition else None


# -- what was missing ---------------------------------------------------------------------------------------------


def _explained(connection: Connection, message: Message) -> Message:
    if message.state is not MessageState.WAITING:
        return message
    return replace(message, problem=_reason(connection, message))


def _reason(connection: Connection, message: Message) -> str:
    """Say why nobody takes a message: the nearest subscriptions, and what differs."""
    named = waits.named(connection, "message", message.name, LOOKED_AT)
    if named:
        return _differing(connection, message, named)
    near = difflib.get_close_matches(message.name, waits.names(connection, "message", LOOKED_AT), n=NEAREST, cutoff=0.5)
    if near:
        return f"Nobody waits for '{message.name}', but somebody does for {_listed(near)}."
    return f"Nobody waits for '{message.name}', nor for any message with a name like it."


def _differing(connection: Connection, message: Message, named: list[WaitRow]) -> str:
    catching = [wait for wait in named if wait.instance_id is not None]
    if any(wait.key in (message.key, "") for wait in catching) and message.business_key is not None:
        return (
            f"Somebody waits for '{message.name}' with this key, but in no instance with the business key "
            f"'{message.business_key}'."
        )
    starting = [wait for wait in named if wait.instance_id is None]
    if starting:
        element = starting[0].element_id
        return (
            f"It would start an instance at '{element}', but an instance of that process with the business key "
            f"'{message.business_key or message.key}' is active: it waits for that one to end."
        )
    keys = sorted({wait.key for wait in catching})
    near = difflib.get_close_matches(message.key, keys, n=NEAREST, cutoff=0.0) or keys[:NEAREST]
    places = {wait.key: wait for wait in reversed(catching)}
    shown = [f"'{key}' (at {places[key].element_id} in instance {places[key].instance_id})" for key in near]
    asked = f"the key '{message.key}'" if message.key else "no key"
    return f"It has {asked}, but who waits for '{message.name}' asks for {', '.join(shown)}."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"'{name}'" for name in names)
