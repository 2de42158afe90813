"""What `runner stats` says is what is stored."""

from __future__ import annotations

from operations.conftest import Store

from runner.commands.upkeep import count


def test_an_empty_store_counts_nothing(store: Store) -> None:
    found = count(store.runtime)

    assert {size.rows for size in found.tables.values()} == {0}
    assert (found.instances, found.jobs, found.open_incidents) == ({}, {}, {})
    assert (found.steps_at_most, found.longest_instance, found.oldest_job) == (0, None, None)


def test_instances_jobs_and_incidents_are_counted_by_state_and_kind(store: Store) -> None:
    for condition in ("completed", "canceled", "troubled", "stalled", "retrying"):
        getattr(store, condition)()

    found = count(store.runtime)

    assert found.instances == {"active": 3, "completed": 1, "terminated": 1}
    assert found.jobs == {"canceled": 1, "completed": 3, "failed": 1, "ready": 1}
    assert found.open_incidents == {"permanent_failure": 1, "stalled": 1}
    assert (found.tables["instances"].rows, found.tables["jobs"].rows, found.archived) == (5, 6, 0)


def test_the_longest_log_is_found_in_the_archive_too(store: Store) -> None:
    id = store.archived()

    found = count(store.runtime)

    assert (found.steps_at_most, found.longest_instance, found.archived) == (3, id, 1)


def test_the_job_that_waits_longest_comes_first(store: Store) -> None:
    oldest = store.start(["a"])
    store.clock.move(60)
    store.start(["a"])

    found = count(store.runtime).oldest_job

    assert found is not None and (found.instance_id, found.topic, found.element_id) == (oldest.id, "a", "a")


def test_sizes_grow_with_what_is_stored(store: Store, database_url: str) -> None:
    before = count(store.runtime)
    for _ in range(20):
        store.completed()
    after = count(store.runtime)

    assert (after.tables["steps"].bytes or 0) > (before.tables["steps"].bytes or 0) + 50_000
    # What other tests leave behind in the same PostgreSQL database, or drop there, is counted, too.
    assert after.database_bytes > (before.database_bytes if database_url.startswith("sqlite") else 0)
