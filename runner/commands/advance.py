"""Applying what the engine did to an instance inside the open transaction: the log row, jobs, incidents, the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runner.engine.advance import Advance, Happening, OpenedIncident, OpenedJob
from runner.engine.engine import Execution
from runner.engine.state import FORMAT, dumps
from runner.errors import InstanceEnded, InstanceNotFound
from runner.model import InstanceState
from runner.runtime import LiveInstance, Runtime
from runner.store import incidents, instances, jobs
from runner.store.transactions import Transaction

# Below this many bytes of deltas a snapshot would cost more than it saves.
SNAPSHOT_FLOOR = 8192


def hold(runtime: Runtime, transaction: Transaction, instance_id: str, *, seq: int | None = None) -> LiveInstance:
    """Give an active instance for changing, from memory or from its log.

    Whoever writes a step is stopped at the commit if memory was out of date; whoever only reads says the `seq` that the
    row has now. Raises InstanceNotFound or InstanceEnded.
    """
    live: LiveInstance | None = transaction.held.get(instance_id)
    if live is None:
        live = runtime.hot.take(instance_id)
        if live is None or transaction.fresh or (seq is not None and live.header.seq != seq):
            live = _load(runtime, transaction, instance_id)
        keep(runtime, transaction, live)
    if live.header.state != InstanceState.ACTIVE:
        raise InstanceEnded(instance_id, live.header.state)
    return live


def keep(runtime: Runtime, transaction: Transaction, live: LiveInstance) -> None:
    """Let the other commands of the transaction, and later ones, find the instance in memory."""
    transaction.hold(live.header.id, live)
    transaction.after_commit[_return(runtime, live)] = None


def _return(runtime: Runtime, live: LiveInstance) -> Callable[[], None]:
    def put() -> None:
        header = live.header
        if header.state == InstanceState.ACTIVE:
            runtime.hot.put(live)
        runtime.watches.announce(header.id, header.state, incidents=header.incidents)

    return put


def _load(runtime: Runtime, transaction: Transaction, instance_id: str) -> LiveInstance:
    header = instances.lock_header(transaction, instance_id)
    if header is None:
        raise InstanceNotFound(instance_id)
    deployed = runtime.definitions.get(header.definition_id)
    snapshot, deltas = instances.read_state(transaction, instance_id)
    return LiveInstance(header, Execution.restore(deployed.executable, snapshot, deltas), deployed)


def apply_advance(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance, *, command: str
) -> None:
    """Write one step: its log row and every row that opens or closes with it."""
    header = live.header
    seq_before = header.seq
    header.seq += 1
    _settle_incidents(transaction, live, advance)
    _open_jobs(runtime, transaction, live, advance)
    for token_id in advance.canceled:
        jobs.cancel(transaction, jobs.job_id(header.id, token_id))
    if advance.completed:
        end(transaction, live, InstanceState.COMPLETED)
    _write_log(runtime, transaction, live, advance, command)
    if seq_before < 0:
        instances.insert_header(transaction, header)
    else:
        instances.update_header(transaction, header, seq_before=seq_before)


def end(transaction: Transaction, live: LiveInstance, state: InstanceState) -> None:
    """Mark the instance as over and close what is still open about it."""
    live.header.state = str(state)
    live.header.ended_at = transaction.now
    if live.header.incidents:
        for row in incidents.read_open(transaction, live.header.id):
            incidents.resolve(transaction, row["id"])
        live.header.incidents = 0


def resolve_incident_of(transaction: Transaction, live: LiveInstance, token_id: int, advance: Advance) -> None:
    """Close a token's open incident, if it has one: its step has succeeded."""
    if live.header.incidents:
        for row in incidents.read_open(transaction, live.header.id):
            if row["token_id"] == token_id and token_id not in {each.token_id for each in advance.incidents}:
                incidents.resolve(transaction, row["id"])
                live.header.incidents -= 1
                element = live.deployed.process.elements[row["element_id"]]
                happening = Happening(element.id, element.type, "incident_resolved", {"kind": row["kind"]})
                advance.happenings.insert(0, happening)


def open_incident(
    transaction: Transaction, live: LiveInstance, opened: OpenedIncident, *, job_id: str | None, detail: str = ""
) -> None:
    """Write an incident, or say its message anew if the token has one already (a retry that failed again)."""
    if live.header.incidents:
        for row in incidents.read_open(transaction, live.header.id):
            if row["token_id"] == opened.token_id:
                incidents.reword(transaction, row["id"], kind=opened.kind, message=opened.message, detail=detail)
                return
    live.header.incidents += 1
    row = {
        "instance_id": live.header.id,
        "token_id": opened.token_id,
        "element_id": opened.element_id,
        "job_id": job_id,
        "kind": str(opened.kind),
        "message": opened.message,
        "detail": detail,
        "opened_at": transaction.now,
        "resolved_at": None,
    }
    incidents.insert_incident(transaction, row)


def _settle_incidents(transaction: Transaction, live: LiveInstance, advance: Advance) -> None:
    for token_id in advance.canceled:
        resolve_incident_of(transaction, live, token_id, advance)
    for opened in advance.incidents:
        open_incident(transaction, live, opened, job_id=None)


def _open_jobs(runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance) -> None:
    if not advance.jobs:
        return
    rows = [_job_row(transaction, live, opened) for opened in advance.jobs]
    runtime.dispatcher.enqueue(runtime, transaction, live, rows)
    for row in rows:
        jobs.insert_job(transaction, row)


def _job_row(transaction: Transaction, live: LiveInstance, opened: OpenedJob) -> dict[str, Any]:
    header = live.header
    service = live.deployed.process.elements[opened.element_id].service
    return {
        "id": jobs.job_id(header.id, opened.token_id),
        "instance_id": header.id,
        "token_id": opened.token_id,
        "definition_id": header.definition_id,
        "element_id": opened.element_id,
        "topic": live.deployed.bindings[opened.element_id],
        "state": "ready",
        "priority": service.priority if service else 0,
        "attempt": 0,
        "forgiven": 0,
        "due_at": transaction.now,
        "created_at": transaction.now,
        "ended_at": None,
        "claimed_by": None,
        "claim_token": None,
        "claimed_until": None,
        "failure_type": None,
        "failure_message": None,
        "failure_traceback": None,
    }


def _write_log(runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance, command: str) -> None:
    header = live.header
    delta = dumps(advance.delta or live.execution.idle_delta())
    step = {
        "instance_id": header.id,
        "seq": header.seq,
        "at": transaction.now,
        "command": command,
        "actor": runtime.actor,
        "format": FORMAT,
        "delta": delta,
        "happenings": dumps([_happening(each) for each in advance.happenings]),
    }
    instances.insert_step(transaction, step)
    header.delta_bytes += len(delta)
    if header.delta_bytes > max(SNAPSHOT_FLOOR, header.snapshot_bytes) and header.ended_at is None:
        state = dumps(live.execution.snapshot())
        row = {"instance_id": header.id, "seq": header.seq, "format": FORMAT, "state": state}
        instances.replace_snapshot(transaction, row)
        header.snapshot_bytes, header.delta_bytes = len(state), 0


def _happening(each: Happening) -> list[Any]:
    row: list[Any] = [each.element_id, each.element_type, each.event]
    return row if each.detail is None else [*row, each.detail]
