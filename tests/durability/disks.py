"""Disks with little room: fill one, and what writes to it fails as it does on a machine; empty it, and all is well."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from sqlalchemy import Engine, event

FULL = "the disk is full: nothing was lost; free some space and the work goes on"
BROKEN = "the disk does not read or write: nothing acknowledged was lost; check the disk"
PAGE = 4096


class Disk(Protocol):
    """A folder to put a database into, as `runner.db`, and what is said when it takes no more."""

    folder: Path
    complaint: str

    def fill(self, room: int) -> None:
        """Leave room for so many pages more."""

    def empty(self) -> None:
        """Make room."""


class Allowance:
    """So many pages for the database file, and no more: SQLite itself says that it is full."""

    complaint = FULL

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connections: list[sqlite3.Connection] = []
        self._pages: int | None = None

    def fill(self, room: int) -> None:
        """Leave room for so many pages more."""
        used = self._connections[-1].execute("PRAGMA page_count").fetchone()[0]
        self._set(used + room)

    def empty(self) -> None:
        """Make room."""
        self._set(2**30)

    def connected(self, connection: sqlite3.Connection, _record: Any) -> None:
        """Take note of a connection."""
        self._connections.append(connection)
        if self._pages is not None:
            connection.execute(f"PRAGMA max_page_count={self._pages}").fetchone()

    def _set(self, pages: int) -> None:
        self._pages = pages
        for connection in self._connections:
            # The runner has closed those that failed.
            with suppress(sqlite3.ProgrammingError):
                connection.execute(f"PRAGMA max_page_count={pages}").fetchone()


class SmallDisk:
    """A file system of a megabyte that something else has filled."""

    complaint = FULL

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, room: int) -> None:
        """Leave room for so many pages more."""
        free = os.statvfs(self.folder)
        self._ballast.write_bytes(bytes(max(0, free.f_bavail - room) * free.f_frsize))

    def empty(self) -> None:
        """Make room."""
        self._ballast.unlink(missing_ok=True)


class ShortFiles:
    """No file may be longer: the operating system refuses to write on, and not because of a full disk."""

    complaint = BROKEN

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, room: int) -> None:
        """Leave room for so many pages more, counted from the longest file."""
        longest = max(path.stat().st_size for path in self.folder.glob("runner.db*"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest + room * PAGE, self._before[1]))

    def empty(self) -> None:
        """Make room."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)


@contextmanager
def allowance(folder: Path) -> Iterator[Disk]:
    """Limit the pages of databases that are opened meanwhile."""
    disk = Allowance(folder)
    event.listen(Engine, "connect", disk.connected)
    try:
        yield disk
    finally:
        event.remove(Engine, "connect", disk.connected)


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Mount a small file system meanwhile. Raises CalledProcessError where that is not allowed."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True, capture_output=True)
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def short_files(folder: Path) -> Iterator[Disk]:
    """Limit the length of this process's files meanwhile."""
    disk = ShortFiles(folder)
    try:
        yield disk
    finally:
        disk.empty()


@cache
def disks() -> dict[str, Any]:
    """Give by name the kinds of disks to be had here: root alone can mount a file system, and not everywhere."""
    found: dict[str, Any] = {"allowance": allowance, "short files": short_files}
    not_allowed = suppress(subprocess.CalledProcessError, FileNotFoundError)
    with not_allowed, TemporaryDirectory() as folder, small_disk(Path(folder)):
        found["small disk"] = small_disk
    return found
