"""A new database and one that was migrated step by step have the same tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect

from runner.store import connecting
from runner.store.migrations import upgrade
from runner.store.tables import metadata


def shape(url: str) -> dict[str, Any]:
    engine = create_engine(url)
    inspector = inspect(engine)
    tables = {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            sorted((index["name"], tuple(index["column_names"])) for index in inspector.get_indexes(name)),
            sorted(tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(name)),
            inspector.get_pk_constraint(name)["constrained_columns"],
        )
        for name in metadata.tables
        if name != "alembic_version"
    }
    engine.dispose()
    return tables


def test_migrating_from_nothing_and_creating_end_in_the_same_tables(tmp_path: Path) -> None:
    created, migrated = f"sqlite:///{tmp_path}/created.db", f"sqlite:///{tmp_path}/migrated.db"
    for url, prepare in ((created, connecting._create), (migrated, lambda engine: upgrade(engine, None))):
        engine = connecting.open_engine(connecting.Place(url))
        prepare(engine)
        engine.dispose()

    assert shape(created) == shape(migrated)


def test_a_migrated_database_can_be_opened(tmp_path: Path) -> None:
    place = connecting.Place(f"sqlite:///{tmp_path}/migrated.db")
    engine = connecting.open_engine(place)
    upgrade(engine, None)

    connecting.prepare_schema(engine, place)

    assert set(inspect(engine).get_table_names()) == set(metadata.tables)
    engine.dispose()


def test_a_revision_that_is_unknown_changes_nothing(tmp_path: Path) -> None:
    engine = connecting.open_engine(connecting.Place(f"sqlite:///{tmp_path}/x.db"))

    assert not upgrade(engine, "from the future")
    assert inspect(engine).get_table_names() == []
    engine.dispose()
