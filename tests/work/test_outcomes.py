"""How a handler is called, and how each way in which it ends becomes one outcome."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import bpmn, chain
from pydantic import BaseModel
from waiting import until

from runner import BpmnError, Job, PermanentFailure, Postpone, RetryPolicy, Runner, handler
from runner.app import RunnerInstance
from runner.commands.jobs import claim_jobs
from runner.errors import DatabaseUnusable
from runner.settings import Settings

QUICK = RetryPolicy(initial=timedelta(milliseconds=5), max_attempts=3)


class Pokemon(BaseModel):
    """A model of the tests' own."""

    name: str
    level: int = 1


class Caught(BaseModel):
    """What a handler returns."""

    pokemon: Pokemon
    by: str


def run(function: Callable[..., Any], variables: dict[str, Any], *, xml: bytes | None = None) -> RunnerInstance:
    """Run one service task with this handler until only a person can move it on, and give the instance."""
    with Runner(database="sqlite://", handlers=[function]) as runner:
        path = Path(runner.runtime.database._place.url.database or "").with_suffix(".bpmn")
        path.write_bytes(xml or chain(["task"]))
        runner.deploy(path)
        instance = runner.start("p", variables)
        assert instance.wait_until_settled(15)
        view = instance.view()
        instance.view = lambda *, at=None: view  # type: ignore[method-assign]  # what it was when it settled
        return instance


def incident(function: Callable[..., Any], variables: dict[str, Any]) -> tuple[str, str]:
    (found,) = run(function, variables).incidents
    return found.kind.value, found.message


def test_parameters_are_variables_by_name_made_into_their_types() -> None:
    @handler("task")
    def task(pokemon: Pokemon, level: int, *, service: str = "default") -> Caught:
        return Caught(pokemon=pokemon.model_copy(update={"level": level}), by=service)

    variables = run(task, {"pokemon": {"name": "Mewtwo"}, "level": "50", "service": "a variable"}).variables

    assert variables["pokemon"] == {"name": "Mewtwo", "level": 50}
    assert variables["by"] == "default"


def test_a_missing_variable_is_an_incident_that_names_it_and_a_near_one() -> None:
    @handler("task")
    def task(pokemon: Pokemon) -> None: ...

    kind, message = incident(task, {"pokemons": []})

    assert kind == "input_invalid" and "'pokemon'" in message and "Did you mean 'pokemons'" in message


def test_a_parameter_with_a_default_may_be_missing() -> None:
    @handler("task")
    def task(bonus: int = 5) -> dict[str, int]:
        return {"total": bonus}

    assert run(task, {}).variables == {"total": 5}


def test_keyword_variables_take_all_the_rest() -> None:
    @handler("task")
    def task(a: int, **others: Any) -> dict[str, Any]:
        return {"others": sorted(others)}

    assert run(task, {"a": 1, "b": 2, "c": 3}).variables["others"] == ["b", "c"]


def test_what_a_handler_does_to_its_input_does_not_reach_the_process() -> None:
    @handler("task")
    def task(items: list[Any]) -> None:
        items[0].append("mutated")

    assert run(task, {"items": [[1]]}).variables == {"items": [[1]]}


def test_an_async_handler_runs_on_a_loop_and_may_take_the_job() -> None:
    @handler("task")
    async def task(job: Job) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"key": job.id, "attempt": job.attempt}

    instance = run(task, {})

    assert instance.variables == {"key": f"{instance.id}-2", "attempt": 1}


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ("text", "returned a str"),
        ([1], "returned a list"),
        ({"x": object()}, "JSON data"),
        ({"x": float("nan")}, "nan"),
    ],
)
def test_a_result_that_cannot_become_variables_is_an_incident(result: object, says: str) -> None:
    @handler("task")
    def task() -> object:
        return result

    kind, message = incident(task, {})

    assert kind == "output_invalid" and says in message


def test_a_permanent_failure_is_an_incident_at_once() -> None:
    calls: list[int] = []

    @handler("task", retry=QUICK)
    def task() -> None:
        calls.append(1)
        raise PermanentFailure("the address does not exist")

    assert incident(task, {}) == ("permanent_failure", "PermanentFailure: the address does not exist")
    assert len(calls) == 1


def test_a_class_that_is_not_worth_retrying_is_an_incident_at_once() -> None:
    calls: list[int] = []

    @handler("task", retry=RetryPolicy(non_retryable=("LookupError",)))
    def task() -> None:
        calls.append(1)
        raise KeyError("x")

    assert incident(task, {})[0] == "permanent_failure" and len(calls) == 1


def test_attempts_follow_the_policy_with_one_idempotency_key() -> None:
    seen: list[tuple[str, int]] = []

    @handler("task", retry=QUICK)
    def task(job: Job) -> None:
        seen.append((job.id, job.attempt))
        raise ConnectionError("refused")

    assert incident(task, {}) == ("retries_exhausted", "ConnectionError: refused")
    assert [attempt for _, attempt in seen] == [1, 2, 3] and len({key for key, _ in seen}) == 1


def test_the_diagrams_retry_rule_wins_over_the_handlers() -> None:
    calls: list[int] = []

    @handler("task", retry=RetryPolicy(max_attempts=9, initial=timedelta(hours=1)))
    def task() -> None:
        calls.append(1)
        raise ConnectionError("refused")

    rule = "<camunda:failedJobRetryTimeCycle>R2/PT0.01S</camunda:failedJobRetryTimeCycle>"
    inner = f'<extensionElements xmlns:camunda="http://camunda.org/schema/1.0/bpmn">{rule}</extensionElements>'
    xml = bpmn([("s", "startEvent"), ("task", "serviceTask", inner)], [("s", "task")])

    assert run(task, {}, xml=xml).incidents[0].kind == "retries_exhausted"
    assert len(calls) == 2


