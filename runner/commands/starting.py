"""Beginning an instance inside the open transaction, whatever the occasion: a person, a message, a timer, a signal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ulid import ULID

from runner.commands.advance import apply_advance, keep, moment_in
from runner.commands.data_stores import offer
from runner.engine.engine import Execution
from runner.engine.starting import triggers
from runner.errors import ProcessNotStartable
from runner.model import Definition, InstanceState
from runner.runtime import LiveInstance, Runtime
from runner.store.instances import Header
from runner.store.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an instance begins with: id, checked variables, its start event (None: the one without a trigger), and which
    of that one's definitions has happened.

    `parent` says who called it: the id of an instance, the token that waits there, and how deep the calls are by then.
    """

    definition: Definition
    variables: dict[str, Any] = field(default_factory=dict)
    business_key: str | None = None
    event: str | None = None
    index: int = 0
    parent: tuple[str, int, int] | None = None
    id: str = field(default_factory=lambda: str(ULID()))


def begin(runtime: Runtime, transaction: Transaction, beginning: Beginning, *, command: str) -> LiveInstance:
    """Start a new instance and run it until every token waits. Raises ProcessNotStartable; then nothing is stored."""
    definition = beginning.definition
    deployed = runtime.definitions.get(definition.id)
    if beginning.event is None and not deployed.executable.root.starts and (begins := triggers(deployed.process)):
        raise ProcessNotStartable(definition.key, begins)
    parent_id, parent_token, depth = beginning.parent or (None, None, None)
    header = Header(
        id=beginning.id,
        definition_id=definition.id,
        key=definition.key,
        version=definition.version,
        state=str(InstanceState.ACTIVE),
        business_key=beginning.business_key,
        seq=-1,
        incidents=0,
        started_at=transaction.now,
        parent_id=parent_id,
        parent_token=parent_token,
        depth=depth,
    )
    live = LiveInstance(header, Execution(deployed.executable, moment_in(transaction, header)), deployed)
    if live.deployed.stores_data:
        offer(transaction, live)
    if beginning.event is None:
        advance = live.execution.start(beginning.variables)
    else:
        advance = live.execution.start(beginning.variables, event=beginning.event, index=beginning.index)
    keep(runtime, transaction, live)
    apply_advance(runtime, transaction, live, advance, command=command)
    return live
