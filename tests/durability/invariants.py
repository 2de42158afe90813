"""What must hold of any database after any accident: what `runner verify` checks, and the heart of it once more, asked
of the tables alone, so that no mistake of the product can hide itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

from sqlalchemy import Connection, func, select

from runner.bpmn.read import read_diagram
from runner.commands.verification import verify
from runner.runtime import Runtime
from runner.store.tables import definitions, incidents, instances, jobs, steps

OPEN = ("ready", "claimed", "failed")
DONE = {"completed": "complete_job", "error_thrown": "throw_error"}


def violations(runtime: Runtime) -> list[str]:
    """Give a sentence for each invariant that is broken in the whole database."""
    with runtime.database.read() as connection, connection.begin():
        found = [f"{check.__name__}: {each}" for check in _CHECKS for each in check(connection)]
    return found + [f"{each.invariant} {each.instance_id}: {each.message}" for each in verify(runtime).violations]


def log_has_no_gap(connection: Connection) -> list[str]:
    """The steps of an instance are numbered 0, 1, … up to its `seq`, unless they are packed in an archive."""
    query = (
        select(instances.c.id, instances.c.seq, func.count(steps.c.id), func.min(steps.c.seq), func.max(steps.c.seq))
        .outerjoin(steps, steps.c.instance_id == instances.c.id)
        .where(instances.c.archived_at.is_(None))
        .group_by(instances.c.id, instances.c.seq)
    )
    found = [tuple(row) for row in connection.execute(query)]
    wrong = [f"{id} is at {seq} and has {rest}" for id, seq, *rest in found if rest != [seq + 1, 0, seq]]
    orphans = set(connection.scalars(select(steps.c.instance_id).distinct())) - {row[0] for row in found}
    return wrong + [f"{id} has steps, but no row" for id in orphans]


def each_job_is_applied_once(connection: Connection) -> list[str]:
    """A job that is over by its answer stands for exactly one step of that kind, and the other way round."""
    ended = connection.execute(select(jobs.c.instance_id, jobs.c.state).where(jobs.c.state.in_(DONE)))
    applied = connection.execute(select(steps.c.instance_id, steps.c.command).where(steps.c.command.in_(DONE.values())))
    answers = Counter((id, DONE[state]) for id, state in ended)
    moves = Counter((id, command) for id, command in applied)
    return [
        f"{key}: {answers[key]} answers, {moves[key]} steps" for key in answers | moves if answers[key] != moves[key]
    ]


def no_visit_is_left_twice(connection: Connection) -> list[str]:
    """The history leaves a service task once for each completed job of it; less often while no flow can be taken.

    One that runs several times for a visit has that visit in its history, too, and is left alone.
    """
    query = select(jobs.c.instance_id, jobs.c.element_id).where(jobs.c.state == "completed")
    completed = Counter((id, element) for id, element in connection.execute(query))
    left: Counter[tuple[str, str]] = Counter()
    repeated = _repeated(connection)
    happened = select(steps.c.instance_id, instances.c.definition_id, steps.c.happenings)
    for id, definition, happenings in connection.execute(
        happened.join(instances, instances.c.id == steps.c.instance_id)
    ):
        done = (each[0] for each in json.loads(happenings) if each[1:3] == ["serviceTask", "completed"])
        left.update((id, element) for element in done if element not in repeated[definition])
    return [
        f"{key}: {completed[key]} jobs, left {times} times" for key, times in left.items() if times > completed[key]
    ]


def _repeated(connection: Connection) -> dict[int, set[str]]:
    """Give the elements with a loop or multi-instance marker, by definition."""
    found: dict[int, set[str]] = {}
    for row in connection.execute(select(definitions.c.id, definitions.c.key, definitions.c.xml)):
        read = read_diagram(bytes(row.xml), source=row.key).processes
        process = next(each for each in read if each.key == row.key)
        found[row.id] = {id for id, each in process.elements.items() if each.repetition is not None}
    return found


def nothing_is_open_in_what_ended(connection: Connection) -> list[str]:
    """An instance that is over has no open job and no open incident."""
    over = select(instances.c.id).where(instances.c.state != "active")
    open_jobs = select(jobs.c.id).where(jobs.c.state.in_(OPEN), jobs.c.instance_id.in_(over))
    unresolved = select(incidents.c.id).where(incidents.c.resolved_at.is_(None), incidents.c.instance_id.in_(over))
    return [f"{id} is open" for query in (open_jobs, unresolved) for id in connection.scalars(query)]


_CHECKS: tuple[Callable[[Connection], list[str]], ...] = (
    log_has_no_gap,
    each_job_is_applied_once,
    no_visit_is_left_twice,
    nothing_is_open_in_what_ended,
)
