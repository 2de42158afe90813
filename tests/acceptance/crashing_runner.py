"""Real processes that run an example process on a database file, and kill themselves where a test's plan says so.

They are forked from a process that has the runner imported already, so that one takes tenths of a second."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from acceptance import counting_handlers, tampered_transfers

from runner import Runner
from runner.commands.instances import list_instances
from runner.model import InstanceView
from runner.settings import Settings
from runner.store import connecting

ROOT = Path(__file__).parents[2]
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["runner.app", "handlers.pokeball", "psutil", "alembic"])


@dataclass(frozen=True)
class Plan:
    """What a runner is to work on, and where it is to die (or to wait): in a handler, before it stores the n-th step
    of the instance, or after its n-th commit that writes. In a transfer, a step may be refused."""

    folder: Path
    key: str = "capture"
    die_in: str = ""
    die_after: str = ""
    refuse_in: str = ""
    hold_in: str = ""
    die_before_step: int = 0
    die_after_commit: int = 0
    claim_seconds: float = 30.0

    @property
    def database(self) -> str:
        """Give the database's URL."""
        return f"sqlite:///{self.folder / 'runner.db'}"

    @property
    def started(self) -> str:
        """Give the key of the process that is started; others in its file are started by messages."""
        return "capture_trainer" if self.key == "capture_choreography" else self.key

    @property
    def calls(self) -> Path:
        """Give the file in which calls of handlers are noted."""
        return self.folder / "calls.txt"


def start(plan: Plan) -> BaseProcess:
    """Start a runner as a process of its own; the caller joins it."""
    process = processes.Process(target=run, args=(plan,))
    process.start()
    return process


def run(plan: Plan) -> None:
    """Go on with the instance in the plan's database, or start one, until it has ended."""
    os.environ |= {
        counting_handlers.CALLS: str(plan.calls),
        counting_handlers.DIE_IN: plan.die_in,
        tampered_transfers.DIE_AFTER: plan.die_after,
        tampered_transfers.REFUSE_IN: plan.refuse_in,
        counting_handlers.HOLD_IN: plan.hold_in,
    }
    if plan.die_before_step or plan.die_after_commit:
        die_at_a_commit(plan)
    settings = Settings(claim_seconds=plan.claim_seconds)
    handlers = tampered_transfers.bank_of_environment().handlers() if plan.key == "transfer" else counting_handlers
    with Runner(plan.database, [handlers], settings=settings) as runner:
        runner.deploy(ROOT / "processes" / f"{plan.key}.bpmn")
        known = list_instances(runner.runtime, key=plan.started).instances
        instance = runner.instance(known[0].id) if known else runner.start(plan.started, _example(plan.started))
        assert instance.wait(timeout=20)


def read_only_instance(plan: Plan) -> InstanceView:
    """Give the one instance in the plan's database."""
    with Runner(plan.database, [counting_handlers], settings=Settings(), work=False) as runner:
        (known,) = list_instances(runner.runtime).instances
        return runner.instance(known.id).view()


def _example(key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "examples" / f"{key}.json").read_text("utf-8"))
    return found


class DyingCursor:
    """The driver's cursor, but the process is killed around a COMMIT."""

    def __init__(self, connection: DyingConnection) -> None:
        self._connection, self._cursor = connection, connection.driver.cursor()

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement, or die."""
        self._connection.notice(sql)
        if sql == "COMMIT":
            self._connection.die_before_step()
        self._cursor.execute(sql, *parameters)
        if sql == "COMMIT":
            self._connection.die_after_commit()

    def executemany(self, sql: str, parameters: Any) -> None:
        """Run a statement for each of the parameters."""
        self._connection.notice(sql)
        self._cursor.executemany(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


class DyingConnection:
    """The driver's connection; counts the steps of the instance, and the commits that write something."""

    def __init__(self, driver: Any, plan: Plan) -> None:
        self.driver, self._plan = driver, plan
        self._steps = self._commits = self._changes = 0

    def cursor(self) -> DyingCursor:
        """Give a cursor that may be the last."""
        return DyingCursor(self)

    def close(self) -> None:
        """Close the driver's connection."""
        self.driver.close()

    def notice(self, sql: str) -> None:
        """Take note of a step that is written."""
        self._steps += sql.startswith("INSERT INTO steps ")

    def die_before_step(self) -> None:
        """Kill the process without any goodbye if the plan's step is about to be stored."""
        if 0 < self._plan.die_before_step <= self._steps:
            os.kill(os.getpid(), signal.SIGKILL)

    def die_after_commit(self) -> None:
        """Kill the process without any goodbye if the plan's commit is done."""
        self._commits += self.driver.total_changes > self._changes
        self._changes = self.driver.total_changes
        if 0 < self._plan.die_after_commit <= self._commits:
            os.kill(os.getpid(), signal.SIGKILL)


def die_at_a_commit(plan: Plan) -> None:
    """Have this process die where the plan says, if it does."""
    open_writer = connecting.open_writer

    def open_dying(place: connecting.Place, engine: Any) -> DyingConnection:
        return DyingConnection(open_writer(place, engine), plan)

    connecting.open_writer = open_dying
