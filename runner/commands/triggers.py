"""One event that waits, and something has come for it: its instance goes on, or, at a start event, begins."""

from __future__ import annotations

import logging
from typing import Any

from runner.commands.advance import apply_advance, hold
from runner.commands.starting import Beginning, begin
from runner.errors import Conflict, InstanceNotFound, TokenStuck
from runner.runtime import LiveInstance, Runtime
from runner.store import definitions, waits
from runner.store.transactions import Transaction
from runner.store.waits import WaitRow

log = logging.getLogger(__name__)


def go_on(
    runtime: Runtime, transaction: Transaction, wait: WaitRow, variables: dict[str, Any], *, command: str
) -> LiveInstance | None:
    """Trigger an event in an instance, which takes these variables in; None if nothing waits there in truth.

    Then the row is taken away: it would never come to an end. An event that does not interrupt goes on waiting.
    Raises Conflict if what was in memory is out of date; the command is run again then. Raises TokenStuck if the token
    has an incident, which is to be resolved first.
    """
    assert wait.instance_id is not None
    live = None
    try:
        live = hold(runtime, transaction, wait.instance_id)
        advance = live.execution.trigger(wait.token_id, wait.element_id, wait.event_index, variables)
    except (Conflict, InstanceNotFound) as error:
        if not transaction.fresh:
            raise
        if live is not None and live.execution.is_stuck(wait.token_id):
            raise TokenStuck(wait.element_id, wait.instance_id) from error
        log.error("%s", error, extra={"action": "wait_dropped", "instance_id": wait.instance_id})
        waits.drop(transaction, wait)
        return None
    if wait.interrupting:
        waits.end(transaction, wait)
    apply_advance(runtime, transaction, live, advance, command=command)
    return live


def start_at(
    runtime: Runtime,
    transaction: Transaction,
    wait: WaitRow,
    variables: dict[str, Any],
    *,
    business_key: str | None = None,
    command: str,
) -> LiveInstance | None:
    """Start an instance at a start event that waited; None if its definition is gone."""
    definition = definitions.by_id(transaction, wait.definition_id)
    if definition is None:
        waits.drop(transaction, wait)
        return None
    beginning = Beginning(definition, variables, business_key, wait.element_id, wait.event_index)
    return begin(runtime, transaction, beginning, command=command)
