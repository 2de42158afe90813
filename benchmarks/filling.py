"""A store that has seen much: a few real runs of each kind, copied row by row inside the database under new ids.

What is copied is what the runner wrote: headers, steps, snapshots, jobs, incidents, waits. Only ids and times
differ."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, func, insert, select, text
from ulid import ULID

from benchmarks import work
from benchmarks.ours import CAPTURE
from runner import HandlerRegistry, PermanentFailure, RetryPolicy, Runner
from runner.commands import definitions
from runner.handling import Handler
from runner.store.tables import incidents, instances, jobs, snapshots, steps, waits

WAITING = ("later", "broken", "elsewhere")
_ORIGINALS = 20
_MONTH = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="benchmark">
<process id="month" isExecutable="true"><startEvent id="s"/><intermediateCatchEvent id="wait">
<timerEventDefinition id="timer"><timeDuration>P30D</timeDuration></timerEventDefinition></intermediateCatchEvent>
<endEvent id="e"/><sequenceFlow id="a" sourceRef="s" targetRef="wait"/>
<sequenceFlow id="b" sourceRef="wait" targetRef="e"/></process></definitions>"""
_ULID_LENGTH = 26
_TIMES = {"started_at", "ended_at", "at", "created_at", "opened_at", "claimed_until"}
copies = Table(
    "benchmark_copies",
    MetaData(),
    Column("copy", Text, primary_key=True),
    Column("original", Text, nullable=False),
    Column("shift", BigInteger, nullable=False),
)


def registry() -> HandlerRegistry:
    """Give the capture's handlers, one that is retried tomorrow, one that gives up, and one for another's worker."""
    day = RetryPolicy(intervals=(timedelta(days=1),))
    own = {**work.HANDLERS, "elsewhere": work.attack}
    handlers = [Handler(topic, function) for topic, function in own.items()]
    return HandlerRegistry([*handlers, Handler("later", _fail, retry=day), Handler("broken", _give_up)])


def _fail(pokemon: Any) -> None:
    raise ConnectionError("Professor Oak does not answer")


def _give_up(pokemon: Any) -> None:
    raise PermanentFailure("there is no such Pokémon")


def fill(url: str, *, ended: int, waiting: int) -> None:
    """Fill an empty database: `ended` captures, and `waiting` instances with a retry, an incident or a ready job."""
    with Runner(database=url, handlers=[registry()], topics={*work.HANDLERS, "later", "broken"}) as runner:
        runner.deploy(CAPTURE)
        completed = [each.id for each in runner.start_many("capture", [work.VARIABLES] * _ORIGINALS)]
        stuck = []
        for topic in WAITING:
            definitions.deploy(runner.runtime, _two_steps(topic).encode(), source=f"{topic}.bpmn")
            stuck.append([each.id for each in runner.start_many(f"{topic}_process", [work.VARIABLES] * _ORIGINALS)])
        for id in (*completed, *itertools.chain(*stuck)):
            _until_it_rests(runner, id)
    with Runner(database=url, handlers=[], work=False) as runner, runner.runtime.database.read() as connection:
        _copy(connection, completed, ended)
        for kind in stuck:
            _copy(connection, kind, waiting // len(stuck))
        _settle(connection)


def fill_timers(url: str, number: int) -> None:
    """Fill an empty database with instances that each wait for a timer of a month."""
    with Runner(database=url, handlers=[], work=False) as runner:
        definitions.deploy(runner.runtime, _MONTH.encode(), source="month.bpmn")
        originals = [each.id for each in runner.start_many("month", [work.VARIABLES] * _ORIGINALS)]
        with runner.runtime.database.read() as connection:
            _copy(connection, originals, number)
            _settle(connection)


def _settle(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":  # as its autovacuum would have done by then
        connection.execute(text("VACUUM ANALYZE"))


def _until_it_rests(runner: Runner, id: str) -> None:
    instance = runner.instance(id)
    while True:
        view = instance.view()
        if view.instance.state != "active" or view.incidents or view.instance.retrying:
            return
        if any(token.element_id == "elsewhere" for token in view.tokens):
            return
        instance.wait(0.02)


def _copy(connection: Connection, originals: Sequence[str], number: int) -> None:
    on_file = connection.dialect.name == "sqlite"
    if on_file:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if on_file else "BEGIN")
    copies.create(connection, checkfirst=True)
    rows = list(_names(originals, number))
    for part in range(0, number, 5000):
        connection.execute(insert(copies), rows[part : part + 5000])
    for table in (instances, steps, snapshots, jobs, incidents, waits):
        taken = [column for column in table.columns if column is not table.autoincrement_column]
        owner = table.c.id if table is instances else table.c.instance_id
        query = select(*(_copied(table, column) for column in taken)).join_from(
            copies, table, owner == copies.c.original
        )
        connection.execute(table.insert().from_select([column.name for column in taken], query))
    copies.drop(connection)
    connection.exec_driver_sql("COMMIT")
    if on_file:
        connection.exec_driver_sql("PRAGMA synchronous=FULL")


def _names(originals: Sequence[str], number: int) -> Iterator[dict[str, Any]]:
    """Give a row of `copies` for each instance to make, one a second before the other."""
    newest = ULID.from_str(originals[0]).timestamp
    for place, original in zip(range(number), itertools.cycle(originals), strict=False):
        id = str(ULID.from_timestamp(newest - place - 1))
        yield {"copy": id, "original": original, "shift": -(place + 1) * 1_000_000}


def _copied(table: Table, column: Column[Any]) -> Any:
    if column.name == "instance_id" or (table is instances and column.name == "id"):
        return copies.c.copy
    if column.name == "job_id" or (table is jobs and column.name == "id"):
        return copies.c.copy + func.substr(column, _ULID_LENGTH + 1)
    if column.name in _TIMES:
        return column + copies.c.shift
    return column


def _two_steps(topic: str) -> str:
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="benchmark">
<process id="{topic}_process" isExecutable="true"><startEvent id="s"/><serviceTask id="paralyze"/>
<serviceTask id="{topic}"/><endEvent id="e"/><sequenceFlow id="a" sourceRef="s" targetRef="paralyze"/>
<sequenceFlow id="b" sourceRef="paralyze" targetRef="{topic}"/><sequenceFlow id="c" sourceRef="{topic}" targetRef="e"/>
</process></definitions>"""
