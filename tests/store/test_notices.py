"""Notices between processes: sent by the commit that they are about, heard by the others, and by nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest
from sqlalchemy import text
from waiting import until

from runner.errors import RunnerError
from runner.store.database import Command, Database
from runner.store.notices import ANYTHING, MOST_INSTANCES, Listener, Notice, read_notice, tell_due, tell_moved
from runner.store.transactions import Transaction

_LISTENING = "SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN \"runner_' || md5(current_schema()) || '\"'"
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Ear:
    """A process's database and what its listener has heard since it began."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.heard: list[Notice] = []
        self.listener: Listener = self.database.listener(self.heard.append)
        self.listener.start()
        until(lambda: self.heard == [ANYTHING])

    def close(self) -> None:
        """End both."""
        self.listener.stop()
        self.database.close()


@pytest.fixture
def ear(database_url: str) -> Iterator[Ear]:
    with closing(Ear(database_url)) as found:
        yield found


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url)) as found:
        yield found


def due(topic: str | None) -> Command[None]:
    """Give a command that does nothing but tell of a topic."""
    return lambda transaction: tell_due(transaction, topic)


def tell_of_instances(number: int, transaction: Transaction) -> None:
    """Be a command that tells of so many instances."""
    for each in range(number):
        tell_moved(transaction, f"{each:026}")


@on_postgresql
def test_what_a_transaction_tells_is_heard_in_one_notice(ear: Ear, other: Database) -> None:
    def command(transaction: Transaction) -> None:
        for topic in ("a", "b", "a"):
            tell_due(transaction, topic)
        tell_moved(transaction, "i")

    other.write(command)

    assert until(lambda: ear.heard[1:]) == [Notice(frozenset("ab"), frozenset("i"), frozenset())]


@on_postgresql
def test_a_transaction_that_is_rolled_back_tells_nothing(ear: Ear, other: Database) -> None:
    def command(transaction: Transaction) -> None:
        tell_due(transaction, "never")
        raise RunnerError("rolled back")

    with pytest.raises(RunnerError):
        other.write(command)
    other.write(due("after"))

    assert until(lambda: ear.heard[1:]) == [Notice(frozenset(["after"]), frozenset(), frozenset())]


@on_postgresql
def test_commands_that_share_a_commit_share_a_notice(ear: Ear, other: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold_up(_transaction: Transaction) -> None:
        begun.set()
        go_on.wait(20)

    other.submit(hold_up, lambda _result, _error: None)
    begun.wait(20)
    for topic in "abc":
        other.submit(due(topic), lambda _result, _error: None)
    go_on.set()

    assert until(lambda: ear.heard[1:]) == [Notice(frozenset("abc"), frozenset(), frozenset())]


@on_postgresql
def test_a_process_does_not_hear_itself(ear: Ear, other: Database) -> None:
    ear.database.write(due("own"))
    other.write(due(None))

    assert until(lambda: ear.heard[1:]) == [Notice(None, frozenset(), frozenset())]


@on_postgresql
def test_runners_in_other_schemas_of_the_database_are_not_heard(ear: Ear, other: Database, database_url: str) -> None:
    elsewhere = database_url.partition("?")[0] + "?options=-csearch_path%3Dpg_temp"
    with closing(Database(elsewhere)) as stranger:
        stranger.write(due("strange"))
    other.write(due("own"))

    assert until(lambda: ear.heard[1:]) == [Notice(frozenset(["own"]), frozenset(), frozenset())]


@on_postgresql
def test_a_listener_whose_connection_is_lost_opens_another_and_may_have_missed_anything(
    ear: Ear, other: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with other.read() as connection:
        assert connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({_LISTENING}) AS found")).all()

    until(lambda: ear.heard == [ANYTHING, ANYTHING])
    other.write(due("a"))

    assert until(lambda: ear.heard[2:]) == [Notice(frozenset("a"), frozenset(), frozenset())]
    assert "Other processes are not heard until the database is back" in caplog.text


@on_postgresql
def test_a_listener_that_stops_closes_its_connection(ear: Ear, other: Database) -> None:
    ear.listener.stop()

    def listening() -> list[int]:
        with other.read() as connection:
            return list(connection.scalars(text(_LISTENING)))

    until(lambda: listening() == [])


def test_a_file_has_nothing_to_tell_or_to_hear() -> None:
    with closing(Database("sqlite://")) as database:
        heard: list[Notice] = []
        listener = database.listener(heard.append)
        listener.start()
        database.write(due("a"))
        listener.stop()

        assert heard == [] and not [each for each in threading.enumerate() if each.name == "runner-notices"]


@on_postgresql
def test_a_notice_of_too_many_instances_stands_for_any(ear: Ear, other: Database) -> None:
    for number in (MOST_INSTANCES, MOST_INSTANCES + 1):
        other.write(partial(tell_of_instances, number))

    first, second = until(lambda: ear.heard[1:] if len(ear.heard) == 3 else [])
    assert (len(first.instances or ()), second.instances) == (MOST_INSTANCES, None)


@on_postgresql
def test_a_notice_that_would_be_too_long_stands_for_anything(ear: Ear, other: Database) -> None:
    def command(transaction: Transaction) -> None:
        for number in range(10, 99):
            tell_due(transaction, f"{number}" * 300)

    other.write(command)

    assert until(lambda: ear.heard[1:]) == [ANYTHING]


@pytest.mark.parametrize("payload", ["", "{", "[]", "{}", '{"topics": 1, "instances": []}', "null"])
def test_a_notice_that_cannot_be_read_stands_for_anything(payload: str) -> None:
    assert read_notice(payload) == ANYTHING
