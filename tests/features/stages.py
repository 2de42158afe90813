"""Where features are run: in the engine alone, or by runners on a database, each of which is killed after a step."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from builders import FakeClock
from engine.executing import Drive, nothing
from features.feature import Ending, Feature, begin, read_features, told
from sqlalchemy import Row, func, select

from runner import HandlerRegistry, Runner
from runner.app import RunnerInstance
from runner.commands.definitions import deploy
from runner.commands.instances import list_instances
from runner.commands.jobs import ClaimedJob, ThrownError, claim_jobs, complete_job, throw_error
from runner.commands.messages import deliver_messages, undelivered_messages
from runner.commands.signals import deliver_signals, undelivered_signals
from runner.commands.timers import fire_timers
from runner.handling import Handler
from runner.settings import Settings
from runner.store import tables
from runner.store.times import from_micros
from runner.work.scheduler import Scheduler

# What no engine says: that a claim was given back, and who completed a user task.
TRACES = {"job_released", "user_task_completed"}
# Between two lives: longer than a claim lasts.
BETWEEN = timedelta(seconds=120)


class InEngine:
    """The engine alone; with `restoring`, it is put together from its JSON after every step."""

    def __init__(self, feature: Feature, *, restoring: bool) -> None:
        self._drive = Drive(feature.process(), nothing, restoring=restoring)

    def start(self, at: str | None, variables: dict[str, Any]) -> None:
        """Begin."""
        self._drive.start(variables, event=at)

    def act(self, verb: str, element: str, *rest: Any) -> None:
        """Do one step with the engine's verbs."""
        drive = self._drive
        if verb == "answer":
            drive.answer_at(element, *rest)
        elif verb == "throw":
            drive.throw_at(element, *rest)
        elif verb == "happen":
            drive.happen(element, rest[0], index=rest[1] if rest[1:] else 0)
        elif verb == "complete":
            drive.take(drive.execution.complete(drive.user_tasks[element].token_id, *rest))
        else:
            (call,) = (each for each in drive.calls if each.element_id == element)
            drive.take(drive.execution.complete(call.token_id, *rest))

    def ending(self) -> Ending:
        """Put the end together from the advances."""
        drive = self._drive
        return {
            "state": "completed" if drive.completed else "active",
            "variables": drive.variables,
            "history": told(drive.happenings),
            "sent": [["message", each.name, each.key, each.variables] for each in drive.messages]
            + [["signal", each.name, each.variables] for each in drive.signals],
        }


