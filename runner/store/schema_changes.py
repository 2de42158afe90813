"""A transaction in which no other process makes or changes the tables. What is changed is for `connecting.py` and the
migrations to say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

# Any number will do that nothing else takes an advisory lock on: the letters "bpmn".
_LOCK = 0x62706D6E


@contextmanager
def changing_schema(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose transaction is committed in the end, all or nothing; others wait until then.

    What was read before may be out of date: read it again.
    """
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
    else:
        with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection
