"""Commands that wait together share a commit, each isolated from another's failure; what is wrong is said in words."""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from threading import Event

import pytest
from builders import FakeClock
from sqlalchemy import bindparam, func, select

from runner.errors import Conflict, DatabaseUnusable, NotFound, SettingsInvalid
from runner.store.database import Database
from runner.store.statements import Statement
from runner.store.tables import REVISION, incidents, snapshots
from runner.store.transactions import Transaction

INSERT = Statement.insert(snapshots)
DELETE = Statement(snapshots, snapshots.delete().where(snapshots.c.instance_id == snapshots.c.instance_id))

TOUCH = Statement(
    snapshots,
    snapshots.update().where(snapshots.c.instance_id == bindparam("wanted")).values(seq=snapshots.c.seq + 1),
)
SEEN = Statement(snapshots, select(snapshots.c.seq))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, FakeClock())
    yield opened
    opened.close()


def row(id: str, seq: int = 0) -> dict[str, object]:
    return {"instance_id": id, "seq": seq, "format": 1, "state": "{}"}


def touched(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {found.instance_id: found.seq for found in connection.execute(select(snapshots))}


def stored(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(snapshots.c.instance_id)).scalars())


def together(database: Database, *commands: object) -> list[object]:
    """Queue commands behind one that holds the writing thread, so that they share a commit; give results or errors."""
    gate = threading.Event()
    results: list[object] = [None] * len(commands)
    finished = threading.Event()
    database.submit(lambda _: gate.wait(10), lambda *_: None)
    for number, command in enumerate(commands):

        def done(result: object, error: object, number: int = number) -> None:
            results[number] = error or result
            if number == len(commands) - 1:
                finished.set()

        database.submit(command, done)  # type: ignore[arg-type]
    gate.set()
    assert finished.wait(10)
    return results


def test_commands_that_wait_together_share_one_transaction(database: Database) -> None:
    seen: list[int] = []

    def insert(id: str) -> object:
        def command(transaction: Transaction) -> None:
            seen.append(id_of(transaction))
            transaction.write(INSERT, row(id), key=id)

        return command

    def id_of(transaction: Transaction) -> int:
        return id(transaction)

    together(database, insert("a"), insert("b"))

    assert stored(database) == ["a", "b"] and len(set(seen)) == 1


def test_a_command_that_fails_after_writing_leaves_nothing_and_spares_the_others(database: Database) -> None:
    def good(transaction: Transaction) -> str:
        transaction.write(INSERT, row("good"), key="good")
        return "done"

    def bad(transaction: Transaction) -> None:
        transaction.write(INSERT, row("bad"), key="bad")
        raise NotFound("no such thing")

    results = together(database, good, bad)

    assert results[0] == "done" and isinstance(results[1], NotFound)
    assert stored(database) == ["good"]


def test_a_guard_that_fails_is_its_own_commands_error_alone(database: Database) -> None:
    guarded = Statement(snapshots, snapshots.delete().where(snapshots.c.instance_id == "missing"))

    def bad(transaction: Transaction) -> None:
        transaction.write(guarded, {}, key="missing", otherwise=lambda key: Conflict(f"{key} is gone"))

    results = together(database, lambda t: t.write(INSERT, row("good"), key="good"), bad)

    assert results[0] is None and str(results[1]) == "missing is gone"
    assert stored(database) == ["good"]


def test_two_inserts_of_one_key_are_a_conflict_for_the_second(database: Database) -> None:
    insert = lambda t: t.write(INSERT, row("same"), key="same")  # noqa: E731

    results = together(database, insert, insert)

    assert results[0] is None and isinstance(results[1], Conflict)


def test_writes_to_one_row_keep_their_order(database: Database) -> None:
    def command(transaction: Transaction) -> None:
        transaction.write(INSERT, row("a"), key="a")
        transaction.write(INSERT, row("b"), key="b")
        transaction.execute(DELETE, {})
        transaction.write(INSERT, row("a", seq=2), key="a")

    database.write(command)

    assert stored(database) == ["a"]


def test_a_command_reads_what_it_wrote(database: Database) -> None:
    count = Statement(snapshots, select(func.count()).select_from(snapshots))

    def command(transaction: Transaction) -> int:
        transaction.write(INSERT, row("a"), key="a")
        return int(transaction.rows(count, {})[0][0])

    assert database.write(command) == 1


def test_what_is_acknowledged_is_there_for_another_connection(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    database = Database(url, FakeClock())
    database.write(lambda t: t.write(INSERT, row("a"), key="a"))

    with sqlite3.connect(tmp_path / "x.db") as other:
        assert other.execute("SELECT instance_id FROM snapshots").fetchall() == [("a",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_the_writer_syncs_fully(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db", FakeClock())

    level = database.write(lambda t: t._cursor.execute("PRAGMA synchronous").fetchone())  # type: ignore[attr-defined]

    assert level == (2,)
    database.close()


def test_numbering_tables_number_by_themselves(database: Database) -> None:
    insert = Statement.insert(incidents)
    values = dict.fromkeys(insert.columns, "x") | {"token_id": 1, "opened_at": 1, "resolved_at": None}
    database.write(lambda t: [t.write(insert, values, key=n) for n in range(2)])

    with database.read() as connection:
        assert list(connection.execute(select(incidents.c.id).order_by(incidents.c.id)).scalars()) == [1, 2]


def crossing(first: str, second: str, meeting: threading.Barrier) -> Callable[[Transaction], str]:
    """Give a command that locks two rows, and the second one only after another command has its first."""

    def command(transaction: Transaction) -> str:
        transaction.execute(TOUCH, {"wanted": first})
        with suppress(threading.BrokenBarrierError):
            meeting.wait(5)
            meeting.abort()
        transaction.execute(TOUCH, {"wanted": second})
        return first

    return command


def test_two_processes_that_wait_for_each_others_rows_both_get_through(postgresql_url: str) -> None:
    url, meeting = postgresql_url + "%20-cdeadlock_timeout%3D50ms", threading.Barrier(2)
    with ExitStack() as stack:
        one, other = (stack.enter_context(closing(Database(url, FakeClock()))) for _ in range(2))
        one.write(lambda t: [t.write(INSERT, row(id), key=id) for id in "ab"])
        results: queue.SimpleQueue[object] = queue.SimpleQueue()

        for database, rows in ((one, "ab"), (other, "ba")):
            database.submit(crossing(*rows, meeting), lambda result, error: results.put(error or result))

        assert {results.get(timeout=20) for _ in range(2)} == {"a", "b"}
        assert touched(one) == {"a": 2, "b": 2}


def test_commands_that_cannot_have_been_one_after_the_other_are_run_again(postgresql_url: str) -> None:
    url, clash = postgresql_url + "%20-cdefault_transaction_isolation%3Dserializable", Event()
    with ExitStack() as stack:
        one, other = (stack.enter_context(closing(Database(url, FakeClock()))) for _ in range(2))
        one.write(lambda t: t.write(INSERT, row("a"), key="a"))

        def command(transaction: Transaction) -> None:
            transaction.rows(SEEN, {})
            if not clash.is_set():
                clash.set()
                other.write(lambda t: t.execute(TOUCH, {"wanted": "a"}))
            transaction.execute(TOUCH, {"wanted": "a"})

        one.write(command)

        assert touched(one) == {"a": 2}


def test_a_closed_database_says_so() -> None:
    database = Database("sqlite://", FakeClock())
    database.close()

    with pytest.raises(DatabaseUnusable, match="closed"):
        database.write(lambda _: None)


def test_a_database_of_a_newer_schema_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    Database(f"sqlite:///{path}", FakeClock()).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(DatabaseUnusable, match=r"schema 9999.*newer version.*Upgrade the runner"):
        Database(f"sqlite:///{path}", FakeClock())


def test_a_file_that_is_no_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, " * 100)

    with pytest.raises(DatabaseUnusable, match="the file is something else"):
        Database(f"sqlite:///{path}", FakeClock())
    assert path.read_text().startswith("these are my notes")


def test_a_missing_folder_and_a_folder_as_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="does not exist"):
        Database(f"sqlite:///{tmp_path}/nowhere/x.db", FakeClock())
    with pytest.raises(DatabaseUnusable, match="is a folder"):
        Database(f"sqlite:///{tmp_path}", FakeClock())


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@localhost/test"])
def test_other_databases_are_refused_in_words(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="Expected a"):
        Database(url, FakeClock())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    database = f"sqlite:////proc/{os.getpid()}/fd/x.db"

    with pytest.raises(DatabaseUnusable, match=r"opened|written"):
        Database(database, FakeClock())


def test_the_revision_is_the_newest_migration() -> None:
    versions = Path(__file__).parents[2] / "runner/store/migrations/versions"

    assert max(path.name[1:5] for path in versions.glob("v*.py")) == REVISION