class InStore:
    """A feature's instance on a runner's database. `jobs` are those that this life has claimed, of all features."""

    def __init__(self, runner: Runner, feature: Feature, clock: FakeClock, jobs: list[ClaimedJob]) -> None:
        self._runner, self._feature, self._clock, self._jobs = runner, feature, clock, jobs

    def start(self, at: str | None, variables: dict[str, Any]) -> None:
        """Start by hand, or let happen what starts it."""
        if at is None:
            self._runner.start(self._feature.name, variables)
        else:
            self._happen(None, at, 0, variables)

    def act(self, verb: str, element: str, *rest: Any) -> None:
        """Do one step with the commands."""
        runtime, instance = self._runner.runtime, self.instance()
        if verb == "happen":
            self._happen(instance.id, element, rest[1] if rest[1:] else None, rest[0])
        elif verb == "complete":
            (task,) = (each.user_task for each in instance.tokens if each.element_id == element)
            assert task is not None
            self._runner.complete_user_task(task.id, *rest)
        elif verb == "answer":
            complete_job(runtime, self._job(instance.id, element), *rest)
        elif verb == "throw":
            throw_error(runtime, self._job(instance.id, element), ThrownError(rest[0], "", rest[1]))
        # What is called waits for nothing: it has returned in the step of its caller.

    def instance(self) -> RunnerInstance:
        """Give the feature's one instance."""
        (found,) = list_instances(self._runner.runtime, key=self._feature.name).instances
        return self._runner.instance(found.id)

    def ending(self) -> Ending:
        """Read the end from the database."""
        view = self.instance().view()
        happenings = [(each.element_id, each.event) for each in view.history if each.event not in TRACES]
        return {
            "state": view.instance.state.value,
            "variables": dict(view.variables),
            "history": told(happenings),
            "sent": [
                *(["message", row.name, row.key, json.loads(row.variables)] for row in self._sent(tables.messages)),
                *(["signal", row.name, json.loads(row.variables)] for row in self._sent(tables.signals)),
            ],
        }

    def _job(self, instance_id: str, element: str) -> ClaimedJob:
        mine = [each for each in self._jobs if (each.instance_id, each.element_id) == (instance_id, element)]
        assert mine, f"{self._feature.name} has no job at {element}"
        return min(mine, key=lambda job: job.token_id)

    def _happen(self, instance_id: str | None, element: str, index: int | None, variables: dict[str, Any]) -> None:
        """Let the timer be due, or publish what is waited for, and see that it arrives."""
        runtime, wait = self._runner.runtime, self._wait(instance_id, element, index or 0)
        if wait.kind == "timer":
            self._clock.at = max(self._clock.at, from_micros(wait.due_at))
            assert fire_timers(runtime, [wait.id]) == [None]
        elif wait.kind == "message":
            self._runner.publish_message(wait.name, wait.key, variables)
            deliver_messages(runtime, undelivered_messages(runtime, limit=100))
        else:
            self._runner.broadcast_signal(wait.name, variables)
            deliver_signals(runtime, undelivered_signals(runtime, limit=100))

    def _wait(self, instance_id: str | None, element: str, index: int) -> Row[Any]:
        waits, definitions = tables.waits.c, tables.definitions.c
        query = select(tables.waits).where(waits.element_id == element, waits.event_index == index)
        if instance_id is None:
            query = query.join(tables.definitions, definitions.id == waits.definition_id)
            query = query.where(waits.instance_id.is_(None), definitions.key == self._feature.name)
        else:
            query = query.where(waits.instance_id == instance_id)
        with self._runner.runtime.database.read() as connection:
            return connection.execute(query.order_by(waits.id)).first()  # type: ignore[return-value]

    def _sent(self, table: Any) -> Iterator[Row[Any]]:
        query = select(table).where(table.c.sender_instance_id == self.instance().id).order_by(table.c.id)
        with self._runner.runtime.database.read() as connection:
            yield from connection.execute(query).all()


@dataclass(frozen=True)
class Visit:
    """One life of a runner, in a process of its own: it does the `turn`-th step of each feature and is killed.

    In the first it deploys and starts them all; nothing but the database knows in the next what has been done.
    """

    url: str
    turn: int

    def live(self) -> None:
        """Do all that, and die without a goodbye."""
        features = [each for each in read_features() if self.turn <= len(each.does)]
        clock = FakeClock()
        runner = opened(self.url, features, clock)
        clock.at = max(clock.at, last_step(runner) + BETWEEN)
        jobs = claimed(runner) if self.turn else []
        for feature in features:
            stage = InStore(runner, feature, clock, jobs)
            if self.turn:
                stage.act(*feature.does[self.turn - 1])
            else:
                deploy(runner.runtime, feature.path.read_bytes(), source=feature.path.name)
                begin(feature, stage)
        os.kill(os.getpid(), signal.SIGKILL)


def opened(url: str, features: list[Feature], clock: FakeClock) -> Runner:
    """Give a runner without threads that has a handler for each task."""
    elements = {id for feature in features for id, each in feature.process().elements.items() if each.service}
    handlers = HandlerRegistry(Handler(topic, _never_called) for topic in elements)
    return Runner(url, handlers, settings=Settings(), clock=clock, work=False)


def claimed(runner: Runner) -> list[ClaimedJob]:
    """Take all jobs, those first back that the life before has left claimed."""
    Scheduler(runner.runtime).tick()
    return claim_jobs(runner.runtime, runner.runtime.handlers.topics, worker="w", limit=1000)


def last_step(runner: Runner) -> datetime:
    """Give the time of the last step of all instances."""
    with runner.runtime.database.read() as connection:
        return from_micros(connection.execute(select(func.max(tables.steps.c.at))).scalar() or 0)


def _never_called() -> None:
    raise AssertionError("jobs are answered by the feature's steps")
