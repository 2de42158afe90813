"""What must come out of an instance of a sample, whatever happened on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from durability import samples

from runner import Runner
from runner.app import RunnerInstance
from runner.commands.instances import list_instances
from runner.errors import UserTaskOver
from runner.model import InstanceView
from runner.settings import Settings

# What accidents may add to a history: attempts that were not answered, or could not be.
TRACES = {"job_released", "job_postponed", "job_failed"}


@dataclass(frozen=True)
class Ending:
    """How an instance ended. Branches may take turns in any order, so what happened is counted."""

    state: str
    variables: dict[str, Any]
    happened: Counter[tuple[str, str]]


def ending(view: InstanceView) -> Ending:
    """Reduce an instance to what accidents must not change."""
    happened = Counter((each.element_id, each.event) for each in view.history if each.event not in TRACES)
    return Ending(view.instance.state, dict(view.variables), happened)


def until_over(runner: Runner, instance: RunnerInstance, *, patience: float) -> bool:
    """Wait until an instance is over, doing what people would do meanwhile; other processes may do the same."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        for task in runner.user_tasks(instance_id=instance.id):
            with suppress(UserTaskOver):
                runner.complete_user_task(task.id, samples.SIGNED)
        if instance.wait(timeout=0.2):
            return True
    return False


def undisturbed_endings() -> dict[str, Ending]:
    """Run each sample once, without any accident."""
    with Runner("sqlite://", [samples], settings=Settings()) as runner:
        samples.deploy(runner.runtime)
        running = {key: runner.start(key, sample.variables) for key, sample in samples.EVERY.items()}
        assert all(until_over(runner, instance, patience=60) for instance in running.values())
        return {key: ending(instance.view()) for key, instance in running.items()}


def unlike(runner: Runner, expected: Mapping[str, Ending]) -> list[str]:
    """Give the ids of the instances that did not end as they should have."""
    known = list_instances(runner.runtime, limit=1_000_000).instances
    views = [runner.instance(each.id).view() for each in known]
    return [view.instance.id for view in views if ending(view) != expected[view.instance.key]]
