"""Archived instances are read as before; what is deleted leaves nothing; what runs is never touched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from builders import FakeClock
from operations.conftest import Store, under_load
from sqlalchemy import select, text

from runner.commands import instances, upkeep
from runner.commands.upkeep import Retention, archive_ended, delete_ended, tidy
from runner.commands.verification import verify
from runner.errors import InstanceEnded, InstanceNotFound
from runner.model import InstanceView
from runner.store import archives
from runner.store.tables import metadata
from runner.work.scheduler import Scheduler

DAY = timedelta(days=1)


def rows(store: Store, table: str, instance_id: str) -> int:
    """Count an instance's rows in a table."""
    column = "id" if table == "instances" else "instance_id"
    with store.runtime.database.read() as connection:
        found = connection.execute(text(f"SELECT count(*) FROM {table} WHERE {column} = :id"), {"id": instance_id})
        return int(found.scalar_one())


def views(store: Store, id: str) -> list[InstanceView]:
    """Give all that can be asked about an instance: now, and after each step."""
    return [instances.view_instance(store.runtime, id, at=step) for step in (None, 0, 1, 2)]


@pytest.mark.parametrize("condition", ["completed", "canceled"])
def test_an_archived_instance_is_read_as_before(store: Store, condition: str) -> None:
    id = getattr(store, condition)()
    store.start(["a"])
    before, history = views(store, id), instances.history_after(store.runtime, id, ())
    store.clock.move(10)

    assert archive_ended(store.runtime, timedelta(seconds=5)) == 1

    assert views(store, id) == before
    assert instances.history_after(store.runtime, id, ()) == history
    assert instances.history_after(store.runtime, id, history[:5]) == history[5:]


def test_an_archived_instance_is_one_row_and_its_header(store: Store) -> None:
    id = store.archived()

    found = {table: rows(store, table, id) for table in ("instances", "archives", "steps", "snapshots", "jobs")}

    assert found == {"instances": 1, "archives": 1, "steps": 0, "snapshots": 0, "jobs": 0}


def test_an_archive_is_smaller_than_what_it_holds(store: Store) -> None:
    id = store.archived()

    with store.runtime.database.read() as connection:
        content = connection.execute(select(archives.archives.c.content)).scalar_one()
    assert len(content) < len(instances.view_instance(store.runtime, id).variables["large"]) / 4


def test_an_archived_instance_stays_listed_and_cannot_be_changed(store: Store) -> None:
    id = store.archived()

    assert id in {each.id for each in instances.list_instances(store.runtime, state="completed").instances}
    with pytest.raises(InstanceEnded):
        instances.cancel_instance(store.runtime, id)


def test_nothing_that_runs_or_ended_lately_is_archived_or_deleted(store: Store) -> None:
    for condition in ("completed", "canceled", "troubled", "joining", "stalled", "retrying"):
        getattr(store, condition)()
    store.clock.move(100)
    store.canceled()
    store.start(["a"])

    assert archive_ended(store.runtime, timedelta(seconds=50)) == 2
    assert delete_ended(store.runtime, timedelta(seconds=50)) == 2
    assert instances.list_instances(store.runtime).total == 6
    assert store.violations() == []


def test_batches_follow_until_all_is_archived(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for _ in range(5):
        store.canceled()
    store.start(["a"])
    store.clock.move(10)

    found = []
    while number := archive_ended(store.runtime, timedelta(0)):
        found.append(number)
        assert store.violations() == []  # as it would be if the runner were killed here

    assert found == [2, 2, 1]


@pytest.mark.parametrize("condition", ["completed", "archived", "canceled"])
def test_what_is_deleted_leaves_no_row(store: Store, condition: str) -> None:
    id = getattr(store, condition)()
    store.start(["a"])
    store.clock.move(10)

    assert delete_ended(store.runtime, timedelta(0)) == 1

    shared = {"definitions", "decisions", "decision_files", "decision_imports", "forms", "data_stores"}
    shared |= {"signals", "deliveries", "alembic_version"}
    tables = set(metadata.tables) - shared
    assert {table: rows(store, table, id) for table in tables} == dict.fromkeys(tables, 0)
    with pytest.raises(InstanceNotFound):
        instances.find_instance(store.runtime, id)


def test_the_cursor_of_changes_never_goes_back(store: Store) -> None:
    first = store.canceled()
    last = store.canceled()
    cursor = instances.last_change(store.runtime)
    store.clock.move(10)
    assert archive_ended(store.runtime, timedelta(0)) == 1
    assert delete_ended(store.runtime, timedelta(0)) == 1

    next_one = store.start(["a"])

    assert [change.instance_id for change in instances.changes(store.runtime, cursor)] == [next_one.id]
    assert rows(store, "instances", first) == 0 and rows(store, "steps", last) == 2


def test_a_clock_that_is_wrong_deletes_nothing(store: Store) -> None:
    id = store.completed()
    store.start(["a"])
    wrong = FakeClock()
    wrong.at = datetime(2099, 1, 1, tzinfo=UTC)
    store.runtime.clock = wrong

    assert (delete_ended(store.runtime, DAY), archive_ended(store.runtime, DAY)) == (0, 0)
    assert rows(store, "steps", id) == 3


def test_of_two_that_archive_the_same_instance_one_does(store: Store) -> None:
    id = store.completed()
    store.start(["a"])
    with store.runtime.database.read_one_moment() as connection:
        packages = [archives.pack(connection, id), archives.pack(connection, id)]
    before = instances.view_instance(store.runtime, id)
    limit = 2**60

    did = [store.runtime.database.write(lambda t, p=p: archives.store(t, p, ended_before=limit)) for p in packages]

    assert did == [True, False]
    assert instances.view_instance(store.runtime, id) == before


def test_one_half_of_a_reader_never_sees_it_archived_and_the_other_not(store: Store) -> None:
    id = store.completed()
    store.start(["a"])
    store.clock.move(10)

    with store.runtime.database.read_one_moment() as connection:
        connection.execute(text("SELECT count(*) FROM instances"))
        archive_ended(store.runtime, timedelta(0))
        seen = connection.execute(text("SELECT count(*) FROM steps WHERE instance_id = :id"), {"id": id}).scalar_one()

    assert (seen, rows(store, "steps", id)) == (3, 0)


def test_a_tick_of_the_scheduler_archives_and_deletes(store: Store) -> None:
    old = store.completed()
    store.clock.move(DAY.total_seconds())
    newer = store.completed()
    store.start(["a"])
    store.clock.move(DAY.total_seconds())

    Scheduler(store.runtime, Retention(archive_after=DAY / 2, delete_after=1.5 * DAY)).tick()

    assert (rows(store, "instances", old), rows(store, "archives", newer)) == (0, 1)


def test_without_settings_nothing_is_put_away(store: Store) -> None:
    id = store.completed()
    store.start(["a"])
    store.clock.move(1e9)

    Scheduler(store.runtime).tick()

    assert tidy(store.runtime, Retention()) == 0 and rows(store, "steps", id) == 3


def test_archiving_beside_running_work_disturbs_neither(database_url: str) -> None:
    with under_load(database_url) as runner:
        archived = 0
        while archived < 30:
            archived += archive_ended(runner.runtime, timedelta(0))
        found = verify(runner.runtime)
        listed = instances.list_instances(runner.runtime, state="completed", limit=1000).instances

    assert found.violations == [] and found.checked["archived"] == archived
    assert {each.incidents for each in listed} == {0} and len(listed) >= archived
