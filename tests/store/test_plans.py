"""What people look up, and what workers ask for, is chosen in an index: both databases say so before
anything is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event

from runner.store import definitions, instances, jobs
from runner.store.database import Database
from runner.store.instances import InstanceFilter


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database("sqlite://")
    yield opened
    opened.close()


@contextmanager
def noting(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Give what is sent to the database meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        sent.append((sql, parameters))

    event.listen(connection, "before_cursor_execute", note)
    yield sent
    event.remove(connection, "before_cursor_execute", note)


def plans(database: Database, ask: Callable[[Connection], Any]) -> list[str]:
    """Give the lines of the plans for all that `ask` sends."""
    with database.read() as connection:
        with noting(connection) as sent:
            ask(connection)
        cursor = connection.connection.cursor()
        return [row[3] for sql, given in sent for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", given).fetchall()]


def reads_rows(line: str, table: str) -> bool:
    """Tell whether a line of a plan walks through the rows of a table, and not through an index alone."""
    return line.startswith(f"SCAN {table}") and "COVERING INDEX" not in line


FILTERS = [InstanceFilter(key, state) for key in (None, "k") for state in (None, "active", "completed", "terminated")]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_a_list_is_chosen_and_counted_in_an_index_in_its_order(database: Database, wanted: InstanceFilter) -> None:
    found = plans(database, lambda c: instances.list_instances(c, wanted, limit=25, offset=1000))

    chosen = [line for line in found if "COVERING INDEX ix_instances" in line]
    assert len(chosen) == 2
    assert not [line for line in found if reads_rows(line, "instances")]


@pytest.mark.parametrize("key", [None, "k"])
def test_a_list_of_trouble_reads_only_what_is_in_trouble(database: Database, key: str | None) -> None:
    for problem, index in (("incident", "ix_instances_troubled"), ("retrying", "ix_jobs_retrying")):
        wanted = InstanceFilter(key, problem=problem)
        found = plans(database, lambda c, w=wanted: instances.list_instances(c, w, limit=25, offset=0))

        assert sum(index in line for line in found) >= 2
        assert not [line for line in found if "SCAN instances" in line and index not in line]


def test_ids_are_found_by_their_beginning_in_the_index(database: Database) -> None:
    found = plans(database, lambda c: instances.find_by_prefix(c, "01M8"))

    assert found == ["SEARCH instances USING PRIMARY KEY (id>? AND id<?)"]


def test_counting_by_process_reads_indexes_alone(database: Database) -> None:
    found = plans(database, definitions.count_instances)

    assert sum("COVERING INDEX" in line for line in found) == 3
    assert not [line for line in found if reads_rows(line, "instances")]


def claim_plan(database: Database, topics: list[str]) -> list[str]:
    """Give the lines of the plan by which due jobs of these topics are chosen."""

    def explain(transaction: Any) -> list[str]:
        locked = transaction.locks_rows
        statement = jobs._CLAIMABLE_LOCKED if locked else jobs._CLAIMABLE
        sql, parameters = statement.prepared(transaction._dialect)
        values = parameters({"until": 0, "most": 8, "topics": topics if locked else json.dumps(topics)})
        cursor = transaction._cursor
        if locked:
            for setting in _WITHOUT:
                cursor.execute(setting)
            cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"{'EXPLAIN' if locked else 'EXPLAIN QUERY PLAN'} {sql}", values)
        return [str(row[0] if locked else row[3]).strip() for row in cursor.fetchall()]

    return database.write(explain)


def test_jobs_are_claimed_in_the_order_of_an_index_and_others_are_not_read(database: Database) -> None:
    found = claim_plan(database, ["a", "b"])

    assert "SCAN jobs USING COVERING INDEX ix_jobs_ready" in found
    assert not [line for line in found if reads_rows(line, "jobs")]


def test_every_set_of_topics_is_claimed_for_with_the_same_statement(database_url: str) -> None:
    database = Database(database_url)
    sent: set[str] = set()

    def claim(transaction: Any, topics: frozenset[str]) -> None:
        assert jobs.read_claimable(transaction, topics, 8) == []
        locked = transaction.locks_rows
        sent.add((jobs._CLAIMABLE_LOCKED if locked else jobs._CLAIMABLE).prepared(transaction._dialect).sql)

    for number in range(3):
        database.write(partial(claim, topics=frozenset({f"t{each}" for each in range(number)} | {"it's", '"'})))

    assert len(sent) == 1
    database.close()


# -- PostgreSQL -----------------------------------------------------------------------------------------------------

# Nothing is stored, and nothing is quicker to read than nothing: without these it would not look at an index.
_WITHOUT = ("SET enable_seqscan = off", "SET enable_bitmapscan = off")


def server_plans(database: Database, ask: Callable[[Connection], Any]) -> list[str]:
    """Give the lines of PostgreSQL's plans for all that `ask` sends."""
    with database.read() as connection:
        for setting in _WITHOUT:
            connection.exec_driver_sql(setting)
        with noting(connection) as sent:
            ask(connection)
        cursor = connection.connection.cursor()
        return [row[0].strip() for sql, given in sent for row in cursor.execute(f"EXPLAIN {sql}", given).fetchall()]


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Database]:
    opened = Database(postgresql_url)
    yield opened
    opened.close()


def test_postgresql_chooses_and_counts_a_list_in_an_index_in_its_order(server: Database) -> None:
    for wanted in FILTERS:
        found = server_plans(server, lambda c, w=wanted: instances.list_instances(c, w, limit=25, offset=1000))

        chosen = [line for line in found if "Index Only Scan" in line and "using ix_instances" in line]
        assert len(chosen) == 2, wanted
        assert len([line for line in found if line.startswith("Sort  ")]) <= 1, wanted  # of the page alone


def test_postgresql_counts_by_process_in_indexes_alone(server: Database) -> None:
    found = server_plans(server, definitions.count_instances)

    assert sum("Index Only Scan" in line for line in found) == 3
    assert not [line for line in found if "Seq Scan" in line or "Index Scan" in line]


def test_postgresql_finds_ids_by_their_beginning_in_the_index(server: Database) -> None:
    found = server_plans(server, lambda c: instances.find_by_prefix(c, "01M8"))

    assert any("Index Only Scan using pk_instances" in line for line in found)
    assert any(line.startswith("Index Cond:") and ">=" in line and "<" in line for line in found)


def test_postgresql_claims_jobs_in_the_order_of_an_index(server: Database) -> None:
    found = claim_plan(server, ["a", "b"])

    assert any("Index Scan using ix_jobs_ready on jobs" in line for line in found)
    assert not [line for line in found if line.startswith("Sort")]
