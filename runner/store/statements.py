"""SQL written once with SQLAlchemy Core and handed to the driver as ready text: the same statements on SQLite and
PostgreSQL, without paying for their translation on every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert

Values = Mapping[str, Any]


class Prepared(NamedTuple):
    """A statement for one driver: its text, and what brings values by name into the order of its parameters."""

    sql: str
    parameters: Callable[[Values], tuple[Any, ...]]


class Statement:
    """A Core statement with named parameters; `table` is the one it writes to (or mainly reads).

    Values given on execution replace the parameters of their names; the others keep the value they were written with.
    """

    __slots__ = ("_clause", "_prepared", "columns", "table")

    def __init__(self, table: Table, clause: ClauseElement, columns: tuple[str, ...] = ()) -> None:
        self.table, self._clause, self.columns = table, clause, columns
        self._prepared: dict[str, Prepared] = {}

    @classmethod
    def insert(cls, table: Table, *, without: tuple[str, ...] = ()) -> Statement:
        """Give the insert of one row; `without` names columns to leave empty, one that numbers itself is left out."""
        own = tuple(
            column.name
            for column in table.columns
            if column is not table.autoincrement_column and column.name not in without
        )
        return cls(table, table.insert().inline(), own)

    def prepared(self, dialect: Dialect) -> Prepared:
        """Give the statement as a driver takes it; `dialect` must number its parameters, not name them."""
        known = self._prepared.get(dialect.name)
        if known is None:
            keys = list(self.columns) if isinstance(self._clause, Insert) else None
            compiled = self._clause.compile(dialect=dialect, column_keys=keys)
            assert isinstance(compiled, SQLCompiler)
            fixed = {name: _plain(bind.effective_value) for name, bind in compiled.binds.items() if not bind.required}
            names = tuple(compiled.positiontup or ())
            known = self._prepared[dialect.name] = Prepared(str(compiled), _in_order(names, fixed))
        return known


def _in_order(names: tuple[str, ...], fixed: Values) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) < 2:
        return lambda values: tuple([{**fixed, **values}[name] for name in names])
    # At the speed of C: this is done for every row that is written.
    pick = itemgetter(*names)
    return (lambda values: pick({**fixed, **values})) if fixed else pick


def _plain(value: Any) -> Any:
    # Drivers store an Enum by name or refuse it.
    return value.value if isinstance(value, Enum) else value
