"""Instances: start, cancel, and everything a person asks about one or many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, NoReturn

from sqlalchemy import Connection
from ulid import ULID

from runner.commands.advance import apply_advance, hold
from runner.commands.calls import terminate
from runner.commands.definitions import find_definition, get_definition
from runner.commands.starting import Beginning, begin
from runner.engine.elements.compensation import UNDO_ALL
from runner.engine.elements.element import element_of
from runner.engine.standing import Standing, conditions, listening
from runner.engine.standing import standing as standing_of
from runner.engine.state import checked_variables, empty_state, fold, root_variables
from runner.errors import DefinitionNotFound, InstanceCalled, InstanceNotFound, Invalid
from runner.model import (
    Definition,
    HistoryEntry,
    Instance,
    InstanceState,
    InstanceView,
    JobRecord,
    Token,
    UserTask,
    Wait,
)
from runner.runtime import Deployed, Runtime
from runner.store import definitions, incidents, instances, jobs, user_tasks, waits
from runner.store.database import Command
from runner.store.instances import InstanceFilter
from runner.store.transactions import Transaction


@dataclass(frozen=True, slots=True)
class InstancePage:
    """Some instances, newest first, of `total`."""

    instances: tuple[Instance, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Change:
    """A hint that an instance moved on to step `seq`; `id` is the cursor to ask on from."""

    id: int
    instance_id: str
    key: str
    seq: int


class Awaited(NamedTuple):
    """What an instance's tokens wait for, by token."""

    jobs: Mapping[int, JobRecord]
    waits: tuple[Wait, ...]
    user_tasks: Mapping[int, UserTask]
    called: Mapping[int, str]


def start_instance(
    runtime: Runtime,
    key: str,
    variables: dict[str, Any] | None = None,
    *,
    version: int | None = None,
    business_key: str | None = None,
) -> Instance:
    """Start a run of a process (its newest version, unless one is named) and give it once that is durable.

    Raises DefinitionNotFound or VariablesInvalid; then nothing is stored.
    """
    named = None if version is None else find_definition(runtime, key, version)
    started = runtime.database.write(_starting(runtime, named or key, variables or {}, business_key))
    return started or _not_found(runtime, key)


def start_instances(runtime: Runtime, key: str, many: Iterable[dict[str, Any]]) -> tuple[Instance, ...]:
    """Start one run of the newest version for each set of variables; they share commits. All are durable on return.

    Raises DefinitionNotFound or VariablesInvalid before the first is started.
    """
    find_definition(runtime, key)
    commands = [_starting(runtime, key, variables, None) for variables in many]
    return tuple(started or _not_found(runtime, key) for started in runtime.database.write_all(commands))


def _starting(
    runtime: Runtime, wanted: Definition | str, variables: dict[str, Any], business_key: str | None
) -> Command[Instance | None]:
    """Give the command that starts a definition, or the newest version of a key (None if there is none)."""
    checked = checked_variables(variables)
    instance_id = str(ULID())

    def start(transaction: Transaction) -> Instance | None:
        definition = _newest(transaction, wanted) if isinstance(wanted, str) else wanted
        if definition is None:
            return None
        beginning = Beginning(definition, checked, business_key, id=instance_id)
        return instances.from_header(begin(runtime, transaction, beginning, command="start_instance").header)

    return start


def _not_found(runtime: Runtime, key: str) -> NoReturn:
    with runtime.database.read() as connection:
        raise DefinitionNotFound(key, definitions.keys(connection))


def _newest(transaction: Transaction, key: str) -> Definition | None:
    """Give the newest version of a key; commands that share a transaction look it up once."""
    place = f"newest definition of {key}"
    if place not in transaction.held:
        transaction.held[place] = definitions.newest(transaction, key)
    found: Definition | None = transaction.held[place]
    return found


