"""Timers, messages and signals in a working runner: threads of it fire and deliver them, woken and not by polling."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from awaiting import catching, message, named, signal, started_by, throwing, timed
from waiting import until

from runner import Runner, handler
from runner.app import RunnerInstance
from runner.commands import definitions
from runner.commands.instances import list_instances
from runner.commands.messages import Publication, list_messages, publish_message
from runner.commands.verification import verify
from runner.model import InstanceState
from runner.work import courier, timekeeper

LONG = 3600.0
PAID = catching(named("message", "Paid"), extra=message("Paid", "order"))


@handler("a")
def a() -> None:
    """Do nothing."""


@pytest.fixture
def runner(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """Give a working runner that would look by itself once an hour: whatever it does in time, it was woken for."""
    monkeypatch.setattr(timekeeper, "LOOK_AGAIN_SECONDS", LONG)
    monkeypatch.setattr(courier, "LOOK_AGAIN_SECONDS", LONG)
    with Runner(database_url, handlers=[a]) as opened:
        yield opened


def deploy(runner: Runner, *diagrams: bytes) -> None:
    for number, xml in enumerate(diagrams):
        definitions.deploy(runner.runtime, xml, source=f"{number}.bpmn")


def ended(instance: RunnerInstance) -> bool:
    return instance.wait(timeout=20) and instance.state is InstanceState.COMPLETED


def test_a_timer_wakes_its_runner(runner: Runner) -> None:
    deploy(runner, catching(timed("Duration", "PT0.2S")))

    assert ended(runner.start("p"))


def test_an_earlier_timer_wakes_a_runner_that_sleeps_until_a_later_one(runner: Runner) -> None:
    deploy(runner, catching(timed("Duration", "PT1H"), key="later"), catching(timed("Duration", "PT0.1S")))
    later = runner.start("later")
    until(lambda: runner.runtime.timers._until is not None)

    assert ended(runner.start("p"))
    assert later.state is InstanceState.ACTIVE


def test_a_cycle_goes_on_by_itself(runner: Runner) -> None:
    deploy(runner, started_by(timed("Cycle", "R3/PT0.05S")))

    until(lambda: list_instances(runner.runtime, state="completed").total == 3)


def test_a_message_between_two_instances_is_delivered_without_polling(runner: Runner) -> None:
    deploy(runner, PAID, throwing(named("message", "Paid"), extra=message("Paid", "order")))
    receiver = runner.start("p", {"order": 7})
    sender = runner.start("thrower", {"order": 7})

    assert ended(sender) and ended(receiver)


def test_a_message_that_is_kept_is_delivered_without_polling(runner: Runner) -> None:
    deploy(runner, PAID)
    runner.publish_message("Paid", 7)

    assert ended(runner.start("p", {"order": 7}))


def test_a_signal_reaches_all_without_polling(runner: Runner) -> None:
    deploy(runner, catching(named("signal", "Alarm"), extra=signal("Alarm")))
    instances = runner.start_many("p", [{}] * 250)

    assert runner.broadcast_signal("Alarm").reached == 250
    assert all(map(ended, instances))


def test_a_hundred_instances_exchange_messages_and_each_gets_its_own(runner: Runner) -> None:
    deploy(runner, PAID, throwing(named("message", "Paid"), extra=message("Paid", "order")))
    receivers = runner.start_many("p", [{"order": number} for number in range(50)])
    runner.start_many("thrower", [{"order": number} for number in range(50)])
    late = runner.start_many("p", [{"order": number} for number in range(50)])
    runner.start_many("thrower", [{"order": number} for number in reversed(range(50))])

    assert all(map(ended, [*receivers, *late]))
    assert {each.state for each in list_messages(runner.runtime, limit=200)} == {"delivered"}
    assert verify(runner.runtime).violations == []


def test_what_was_sent_and_due_while_nothing_ran_is_done_when_a_runner_starts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/runner.db"
    with Runner(url, handlers=[a], work=False) as idle:
        deploy(idle, PAID, throwing(named("message", "Paid"), extra=message("Paid", "order")))
        deploy(idle, catching(timed("Duration", "PT0S"), key="timed"))
        ids = [idle.start(key, {"order": 7}).id for key in ("p", "thrower", "timed")]
    with Runner(url, handlers=[a]) as runner:
        assert all(ended(runner.instance(id)) for id in ids)


def test_messages_expire_by_themselves(tmp_path: Path) -> None:
    with Runner(f"sqlite:///{tmp_path}/runner.db", handlers=[a]) as runner:
        runner.publish_message("Paid", ttl=timedelta(milliseconds=50))

        until(lambda: runner.messages(state="expired"))


def test_several_publishers_and_a_waiter_never_lose_a_message(runner: Runner) -> None:
    deploy(runner, PAID)
    numbers = range(30)

    def publish() -> None:
        for number in numbers:
            publish_message(runner.runtime, Publication("Paid", str(number)))

    thread = threading.Thread(target=publish)
    thread.start()
    instances = [runner.start("p", {"order": number}) for number in numbers]
    thread.join()

    assert all(map(ended, instances))
