"""Applying what the engine did to an instance inside the open transaction: the log row, jobs, incidents, the end."""

from __future__ import annotations

from functools import partial
from typing import Any

from runner.commands.data_stores import apply_stored, offer, withdraw
from runner.commands.waits import apply_waits
from runner.commands.work_for_people import apply_user_tasks
from runner.engine.advance import Advance, Happening, OpenedIncident, OpenedJob, Thrown
from runner.engine.engine import Execution
from runner.engine.state import FORMAT, dumps
from runner.errors import InstanceEnded, InstanceNotFound, near_hint
from runner.expressions.moment import Moment, facts_of
from runner.model import InstanceState
from runner.runtime import LiveInstance, Runtime
from runner.store import incidents, instances, jobs
from runner.store.instances import Header
from runner.store.notices import tell_moved
from runner.store.transactions import Transaction

# Below this many bytes of deltas a snapshot would cost more than it saves.
SNAPSHOT_FLOOR = 8192
_KEPT = "instances in the hands of the transaction"


def hold(runtime: Runtime, transaction: Transaction, instance_id: str, *, seq: int | None = None) -> LiveInstance:
    """Give an active instance for changing, from memory or from its log.

    Whoever writes a step is stopped at the commit if memory was out of date; whoever only reads says the `seq` that the
    row has now. Raises InstanceNotFound or InstanceEnded.
    """
    live = _kept(runtime, transaction).get(instance_id)
    if live is None:
        live = runtime.hot.take(instance_id)
        if live is None or transaction.fresh or (seq is not None and live.header.seq != seq):
            live = _load(runtime, transaction, instance_id)
        keep(runtime, transaction, live)
    if live.deployed.stores_data:
        offer(transaction, live)
    live.execution.moment.at = transaction.now_at
    if live.header.state != InstanceState.ACTIVE:
        raise InstanceEnded(instance_id, live.header.state)
    return live


def keep(runtime: Runtime, transaction: Transaction, live: LiveInstance) -> None:
    """Let the other commands of the transaction, and later ones, find the instance in memory."""
    _kept(runtime, transaction)[live.header.id] = live
    transaction.touched += 1


def _kept(runtime: Runtime, transaction: Transaction) -> dict[str, LiveInstance]:
    """Give the instances that this transaction has in its hands, by id."""
    kept: dict[str, LiveInstance] | None = transaction.held.get(_KEPT)
    if kept is None:
        kept = transaction.held[_KEPT] = {}
        transaction.after_commit[partial(_return, runtime, kept)] = None
    return kept


def _return(runtime: Runtime, kept: dict[str, LiveInstance]) -> None:
    for live in kept.values():
        header = live.header
        if live.deployed.stores_data:
            withdraw(live)
        if header.state == InstanceState.ACTIVE:
            runtime.hot.put(live)
        runtime.watches.announce(header.id, header.state, incidents=header.incidents)


def _load(runtime: Runtime, transaction: Transaction, instance_id: str) -> LiveInstance:
    header = instances.lock_header(transaction, instance_id)
    if header is None:
        raise InstanceNotFound(instance_id)
    deployed = runtime.definitions.get(header.definition_id)
    snapshot, deltas = instances.read_state(transaction, instance_id)
    moment = moment_in(transaction, header)
    return LiveInstance(header, Execution.restore(deployed.executable, snapshot, deltas, moment=moment), deployed)


def moment_in(transaction: Transaction, header: Header) -> Moment:
    """Give what expressions of an instance may know: the transaction's time, and what `execution` tells in JUEL."""
    facts = facts_of(
        header.id,
        header.key,
        version=header.version,
        definition_id=header.definition_id,
        business_key=header.business_key,
    )
    return Moment(transaction.now_at, facts)


def apply_advance(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance, *, command: str
) -> None:
    """Write one step: its log row and every row that opens or closes with it."""
    header = live.header
    seq_before = header.seq
    header.seq += 1
    if advance.thrown and header.parent_id is not None:
        _leave_to_callers(runtime, transaction, live, advance)
    _settle_incidents(transaction, live, advance)
    _open_jobs(runtime, transaction, live, advance)
    for token_id in advance.canceled:
        jobs.cancel(transaction, jobs.job_id(header.id, token_id))
    if advance.stored:
        apply_stored(transaction, header.id, advance.stored)
    if advance.completed:
        end(transaction, live, InstanceState.TERMINATED if advance.terminated else InstanceState.COMPLETED)
    if advance.user_tasks or advance.canceled:
        apply_user_tasks(transaction, live, advance)
    apply_waits(runtime, transaction, live, advance)
    _write_log(runtime, transaction, live, advance, command)
    if seq_before < 0:
        instances.insert_header(transaction, header)
    else:
        instances.update_header(transaction, header, seq_before=seq_before)
    tell_moved(transaction, header.id)
    if advance.calls or advance.canceled or header.parent_id is not None:
        runtime.follow(runtime, transaction, live, advance)


