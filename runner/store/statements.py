"""SQL written once with SQLAlchemy Core and handed to the driver as ready text: the same statements on SQLite and
PostgreSQL, without paying for their translation on every step."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert


class Statement:
    """A Core statement with named parameters; `table` is the one it writes to (or mainly reads).

    Values given on execution replace the parameters of their names; the others keep the value they were written with.
    """

    __slots__ = ("_clause", "_texts", "columns", "table")

    def __init__(self, table: Table, clause: ClauseElement, columns: tuple[str, ...] = ()) -> None:
        self.table, self._clause, self.columns = table, clause, columns
        self._texts: dict[str, tuple[str, dict[str, Any]]] = {}

    @classmethod
    def insert(cls, table: Table) -> Statement:
        """Give the insert of one row; a column that numbers itself is left out."""
        own = tuple(column.name for column in table.columns if column is not table.autoincrement_column)
        return cls(table, table.insert().inline(), own)

    def text(self, dialect: Dialect) -> tuple[str, Mapping[str, Any]]:
        """Give the SQL for a driver and the parameters that are fixed in it."""
        known = self._texts.get(dialect.name)
        if known is None:
            keys = list(self.columns) if isinstance(self._clause, Insert) else None
            compiled = self._clause.compile(dialect=dialect, column_keys=keys)
            assert isinstance(compiled, SQLCompiler)
            fixed = {name: _plain(bind.effective_value) for name, bind in compiled.binds.items() if not bind.required}
            known = self._texts[dialect.name] = (str(compiled), fixed)
        return known


def _plain(value: Any) -> Any:
    # Drivers store an Enum by name or refuse it.
    return value.value if isinstance(value, Enum) else value
