"""Lists of user tasks read what they show, however many others are open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, event

from runner.model import UserTaskFilter
from runner.store import user_tasks
from runner.store.tables import metadata


@pytest.fixture
def connection() -> Iterator[Connection]:
    """Give a connection to empty tables."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    "wanted",
    [
        UserTaskFilter(group="sales"),
        UserTaskFilter(user="ash"),
        UserTaskFilter(assignee="ash"),
        UserTaskFilter(instance_id="i"),
    ],
)
def test_a_narrowed_list_scans_nothing(connection: Connection, wanted: UserTaskFilter) -> None:
    asked: list[tuple[str, object]] = []

    @event.listens_for(connection, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    user_tasks.list_open(connection, wanted, limit=100)

    statement, parameters = asked[0]
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]
    assert plan and not [row[3] for row in plan if row[3].startswith("SCAN user_tasks")]
