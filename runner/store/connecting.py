"""What differs between the databases: how to reach them, begin, tell the time, and say what is wrong."""

from __future__ import annotations

import os.path
import shutil
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from runner.errors import DatabaseUnusable, SettingsInvalid
from runner.store.schema_changes import changing_schema
from runner.store.tables import REVISION, metadata, schema_version

try:
    import psycopg
except ImportError:  # the extra "postgresql" is not installed
    DRIVER_ERRORS: tuple[type[Exception], ...] = (sqlite3.Error,)
    INTEGRITY_ERRORS: tuple[type[Exception], ...] = (sqlite3.IntegrityError,)
    COLLISIONS: tuple[type[Exception], ...] = ()
else:
    DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)
    INTEGRITY_ERRORS = (sqlite3.IntegrityError, psycopg.IntegrityError)
    # Two transactions waited for each other (40P01), or cannot have been one after the other (40001): one is undone.
    COLLISIONS = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

BUSY_SECONDS = 30.0


class Place:
    """A database URL, understood. Raises SettingsInvalid or DatabaseUnusable."""

    def __init__(self, url: str) -> None:
        self._temporary: str | None = None
        try:
            self.url = make_url(url)
        except ArgumentError as error:
            raise SettingsInvalid(
                f"Expected a database URL such as sqlite:///runner.db or postgresql+psycopg://…, but got '{url}'."
            ) from error
        backend = self.url.get_backend_name()
        if backend == "sqlite":
            self.begin, self.begin_reading, self.clock_query = "BEGIN IMMEDIATE", "BEGIN", None
            if not self.url.database or self.url.database == ":memory:":
                # Readers and the writer are different connections: they share a file that is gone afterwards.
                self._temporary = tempfile.mkdtemp(prefix="runner-")
                self.url = self.url.set(database=str(Path(self._temporary, "memory.db")))
            self._check_folder(Path(str(self.url.database)))
        elif backend == "postgresql":
            self.begin = "BEGIN"
            self.begin_reading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            self.clock_query = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
            self.url = self.url.set(drivername="postgresql+psycopg")
        else:
            raise SettingsInvalid(f"Expected a SQLite or PostgreSQL database, but got '{backend}' in '{url}'.")

    @property
    def is_file(self) -> bool:
        """Tell whether this is a SQLite file."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def is_temporary(self) -> bool:
        """Tell whether the database is thrown away when closed."""
        return self._temporary is not None

    @property
    def name(self) -> str:
        """Give the place for messages, without a password."""
        return str(self.url.database) if self.is_file else self.url.render_as_string(hide_password=True)

    def remove_if_temporary(self) -> None:
        """Throw a temporary database away."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _check_folder(self, path: Path) -> None:
        if os.path.exists(path.parent) and not os.path.isdir(path.parent):
            raise DatabaseUnusable(f"Expected a folder for the database {path}, but {path.parent} is not a folder.")
        if not os.path.isdir(path.parent):
            raise DatabaseUnusable(f"Expected a folder for the database {path}, but {path.parent} does not exist.")
        if os.path.isdir(path):
            raise DatabaseUnusable(f"Expected a database file, but {path} is a folder.")


def open_engine(place: Place) -> Engine:
    """Give the engine for readers. Raises SettingsInvalid if the driver is not installed."""
    if not place.is_file:
        try:
            # Parameters by number, not by name, as SQLite has them anyway: half the work for every row.
            return create_engine(place.url, paramstyle="format", isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise SettingsInvalid(
                "Expected the PostgreSQL driver, but it is not installed: pip install 'bpmn-runner[postgresql]'."
            ) from error
    engine = create_engine(place.url, connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions by itself, with a lock that cannot be waited for; we say BEGIN ourselves.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        # A throwaway file has nothing to keep through a power failure.
        connection.execute(f"PRAGMA synchronous={'OFF' if place.is_temporary else 'FULL'}")

    return engine


def open_writer(place: Place, engine: Engine) -> Any:
    """Give the one driver connection that writes. Raises a driver error."""
    try:
        pooled = engine.raw_connection()
    except DBAPIError as error:
        raise error.orig or error from error
    connection = pooled.driver_connection
    pooled.detach()
    if not place.is_file:
        assert connection is not None
        connection.autocommit = True
    return connection


def prepare_schema(engine: Engine, place: Place) -> None:
    """Create the tables in an empty database, or bring an older one up to date. Raises DatabaseUnusable."""
    try:
        with engine.connect() as connection:
            empty = not engine.dialect.has_table(connection, schema_version.name)
            found = None if empty else connection.execute(select(schema_version.c.version_num)).scalar()
        if found == REVISION:
            return
        if empty:
            _create(engine)
        else:
            _upgrade(engine, place, str(found))
    except DBAPIError as error:
        raise DatabaseUnusable(explain(error.orig or error, place)) from error


def _create(engine: Engine) -> None:
    with changing_schema(engine) as connection:
        # Two processes may open a new database at the same time: the second finds all done.
        metadata.create_all(connection, checkfirst=True)
        if connection.execute(select(schema_version.c.version_num)).scalar() is None:
            connection.execute(schema_version.insert().values(version_num=REVISION))


def _upgrade(engine: Engine, place: Place, found: str) -> None:
    # Alembic is slow to import, and only an old database needs it.
    from runner.store.migrations import upgrade

    if not upgrade(engine, found):
        raise DatabaseUnusable(
            f"Expected a database of schema {REVISION} or older, but {place.name} has schema {found}: it was written "
            "by a newer version of the runner. Upgrade the runner, or name another database with --database."
        )


def roll_back(cursor: Any) -> None:
    """Undo the open transaction; a connection that is lost has undone it already."""
    with suppress(*DRIVER_ERRORS):
        cursor.execute("ROLLBACK")


def close_quietly(connection: Any) -> None:
    """Close a connection that may be broken."""
    with suppress(*DRIVER_ERRORS):
        connection.close()


def explain(error: BaseException, place: Place) -> str:
    """Say in a sentence what is wrong with the database and what to do."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    lowered = text.lower()
    for sign, advice in _ADVICE:
        if sign in lowered:
            return f"Expected to use the database {place.name}, but {advice} ({text})."
    return f"Expected to use the database {place.name}, but it answered: {text}."


_ADVICE = (
    ("readonly", "it cannot be written: check the permissions of the file and its folder"),
    ("read-only", "it cannot be written: check the permissions of the file and its folder"),
    ("unable to open", "the file cannot be opened: check that its folder exists and can be written"),
    ("not a database", "the file is something else: name another file with --database"),
    ("malformed", "the file is damaged: restore a backup"),
    ("disk is full", "the disk is full: nothing was lost; free some space and the work goes on"),
    ("disk i/o error", "the disk does not read or write: nothing acknowledged was lost; check the disk"),
    ("locked", "another process has kept it locked for too long"),
    ("connection refused", "no server listens there: start PostgreSQL or correct the address"),
    ("does not exist", "something it names does not exist: create it first"),
)
