"""The composition root: settings in, a working runner out. Here, and only here, the parts are put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ulid import ULID

from runner.clock import Clock, SystemClock
from runner.commands import (
    calls,
    conditions,
    data_stores,
    decisions,
    definitions,
    instances,
    messages,
    signals,
    start_forms,
    user_tasks,
)
from runner.commands.called import with_missing_calls
from runner.commands.files import deploy_file, rank
from runner.commands.messages import Publication
from runner.commands.start_forms import StartForm
from runner.commands.upkeep import Retention
from runner.commands.user_tasks import UserTaskForm
from runner.decisions import DecisionResult
from runner.errors import HandlersInvalid, Invalid, near_hint
from runner.handling import HandlerRegistry, HandlerSource
from runner.instance import RunnerInstance
from runner.model import (
    DataStoreValue,
    Deployment,
    Message,
    Signal,
    UserTask,
    UserTaskFilter,
)
from runner.runtime import Runtime
from runner.scripts.handlers import Scripts
from runner.settings import Settings, load_settings
from runner.store.database import Database
from runner.store.notices import Notice
from runner.templates.files import template_fits
from runner.watches import Watches
from runner.work.dispatch.local import LocalDispatcher
from runner.work.identity import own_name
from runner.work.scheduler import Scheduler
from runner.work.worker import Worker

__all__ = ["Runner", "RunnerInstance", "unique_process"]


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
        self._scripts = Scripts(self.settings.scripts)
        sources = self.settings.handlers if handlers is None else handlers
        by_default = handlers is None and self.settings.handlers_by_default
        registry = HandlerRegistry.load((*sources, *self._scripts.handlers), optional=by_default)
        chosen = None if topics is None else frozenset(topics)
        _expect_handlers(registry, chosen or ())
        self._clock = clock or SystemClock()
        self._database = Database(database or self.settings.database, clock)
        dispatcher = LocalDispatcher()

        def hear(notice: Notice) -> None:
            for hearer in (dispatcher, watches, self.runtime.timers, self.runtime.post):
                hearer.hear(notice)

        self._listener = self._database.listener(hear)
        watches = Watches(begin=self._listener.start)
        self.runtime = Runtime(
            database=self._database,
            handlers=registry,
            clock=self._clock,
            dispatcher=dispatcher,
            actor=own_name(),
            follow=calls.follow,
            claim_duration=timedelta(seconds=self.settings.claim_seconds),
            examples=self.settings.examples,
            watches=watches,
            catch_up=self.settings.catch_up,
            message_ttl=self.settings.message_ttl,
            template_fits=template_fits(registry),
        )
        self._worker = Worker(self.runtime, topics=chosen, threads=self.settings.threads) if work else None
        retention = Retention(self.settings.archive_after, self.settings.delete_after)
        self._scheduler = Scheduler(self.runtime, retention) if work else None
        if self._worker and self._scheduler:
            dispatcher.attach(self._worker)
            self._worker.start()
            self._scheduler.start()
            self._listener.start()

    def deploy(self, *paths: str | Path) -> tuple[Deployment, ...]:
        """Store the executable processes of diagrams, the decisions of .dmn files and the forms of .form files, forms
        and decisions first; unchanged content makes no new version, but of a process that is bound to what is deployed
        with it and has changed.

        Raises DiagramUnreadable, DiagramRefused, DecisionsRefused or FormRefused; then the file stores nothing.
        """
        files, deployment = [Path(path) for path in paths], str(ULID())
        stored: dict[Path, tuple[Deployment, ...]] = {}
        for path in sorted(files, key=rank):
            renewed = any(each.created for found in stored.values() for each in found)
            stored[path] = deploy_file(self.runtime, path, deployment=deployment, together=files, renewed=renewed)
        return with_missing_calls(self.runtime, (each for path in files for each in stored[path]))

    def decide(
        self, id: str, variables: Mapping[str, Any] | None = None, *, version: int | None = None
    ) -> DecisionResult:
        """Evaluate a deployed decision, named by its id or name; nothing is stored (docs/decisions.md).

        Raises DecisionNotFound, or DecisionFailed where it has no result.
        """
        return decisions.evaluate_decision(self.runtime, id, variables or {}, version=version)

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

    def publish_message(
        self,
        name: str,
        key: str | int = "",
        variables: Mapping[str, Any] | None = None,
        *,
        ttl: timedelta | None = None,
        message_id: str | None = None,
        business_key: str | None = None,
    ) -> Message:
        """Publish a message, which starts or continues one instance, or is kept for `ttl` (docs/messages.md).

        Raises MessageInvalid or VariablesInvalid.
        """
        publication = Publication(name, str(key), variables, ttl, message_id, business_key)
        return messages.publish_message(self.runtime, publication)

    def messages(self, *, state: str | None = None, name: str | None = None, limit: int = 50) -> tuple[Message, ...]:
        """Give messages, newest first; `state` is sent, waiting, delivered or expired."""
        return messages.list_messages(self.runtime, state=state, name=name, limit=limit)

    def evaluate_conditions(
        self, variables: Mapping[str, Any], *, business_key: str | None = None, key: str | None = None
    ) -> tuple[RunnerInstance, ...]:
        """Start each process (or the one of `key`) with a conditional start event that is true of these variables.

        Raises DefinitionNotFound or VariablesInvalid.
        """
        started = conditions.evaluate_conditions(self.runtime, variables, business_key=business_key, key=key)
        return tuple(RunnerInstance(self.runtime, each.id) for each in started)

    def broadcast_signal(self, name: str, variables: Mapping[str, Any] | None = None) -> Signal:
        """Broadcast a signal to all that wait for it now. Raises MessageInvalid or VariablesInvalid."""
        broadcast = signals.broadcast_signal(self.runtime, name, variables)
        if self._scheduler is None:
            signals.deliver_all(self.runtime)
        return broadcast

    def user_tasks(
        self,
        *,
        assignee: str | None = None,
        group: str | None = None,
        user: str | None = None,
        instance_id: str | None = None,
        due_before: datetime | None = None,
        limit: int = 100,
    ) -> tuple[UserTask, ...]:
        """Give open user tasks, those of the highest priority first, then the oldest (docs/user_tasks.md).

        `group` may claim them, `user` has them or may claim them by name.
        """
        wanted = UserTaskFilter(assignee, group, user, instance_id, due_before)
        return user_tasks.list_user_tasks(self.runtime, wanted, limit=limit)

    def user_task(self, id: str) -> UserTask:
        """Give a user task. Raises UserTaskNotFound."""
        return user_tasks.find_user_task(self.runtime, id)

    def user_task_form(self, id: str, given: Mapping[str, Any] | None = None) -> UserTaskForm:
        """Give a user task's form, filled with what it sees and with what is given. Raises UserTaskNotFound."""
        return user_tasks.user_task_form(self.runtime, id, given)

    def start_form(self, key: str, given: Mapping[str, Any] | None = None) -> StartForm:
        """Give the form that a process is started with. Raises DefinitionNotFound."""
        return start_forms.start_form(self.runtime, key, given=given)

    def submit_start_form(
        self, key: str, given: Mapping[str, Any], *, business_key: str | None = None
    ) -> RunnerInstance:
        """Start a run with a filled form. Raises FormInvalid, DefinitionNotFound or VariablesInvalid."""
        started = start_forms.submit_start_form(self.runtime, key, given, business_key=business_key)
        return RunnerInstance(self.runtime, started.id)

    def claim_user_task(self, id: str, user: str) -> UserTask:
        """Take a user task for somebody. Raises UserTaskNotFound, UserTaskOver or UserTaskTaken."""
        return user_tasks.claim_user_task(self.runtime, id, user)

    def unclaim_user_task(self, id: str) -> UserTask:
        """Give a user task back. Raises UserTaskNotFound or UserTaskOver."""
        return user_tasks.unclaim_user_task(self.runtime, id)

    def assign_user_task(self, id: str, user: str) -> UserTask:
        """Give a user task to somebody, whoever has it now. Raises UserTaskNotFound or UserTaskOver."""
        return user_tasks.assign_user_task(self.runtime, id, user)

    def complete_user_task(
        self,
        id: str,
        variables: Mapping[str, Any] | None = None,
        *,
        user: str | None = None,
        error: str | None = None,
        escalation: str | None = None,
    ) -> UserTask:
        """Complete a user task with results, or throw a BPMN `error` or an `escalation` of that code out of it.

        Raises FormInvalid, VariablesInvalid, UserTaskNotFound, UserTaskOver, UserTaskTaken, or ErrorUncaught; then
        nothing changes.
        """
        if error is not None and escalation is not None:
            raise Invalid("Expected an error or an escalation to throw, but got both.")
        if error is not None:
            return user_tasks.throw_user_task_error(self.runtime, id, error, variables, user=user)
        if escalation is not None:
            return user_tasks.throw_user_task_escalation(self.runtime, id, escalation, variables, user=user)
        return user_tasks.complete_user_task(self.runtime, id, variables, user=user)

    def data_stores(self) -> tuple[DataStoreValue, ...]:
        """Give all data stores that something was put into, by name (docs/data_stores.md)."""
        return data_stores.list_data_stores(self.runtime)

    def data_store(self, name: str) -> DataStoreValue:
        """Give what is in a data store. Raises DataStoreNotFound."""
        return data_stores.find_data_store(self.runtime, name)

    def set_data_store(self, name: str, value: Any) -> DataStoreValue:
        """Put a JSON value into a data store. Raises Invalid or VariablesInvalid."""
        return data_stores.set_data_store(self.runtime, name, value)

    def delete_data_store(self, name: str) -> None:
        """Empty a data store: steps read null from it. Raises DataStoreNotFound."""
        data_stores.delete_data_store(self.runtime, name)

    def close(self, *, timeout: float = 10.0) -> None:
        """Let running handlers finish for up to `timeout` seconds, and let go of the database."""
        if self._scheduler and self._worker:
            self._scheduler.stop()
            self._worker.stop(timeout=timeout)
            self._scheduler = self._worker = None
        self._scripts.close()
        self._listener.stop()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _expect_handlers(registry: HandlerRegistry, topics: Iterable[str]) -> None:
    for topic in sorted(topics):
        if topic not in registry.topics:
            near = near_hint(topic, registry.topics)
            raise HandlersInvalid(f"Expected topics that have a handler, but there is none for '{topic}'.{near}")


def unique_process(runner: Runner, deployments: tuple[Deployment, ...], wanted: str | None) -> str:
    """Give the key to start of a file's processes: the one that is named, or else the only one that can be started.

    Processes that begin with a message, timer or signal start themselves. Raises Invalid if several are left.
    """
    keys = sorted(deployment.definition.key for deployment in deployments)
    if wanted is not None:
        if wanted not in keys:
            raise Invalid(f"Expected --process to name a process of the file, but '{wanted}' is not one of {keys}.")
        return wanted
    by_hand = [each for each in deployments if not definitions.started_by(runner.runtime, each.definition.id)]
    startable = sorted(each.definition.key for each in by_hand) or keys
    if len(startable) != 1:
        raise Invalid(
            f"Expected one process to run, but the file has {len(startable)}: name one with --process: {startable}."
        )
    return startable[0]
