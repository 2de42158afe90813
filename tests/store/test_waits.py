"""What waits costs nothing while it waits: an index answers each question, and who waits for nothing asks none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from builders import FakeClock, chain
from sqlalchemy import Connection, insert, text

from runner import HandlerRegistry, Runner
from runner.commands import definitions
from runner.commands.timers import due_timers
from runner.handling import Handler
from runner.store import messages, signals, waits
from runner.store.statements import Statement
from runner.store.tables import waits as table
from runner.store.times import to_micros

MANY = 100_000
HOUR = 3_600_000_000
# What is asked, with some values, and the indexes of which one must answer it.
QUESTIONS: list[tuple[Statement, dict[str, Any], set[str]]] = [
    (waits._DUE, {"until": 0, "most": 100}, {"ix_waits_due"}),
    (waits._NEXT_DUE, {}, {"ix_waits_due"}),
    (waits._OLDEST_CATCH, {"kind": "message", "wanted_name": "m", "wanted_key": "7", "after": 0}, {"ix_waits_named"}),
    (waits._MESSAGES_OF, {"wanted_instance": "i", "wanted_token": 1}, {"uq_waits", "sqlite_autoindex_waits"}),
    (waits._STARTS, {"kind": "message", "wanted_name": "m", "wanted_key": ""}, {"ix_waits_named"}),
    (waits._CLOSE_TOKEN, {"wanted_instance": "i", "wanted_token": 1}, {"uq_waits", "sqlite_autoindex_waits"}),
    (messages._SENT_IDS, {"most": 100}, {"ix_messages_state_id"}),
    (messages._BUFFERED_OF_KEY[0], {"wanted_name": "m", "wanted_key": "7", "after": 0}, {"ix_messages_"}),
    (messages._BUFFERED_OF_ANY_KEY[0], {"wanted_name": "m", "after": 0}, {"ix_messages_"}),
    (messages._RESERVED, {"wanted_name": "m", "wanted_message_id": "1"}, {"uq_messages", "sqlite_autoindex_messages"}),
    (messages._ACTIVE_BY_KEY, {"process_key": "p", "wanted_business_key": "7"}, {"ix_instances_"}),
    (signals._OPEN, {"after": 0, "most": 100}, {"PRIMARY KEY", "pk_deliveries"}),
]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    """Give a runner in whose store 100,000 timers and subscriptions wait."""
    clock = FakeClock()
    registry = HandlerRegistry([Handler("a", lambda: None)])
    with Runner("sqlite://", registry, clock=clock, work=False) as opened:
        due = to_micros(clock.at) + HOUR
        row: dict[str, Any] = dict.fromkeys(table.columns.keys())
        row |= {
            "definition_id": 1,
            "token_id": 1,
            "element_id": "c",
            "event_index": 0,
            "interrupting": 1,
            "opened_at": 0,
        }
        timer = row | {"kind": "timer", "name": "", "key": "", "schedule_kind": "duration", "schedule_text": "PT1H"}
        message = row | {"kind": "message", "name": "Paid"}
        with opened.runtime.database._readers.begin() as connection:
            for first in range(0, MANY, 10_000):
                some = range(first, first + 10_000)
                timers = [timer | {"id": None, "instance_id": f"t{number}", "due_at": due + number} for number in some]
                others = [message | {"id": None, "instance_id": f"m{number}", "key": str(number)} for number in some]
                connection.execute(insert(table), timers)
                connection.execute(insert(table), others)
            connection.execute(text("ANALYZE"))
        yield opened


def plan(connection: Connection, statement: Statement, values: dict[str, Any]) -> str:
    """Give how the database would answer, in its words."""
    sql, parameters = statement.prepared(connection.dialect)
    everything = {"wanted_business_key": None} | values
    cursor = connection.connection.cursor()
    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters(everything))
    return " ".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize(("statement", "values", "indexes"), QUESTIONS)
def test_an_index_answers(runner: Runner, statement: Statement, values: dict[str, Any], indexes: set[str]) -> None:
    with runner.runtime.database.read() as connection:
        found = plan(connection, statement, values)

    assert any(index in found for index in indexes) and "SCAN waits " not in found, found


def test_100000_timers_that_wait_are_not_looked_at(runner: Runner) -> None:
    agenda = due_timers(runner.runtime, limit=100)

    assert (agenda.due, agenda.seconds) == ((), 3600.0)


def test_an_instance_that_waits_for_nothing_asks_nothing_about_waits(runner: Runner) -> None:
    definitions.deploy(runner.runtime, chain(["a"]), source="p.bpmn")
    asked: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("close_all", "close_token", "close_one", "insert_wait", "expect_message"):
            patch.setattr(waits, name, lambda *_, name=name, **__: asked.append(name))
        runner.start("p").cancel()

    assert asked == []
