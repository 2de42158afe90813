"""The composition root: settings in, a working runner out. Here, and only here, the parts are put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from runner.bpmn.xml import load_file
from runner.clock import Clock, SystemClock
from runner.commands import definitions, incidents, instances
from runner.commands.upkeep import Retention
from runner.errors import HandlersInvalid, Invalid, near_hint
from runner.handling import HandlerRegistry, HandlerSource
from runner.model import Deployment, HistoryEntry, Incident, InstanceState, InstanceView, Token
from runner.runtime import Runtime
from runner.settings import Settings, load_settings
from runner.store.database import Database
from runner.work.dispatch.local import LocalDispatcher
from runner.work.identity import own_name
from runner.work.scheduler import Scheduler
from runner.work.worker import Worker

# Steps of other processes are not announced here; whoever waits looks again after this long.
LOOK_AGAIN_SECONDS = 0.25
_RUNNING = (InstanceState.ACTIVE, InstanceState.SUSPENDED)


class Runner:
    """A runner in this process: opens the database, runs jobs in threads, and goes on with what is waiting there.

    `database` is a URL (default: the settings'; "sqlite://" keeps nothing), `handlers` modules, .py files, functions or
    registries. `work=False` only stores and answers questions. Use as a context manager, or call `close`.
    Raises SettingsInvalid, HandlersInvalid or DatabaseUnusable.
    """

    def __init__(
        self,
        database: str | None = None,
        handlers: Iterable[HandlerSource] | None = None,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        topics: Iterable[str] | None = None,
        work: bool = True,
    ) -> None:
        self.settings = settings or load_settings()[0]
        registry = HandlerRegistry.load(self.settings.handlers if handlers is None else handlers)
        chosen = None if topics is None else frozenset(topics)
        _expect_handlers(registry, chosen or ())
        self._clock = clock or SystemClock()
        self._database = Database(database or self.settings.database, clock)
        dispatcher = LocalDispatcher()
        self.runtime = Runtime(
            database=self._database,
            handlers=registry,
            clock=self._clock,
            dispatcher=dispatcher,
            actor=own_name(),
            claim_duration=timedelta(seconds=self.settings.claim_seconds),
            examples=self.settings.examples,
        )
        self._worker = Worker(self.runtime, topics=chosen, threads=self.settings.threads) if work else None
        retention = Retention(self.settings.archive_after, self.settings.delete_after)
        self._scheduler = Scheduler(self.runtime, retention) if work else None
        if self._worker and self._scheduler:
            dispatcher.attach(self._worker)
            self._worker.start()
            self._scheduler.start()

    def deploy(self, *paths: str | Path) -> tuple[Deployment, ...]:
        """Store the executable processes of diagrams; unchanged content makes no new version.

        Raises DiagramUnreadable or DiagramRefused; a file that is refused stores nothing.
        """
        return tuple(
            deployment
            for path in paths
            for deployment in definitions.deploy(self.runtime, load_file(Path(path)), source=Path(path).name)
        )

    def start(
        self,
        key: str,
        variables: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        business_key: str | None = None,
    ) -> RunnerInstance:
        """Start a run of a deployed process. Raises DefinitionNotFound or VariablesInvalid."""
        started = instances.start_instance(
            self.runtime, key, dict(variables or {}), version=version, business_key=business_key
        )
        return RunnerInstance(self.runtime, started.id)

    def start_many(self, key: str, many: Iterable[Mapping[str, Any]]) -> tuple[RunnerInstance, ...]:
        """Start one run for each set of variables, sharing commits. Raises as `start`, before the first is started."""
        started = instances.start_instances(self.runtime, key, [dict(variables) for variables in many])
        return tuple(RunnerInstance(self.runtime, each.id) for each in started)

    def instance(self, instance_id: str) -> RunnerInstance:
        """Give an instance by its id or the beginning of it. Raises InstanceNotFound."""
        return RunnerInstance(self.runtime, instances.find_instance(self.runtime, instance_id).id)

    def close(self, *, timeout: float = 10.0) -> None:
        """Let running handlers finish for up to `timeout` seconds, and let go of the database."""
        if self._scheduler and self._worker:
            self._scheduler.stop()
            self._worker.stop(timeout=timeout)
            self._scheduler = self._worker = None
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RunnerInstance:
    """One instance, read anew from the database by every property."""

    def __init__(self, runtime: Runtime, instance_id: str) -> None:
        self._runtime = runtime
        self.id = instance_id

    def view(self, *, at: int | None = None) -> InstanceView:
        """Give all about the instance, read at one moment (or as of step `at`)."""
        return instances.view_instance(self._runtime, self.id, at=at)

    @property
    def state(self) -> InstanceState:
        """Give where the instance stands: active, completed, …"""
        return instances.find_instance(self._runtime, self.id).state

    @property
    def variables(self) -> dict[str, Any]:
        """Give the process's variables."""
        return dict(self.view().variables)

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        """Give all that happened, oldest first."""
        return self.view().history

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Give the open incidents."""
        return tuple(incident for incident in self.view().incidents if incident.resolved_at is None)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Give where the tokens are and what each waits for."""
        return self.view().tokens

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the instance has ended; False if `timeout` seconds passed before that."""
        return self._wait(timeout, lambda _: False)

    def wait_until_settled(self, timeout: float | None = None) -> bool:
        """Block until the instance has ended or only a person can move it on; False if `timeout` passed before."""
        return self._wait(timeout, lambda incidents: incidents > 0 and not self._at_work())

    def cancel(self) -> None:
        """End the instance now. Raises InstanceEnded."""
        instances.cancel_instance(self._runtime, self.id)

    def retry(self, variables: Mapping[str, Any] | None = None) -> None:
        """Try again what has an incident or waits for its next attempt. Raises IncidentNotFound or InstanceEnded."""
        incidents.retry_instance(self._runtime, self.id, variables)

    def _at_work(self) -> bool:
        return any(token.waiting_for == "job" for token in self.tokens)

    def _wait(self, timeout: float | None, stuck: Callable[[int], bool]) -> bool:
        end = None if timeout is None else time.monotonic() + timeout
        with self._runtime.watches.watch(self.id, every_step=False) as watch:
            while True:
                state, incidents = instances.standing(self._runtime, self.id)
                if state not in _RUNNING or stuck(incidents):
                    return True
                left = LOOK_AGAIN_SECONDS if end is None else min(LOOK_AGAIN_SECONDS, end - time.monotonic())
                if left <= 0:
                    return False
                watch.wait(left)
                if watch.state is not None and watch.state not in _RUNNING:
                    return True


def _expect_handlers(registry: HandlerRegistry, topics: Iterable[str]) -> None:
    for topic in sorted(topics):
        if topic not in registry.topics:
            near = near_hint(topic, registry.topics)
            raise HandlersInvalid(f"Expected topics that have a handler, but there is none for '{topic}'.{near}")


def unique_process(runner: Runner, deployments: tuple[Deployment, ...], wanted: str | None) -> str:
    """Give the key to start of a file's processes. Raises Invalid if there are several and none is named."""
    keys = sorted(deployment.definition.key for deployment in deployments)
    if wanted is not None:
        if wanted not in keys:
            raise Invalid(f"Expected --process to name a process of the file, but '{wanted}' is not one of {keys}.")
        return wanted
    if len(keys) != 1:
        raise Invalid(f"Expected one process to run, but the file has {len(keys)}: name one with --process: {keys}.")
    return keys[0]