def cancel_instance(runtime: Runtime, instance_id: str, *, compensate: bool = False) -> Instance:
    """End an instance now, and what it has called: its tokens are taken away, its jobs and user tasks canceled.

    With `compensate` all that has completed is undone first, newest first; it is terminated when that is done. Raises
    InstanceNotFound, InstanceEnded, InstanceCalled if another one waits for it (Camunda 8 docs, Cancel process
    instance), or Conflict if it is being compensated already.
    """
    instance_id = find_instance(runtime, instance_id).id

    def cancel(transaction: Transaction) -> None:
        live = hold(runtime, transaction, instance_id)
        if live.header.parent_id is not None:
            raise InstanceCalled(instance_id, live.header.parent_id)
        if compensate:
            advance = live.execution.compensate()
            apply_advance(runtime, transaction, live, advance, command="compensate_instance")
        else:
            terminate(runtime, transaction, live, command="cancel_instance")

    runtime.database.write(cancel)
    return find_instance(runtime, instance_id)


def find_instance(runtime: Runtime, instance_id: str) -> Instance:
    """Give an instance by its id or the beginning of it. Raises InstanceNotFound, or Invalid if several begin so."""
    with runtime.database.read() as connection:
        found = instances.find(connection, instance_id)
        if found is None and instance_id:
            ids = instances.find_by_prefix(connection, instance_id)
            if len(ids) > 1:
                several = ", ".join(ids)
                raise Invalid(
                    f"Expected the beginning of one instance id, but '{instance_id}' begins several: {several}."
                )
            found = instances.find(connection, ids[0]) if ids else None
    if found is None:
        raise InstanceNotFound(instance_id)
    return found


def standing(runtime: Runtime, instance_id: str) -> tuple[InstanceState, int]:
    """Give an instance's state and the number of its open incidents, and nothing else. Raises InstanceNotFound."""
    with runtime.database.read() as connection:
        found = instances.standing(connection, instance_id)
    if found is None:
        raise InstanceNotFound(instance_id)
    return found


