"""Incidents: trying again what waits for a person. An incident closes only when its step has succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.commands.advance import apply_advance, hold, resolve_incident_of
from runner.commands.instances import find_instance
from runner.engine.advance import Advance, Happening
from runner.engine.state import checked_variables
from runner.errors import IncidentNotFound, InstanceEnded
from runner.model import Instance, InstanceState
from runner.runtime import LiveInstance, Runtime
from runner.store import incidents, jobs
from runner.store.transactions import Transaction


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
            if row["job_id"] is not None:
                jobs.revive(transaction, row["job_id"])
            elif row["token_id"]:
                advance = live.execution.retry(row["token_id"])
                resolve_incident_of(transaction, live, row["token_id"], advance)
                apply_advance(runtime, transaction, live, advance, command="retry_instance")
        transaction.after_commit[runtime.dispatcher.ensure] = None

    runtime.database.write(retry)
    return find_instance(runtime, instance.id)


def _write_variables(live: LiveInstance, changed: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    live.execution.set_variables(changed)
    for row in rows:
        if changed and row["job_id"] is not None:
            live.execution.map_inputs_again(row["token_id"])


def _note(runtime: Runtime, transaction: Transaction, live: LiveInstance, rows: list[dict[str, Any]]) -> None:
    elements = live.deployed.process.elements
    happenings = [
        Happening(row["element_id"], elements[row["element_id"]].type, "retried", {"kind": row["kind"]}) for row in rows
    ]
    if not happenings:
        happenings = [Happening(live.header.key, "process", "retried")]
    apply_advance(runtime, transaction, live, Advance(happenings=happenings), command="retry_instance")
