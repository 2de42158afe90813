"""What an operator does with the store as a whole: count it, copy it, and put away or remove what has ended long ago.

Each instance that is put away is a command of its own, so that none can spoil another's; a batch shares commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from runner.runtime import Runtime
from runner.store import archives, backups, counts, messages, signals
from runner.store.archives import Package
from runner.store.counts import Counts
from runner.store.times import to_micros
from runner.store.transactions import Transaction

# Instances that are put away together: few enough that nobody notices the pause in other commits.
BATCH = 100
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long after its end an instance is archived, and how long after it every trace is removed; None: never."""

    archive_after: timedelta | None = None
    delete_after: timedelta | None = None


def tidy(runtime: Runtime, retention: Retention) -> int:
    """Delete and archive one batch of what has become old enough, and give the number of instances."""
    number = 0
    if retention.delete_after is not None:
        number += delete_ended(runtime, retention.delete_after)
        number += forget_messages(runtime, retention.delete_after)
    if retention.archive_after is not None:
        number += archive_ended(runtime, retention.archive_after)
    return number


def archive_ended(runtime: Runtime, older_than: timedelta) -> int:
    """Pack one batch of instances that ended longer ago than that, and give their number; 0 when all are packed.

    They stay listed and can be read as before. The instance that moved last of all stays as it is.
    """
    with runtime.database.read_one_moment() as connection:
        candidates = archives.find_archivable(connection, ended_before=_before(runtime, older_than), limit=BATCH)
        packages = [archives.pack(connection, instance_id) for instance_id in candidates]
    commands = [partial(_store, package=package, older_than=older_than) for package in packages if package is not None]
    return sum(runtime.database.write_all(commands))


def delete_ended(runtime: Runtime, older_than: timedelta) -> int:
    """Remove every row of one batch of instances that ended longer ago than that, and give their number.

    The instance that moved last of all stays as it is.
    """
    with runtime.database.read() as connection:
        candidates = archives.find_deletable(connection, ended_before=_before(runtime, older_than), limit=BATCH)
    commands = [partial(_delete, instance_id=instance_id, older_than=older_than) for instance_id in candidates]
    return sum(runtime.database.write_all(commands))


def forget_messages(runtime: Runtime, older_than: timedelta) -> int:
    """Remove one batch of messages and signals that were delivered, or expired, longer ago; give their number.

    A message id that must not be published again yet keeps its message.
    """

    def forget(transaction: Transaction) -> int:
        before = _limit(transaction, older_than)
        kinds = (messages, signals)
        return sum(kind.forget(transaction, before=before, limit=BATCH) for kind in kinds)

    return runtime.database.write(forget)


def back_up(runtime: Runtime, path: Path) -> int:
    """Copy the database, while it is used, to a new SQLite file, and give its size in bytes.

    Raises Conflict if the file exists, or DatabaseUnusable if it cannot be written.
    """
    with runtime.database.read_one_moment() as connection:
        return backups.copy(connection, path)


def count(runtime: Runtime) -> Counts:
    """Give the figures of this moment."""
    with runtime.database.read_one_moment() as connection:
        return counts.count(connection)


def _before(runtime: Runtime, older_than: timedelta) -> int:
    return to_micros(runtime.clock.now() - older_than)


def _store(transaction: Transaction, *, package: Package, older_than: timedelta) -> bool:
    return archives.store(transaction, package, ended_before=_limit(transaction, older_than))


def _delete(transaction: Transaction, *, instance_id: str, older_than: timedelta) -> bool:
    return archives.delete(transaction, instance_id, ended_before=_limit(transaction, older_than))


def _limit(transaction: Transaction, older_than: timedelta) -> int:
    # Asked again of the database's clock: that of this machine may be wrong, and deleting cannot be undone.
    return transaction.now - older_than // _MICROSECOND
