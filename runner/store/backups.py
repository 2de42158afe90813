"""Copying a database that is in use, as it is at one moment, into a new SQLite file of the same schema."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from runner.errors import Conflict, DatabaseUnusable
from runner.store.tables import metadata

ROWS_AT_ONCE = 1000


def copy(connection: Connection, path: Path) -> int:
    """Write what the connection shows to a new file, durably, and give its size in bytes.

    The file appears under its name only when it is whole. Raises Conflict if it exists (or is being written), or
    DatabaseUnusable if it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    with _reserved(path, part):
        if connection.dialect.name == "sqlite":
            _copy_pages(connection, part)
        else:
            _copy_rows(connection, part)
        part.rename(path)
        _make_durable(path.parent)
    return path.stat().st_size


@contextmanager
def _reserved(path: Path, part: Path) -> Iterator[None]:
    """Keep two backups out of one file, leave nothing half done, and say what is wrong in a sentence."""
    if os.path.exists(path):
        raise Conflict(f"Expected a new file for the backup, but {path} exists. Name another, or move it away.")
    try:
        part.open("xb").close()
    except FileExistsError as error:
        raise Conflict(
            f"Expected to be the only backup to {path}, but {part} exists. If no other is running, one was "
            "interrupted: delete that file."
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise _unwritable(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _unwritable(path: Path, error: Exception) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"Expected to write the backup {path}, but: {error}. Name a file in another folder or disk."
    )


def _copy_pages(connection: Connection, part: Path) -> None:
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    target = sqlite3.connect(part, isolation_level=None)
    try:
        # All pages in one go: done in portions, the copy would begin anew with every commit of another process. In WAL
        # mode nobody waits for a reader (sqlite.org/backup.html, "Example 2", and sqlite.org/wal.html).
        source.backup(target)
        # One file without a "-wal" beside it, whatever the next reader may do with it.
        target.execute("PRAGMA journal_mode=DELETE")
    finally:
        target.close()


def _copy_rows(connection: Connection, part: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(part)))
    try:
        with engine.begin() as target:
            metadata.create_all(target)
            for table in metadata.sorted_tables:
                rows = connection.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE})
                for some in rows.mappings().partitions():
                    target.execute(table.insert(), [dict(row) for row in some])
    except DBAPIError as error:
        # What the server says is for the reader of its database to explain; this is about the file.
        if isinstance(error.orig, sqlite3.Error):
            raise error.orig from error
        raise
    finally:
        engine.dispose()


def _make_durable(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