def list_instances(
    runtime: Runtime,
    *,
    key: str | None = None,
    state: str | None = None,
    problem: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> InstancePage:
    """Give a page of instances, newest first; `problem` is "incident" or "retrying"."""
    with runtime.database.read() as connection:
        found, total = instances.list_instances(
            connection, InstanceFilter(key, state, problem), limit=limit, offset=offset
        )
    return InstancePage(found, total)


def view_instance(
    runtime: Runtime, instance_id: str, *, at: int | None = None, newest: int | None = None
) -> InstanceView:
    """Give all about an instance, read at one moment; with `at`, tokens, variables and history as of that step.

    With `newest`, the history of so many steps only, and of the jobs those that are open. Raises InstanceNotFound.
    """
    instance = find_instance(runtime, instance_id)
    definition = get_definition(runtime, instance.definition_id)
    deployed = runtime.definitions.get(instance.definition_id)
    with runtime.database.read_one_moment() as connection:
        instance = instances.find(connection, instance.id) or instance
        snapshot, deltas = instances.read_log(connection, instance.id, until=at)
        state = fold(snapshot or empty_state(), deltas)
        before = max(0, _last_step(instance, at) + 1 - newest) if newest else 0
        entries, passed = (0, frozenset[str]())
        if before:
            entries, passed = instances.read_passed(connection, instance.id, until=before - 1)
        open_jobs = jobs.open_jobs(connection, instance.id)
        # What an instance waited for at an earlier step is not kept, except for conditions: they are in the diagram.
        open_waits = waits.list_waits(connection, instance.id) if at is None else ()
        open_waits += _conditions(deployed, state)
        work = user_tasks.open_of_instance(connection, instance.id) if deployed.for_people and at is None else {}
        called = instances.list_called(connection, instance.id) if deployed.may_call and at is None else {}
        awaited = Awaited(open_jobs, open_waits, work, called)
        history = instances.read_history(connection, instance.id, after=before - 1, first=entries + 1, until=at)
        return InstanceView(
            instance=instance,
            definition=definition,
            variables=root_variables(state),
            tokens=_tokens(connection, instance.id, state, deployed, awaited),
            history=tuple(history),
            incidents=incidents.list_incidents(connection, instance.id),
            jobs=tuple(open_jobs.values()) if newest else jobs.all_jobs(connection, instance.id),
            steps_before=before,
            passed_before=passed,
            waits=open_waits,
        )


def history_until(runtime: Runtime, instance_id: str, step: int, *, steps: int) -> tuple[HistoryEntry, ...]:
    """Give the history entries of `steps` steps up to one, numbered from 1 as if nothing had happened before."""
    with runtime.database.read() as connection:
        return tuple(instances.read_history(connection, instance_id, after=step - steps, until=step))


def _last_step(instance: Instance, at: int | None) -> int:
    return instance.seq if at is None else min(at, instance.seq)


def history_after(runtime: Runtime, instance_id: str, seen: tuple[HistoryEntry, ...]) -> tuple[HistoryEntry, ...]:
    """Give the history entries that follow the ones already seen."""
    after, first = (seen[-1].step, seen[-1].seq + 1) if seen else (-1, 1)
    with runtime.database.read() as connection:
        return tuple(instances.read_history(connection, instance_id, after=after, first=first))


def changes(runtime: Runtime, after: int) -> tuple[Change, ...]:
    """Give the steps stored after a cursor, oldest first."""
    with runtime.database.read() as connection:
        return tuple(Change(*row) for row in instances.read_changes(connection, after))


def last_change(runtime: Runtime) -> int:
    """Give the cursor of the newest step: where to begin asking for changes."""
    with runtime.database.read() as connection:
        return instances.last_change(connection)


def _tokens(
    connection: Connection,
    instance_id: str,
    state: dict[str, Any],
    deployed: Deployed,
    awaited: Awaited,
) -> tuple[Token, ...]:
    open_jobs, open_waits, open_tasks, called = awaited
    open_incidents = incidents.tokens(connection, instance_id)
    found = []
    for id, row in state["tokens"].items():
        # What is undone has tokens of its own, and so have the listeners that are called.
        if row[0] == UNDO_ALL.id or listening(row) is not None:
            continue
        element = deployed.process.find(element_of(row[0]))
        incident = open_incidents.get(int(id))
        job: JobRecord | None = open_jobs.get(int(id))
        waiting_for: str = standing_of(deployed.process, row)
        if incident is not None and waiting_for in (Standing.JOB, Standing.CALL) and not _alive(job):
            waiting_for = Standing.INCIDENT
        own = tuple(wait for wait in open_waits if wait.token_id == int(id))
        kinds = {wait.kind for wait in own if deployed.process.elements[wait.element_id].attached_to is None}
        if waiting_for is Standing.EVENT and len(kinds) == 1:
            (waiting_for,) = kinds
        token = Token(element.id, element.type, element.name, str(waiting_for), job, incident, own)
        found.append(replace(token, user_task=open_tasks.get(int(id)), called_id=called.get(int(id))))
    # With no token on its way, no join can fire any more: the engine has said so in an incident of no token.
    stalled = None if state["tokens"] else open_incidents.get(0)
    for key, counts in state["joins"].items():
        element = deployed.process.elements[key.partition("|")[0]]
        arrived = sum(counts.values())
        waiting_for = "join" if stalled is None else "incident"
        found.extend([Token(element.id, element.type, element.name, waiting_for, None, stalled)] * arrived)
    return tuple(found)


def _conditions(deployed: Deployed, state: dict[str, Any]) -> tuple[Wait, ...]:
    return tuple(
        Wait.for_condition(token_id, element.id, definition.condition.text, interrupting=element.interrupting)
        for token_id, element, definition in conditions(deployed.process, state)
        if definition.condition is not None
    )


def _alive(job: JobRecord | None) -> bool:
    return job is not None and job.state != "failed"
