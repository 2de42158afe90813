"""A copy that is made while others write is one moment of the original, and can be worked on with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from operations.conftest import Store, under_load
from sqlalchemy import select

from runner.commands import instances
from runner.commands.jobs import complete_job
from runner.commands.upkeep import back_up
from runner.commands.verification import verify
from runner.errors import Conflict, DatabaseUnusable
from runner.model import InstanceState
from runner.retry import RetryPolicy
from runner.store.tables import metadata


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open a copy."""
    copy = Store(f"sqlite:///{path}", dict.fromkeys("abc", RetryPolicy()))
    yield copy
    copy.runner.close()


def test_a_copy_holds_every_row(store: Store, tmp_path: Path) -> None:
    for condition in ("archived", "troubled", "stalled", "retrying"):
        getattr(store, condition)()

    size = back_up(store.runtime, tmp_path / "copy.db")

    assert size == (tmp_path / "copy.db").stat().st_size
    with opened(tmp_path / "copy.db") as copy:
        for table in metadata.sorted_tables:
            query = select(table).order_by(*table.primary_key)
            with store.runtime.database.read() as original, copy.runtime.database.read() as copied:
                assert copied.execute(query).all() == original.execute(query).all()


def test_copies_under_load_are_clean(database_url: str, tmp_path: Path) -> None:
    with under_load(database_url) as runner:
        for number in range(3):
            back_up(runner.runtime, tmp_path / f"{number}.db")
        seen = verify(runner.runtime)

    assert seen.violations == []
    for number in range(3):
        with opened(tmp_path / f"{number}.db") as copy:
            assert copy.violations() == []


def test_work_goes_on_in_a_copy(store: Store, tmp_path: Path) -> None:
    id = store.start(["a", "b"], {"n": 1}).id
    complete_job(store.runtime, store.claim()[0], {"n": 2})
    back_up(store.runtime, tmp_path / "copy.db")

    with opened(tmp_path / "copy.db") as copy:
        complete_job(copy.runtime, copy.claim()[0], {"n": 3})
        assert copy.runner.instance(id).state is InstanceState.COMPLETED

    assert instances.find_instance(store.runtime, id).state is InstanceState.ACTIVE


def test_a_file_that_exists_is_not_overwritten(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    path.write_text("precious")

    with pytest.raises(Conflict, match="exists"):
        back_up(store.runtime, path)
    assert path.read_text() == "precious"


def test_two_backups_do_not_write_the_same_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db.part").write_text("of another process")

    with pytest.raises(Conflict, match=r"copy\.db\.part exists"):
        back_up(store.runtime, tmp_path / "copy.db")
    assert (tmp_path / "copy.db.part").read_text() == "of another process"


def test_a_file_that_cannot_be_written_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"nowhere/copy\.db, but: .*No such file"):
        back_up(store.runtime, tmp_path / "nowhere" / "copy.db")


def test_a_copy_that_breaks_off_leaves_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_folder: Path, _target: Path) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "rename", full)

    with pytest.raises(DatabaseUnusable, match="No space left"):
        back_up(store.runtime, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
