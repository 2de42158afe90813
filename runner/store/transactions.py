"""One open transaction, shared by the commands that are committed together. Writes wait in memory and go to the driver
in bulk; each write may carry a guard, the error that is due if its row was not there as expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.engine import Dialect

from runner.errors import RunnerError
from runner.store.statements import Statement
from runner.store.times import from_micros

Values = Mapping[str, Any]


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
    """Writes with the same statement that can go to the driver in one call."""

    __slots__ = ("guards", "rows", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.rows: list[Values] = []
        self.guards: list[RunnerError | None] = []


class Transaction:
    """What a command sees of the database.

    `alone` is True when no other command shares this transaction; `fresh` when nothing that was kept in memory from
    earlier transactions may be relied on.
    `now` is the instant of the transaction (microseconds, `now_at` as datetime). `held` is for what commands of the
    group load and change in memory, by key; `after_commit` takes callbacks (each once, in order) that run
    when all of it is durable.
    """

    def __init__(self, cursor: Cursor, dialect: Dialect, now: int, *, alone: bool, fresh: bool) -> None:
        self._cursor, self._dialect = cursor, dialect
        self.now, self.alone, self.fresh = now, alone, fresh
        self.held: dict[str, Any] = {}
        self.after_commit: dict[Callable[[], None], None] = {}
        self._bundles: dict[Table, list[Bundle]] = {}
        self._last: dict[tuple[Table, object], int] = {}
        # Counts what a failed command may have left behind: statements, waiting writes, instances taken to memory.
        self.touched = 0

    @property
    def now_at(self) -> datetime:
        """Give the instant of the transaction."""
        return from_micros(self.now)

    @property
    def locks_rows(self) -> bool:
        """Tell whether other writers can be active at the same time, so that rows must be locked when read."""
        return self._dialect.name != "sqlite"

    def write(self, statement: Statement, row: Values, *, key: object, otherwise: RunnerError | None = None) -> None:
        """Write one row before the commit. `key` names the row; writes to the same row keep their order.

        With `otherwise`, exactly one row must be touched, or that error is raised and nothing is committed.
        """
        table = statement.table
        bundles = self._bundles.setdefault(table, [])
        last = self._last.get((table, key), -1)
        for index in range(len(bundles) - 1, max(last, 0) - 1, -1):
            if bundles[index].statement is statement:
                break
        else:
            index = len(bundles)
            bundles.append(Bundle(statement))
        bundles[index].rows.append(row)
        bundles[index].guards.append(otherwise)
        self._last[table, key] = index
        self.touched += 1

    def hold(self, key: str, value: Any) -> None:
        """Keep something that this transaction loaded and may change in memory."""
        self.held[key] = value
        self.touched += 1

    def rows(self, statement: Statement, values: Values) -> list[tuple[Any, ...]]:
        """Read rows, seeing all that was written before in this transaction."""
        self.flush(statement.table)
        sql, fixed = statement.text(self._dialect)
        self._cursor.execute(sql, {**fixed, **values})
        return self._cursor.fetchall()

    def execute(self, statement: Statement, values: Values) -> int:
        """Run a statement that touches any number of rows, now, and give their number."""
        self.flush(statement.table)
        sql, fixed = statement.text(self._dialect)
        self._cursor.execute(sql, {**fixed, **values})
        self.touched += 1
        return self._cursor.rowcount

    def flush(self, table: Table | None = None) -> None:
        """Send what waits (for one table, or all). Raises the guard that failed, or GuardFailed in a group."""
        for each in [table] if table is not None else list(self._bundles):
            bundles = self._bundles.pop(each, ())
            if bundles:
                self._last = {place: index for place, index in self._last.items() if place[0] is not each}
            for bundle in bundles:
                self._send(bundle)

    def _send(self, bundle: Bundle) -> None:
        sql, fixed = bundle.statement.text(self._dialect)
        rows = [{**fixed, **row} for row in bundle.rows] if fixed else bundle.rows
        guarded = any(guard is not None for guard in bundle.guards)
        if guarded and self.alone:
            for row, guard in zip(rows, bundle.guards, strict=True):
                self._cursor.execute(sql, row)
                if guard is not None and self._cursor.rowcount != 1:
                    raise guard
        elif len(rows) == 1:
            self._cursor.execute(sql, rows[0])
        else:
            self._cursor.executemany(sql, rows)
        if guarded and not self.alone and self._cursor.rowcount != len(rows):
            raise GuardFailed
