"""A runner keeps instances in memory: what another runner, or a fault of the database, made of them is noticed when it
writes, and nothing of the step is stored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from builders import FakeClock, chain, fork
from durability.invariants import violations
from sqlalchemy import create_engine

from runner import HandlerRegistry, Runner
from runner.app import RunnerInstance
from runner.commands import definitions
from runner.commands.instances import cancel_instance, list_instances
from runner.commands.jobs import ClaimedJob, claim_jobs, complete_job
from runner.commands.upkeep import archive_ended
from runner.errors import Conflict, InstanceChanged, InstanceEnded
from runner.handling import Handler
from runner.settings import Settings

Opening = Callable[[], Runner]
SQLITE_TRIGGERS = {
    "ignored": "CREATE TRIGGER fault BEFORE UPDATE ON instances WHEN OLD.id = '{id}' BEGIN SELECT RAISE(IGNORE); END",
    "forgotten": "CREATE TRIGGER fault AFTER UPDATE ON instances WHEN OLD.id = '{id}' "
    "BEGIN UPDATE instances SET seq = OLD.seq WHERE id = OLD.id; END",
}
POSTGRESQL_BODIES = {"ignored": "RETURN NULL;", "forgotten": "NEW.seq := OLD.seq; RETURN NEW;"}
POSTGRESQL_TRIGGER = (
    "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$; "
    "CREATE TRIGGER fault BEFORE UPDATE ON instances FOR EACH ROW WHEN (OLD.id = '{id}') EXECUTE FUNCTION fault()"
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def opening(lasting_url: str, clock: FakeClock) -> Iterator[Opening]:
    """Open runners on one database whose jobs are answered by the test."""
    with ExitStack() as stack:

        def opened() -> Runner:
            handlers = HandlerRegistry(Handler(topic, _never_called) for topic in "ab")
            return stack.enter_context(Runner(lasting_url, handlers, settings=Settings(), clock=clock, work=False))

        yield opened


def claim(runner: Runner, topic: str) -> ClaimedJob:
    """Take the one job of a topic."""
    (job,) = claim_jobs(runner.runtime, frozenset(topic), worker="w", limit=1)
    return job


def started(runner: Runner, xml: bytes) -> RunnerInstance:
    """Start an instance; the runner keeps it in memory."""
    definitions.deploy(runner.runtime, xml, source="test.bpmn")
    return runner.start("p")


def fault(url: str, kind: str, instance_id: str) -> None:
    """Make the database ignore updates of an instance's header, or forget their `seq` and say that all is well."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            sql = SQLITE_TRIGGERS[kind].format(id=instance_id)
        else:
            sql = POSTGRESQL_TRIGGER.format(id=instance_id, body=POSTGRESQL_BODIES[kind])
        connection.exec_driver_sql(sql)
    engine.dispose()


def repair(url: str) -> None:
    """Make the database work again."""
    engine = create_engine(url)
    with engine.begin() as connection:
        place = "" if engine.dialect.name == "sqlite" else " ON instances"
        connection.exec_driver_sql(f"DROP TRIGGER fault{place}")
    engine.dispose()


def complete_together(runner: Runner, jobs: list[ClaimedJob]) -> list[BaseException | None]:
    """Answer jobs behind a command that holds the writing thread, so that they share a commit; give their errors."""
    gate, told = threading.Event(), threading.Semaphore(0)
    errors: dict[str, BaseException | None] = {}

    def done(id: str, error: BaseException | None) -> None:
        errors[id] = error
        told.release()

    runner.runtime.database.submit(lambda _: gate.wait(), lambda *_: None)
    for job in jobs:
        complete_job(runner.runtime, job, {}, done=lambda error, id=job.id: done(id, error))
    gate.set()
    for _ in jobs:
        told.acquire()
    return [errors[job.id] for job in jobs]


def test_a_step_upon_stale_memory_is_taken_upon_what_is_stored(opening: Opening) -> None:
    one, other = opening(), opening()
    instance = started(one, fork("a", "b"))
    late = claim(one, "b")
    complete_job(other.runtime, claim(other, "a"), {"x": "other"})

    complete_job(one.runtime, late, {"y": "one"})

    assert (instance.state, instance.variables) == ("completed", {"x": "other", "y": "one"})
    assert violations(one.runtime) == []


def test_what_another_runner_ended_and_archived_is_not_ended_again(opening: Opening, clock: FakeClock) -> None:
    one, other = opening(), opening()
    instance = started(one, chain("a"))
    complete_job(other.runtime, claim(other, "a"), {})
    clock.move(60)
    other.start("p")
    assert archive_ended(other.runtime, timedelta(0)) == 1

    with pytest.raises(InstanceEnded):
        cancel_instance(one.runtime, instance.id)

    assert instance.state == "completed"
    assert violations(one.runtime) == []


def test_a_header_that_is_not_written_stops_the_step_and_it_can_be_taken_later(
    opening: Opening, lasting_url: str
) -> None:
    runner = opening()
    instance = started(runner, chain("ab"))
    job = claim(runner, "a")
    fault(lasting_url, "ignored", instance.id)
    with pytest.raises(InstanceChanged):
        complete_job(runner.runtime, job, {})
    assert [each.state for each in instance.view().jobs] == ["claimed"]
    assert violations(runner.runtime) == []
    repair(lasting_url)
    complete_job(runner.runtime, job, {})
    assert [each.state for each in instance.view().jobs] == ["completed", "ready"]


def test_a_header_that_is_not_written_stops_no_other_instance(opening: Opening, lasting_url: str) -> None:
    runner = opening()
    instances = [started(runner, chain("a")) for _ in range(3)]
    jobs = claim_jobs(runner.runtime, frozenset("a"), worker="w", limit=3)
    fault(lasting_url, "ignored", jobs[1].instance_id)

    errors = complete_together(runner, jobs)

    assert [type(error) for error in errors] == [type(None), InstanceChanged, type(None)]
    assert list_instances(runner.runtime, state="completed").total == len(instances) - 1
    assert violations(runner.runtime) == []


def test_a_header_that_forgets_a_step_is_noticed_by_the_next_and_by_verify(opening: Opening, lasting_url: str) -> None:
    runner = opening()
    instance = started(runner, chain("ab"))
    fault(lasting_url, "forgotten", instance.id)
    complete_job(runner.runtime, claim(runner, "a"), {})
    repair(lasting_url)
    (job,) = [each for each in instance.view().jobs if each.state == "ready"]

    with pytest.raises(Conflict):
        cancel_instance(runner.runtime, instance.id)

    assert [each.state for each in instance.view().jobs if each.id == job.id] == ["ready"]
    assert any(each.startswith("I1 ") for each in violations(runner.runtime))


def _never_called() -> None:
    raise AssertionError("jobs are answered by the test")
