"""A disk that is full or broken: what was acknowledged is stored, the runner says what is wrong, and it goes on by
itself when that is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from durability.disks import BROKEN, Disk, disks
from durability.endings import Ending, unlike
from durability.faults import PATIENCE, BadDisk, start_what_can_be, working
from durability.invariants import violations
from waiting import until

from runner import Runner
from runner.commands.instances import list_instances

MANY = 60


@pytest.fixture(params=sorted(disks()))
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """Give each kind of disk, with the place of a database on it that must be sound in the end."""
    with disks()[request.param](tmp_path) as found:
        yield found
        with closing(sqlite3.connect(found.folder / "runner.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def stored(runner: Runner, *, state: str | None = None) -> set[str]:
    """Give the ids of the instances in the database."""
    return {each.id for each in list_instances(runner.runtime, state=state, limit=10_000).instances}


def test_a_disk_that_takes_no_more_loses_nothing_and_the_work_goes_on_when_it_does(
    disk: Disk, caplog: pytest.LogCaptureFixture, undisturbed: dict[str, Ending]
) -> None:
    with working(f"sqlite:///{disk.folder / 'runner.db'}") as runner:
        disk.fill(room=20)
        acknowledged = start_what_can_be(runner, MANY)
        assert 0 < len(acknowledged) < MANY
        assert stored(runner) == {instance.id for instance in acknowledged}
        until(lambda: disk.complaint in caplog.text, timeout=PATIENCE)
        disk.empty()
        until(lambda: stored(runner) == stored(runner, state="completed"), timeout=PATIENCE)
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])


def test_statements_that_fail_now_and_then_take_nothing_acknowledged(
    lasting_url: str, caplog: pytest.LogCaptureFixture, undisturbed: dict[str, Ending]
) -> None:
    disk = BadDisk(lasting_url, after_commit=False)
    with working(lasting_url, disk) as runner:
        disk.broken = True
        acknowledged = start_what_can_be(runner, MANY)
        assert stored(runner) == {instance.id for instance in acknowledged}
        assert disk.failures > 0 and BROKEN in caplog.text
        until(lambda: disk.failures > 10 or not stored(runner, state="active"), timeout=PATIENCE)
        disk.broken = False
        until(lambda: stored(runner) == stored(runner, state="completed"), timeout=PATIENCE)
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])


def test_commits_that_are_done_but_seem_to_fail_lead_to_no_second_step(
    lasting_url: str, undisturbed: dict[str, Ending]
) -> None:
    disk = BadDisk(lasting_url, after_commit=True)
    with working(lasting_url, disk) as runner:
        disk.broken = True
        acknowledged = start_what_can_be(runner, MANY)
        assert stored(runner) >= {instance.id for instance in acknowledged}
        assert disk.failures > 0
        disk.broken = False
        until(lambda: stored(runner) == stored(runner, state="completed"), timeout=PATIENCE)
        assert (unlike(runner, undisturbed), violations(runner.runtime)) == ([], [])
