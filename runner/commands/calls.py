"""What a step of one instance does to others: call activities start instances, which return to their callers with
results, errors and escalations, and end with them. All of it in the transaction of the step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from runner.commands.advance import apply_advance, catcher_above, end, hold, resolve_incident_of
from runner.commands.starting import Beginning, begin
from runner.engine.advance import Advance, Happening, OpenedCall, OpenedIncident, Thrown
from runner.engine.state import checked_variables
from runner.errors import Conflict, EngineError, InstanceEnded, InstanceNotFound
from runner.model import Definition, IncidentKind, InstanceState
from runner.runtime import LiveInstance, Runtime
from runner.store import definitions, instances
from runner.store.transactions import Transaction

# How many processes may call each other before it must be an endless recursion.
DEEPEST = 100
# How many processes one command may call before it must be an endless loop of calls without a wait.
MOST = 20_000
_LINE = "what follows in other instances"
Consequence = Callable[[], None]


class _Line:
    """What is still to be done in other instances, and how many of them have been called so far."""

    def __init__(self) -> None:
        self.waiting: deque[Consequence] = deque()
        self.called = 0


def follow(runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance) -> None:
    """Do in other instances what follows from a step: one after the other, however much follows from that again."""
    following = _following(runtime, transaction, live, advance)
    line: _Line | None = transaction.held.get(_LINE)
    if line is not None:
        line.waiting.extend(following)
        return
    line = transaction.held[_LINE] = _Line()
    try:
        line.waiting.extend(following)
        while line.waiting:
            line.waiting.popleft()()
    finally:
        del transaction.held[_LINE]


def _following(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, advance: Advance
) -> Iterator[Consequence]:
    if live.deployed.may_call:
        for token_id in advance.canceled:
            yield partial(_end_called, runtime, transaction, live.header.id, token_id)
    if live.header.parent_id is not None:
        for thrown in advance.thrown:
            yield partial(_pass_on, runtime, transaction, live, thrown)
    for call in advance.calls:
        yield partial(_call, runtime, transaction, live.header.id, call)
    if live.header.parent_id is not None and live.header.state == InstanceState.COMPLETED and advance.completed:
        yield partial(_return, runtime, transaction, live)


def terminate(runtime: Runtime, transaction: Transaction, live: LiveInstance, *, command: str) -> None:
    """End an instance now, and all that it has called."""
    advance = live.execution.cancel()
    end(transaction, live, InstanceState.TERMINATED)
    apply_advance(runtime, transaction, live, advance, command=command)


def throw_upward(
    runtime: Runtime,
    transaction: Transaction,
    live: LiveInstance,
    thrown: Thrown,
    *,
    command: str,
    message: str = "",
) -> None:
    """Throw an error that an instance does not catch in the nearest calling one that does; it and those between end.

    Without such an instance (`catcher_above`) nothing is changed. `command` is the step that ends the thrower.
    """
    caught = catcher_above(runtime, transaction, live, thrown)
    if caught is None:
        return
    catcher, token_id = caught
    if live.header.state == InstanceState.ACTIVE:
        terminate(runtime, transaction, live, command=command)
    between = instances.called_by(transaction, catcher.header.id, token_id)
    if between is not None:
        terminate(runtime, transaction, hold(runtime, transaction, between), command="cancel_called")
    advance = catcher.execution.throw_error(token_id, thrown.code, _handed(thrown.variables), message=message)
    resolve_incident_of(transaction, catcher, token_id, advance)
    apply_advance(runtime, transaction, catcher, advance, command="throw_call_error")


def _pass_on(runtime: Runtime, transaction: Transaction, live: LiveInstance, thrown: Thrown) -> None:
    """Let the calling instance catch what this one threw and did not catch."""
    if thrown.kind == "error":
        if live.header.state == InstanceState.ACTIVE:
            throw_upward(runtime, transaction, live, thrown, command="cancel_called")
        return
    found = _caller(runtime, transaction, live)
    if found is not None:
        parent, token_id = found
        advance = parent.execution.throw_escalation(token_id, thrown.code, _handed(thrown.variables))
        apply_advance(runtime, transaction, parent, advance, command="throw_call_escalation")


def _return(runtime: Runtime, transaction: Transaction, live: LiveInstance) -> None:
    """Give the results of an instance that has completed to the one that called it."""
    found = _caller(runtime, transaction, live)
    if found is not None:
        parent, token_id = found
        advance = parent.execution.complete(token_id, _handed(live.execution.variables))
        resolve_incident_of(transaction, parent, token_id, advance)
        apply_advance(runtime, transaction, parent, advance, command="complete_call")


def _caller(runtime: Runtime, transaction: Transaction, live: LiveInstance) -> tuple[LiveInstance, int] | None:
    """Give who called an instance and the token that waits there; None if it does not wait any more."""
    header = live.header
    assert header.parent_id is not None and header.parent_token is not None
    parent = _waiting(runtime, transaction, header.parent_id, header.parent_token)
    return None if parent is None else (parent, header.parent_token)


def _waiting(runtime: Runtime, transaction: Transaction, instance_id: str, token_id: int) -> LiveInstance | None:
    """Give an instance if a token waits at a call activity there; sure only of what has been read anew."""
    try:
        live = hold(runtime, transaction, instance_id)
    except (InstanceEnded, InstanceNotFound):
        live = None
    if live is not None and live.execution.is_waiting(token_id):
        return live
    if not transaction.fresh:
        raise Conflict(f"Expected token {token_id} of instance '{instance_id}' to wait for a call, but it does not.")
    return None


def _end_called(runtime: Runtime, transaction: Transaction, parent_id: str, token_id: int) -> None:
    called = instances.called_by(transaction, parent_id, token_id)
    if called is not None:
        terminate(runtime, transaction, hold(runtime, transaction, called), command="cancel_called")


def _call(runtime: Runtime, transaction: Transaction, parent_id: str, call: OpenedCall) -> None:
    """Start the instance that a call activity asks for; an incident there says why that cannot be."""
    parent = _waiting(runtime, transaction, parent_id, call.token_id)
    if parent is None:
        return
    try:
        begin(runtime, transaction, _beginning(runtime, transaction, parent, call), command="start_called")
    except EngineError as error:
        opened = OpenedIncident(call.token_id, call.element_id, IncidentKind.CALL_FAILED, str(error))
        detail = {"kind": opened.kind, "message": opened.message}
        happening = Happening(call.element_id, "callActivity", "incident_opened", detail)
        failed = Advance([happening], [opened])
        apply_advance(runtime, transaction, parent, failed, command="fail_call")
        return
    if parent.header.incidents and parent.header.state == InstanceState.ACTIVE:
        resolved = Advance()
        resolve_incident_of(transaction, parent, call.token_id, resolved)
        if resolved.happenings:
            apply_advance(runtime, transaction, parent, resolved, command="start_call")


def _beginning(runtime: Runtime, transaction: Transaction, parent: LiveInstance, call: OpenedCall) -> Beginning:
    """Find what is called. Raises EngineError if there is no such process, or it cannot be called."""
    header, line = parent.header, transaction.held[_LINE]
    line.called += 1
    if line.called > MOST:
        raise EngineError(
            f"Expected processes that wait at some point, but {MOST} calls followed from one step: '{call.element_id}' "
            "calls again and again what ends at once."
        )
    definition = definitions.called(transaction, call.key, call.binding, call.version, caller=header.definition_id)
    if definition is None:
        raise EngineError(_missing(transaction, call))
    if not runtime.definitions.get(definition.id).executable.root.starts:
        raise EngineError(
            f"Expected process '{call.key}', which '{call.element_id}' calls, to have a start event without a trigger, "
            "but it has none."
        )
    depth = (header.depth or 0) + 1
    if depth > DEEPEST:
        raise EngineError(
            f"Expected {DEEPEST} processes to call each other at most, but '{call.element_id}' would make it one more: "
            "is there a condition under which the recursion ends?"
        )
    return Beginning(
        definition,
        _handed(call.variables),
        call.business_key,
        parent=(header.id, call.token_id, depth),
    )


def _missing(transaction: Transaction, call: OpenedCall) -> str:
    newest: Definition | None = definitions.newest(transaction, call.key)
    if newest is None:
        return (
            f"Expected a deployed process '{call.key}' for '{call.element_id}' to call, but there is none: deploy it, "
            "then retry."
        )
    wanted = {"version": "in version", "versionTag": "with the version tag"}.get(call.binding)
    which = f"{wanted} '{call.version}'" if wanted else "deployed together with its caller"
    return (
        f"Expected process '{call.key}' {which} for '{call.element_id}' to call, but there is none; the newest is "
        f"version {newest.version}."
    )


def _handed(variables: dict[str, object]) -> dict[str, object]:
    """Give variables that share nothing with those of the instance they come from."""
    return checked_variables(variables)
