"""Incidents: what waits for a person is tried again, or skipped. One closes only when its step has succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.commands.advance import apply_advance, hold, resolve_incident_of
from runner.commands.instances import find_instance
from runner.commands.waits import want_message
from runner.engine.advance import Advance, Happening
from runner.engine.state import checked_variables
from runner.errors import Conflict, IncidentNotFound, InstanceEnded, Invalid
from runner.model import IncidentKind, Instance, InstanceState
from runner.runtime import LiveInstance, Runtime
from runner.store import incidents, jobs, waits
from runner.store.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a person resolves an incident: tries again, after changing `variables` of the process if there are any, or,
    with `skip`, lets its element be completed with `variables` as its results, without its work being done.

    `incident_id` None is the only one that there is.
    """

    incident_id: int | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    skip: bool = False


def resolve_incident(runtime: Runtime, instance_id: str, resolution: Resolution) -> Instance:
    """Resolve one incident of an instance. It closes when its step has succeeded.

    Raises InstanceNotFound, InstanceEnded, VariablesInvalid, IncidentNotFound if it is not (or no longer) open, Invalid
    if there are several and none is named, or Conflict if its element has no results, so that it cannot be skipped.
    """
    instance = find_instance(runtime, instance_id)
    if instance.state is not InstanceState.ACTIVE:
        raise InstanceEnded(instance.id, instance.state)
    variables = checked_variables(dict(resolution.variables))

    def resolve(transaction: Transaction) -> None:
        live = hold(runtime, transaction, instance.id)
        row = _chosen(incidents.read_open(transaction, instance.id), instance.id, resolution.incident_id)
        if resolution.skip:
            _skip(runtime, transaction, live, row, variables)
        else:
            _write_variables(live, variables, [row])
            _note(runtime, transaction, live, [row])
            _try_again(runtime, transaction, live, row)
            _look_at_conditions(runtime, transaction, live, [row], variables)
        runtime.dispatcher.ensure(transaction)

    runtime.database.write(resolve)
    return find_instance(runtime, instance.id)


def _chosen(rows: list[dict[str, Any]], instance_id: str, incident_id: int | None) -> dict[str, Any]:
    wanted = [row for row in rows if incident_id is None or row["id"] == incident_id]
    if not wanted:
        which = "an open incident" if incident_id is None else f"incident {incident_id} to be open"
        raise IncidentNotFound(f"Expected {which} in instance '{instance_id}', but there is no such one.")
    if len(wanted) > 1:
        known = ", ".join(f"{row['id']} at '{row['element_id']}'" for row in wanted)
        raise Invalid(f"Expected to be told which incident of instance '{instance_id}' is meant: there are {known}.")
    return wanted[0]


def _skip(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, row: dict[str, Any], variables: dict[str, Any]
) -> None:
    if row["token_id"] == 0:
        raise Conflict(f"Expected an activity to skip, but at '{row['element_id']}' tokens wait for each other.")
    if row["job_id"] is not None:
        jobs.cancel(transaction, row["job_id"])
    advance = live.execution.skip(row["token_id"], variables)
    resolve_incident_of(transaction, live, row["token_id"], advance)
    apply_advance(runtime, transaction, live, advance, command="skip_element")


def _try_again(runtime: Runtime, transaction: Transaction, live: LiveInstance, row: dict[str, Any]) -> None:
    if row["job_id"] is not None:
        jobs.revive(transaction, row["job_id"])
    elif row["kind"] == IncidentKind.CALL_FAILED:
        if live.execution.is_waiting(row["token_id"]):
            # `calls.py` closes the incident when the process has been started.
            advance = live.execution.call_again(row["token_id"])
            apply_advance(runtime, transaction, live, advance, command="retry_instance")
    # Not so if another token has just taken it away.
    elif live.execution.is_stuck(row["token_id"]):
        advance = live.execution.retry(row["token_id"])
        resolve_incident_of(transaction, live, row["token_id"], advance)
        apply_advance(runtime, transaction, live, advance, command="retry_instance")
        for name, key in waits.messages_of(transaction, live.header.id, row["token_id"]):
            want_message(runtime, transaction, name, key, live.header.business_key)
    else:
        _judge_again(runtime, transaction, live, row)


def _judge_again(runtime: Runtime, transaction: Transaction, live: LiveInstance, row: dict[str, Any]) -> None:
    """Let a join look again at its condition; one that waits for tokens in vain goes on waiting."""
    advance = live.execution.run()
    if not advance.happenings:
        return
    if (row["token_id"], row["element_id"]) not in {(each.token_id, each.element_id) for each in advance.incidents}:
        incidents.resolve(transaction, row["id"])
        live.header.incidents -= 1
        element = live.deployed.process.elements[row["element_id"]]
        advance.happenings.insert(0, Happening(element.id, element.type, "incident_resolved", {"kind": row["kind"]}))
    apply_advance(runtime, transaction, live, advance, command="retry_instance")


def retry_instance(runtime: Runtime, instance_id: str, variables: Mapping[str, Any] | None = None) -> Instance:
    """Try again, now, all that has an incident or waits for its next attempt; first write `variables`, if given.

    Raises InstanceNotFound, InstanceEnded, VariablesInvalid, or IncidentNotFound if nothing waits for that.
    """
    instance = find_instance(runtime, instance_id)
    if instance.state is not InstanceState.ACTIVE:
        raise InstanceEnded(instance.id, instance.state)
    changed = checked_variables(dict(variables or {}))

    def retry(transaction: Transaction) -> None:
        live = hold(runtime, transaction, instance.id)
        rows = incidents.read_open(transaction, instance.id)
        _write_variables(live, changed, rows)
        hurried = jobs.hurry(transaction, instance.id)
        if not rows and not hurried:
            raise IncidentNotFound(
                f"Expected an incident or a waiting retry in instance '{instance.id}', but it has neither."
            )
        _note(runtime, transaction, live, rows)
        for row in rows:
            _try_again(runtime, transaction, live, row)
        _look_at_conditions(runtime, transaction, live, rows, changed)
        runtime.dispatcher.ensure(transaction)

    runtime.database.write(retry)
    return find_instance(runtime, instance.id)


def _write_variables(live: LiveInstance, changed: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    live.execution.set_variables(changed)
    for row in rows:
        if changed and (row["job_id"] is not None or row["kind"] == IncidentKind.CALL_FAILED):
            live.execution.map_inputs_again(row["token_id"])


def _look_at_conditions(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, rows: list[dict[str, Any]], changed: dict[str, Any]
) -> None:
    """Let conditions happen that changed variables fulfil, where only jobs are tried again and no token has moved.

    It must not be left to the next step: an instance that is restored takes what holds already for having happened.
    """
    if changed and all(row["job_id"] is not None for row in rows):
        advance = live.execution.run()
        if advance.happenings:
            apply_advance(runtime, transaction, live, advance, command="retry_instance")


def _note(runtime: Runtime, transaction: Transaction, live: LiveInstance, rows: list[dict[str, Any]]) -> None:
    find = live.deployed.process.find
    happenings = [
        Happening(row["element_id"], find(row["element_id"]).type, "retried", {"kind": row["kind"]}) for row in rows
    ]
    if not happenings:
        happenings = [Happening(live.header.key, "process", "retried")]
    apply_advance(runtime, transaction, live, Advance(happenings), command="retry_instance")
