"""What one process leaves for others wakes them: on PostgreSQL nobody has to wait for the next look at the database.

Whoever looks by itself looks only once an hour here, so that what is found was told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from builders import bpmn, chain
from sqlalchemy import text
from waiting import until

from runner import PermanentFailure, Runner, handler
from runner import instance as waiting_for
from runner.app import RunnerInstance
from runner.commands import definitions
from runner.settings import Settings
from runner.work import courier, timekeeper, worker
from web import live

Opening = Callable[..., Runner]
HOUR = 3600.0
# A listener that has just begun looks once by itself; what comes after that was told.
TWICE = 2
TIMER = "<timerEventDefinition><timeDuration>PT0.1S</timeDuration></timerEventDefinition>"
MESSAGE = '<messageEventDefinition messageRef="m"/>'
_LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN \"runner_' || md5(current_schema()) || '\"'"
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Gate:
    """Lets handlers pass, or not yet."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()


@handler("a")
def a() -> None:
    """Do nothing."""


@handler("b")
def b(fail: bool = False) -> None:
    """Do nothing, or fail for good."""
    if fail:
        raise PermanentFailure("as wished")


@pytest.fixture
def opening(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opening]:
    """Open runners on one database, with `chain("ab")` deployed; those that are to hear have begun to."""
    monkeypatch.setattr(worker, "POLL_SECONDS", HOUR)
    monkeypatch.setattr(waiting_for, "LOOK_AGAIN_SECONDS", HOUR)
    monkeypatch.setattr(live, "INTERVAL", HOUR)
    monkeypatch.setattr(courier, "LOOK_AGAIN_SECONDS", HOUR)
    monkeypatch.setattr(timekeeper, "LOOK_AGAIN_SECONDS", HOUR)
    with ExitStack() as stack:

        def opened(*handlers: Any, **options: Any) -> Runner:
            options = {"settings": Settings(), "work": bool(handlers)} | options
            runner = stack.enter_context(Runner(database_url, handlers, **options))
            if options["work"]:
                opened_before = len(hearing)
                hearing.append(runner)
                until(lambda: listeners(runner) == opened_before + 1)
            return runner

        hearing: list[Runner] = []
        with Runner(database_url, [a, b], settings=Settings(), work=False) as deploying:
            definitions.deploy(deploying.runtime, chain("ab"), source="test.bpmn")
        yield opened


def listeners(runner: Runner) -> int:
    """Count who listens on the runner's database."""
    with runner.runtime.database.read() as connection:
        return int(connection.execute(text(_LISTENING)).scalar_one())


def deploy(runner: Runner, key: str, event: tuple[str, str, str]) -> None:
    """Deploy a process with one event between start and end."""
    nodes = [("s", "startEvent"), event, ("e", "endEvent")]
    xml = bpmn(nodes, [("s", event[0]), (event[0], "e")], key=key, extra='<message id="m" name="m"/>')
    definitions.deploy(runner.runtime, xml, source=f"{key}.bpmn")


def completed(instance: RunnerInstance) -> None:
    """Wait until an instance has completed."""
    until(lambda: instance.state == "completed")


def test_a_start_in_a_process_without_workers_wakes_a_worker(opening: Opening) -> None:
    opening(a, b)
    for _ in range(TWICE):
        completed(opening().start("p"))


def test_a_job_that_its_process_has_no_handler_for_wakes_another(opening: Opening) -> None:
    one, other = opening(a), opening(b)
    for runner in (one, other) * TWICE:
        completed(runner.start("p"))


def test_a_retry_that_a_person_asks_for_elsewhere_wakes_a_worker(opening: Opening) -> None:
    working, asking = opening(a, b), opening()
    for _ in range(TWICE):
        instance = working.start("p", {"fail": True})
        until(lambda instance=instance: instance.incidents)
        asking.instance(instance.id).retry({"fail": False})
        completed(instance)


def test_a_worker_that_stops_hands_over_what_it_has_not_begun(opening: Opening) -> None:
    gate = Gate()

    @handler("a")
    def held() -> None:
        gate.reached.set()
        gate.opened.wait(20)

    stopping = opening(held, b, settings=Settings(threads=1))
    instances = [stopping.start("p") for _ in range(3)]
    gate.reached.wait(20)
    opening(a, b)
    gate.opened.set()
    stopping.close()
    for instance in instances:
        completed(opening().instance(instance.id))


def test_a_timer_that_is_set_in_a_process_without_workers_is_fired_in_time(opening: Opening) -> None:
    opening(a, b)
    starting = opening()
    deploy(starting, "timed", ("t", "intermediateCatchEvent", TIMER))
    for _ in range(TWICE):
        completed(starting.start("timed"))


def test_a_message_that_is_sent_in_a_process_without_workers_is_delivered(opening: Opening) -> None:
    opening(a, b)
    starting = opening()
    deploy(starting, "sender", ("t", "intermediateThrowEvent", MESSAGE))
    for _ in range(TWICE):
        starting.start("sender")
        until(lambda: not starting.messages(state="sent"))


def test_who_waits_for_an_instance_hears_that_it_ended_elsewhere(opening: Opening) -> None:
    waiting = opening()
    instance = waiting.start("p")
    ended: list[bool] = []
    threading.Thread(target=lambda: ended.append(instance.wait(HOUR)), daemon=True).start()
    until(lambda: listeners(waiting) == 1)
    # Not by `opening`, which counts those who listen.
    with Runner(waiting.runtime.database.url, [a, b], settings=Settings()):
        until(lambda: ended == [True])


def test_who_only_stores_and_asks_does_not_listen(opening: Opening) -> None:
    runner = opening()
    runner.start("p")
    assert listeners(runner) == 0


def test_pages_hear_of_steps_elsewhere(opening: Opening) -> None:
    serving, stopping = opening(a, b), threading.Event()
    listener = live.Feed(serving.runtime, stopping).listen(None)
    assert listener is not None
    instance = opening().start("p")
    messages = listener.messages()
    assert instance.id in "".join(next(messages) for _ in range(2))
    stopping.set()
    opening().start("p")
