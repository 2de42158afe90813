"""Standing between the runner and its database drivers: a test sees each statement of each new connection before and
after it is run, and may fail it, or die."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, Self

import psycopg
from sqlalchemy import Engine, event


class Witness(Protocol):
    """Sees statements; what it raises, the driver seems to have raised."""

    def before(self, sql: str, rows: int) -> None:
        """Be told of a statement that is about to be run, once for each of `rows` sets of parameters."""

    def after(self, sql: str, rows: int) -> None:
        """Be told of a statement that has been run."""


@contextmanager
def witnessed(witness: Witness) -> Iterator[None]:
    """Let `witness` see every statement on connections that are opened meanwhile, of SQLite and PostgreSQL alike."""

    def connect(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        if "check_same_thread" in parameters:
            parameters["factory"] = _file_connection(witness)
        else:
            parameters["cursor_factory"] = _server_cursor(witness)

    event.listen(Engine, "do_connect", connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", connect)


def _file_connection(witness: Witness) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> Self:
            witness.before(sql, 1)
            super().execute(sql, parameters)
            witness.after(sql, 1)
            return self

        def executemany(self, sql: str, parameters: Any, /) -> Self:
            witness.before(sql, len(parameters))
            super().executemany(sql, parameters)
            witness.after(sql, len(parameters))
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, sql: str, parameters: Any = (), /) -> Any:
            return self.cursor().execute(sql, parameters)

    return Connection


def _server_cursor(witness: Witness) -> type[psycopg.Cursor[Any]]:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, *parameters: Any, **options: Any) -> Any:
            witness.before(str(query), 1)
            super().execute(query, *parameters, **options)
            witness.after(str(query), 1)
            return self

        def executemany(self, query: Any, parameters: Any, **options: Any) -> None:
            witness.before(str(query), len(parameters))
            super().executemany(query, parameters, **options)
            witness.after(str(query), len(parameters))

    return Cursor
