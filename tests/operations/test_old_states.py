"""What a released version wrote is opened, shown and run on to its end. `tests/fixtures/make.py` writes new ones."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import FakeClock

from runner import HandlerRegistry
from runner.app import Runner, RunnerInstance
from runner.commands import instances
from runner.commands.jobs import ClaimedJob, claim_jobs, complete_job
from runner.commands.timers import due_timers, fire_timers
from runner.commands.verification import verify
from runner.handling import Handler
from runner.model import InstanceState
from runner.store.tables import REVISION

FIXTURES = Path(__file__).parents[1] / "fixtures"
VARIABLES = {"typename": "str", "ключ": "🦊", "n": 10**30, "deep": [[{"": None}]]}
STATES = sorted(path.name for path in FIXTURES.glob("state_*"))


@contextmanager
def opened(state: str, name: str, folder: Path) -> Iterator[Runner]:
    """Open a copy of a database, two hours after it was written, with handlers that the test answers for."""
    shutil.copy(FIXTURES / state / f"{name}.db", folder / "old.db")
    clock = FakeClock()
    clock.move(7200)
    handlers = HandlerRegistry(Handler(topic, lambda: None) for topic in "ab")
    with Runner(f"sqlite:///{folder}/old.db", handlers=(handlers,), clock=clock, work=False) as runner:
        yield runner


def claim(runner: Runner) -> ClaimedJob:
    """Take the one job that is due."""
    (job,) = claim_jobs(runner.runtime, frozenset("ab"), worker="w", limit=10)
    return job


def listed(runner: Runner) -> list[RunnerInstance]:
    """Give the instances, newest first."""
    return [runner.instance(each.id) for each in instances.list_instances(runner.runtime).instances]


DATABASES = sorted(f"{path.parent.name}/{path.stem}" for path in FIXTURES.glob("state_*/*.db"))
WAITED = [state for state in STATES if f"{state}/waiting" in DATABASES]


@pytest.mark.parametrize("database", DATABASES)
def test_an_old_database_fits_together(database: str, tmp_path: Path) -> None:
    with opened(*database.split("/"), tmp_path) as runner:
        found = verify(runner.runtime)

    assert found.violations == [] and found.checked["steps"] >= 3


@pytest.mark.parametrize("state", STATES)
def test_an_old_instance_at_a_join_goes_on_with_its_retry(state: str, tmp_path: Path) -> None:
    with opened(state, "active", tmp_path) as runner:
        (instance,) = listed(runner)
        assert sorted((each.element_id, each.waiting_for) for each in instance.tokens) == [
            ("b", "job"),
            ("join", "join"),
        ]
        job = claim(runner)
        complete_job(runner.runtime, job, {"b": 2})

        assert (job.attempt, job.business_key) == (2, "order 7")
        assert instance.state is InstanceState.COMPLETED
        assert instance.variables == VARIABLES | {"a": 1, "b": 2}
        assert verify(runner.runtime).violations == []


@pytest.mark.parametrize("state", STATES)
def test_an_old_incident_is_shown_and_resolved(state: str, tmp_path: Path) -> None:
    with opened(state, "incident", tmp_path) as runner:
        (instance,) = listed(runner)
        (incident,) = instance.incidents
        instance.retry({"corrected": True})
        complete_job(runner.runtime, claim(runner), {})

        assert (incident.kind, incident.message) == ("permanent_failure", "ConnectionError: nobody answers")
        assert (instance.state, instance.incidents) == (InstanceState.COMPLETED, ())
        assert instance.variables == VARIABLES | {"a": 1, "corrected": True}


@pytest.mark.parametrize("state", STATES)
def test_old_ended_instances_are_shown_step_by_step(state: str, tmp_path: Path) -> None:
    with opened(state, "ended", tmp_path) as runner:
        canceled, completed = listed(runner)

        assert (canceled.state, completed.state) == (InstanceState.TERMINATED, InstanceState.COMPLETED)
        assert completed.variables == VARIABLES | {"large": "x" * 9000, "b": 2}
        assert completed.view(at=0).variables == canceled.variables == VARIABLES
        assert [each.event for each in completed.history if each.element_id == "b"] == ["entered", "completed"]


@pytest.mark.parametrize("state", WAITED)
def test_what_an_old_instance_waits_for_is_all_there(state: str, tmp_path: Path) -> None:
    with opened(state, "waiting", tmp_path) as runner:
        instance = next(each for each in listed(runner) if each.view().instance.key == "p")

        waiting = Counter(token.waiting_for for token in instance.tokens)
        assert waiting == {
            "timer": 1, "message": 1, "signal": 1, "condition": 1, "event": 1, "user_task": 2, "call": 1, "job": 4,
            "inside": 3,
        }  # fmt: skip


@pytest.mark.parametrize("state", WAITED)
def test_all_that_an_old_instance_waits_for_moves_it_on_to_its_end(state: str, tmp_path: Path) -> None:
    with opened(state, "waiting", tmp_path) as runner:
        instance = next(each for each in listed(runner) if each.view().instance.key == "p")
        let_everything_happen(runner)

        done = Counter(entry.element_id for entry in instance.history if entry.event == "completed")
        assert (instance.state, instance.incidents) == (InstanceState.COMPLETED, ())
        assert {id: done[id] for id in ("pay", "refund", "reminder", "told", "too_late", "yes", "each", "all")} == {
            "pay": 1, "refund": 1, "reminder": 1, "told": 1, "too_late": 0, "yes": 1, "each": 1 + 3, "all": 1 + 2,
        }  # fmt: skip
        assert verify(runner.runtime).violations == []


def let_everything_happen(runner: Runner) -> None:
    """Let messages come, a signal, people, timers, and the handlers' answers until nothing is left to do."""
    for name in ("go", "yes", "tell"):
        runner.publish_message(name)
    runner.broadcast_signal("all")
    for task in runner.user_tasks():
        runner.complete_user_task(task.id, {"flag": True})
    assert fire_timers(runner.runtime, due_timers(runner.runtime, limit=100).due) == [None, None]
    while jobs := claim_jobs(runner.runtime, frozenset("ab"), worker="w", limit=10):
        for job in jobs:
            complete_job(runner.runtime, job, {})


def test_a_released_schema_has_its_databases() -> None:
    assert "state_0001" in STATES and all(state <= f"state_{REVISION}" for state in STATES)
