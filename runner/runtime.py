"""What every command is given: the database, the handlers, the clock, the dispatcher, and what is kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from runner.alarms import Alarm
from runner.bpmn.applied_templates import TemplateFits
from runner.bpmn.diagram import Process
from runner.bpmn.read import read_diagram
from runner.clock import Clock
from runner.deciding import Deciding
from runner.engine.advance import Advance
from runner.engine.build import Executable
from runner.engine.engine import Execution
from runner.errors import DefinitionNotFound
from runner.handling import HandlerRegistry
from runner.schedules import CatchUp
from runner.store import definitions
from runner.store.database import Database
from runner.store.instances import Header
from runner.store.transactions import Transaction
from runner.watches import Watches

# Kept in memory for the next step, by estimate: 64 MB in all, an instance being some 5 KB and twice its state as text.
HOT_BYTES = 64_000_000
INSTANCE_BYTES = 5_000
_WAITED_FOR = frozenset({"timer", "message", "signal"})


class Dispatcher(Protocol):
    """Brings jobs to workers. What it is told may be lost: the job table decides, and `ensure` repairs."""

    def enqueue(
        self, runtime: Runtime, transaction: Transaction, live: LiveInstance, rows: Sequence[dict[str, Any]]
    ) -> None:
        """Announce new jobs of an instance, as part of the caller's transaction, before their rows are inserted.

        May put a claim into a row, for a worker that will be handed the job once the transaction is durable.
        """

    def wait(self, seconds: float) -> None:
        """Block a worker until jobs are announced, at most so long."""

    def ensure(self, transaction: Transaction | None = None) -> None:
        """Make sure that jobs which are due, or soon will be, are looked for: now, or once a transaction is durable."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A definition that is ready to run, and the topic that each service task is bound to.

    `may_wait` False: nothing in it waits for a timer, a message or a signal; `may_call` False: nothing in it calls
    another process; `for_people` False: it has no user task; `stores_data` False: it has no data store.
    """

    executable: Executable
    bindings: dict[str, str]
    may_wait: bool = True
    may_call: bool = True
    for_people: bool = True
    stores_data: bool = True

    @property
    def process(self) -> Process:
        """Give the diagram's record of the process."""
        return self.executable.process


@dataclass(slots=True)
class LiveInstance:
    """An instance in memory: its row, and its state inside the engine. Used by the writing thread alone."""

    header: Header
    execution: Execution
    deployed: Deployed


class HotInstances:
    """The instances that were used last, so that the next step need not read them. Used by the writing thread alone."""

    def __init__(self, limit: int = HOT_BYTES) -> None:
        self._limit, self._bytes = limit, 0
        self._instances: OrderedDict[str, tuple[LiveInstance, int]] = OrderedDict()

    def take(self, instance_id: str) -> LiveInstance | None:
        """Take an instance out: whoever changes it puts it back once that is durable, or it is read anew."""
        live, size = self._instances.pop(instance_id, (None, 0))
        self._bytes -= size
        return live

    def put(self, live: LiveInstance) -> None:
        """Keep an instance, and drop those that were used longest ago if they are too many."""
        self.take(live.header.id)
        size = INSTANCE_BYTES + 2 * (live.header.snapshot_bytes + live.header.delta_bytes)
        self._instances[live.header.id] = (live, size)
        self._bytes += size
        while self._bytes > self._limit:
            self._bytes -= self._instances.popitem(last=False)[1][1]


class Definitions:
    """Definitions that were built in this process, by id."""

    def __init__(self, database: Database, deciding: Deciding) -> None:
        self._database, self._deciding = database, deciding
        self._deployed: dict[int, Deployed] = {}
        self._lock = threading.Lock()

    def get(self, definition_id: int) -> Deployed:
        """Give a definition ready to run, building it the first time. Raises DefinitionNotFound."""
        deployed = self._deployed.get(definition_id)
        if deployed is None:
            with self._lock:
                deployed = self._deployed.get(definition_id) or self._build(definition_id)
                self._deployed[definition_id] = deployed
        return deployed

    def forget(self, definition_id: int) -> None:
        """Read a definition anew the next time: its bindings have changed."""
        self._deployed.pop(definition_id, None)

    def _build(self, definition_id: int) -> Deployed:
        with self._database.read() as connection:
            content = definitions.read_content(connection, definition_id)
        if content is None:
            raise DefinitionNotFound(f"#{definition_id}")
        key, source, xml, bindings = content
        process = next(each for each in read_diagram(xml, source=source).processes if each.key == key)
        kinds = {event.kind for element in process.elements.values() for event in element.events}
        types = {element.type for element in process.elements.values()}
        return Deployed(
            Executable(process, decide=partial(self._deciding.decide, definition_id)),
            bindings,
            may_wait=not kinds.isdisjoint(_WAITED_FOR),
            may_call="callActivity" in types,
            for_people="userTask" in types,
            stores_data=bool(process.data_stores),
        )


# Given a step of an instance that is written, inside its transaction.
Follow = Callable[["Runtime", Transaction, LiveInstance, Advance], None]


@dataclass(slots=True)
class Runtime:
    """Passed explicitly, first argument of every command.

    `follow` does in other instances what follows from a step of one (`commands/calls.py`).
    `claim_duration` is how long a worker may hold a job without a sign of life. `refusals` are the messages of files
    that were refused when they were saved last, by file name. `examples` is a folder of example variables, by key.
    `watches` are told of each step of this process; `timers` and `post` wake who fires timers and delivers messages.
    `catch_up` says what becomes of a cycle's occurrences that were missed, `message_ttl` how long a message is kept
    that nobody waits for and that does not say so itself. `template_fits` says whether an element template is still
    that of its handler.
    """

    database: Database
    handlers: HandlerRegistry
    clock: Clock
    dispatcher: Dispatcher
    actor: str
    follow: Follow
    claim_duration: timedelta = timedelta(seconds=30)
    examples: Path | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    hot: HotInstances = field(default_factory=HotInstances)
    definitions: Definitions = field(init=False)
    deciding: Deciding = field(init=False)
    watches: Watches = field(default_factory=Watches)
    timers: Alarm = field(default_factory=partial(Alarm, "timers"))
    post: Alarm = field(default_factory=partial(Alarm, "post"))
    catch_up: CatchUp = CatchUp.ONCE
    message_ttl: timedelta = timedelta(days=1)
    template_fits: TemplateFits | None = None

    def __post_init__(self) -> None:
        self.deciding = Deciding(self.database, self.clock)
        self.definitions = Definitions(self.database, self.deciding)