def catcher_above(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, thrown: Thrown
) -> tuple[LiveInstance, int] | None:
    """Give the nearest of the instances that called this one in which an error is caught, and the token it is thrown at
    there; None if none catches it.
    """
    header = live.header
    while header.parent_id is not None and header.parent_token is not None:
        token_id = header.parent_token
        try:
            caller = hold(runtime, transaction, header.parent_id)
        except (InstanceEnded, InstanceNotFound):
            return None
        if caller.execution.catches(token_id, thrown.kind, thrown.code):
            return caller, token_id
        header = caller.header
    return None


def _leave_to_callers(runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance) -> None:
    """Open no incident for an error that a calling instance catches (`calls.py` throws it there)."""
    for thrown in advance.thrown:
        if thrown.kind == "error" and catcher_above(runtime, transaction, live, thrown) is not None:
            place, opened = thrown.element_id, "incident_opened"
            advance.incidents = [each for each in advance.incidents if each.token_id != thrown.token_id]
            advance.happenings = [
                each._replace(event="error_thrown", detail={"code": thrown.code})
                if (each.element_id, each.event) == (place, opened)
                else each
                for each in advance.happenings
            ]


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
                element = live.deployed.process.find(row["element_id"])
                happening = Happening(element.id, element.type, "incident_resolved", {"kind": row["kind"]})
                advance.happenings.insert(0, happening)


def open_incident(
    transaction: Transaction, live: LiveInstance, opened: OpenedIncident, *, job_id: str | None, detail: str = ""
) -> None:
    """Write an incident, or say its message anew if the token has one there already (a retry that failed again)."""
    if live.header.incidents:
        for row in incidents.read_open(transaction, live.header.id):
            if (row["token_id"], row["element_id"]) == (opened.token_id, opened.element_id):
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
    _warn_of_topics(runtime, live, advance)
    rows = [_job_row(transaction, live, opened) for opened in advance.jobs]
    runtime.dispatcher.enqueue(runtime, transaction, live, rows)
    for row in rows:
        jobs.insert_job(transaction, row)


def _warn_of_topics(runtime: Runtime, live: LiveInstance, advance: Advance) -> None:
    """Say in the history that nobody here has the handler of a topic that was computed; a worker elsewhere may."""
    for opened in advance.jobs:
        if opened.topic is not None and opened.topic not in runtime.handlers.topics:
            element = live.deployed.process.find(opened.element_id)
            hint = near_hint(opened.topic, runtime.handlers.topics)
            warning = f"Expected a handler for the computed topic '{opened.topic}', but there is none here.{hint}"
            advance.happenings.append(Happening(element.id, element.type, "warned", {"warnings": [warning]}))


def _job_row(transaction: Transaction, live: LiveInstance, opened: OpenedJob) -> dict[str, Any]:
    header = live.header
    return {
        "id": jobs.job_id(header.id, opened.token_id),
        "instance_id": header.id,
        "token_id": opened.token_id,
        "definition_id": header.definition_id,
        "element_id": opened.element_id,
        "topic": opened.topic or live.deployed.bindings[opened.work],
        "state": "ready",
        "priority": opened.priority,
        "attempt": 0,
        "forgiven": 0,
        "due_at": transaction.now,
        "created_at": transaction.now,
        "claimed_by": None,
        "claim_token": None,
        "claimed_until": None,
        "lock": opened.lock,
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
        "happenings": dumps([each[:3] if each.detail is None else each[:] for each in advance.happenings]),
    }
    instances.insert_step(transaction, step)
    header.delta_bytes += len(delta)
    if header.delta_bytes > max(SNAPSHOT_FLOOR, header.snapshot_bytes) and header.ended_at is None:
        state = dumps(live.execution.snapshot())
        row = {"instance_id": header.id, "seq": header.seq, "format": FORMAT, "state": state}
        instances.replace_snapshot(transaction, row)
        header.snapshot_bytes, header.delta_bytes = len(state), 0
