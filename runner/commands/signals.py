"""Signals: broadcast to every event that waits for their name. What is reached is stored with the signal; each receiver
is told in a transaction of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from runner.commands.messages import checked_name
from runner.commands.settling import settle
from runner.commands.triggers import go_on, start_at
from runner.commands.waits import broadcast
from runner.engine.state import checked_variables
from runner.model import Signal
from runner.runtime import Runtime
from runner.store import definitions, signals, waits
from runner.store.transactions import Transaction
from runner.store.waits import WaitRow

BATCH = 100


def broadcast_signal(runtime: Runtime, name: str, variables: Mapping[str, Any] | None = None) -> Signal:
    """Broadcast a signal (BPMN 2.0.2 §10.5.1): all events that wait for its name now go on, all start events start.

    Nobody is there: nothing happens, a signal is not kept. Raises MessageInvalid or VariablesInvalid.
    """
    checked_name(name, "signal")
    carried = checked_variables(dict(variables or {}))

    def store(transaction: Transaction) -> tuple[str, int]:
        return broadcast(runtime, transaction, name, carried)

    id, reached = runtime.database.write(store)
    return Signal(id, name, reached)


def undelivered_signals(runtime: Runtime, *, limit: int, after: int = 0) -> list[int]:
    """Give the numbers of deliveries that are still to be made, oldest first, of those above `after`."""
    return runtime.database.write(partial(signals.undelivered, limit=limit, after=after))


def deliver_all(runtime: Runtime) -> None:
    """Make every delivery that is still to be made, for a process without a courier. Raises the first error."""
    last = 0
    while ids := undelivered_signals(runtime, limit=BATCH, after=last):
        for error in deliver_signals(runtime, ids):
            if error is not None:
                raise error
        last = ids[-1]


def deliver_signals(runtime: Runtime, ids: Sequence[int]) -> list[Exception | None]:
    """Make deliveries, each as a command of its own; give what each failed with (None: with nothing)."""
    return settle(runtime, [partial(_deliver, runtime, id) for id in ids])


def _deliver(runtime: Runtime, delivery_id: int, transaction: Transaction) -> None:
    delivery = signals.take(transaction, delivery_id)
    if delivery is None:
        return
    wait = waits.get(transaction, delivery.wait_id)
    signals.end(transaction, delivery.id)
    if wait is None:
        return  # what waited has gone on in another way meanwhile
    variables = json.loads(delivery.variables)
    if wait.instance_id is None and _continues(runtime, transaction, wait):
        return
    if wait.instance_id is None:
        start_at(runtime, transaction, wait, variables, command="deliver_signal")
    else:
        go_on(runtime, transaction, wait, variables, command="deliver_signal")


def _continues(runtime: Runtime, transaction: Transaction, start: WaitRow) -> bool:
    """Tell whether an instance that another of a start event's triggers has started waits for this one."""
    if definitions.by_id(transaction, start.definition_id) is None:
        return False
    element = runtime.definitions.get(start.definition_id).process.elements[start.element_id]
    return element.all_events and waits.is_begun(transaction, start)