def test_zeebe_retries_with_a_backoff_header_rule_too() -> None:
    calls: list[int] = []

    @handler("task")
    def task() -> None:
        calls.append(1)
        raise ConnectionError("refused")

    headers = '<zeebe:taskHeaders><zeebe:header key="retryBackoff" value="PT0.01S"/></zeebe:taskHeaders>'
    inner = f'<zeebe:taskDefinition type="task" retries="2"/>{headers}'
    inner = f'<extensionElements xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">{inner}</extensionElements>'
    xml = bpmn([("s", "startEvent"), ("task", "serviceTask", inner)], [("s", "task")])

    assert run(task, {}, xml=xml).incidents[0].kind == "retries_exhausted"
    assert len(calls) == 2


def test_a_postponed_attempt_comes_back_and_does_not_count() -> None:
    seen: list[int] = []

    @handler("task", retry=RetryPolicy(max_attempts=1))
    def task(job: Job) -> None:
        seen.append(job.attempt)
        if len(seen) < 3:
            raise Postpone(timedelta(milliseconds=5), "not yet")

    assert run(task, {}).view().instance.state == "completed"
    assert seen == [1, 1, 1]


def test_an_uncaught_bpmn_error_is_an_incident_with_its_message() -> None:
    @handler("task")
    def task() -> None:
        raise BpmnError("POKEMON_ESCAPED", "it broke out")

    kind, message = incident(task, {})

    assert kind == "error_uncaught" and "it broke out" in message


def test_a_handler_that_leaves_by_system_exit_fails_and_the_worker_lives() -> None:
    @handler("task", retry=RetryPolicy(max_attempts=1))
    def task() -> None:
        raise SystemExit(3)

    assert incident(task, {}) == ("retries_exhausted", "SystemExit: 3")


def test_a_hanging_handler_counts_as_failed_and_its_late_answer_is_dropped(tmp_path: Path) -> None:
    hanging, freed = threading.Event(), threading.Event()

    @handler("task", timeout=timedelta(milliseconds=50), retry=QUICK)
    def task(job: Job) -> dict[str, int]:
        if job.attempt == 1:
            hanging.wait(20)
            freed.set()
        return {"attempt": job.attempt}

    (tmp_path / "p.bpmn").write_bytes(chain(["task"]))
    with Runner(database="sqlite://", handlers=[task], settings=Settings(threads=1)) as runner:
        runner.deploy(tmp_path / "p.bpmn")
        instance = runner.start("p")
        assert instance.wait(15)
        hanging.set()
        assert freed.wait(15)

        assert instance.variables == {"attempt": 2}
        errors = [entry.detail["error"] for entry in instance.history if entry.event == "job_failed"]
        assert len(errors) == 1 and "did not return within 0.05 s" in str(errors[0])


def test_an_answer_that_the_database_cannot_take_is_kept_and_stored_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    @handler("task")
    def task() -> dict[str, int]:
        calls.append(1)
        return {"done": 1}

    (tmp_path / "p.bpmn").write_bytes(chain(["task"]))
    with Runner(database="sqlite://", handlers=[task]) as runner:
        runner.deploy(tmp_path / "p.bpmn")
        real, refused = runner.runtime.database.submit, []

        def full(command: Any, done: Any) -> None:
            if calls and len(refused) < 2:
                refused.append(done(None, DatabaseUnusable("the disk is full")))
            else:
                real(command, done)

        monkeypatch.setattr(runner.runtime.database, "submit", full)
        instance = runner.start("p")
        assert until(lambda: instance.state == "completed")

        assert (len(calls), len(refused), instance.variables) == (1, 2, {"done": 1})


def test_a_worker_takes_the_job_of_a_dead_process_back_at_once(tmp_path: Path) -> None:
    @handler("task")
    def task() -> None: ...

    url = f"sqlite:///{tmp_path}/x.db"
    (tmp_path / "p.bpmn").write_bytes(chain(["task"]))
    with Runner(database=url, handlers=[task], work=False) as first:
        first.deploy(tmp_path / "p.bpmn")
        instance_id = first.start("p").id
        host = first.runtime.actor.partition(":")[0]
        assert claim_jobs(first.runtime, frozenset({"task"}), worker=f"{host}:999999:1.00", limit=1)

    with Runner(database=url, handlers=[task]) as second:
        assert second.instance(instance_id).wait(10)


def test_an_answer_that_cannot_be_stored_for_an_unforeseen_reason_is_an_incident(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @handler("task")
    def task() -> None: ...

    def broken(*_: object) -> None:
        raise RuntimeError("a defect of the runner")

    monkeypatch.setattr("runner.engine.engine.Execution.complete", broken)

    assert incident(task, {}) == ("stalled", "RuntimeError: a defect of the runner")


def test_an_async_handler_that_hangs_is_ended_and_counts_as_failed() -> None:
    ended: list[bool] = []

    @handler("task", timeout=timedelta(milliseconds=50), retry=RetryPolicy(max_attempts=1))
    async def task() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    assert incident(task, {})[0] == "retries_exhausted"
    assert until(lambda: ended)
