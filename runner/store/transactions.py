"""One open transaction, shared by the commands that are committed together. Writes wait in memory and go to the driver
in bulk; each write may carry a guard, the error that is due if its row was not there as expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

from runner.errors import RunnerError
from runner.store.statements import Statement, Values
from runner.store.times import from_micros

# Makes the error that is due when the row of this key was not there as expected.
Guard = Callable[[Any], RunnerError]


class Cursor(Protocol):
    """The part of a DBAPI cursor (PEP 249) that is used here."""

    rowcount: int

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run a statement."""

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        """Run a statement once per set of parameters."""

    def fetchall(self) -> list[Any]:
        """Give the rows of the last statement."""


class GuardFailed(Exception):
    """Some guarded write of a group did not meet its row; only running the commands alone tells which."""


class Bundle:
    """Writes with the same statement that can go to the driver in one call; of a transaction's the `number`-th."""

    __slots__ = ("keys", "number", "otherwise", "rows", "statement")

    def __init__(self, statement: Statement, number: int, otherwise: Guard | None) -> None:
        self.statement, self.number, self.otherwise = statement, number, otherwise
        self.rows: list[Values] = []
        self.keys: list[Any] = []


class Transaction:
    """What a command sees of the database.

    `alone` is True when no other command shares this transaction; `fresh` when nothing that was kept in memory from
    earlier transactions may be relied on.
    `now` is the instant of the transaction (microseconds, `now_at` as datetime). `held` is for what commands of the
    group load and change in memory, by key; `before_commit` and `after_commit` take callbacks (each once, in order)
    that run when all commands have run, and when all of it is durable.
    """

    def __init__(self, cursor: Cursor, dialect: Dialect, now: int, *, alone: bool, fresh: bool) -> None:
        self._cursor, self._dialect = cursor, dialect
        self.now, self.alone, self.fresh = now, alone, fresh
        self.held: dict[str, Any] = {}
        self.before_commit: dict[Callable[[], None], None] = {}
        self.after_commit: dict[Callable[[], None], None] = {}
        self._bundles: list[Bundle] = []
        self._newest: dict[Statement, Bundle] = {}
        self._places: dict[tuple[Table, Any], int] = {}
        # Counts what a failed command may have left behind: statements, waiting writes, instances taken to memory.
        self.touched = 0

    @cached_property
    def now_at(self) -> datetime:
        """Give the instant of the transaction."""
        return from_micros(self.now)

    @property
    def notifies(self) -> bool:
        """Tell whether other processes can be sent a notice when this is durable."""
        return self._dialect.name == "postgresql"

    @property
    def locks_rows(self) -> bool:
        """Tell whether other writers can be active at the same time, so that rows must be locked when read."""
        return self._dialect.name != "sqlite"

    def write(self, statement: Statement, row: Values, *, key: Any, otherwise: Guard | None = None) -> None:
        """Write one row before the commit. `key` names the row; writes to the same row keep their order.

        With `otherwise` (the same for all writes of a statement), exactly one row must be touched, or the error that it
        makes of `key` is raised and nothing is committed.
        """
        bundle = self._newest.get(statement)
        place = (statement.table, key)
        # It may join those with the same statement unless its row has been written by another one since.
        if bundle is None or bundle.number < self._places.get(place, 0):
            bundle = self._newest[statement] = Bundle(statement, len(self._bundles), otherwise)
            self._bundles.append(bundle)
        bundle.rows.append(row)
        bundle.keys.append(key)
        self._places[place] = bundle.number
        self.touched += 1

    def rows(self, statement: Statement, values: Values) -> list[tuple[Any, ...]]:
        """Read rows, seeing all that was written before in this transaction."""
        self._execute(statement, values)
        return self._cursor.fetchall()

    def execute(self, statement: Statement, values: Values) -> int:
        """Run a statement that touches any number of rows, now, and give their number."""
        self._execute(statement, values)
        self.touched += 1
        return self._cursor.rowcount

    def _execute(self, statement: Statement, values: Values) -> None:
        if any(bundle.statement.table is statement.table for bundle in self._bundles):
            self.flush()
        sql, parameters = statement.prepared(self._dialect)
        self._cursor.execute(sql, parameters(values))

    def flush(self) -> None:
        """Send what waits. Raises the guard that failed, or GuardFailed in a group."""
        bundles, self._bundles = self._bundles, []
        self._newest.clear()
        self._places.clear()
        if self.locks_rows:
            bundles.sort(key=_table_then_age)
        for bundle in bundles:
            self._send(bundle)

    def _send(self, bundle: Bundle) -> None:
        sql, parameters = bundle.statement.prepared(self._dialect)
        rows = list(map(parameters, bundle.rows))
        if bundle.otherwise is not None and self.alone:
            self._send_singly(bundle, sql, rows)
            return
        if self.locks_rows:
            # Processes that lock the same rows mostly do so in the same order then, and seldom wait for each other.
            rows = [rows[index] for index in sorted(range(len(rows)), key=bundle.keys.__getitem__)]
        if len(rows) == 1:
            self._cursor.execute(sql, rows[0])
        else:
            self._cursor.executemany(sql, rows)
        if bundle.otherwise is not None and self._cursor.rowcount != len(rows):
            raise GuardFailed

    def _send_singly(self, bundle: Bundle, sql: str, rows: list[tuple[Any, ...]]) -> None:
        assert bundle.otherwise is not None
        for row, key in zip(rows, bundle.keys, strict=True):
            self._cursor.execute(sql, row)
            if self._cursor.rowcount != 1:
                raise bundle.otherwise(key)


def _table_then_age(bundle: Bundle) -> tuple[str, int]:
    return bundle.statement.table.name, bundle.number
