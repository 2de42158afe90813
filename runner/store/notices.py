"""What processes on one PostgreSQL database tell each other: a NOTIFY as part of a transaction, a thread that LISTENs.

A notice is a hint and may be lost; what comes of it is for `work/dispatch/` and `watches.py`. A SQLite file has nothing
like it: its processes look again and again."""

from __future__ import annotations

import json
import logging
import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from runner.store.connecting import DRIVER_ERRORS
from runner.store.statements import Statement
from runner.store.tables import jobs
from runner.store.transactions import Transaction

log = logging.getLogger(__name__)
# PostgreSQL refuses a payload of 8000 bytes; more than this is said as "perhaps any".
PAYLOAD_BYTES, MOST_INSTANCES = 4000, 100
# A connection that is silent for so long is asked whether it still lives.
SILENCE_SECONDS = 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
_TROUBLE: tuple[type[Exception], ...] = (*DRIVER_ERRORS, SQLAlchemyError, OSError)
_DRAFT = "notice to other processes"
# Channels belong to the whole database, while several runners may each have a schema of their own in it.
_CHANNEL = "'runner_' || md5(current_schema())"
# Its table is the one whose rows it is about; nothing is read there.
_NOTIFY = Statement(jobs, select(func.pg_notify(literal_column(_CHANNEL), bindparam("payload"))))


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened elsewhere: jobs of `topics` may be due, `instances` (ids) moved on, those who sleep until one of
    `alarms` (names) have something to do. None means: perhaps any.
    """

    topics: frozenset[str] | None
    instances: frozenset[str] | None
    alarms: frozenset[str] | None


ANYTHING = Notice(None, None, None)


class _Draft:
    """The notice of a transaction while its commands add to it."""

    __slots__ = ("alarms", "any_topic", "instances", "topics")

    def __init__(self) -> None:
        self.any_topic = False
        self.topics: set[str] = set()
        self.instances: set[str] = set()
        self.alarms: set[str] = set()

    def payload(self) -> str:
        """Give it as JSON; an empty text stands for anything."""
        topics = None if self.any_topic else sorted(self.topics)
        instances = None if len(self.instances) > MOST_INSTANCES else sorted(self.instances)
        told = {"topics": topics, "instances": instances, "alarms": sorted(self.alarms)}
        text = json.dumps(told, separators=(",", ":"))
        return text if len(text) <= PAYLOAD_BYTES else ""


def tell_due(transaction: Transaction, topic: str | None) -> None:
    """Tell other processes, once the transaction is durable, that jobs of a topic (None: of any) may be due."""
    if transaction.notifies:
        draft = _draft(transaction)
        if topic is None:
            draft.any_topic = True
        else:
            draft.topics.add(topic)


def tell_moved(transaction: Transaction, instance_id: str) -> None:
    """Tell other processes, once the transaction is durable, that an instance moved on."""
    if transaction.notifies:
        _draft(transaction).instances.add(instance_id)


def tell_alarm(transaction: Transaction, name: str) -> None:
    """Ring an alarm in other processes once the transaction is durable."""
    if transaction.notifies:
        _draft(transaction).alarms.add(name)


def _draft(transaction: Transaction) -> _Draft:
    draft: _Draft | None = transaction.held.get(_DRAFT)
    if draft is None:
        draft = transaction.held[_DRAFT] = _Draft()
        transaction.before_commit[partial(_send, transaction, draft)] = None
    return draft


def _send(transaction: Transaction, draft: _Draft) -> None:
    transaction.rows(_NOTIFY, {"payload": draft.payload()})


def read_notice(payload: str) -> Notice:
    """Read what another process told; what cannot be read (it may be of a newer version) stands for anything."""
    try:
        found = json.loads(payload)
        return Notice(_texts(found["topics"]), _texts(found["instances"]), _texts(found["alarms"]))
    except (ValueError, TypeError, KeyError):
        return ANYTHING


def _texts(values: Any) -> frozenset[str] | None:
    return None if values is None else frozenset(map(str, values))


class Listener:
    """A thread that hears the notices of other processes on a connection of its own, opened anew when it is lost.

    `connect` gives an autocommitting driver connection or raises a driver error (None: there is nothing to hear).
    `own_session` gives the number of the session whose notices are not told, and `hear` is called with each other one,
    and with ANYTHING whenever a connection begins, for some may have been missed.
    """

    def __init__(
        self, connect: Callable[[], Any] | None, own_session: Callable[[], int | None], hear: Callable[[Notice], None]
    ) -> None:
        self._connect, self._own_session, self._hear = connect, own_session, hear
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._waker: socket.socket | None = None
        self._connected = False

    def start(self) -> None:
        """Begin to listen, unless that has begun already or there is nothing to hear."""
        with self._lock:
            if self._connect is None or self._thread is not None or self._stopping.is_set():
                return
            self._waker, woken = socket.socketpair()
            self._thread = threading.Thread(target=self._run, args=(woken,), name="runner-notices", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop listening and close the connection."""
        with self._lock:
            self._stopping.set()
            if self._thread is not None and self._waker is not None:
                self._waker.close()
                # A server that does not answer any more must not hold the process.
                self._thread.join(timeout=5)

    def _run(self, woken: socket.socket) -> None:
        pause = FIRST_PAUSE
        with woken:
            while not self._stopping.is_set():
                try:
                    self._listen(woken)
                except _TROUBLE as error:
                    if self._connected:
                        pause = FIRST_PAUSE
                        log.warning("Other processes are not heard until the database is back: %s", error)
                    self._connected = False
                    self._stopping.wait(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

    def _listen(self, woken: socket.socket) -> None:
        """Hear notices until `woken` is closed from the other side. Raises a driver error."""
        assert self._connect is not None
        with closing(self._connect()) as connection, selectors.DefaultSelector() as selector:
            channel = connection.execute(f"SELECT {_CHANNEL}").fetchone()[0]
            connection.execute(f'LISTEN "{channel}"')
            self._connected = True
            self._hear(ANYTHING)
            selector.register(connection.fileno(), selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while not self._stopping.is_set():
                if not selector.select(SILENCE_SECONDS):
                    connection.execute("SELECT 1")
                for notify in connection.notifies(timeout=0):
                    if notify.pid != self._own_session():
                        self._hear(read_notice(notify.payload))
