"""Two working runners on one database: a message never misses who waits for it; each timer and signal comes once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from awaiting import catching, message, named, signal, timed
from waiting import until

from runner import Runner, handler
from runner.app import RunnerInstance
from runner.commands import definitions
from runner.commands.instances import list_instances
from runner.commands.messages import _deliver
from runner.commands.starting import Beginning, begin
from runner.commands.verification import verify
from runner.model import InstanceState, MessageState
from runner.store.messages import NewMessage, publish
from runner.store.transactions import Transaction

PAID = catching(named("message", "Paid"), extra=message("Paid", "order"))
MANY = 60


@handler("a")
def a() -> None:
    """Do nothing."""


@pytest.fixture
def pair(database_url: str, tmp_path: Path) -> Iterator[tuple[Runner, Runner]]:
    """Give two working runners on the same database."""
    url = f"sqlite:///{tmp_path}/runner.db" if database_url == "sqlite://" else database_url
    with Runner(url, handlers=[a]) as one, Runner(url, handlers=[a]) as other:
        yield one, other


def at_the_same_time(*does: Callable[[], object]) -> None:
    threads = [threading.Thread(target=do) for do in does]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def all_ended(instances: list[RunnerInstance]) -> bool:
    return all(each.wait(timeout=20) and each.state is InstanceState.COMPLETED for each in instances)


def test_who_begins_to_wait_while_a_message_is_published_gets_it(pair: tuple[Runner, Runner]) -> None:
    one, other = pair
    definitions.deploy(one.runtime, PAID, source="p.bpmn")
    instances: list[RunnerInstance] = []

    at_the_same_time(
        lambda: instances.extend(one.start("p", {"order": number}) for number in range(MANY)),
        lambda: [other.publish_message("Paid", number) for number in range(MANY)],
    )

    assert all_ended(instances)
    assert {each.state for each in one.messages(limit=2 * MANY)} == {MessageState.DELIVERED}
    assert verify(one.runtime).violations == []


def test_both_publish_for_the_same_key_and_each_message_is_delivered_once(pair: tuple[Runner, Runner]) -> None:
    one, other = pair
    definitions.deploy(one.runtime, PAID, source="p.bpmn")
    instances = list(one.start_many("p", [{"order": 7}] * MANY))

    at_the_same_time(*(lambda each=each: [each.publish_message("Paid", 7) for _ in range(MANY // 2)] for each in pair))

    assert all_ended(instances)
    assert len({each.instance_id for each in other.messages(limit=2 * MANY)}) == MANY


def test_a_message_id_that_both_publish_at_the_same_time_is_published_once(pair: tuple[Runner, Runner]) -> None:
    ids: list[int] = []

    at_the_same_time(
        *(
            lambda each=each: ids.extend(each.publish_message("Paid", message_id=str(n)).id for n in range(20))
            for each in pair
        )
    )

    assert len(set(ids)) == 20 == len(pair[0].messages(limit=100))


def test_each_timer_fires_once_and_each_signal_comes_once(pair: tuple[Runner, Runner]) -> None:
    one, other = pair
    timer = catching(timed("Duration", "PT0.5S"), named("signal", "Alarm"), key="t", extra=signal("Alarm"))
    definitions.deploy(one.runtime, timer, source="t.bpmn")
    instances = list(one.start_many("t", [{}] * MANY))
    until(lambda: not any(token.element_id == "c1" for each in instances for token in each.tokens))

    assert other.broadcast_signal("Alarm").reached == MANY
    assert all_ended(instances)
    events = [[each.element_id for each in instance.history if each.event == "completed"] for instance in instances]
    assert events == [["s", "c1", "c2", "e", "t"]] * MANY
    assert list_instances(one.runtime, state="active").total == 0


@contextmanager
def held_open(runner: Runner, do: Callable[[Transaction], object]) -> Iterator[None]:
    """Keep a transaction that has done its work uncommitted for as long as the context lasts."""
    done, proceed = threading.Event(), threading.Event()

    def command(transaction: Transaction) -> None:
        do(transaction)
        transaction.flush()
        done.set()
        assert proceed.wait(20)

    thread = threading.Thread(target=lambda: runner.runtime.database.write(command))
    thread.start()
    assert done.wait(20)
    yield
    proceed.set()
    thread.join()


only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@only_postgresql
def test_a_message_is_not_given_up_while_somebody_is_about_to_wait_for_it(pair: tuple[Runner, Runner]) -> None:
    one, other = pair
    definitions.deploy(one.runtime, PAID, source="p.bpmn")
    beginning = Beginning(definitions.find_definition(one.runtime, "p"), {"order": 7})
    with held_open(one, lambda transaction: begin(one.runtime, transaction, beginning, command="start_instance")):
        assert other.publish_message("Paid", 7).state is MessageState.SENT

    assert all_ended([one.instance(beginning.id)])


@only_postgresql
def test_who_begins_to_wait_sees_a_message_that_is_about_to_be_kept(pair: tuple[Runner, Runner]) -> None:
    one, other = pair
    definitions.deploy(one.runtime, PAID, source="p.bpmn")
    new = NewMessage("Paid", "7", "{}", ttl=10**9)
    instances: list[RunnerInstance] = []
    starting = threading.Thread(target=lambda: instances.append(one.start("p", {"order": 7})))
    with held_open(other, lambda transaction: _deliver(other.runtime, publish(transaction, new), transaction)):
        starting.start()
        starting.join(0.2)
    starting.join()

    assert all_ended(instances)
