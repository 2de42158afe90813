"""The connection, and the only place that commits. Commands that wait at the same time share one commit; each is
isolated from another's failure; a lone one does not wait for company."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from runner.clock import Clock, SystemClock
from runner.errors import Conflict, DatabaseUnusable
from runner.store import connecting
from runner.store.notices import Listener, Notice
from runner.store.times import to_micros
from runner.store.transactions import GuardFailed, Transaction

Result = TypeVar("Result")
Command = Callable[[Transaction], Result]
Done = Callable[[Result | None, BaseException | None], None]

GROUP_LIMIT = 256
# How often a command is run alone when it collides with another process each time.
RUNS = 10
# A command of the group relied on what has changed meanwhile.
_OUT_OF_DATE: tuple[type[Exception], ...] = (
    GuardFailed,
    Conflict,
    *connecting.INTEGRITY_ERRORS,
    *connecting.COLLISIONS,
)
# Raised through a command, but about the whole transaction.
_NOT_THE_COMMANDS: tuple[type[Exception], ...] = (GuardFailed, *connecting.DRIVER_ERRORS)
log = logging.getLogger(__name__)


class Waiting(Generic[Result]):
    """A command on its way into a transaction, and whom to tell how it ended."""

    __slots__ = ("command", "done", "error", "result")

    def __init__(self, command: Command[Result], done: Done[Result]) -> None:
        self.command, self.done = command, done
        self.result: Result | None = None
        self.error: BaseException | None = None


def _fulfil(future: Future[Result], result: Result | None, error: BaseException | None) -> None:
    if error is None:
        future.set_result(cast(Result, result))
    else:
        future.set_exception(error)


def _conflict(error: Exception) -> Conflict:
    return Conflict(f"Expected to be the only writer, but another was quicker ({error}). Try again.")


class Database:
    """A runner's database: one writing thread, many readers.

    `url` is a SQLAlchemy URL: `sqlite:///FILE`, `sqlite://` (gone when closed) or `postgresql+psycopg://…`. Opening
    creates or upgrades the schema. Transactions take their time from `clock`; by default from the database server, so
    that all its users agree, or from this machine for a file. Raises DatabaseUnusable, with what to do.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self.url, self._clock = url, clock
        self._place = connecting.Place(url)
        self._readers = connecting.open_engine(self._place)
        connecting.prepare_schema(self._readers, self._place)
        self._dialect = self._readers.dialect
        self._writer: Any = None
        self._queue: queue.SimpleQueue[Waiting[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="runner-writer", daemon=True)
        self._closed = False
        self._thread.start()

    # -- for commands ---------------------------------------------------------------------------------------------

    def write(self, command: Command[Result]) -> Result:
        """Run a command in a transaction and give its result once it is durable.

        The command may be run again if what it relied on has changed: it must not act on anything but the transaction.
        Raises what the command raised (then nothing of it is stored) or DatabaseUnusable.
        """
        return self.write_all([command])[0]

    def write_all(self, commands: Sequence[Command[Result]]) -> list[Result]:
        """Run several commands, each as by `write`, and give their results once all are durable or refused.

        Raises the first error; the others are stored all the same.
        """
        futures: list[Future[Result]] = [Future() for _ in commands]
        for command, future in zip(commands, futures, strict=True):
            self.submit(command, partial(_fulfil, future))
        return [future.result() for future in futures]

    def submit(self, command: Command[Result], done: Done[Result]) -> None:
        """Queue a command; `done(result, error)` is called once it is durable or refused, on the writing thread.

        See `write`. What `done` does must be quick and must not write.
        """
        if self._closed:
            done(None, DatabaseUnusable("Expected an open database, but this runner is closed."))
        else:
            self._queue.put(Waiting(command, done))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for queries, beside the writer. Raises DatabaseUnusable."""
        try:
            with self._readers.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise self._unusable(error.orig or error) from error

    @contextmanager
    def read_one_moment(self) -> Iterator[Connection]:
        """Give a connection to which the database stays as it is now, whatever is written. Raises DatabaseUnusable."""
        with self.read() as connection:
            # Ended by the pool, which rolls back what is given back to it.
            connection.exec_driver_sql(self._place.begin_reading)
            yield connection

    @property
    def numbers_before_commit(self) -> bool:
        """Tell whether a row may appear after one with a higher number, because several write at the same time."""
        return not self._place.is_file

    def ping(self) -> None:
        """Make sure that the database answers. Raises DatabaseUnusable."""
        with self.read() as connection:
            connection.execute(select(1))

    def now(self) -> int:
        """Give the time by the clock that transactions go by (microseconds). Raises DatabaseUnusable."""
        if self._clock is not None or self._place.clock_query is None:
            return to_micros((self._clock or SystemClock()).now())
        with self.read() as connection:
            return int(connection.exec_driver_sql(self._place.clock_query).scalar_one())

    def listener(self, hear: Callable[[Notice], None]) -> Listener:
        """Give a listener to what other processes tell; not started yet, and deaf where there is nothing to hear."""
        connect = None if self._place.is_file else partial(connecting.open_writer, self._place, self._readers)
        return Listener(connect, self._session, hear)

    def close(self) -> None:
        """Finish what is queued and let go of the database."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join()
            self._drop_writer()
            self._readers.dispose()
            self._place.remove_if_temporary()

    # -- the writing thread ---------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            group: list[Waiting[Any]] = [first]
            while len(group) < GROUP_LIMIT and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    self._queue.put(None)
                    break
                group.append(following)
            self._commit(group)
            for waiting in group:
                waiting.done(waiting.result, waiting.error)

    def _commit(self, group: list[Waiting[Any]]) -> None:
        try:
            self._commit_together(group, fresh=False)
        except _OUT_OF_DATE:
            # Something they had in memory was out of date. Alone and read anew, each meets its own error, or none.
            for waiting in group:
                self._commit_fresh(waiting)
        except connecting.DRIVER_ERRORS as error:
            self._fail(group, error)
        except Exception as error:  # a command's failure is its caller's to see, never the writing thread's end
            group[0].error = error

    def _commit_fresh(self, waiting: Waiting[Any], runs: int = RUNS) -> None:
        try:
            self._commit_together([waiting], fresh=True)
        except connecting.COLLISIONS as error:
            if runs > 1:
                self._commit_fresh(waiting, runs - 1)
            else:
                waiting.error = _conflict(error)
        except connecting.INTEGRITY_ERRORS as error:
            waiting.error = _conflict(error)
        except connecting.DRIVER_ERRORS as error:
            self._fail([waiting], error)
        except Exception as error:  # as above
            waiting.error = error

    def _commit_together(self, group: list[Waiting[Any]], *, fresh: bool) -> None:
        """Run commands in one transaction and commit it. Raises what rolled it back; nothing of it is stored then."""
        with self._transaction(alone=len(group) == 1, fresh=fresh) as transaction:
            for waiting in group:
                self._run(waiting, transaction)
        for callback in transaction.after_commit:
            callback()

    @staticmethod
    def _run(waiting: Waiting[Any], transaction: Transaction) -> None:
        touched = transaction.touched
        waiting.error = None
        try:
            waiting.result = waiting.command(transaction)
        except _NOT_THE_COMMANDS:
            raise
        except Exception as error:  # in a group the others go on, unless it left something behind
            if transaction.alone:
                raise
            if transaction.touched != touched:
                raise GuardFailed from error
            waiting.error = error

    def _fail(self, group: list[Waiting[Any]], error: Exception) -> None:
        self._drop_writer()
        log.warning("the database failed: %s", error)
        for waiting in group:
            waiting.error = self._unusable(error)

    @contextmanager
    def _transaction(self, *, alone: bool, fresh: bool) -> Iterator[Transaction]:
        cursor = self._begin()
        try:
            transaction = Transaction(cursor, self._dialect, self._now(cursor), alone=alone, fresh=fresh)
            yield transaction
            transaction.flush()
            for callback in transaction.before_commit:
                callback()
            cursor.execute("COMMIT")
        except BaseException:
            connecting.roll_back(cursor)
            raise
        finally:
            cursor.close()

    def _begin(self) -> Any:
        if self._writer is not None:
            try:
                return self._begun(self._writer)
            except connecting.DRIVER_ERRORS:
                # An idle connection can be lost without a word (server restarted): nothing has begun, so try anew.
                self._drop_writer()
        self._writer = connecting.open_writer(self._place, self._readers)
        return self._begun(self._writer)

    def _begun(self, connection: Any) -> Any:
        cursor = connection.cursor()
        cursor.execute(self._place.begin)
        return cursor

    def _now(self, cursor: Any) -> int:
        if self._clock is not None or self._place.clock_query is None:
            return to_micros((self._clock or SystemClock()).now())
        cursor.execute(self._place.clock_query)
        return int(cursor.fetchone()[0])

    def _session(self) -> int | None:
        writer = self._writer
        return None if writer is None or writer.closed else int(writer.info.backend_pid)

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            connecting.close_quietly(writer)

    def _unusable(self, error: BaseException) -> DatabaseUnusable:
        return DatabaseUnusable(connecting.explain(error, self._place))
