"""Signals: all that wait for the name are reached, each in a transaction of its own; nobody else, ever."""

from __future__ import annotations

from awaiting import bordered, catching, named, signal, started_by, throwing
from builders import bpmn
from commands.conftest import Bench

from runner.commands import verification
from runner.commands.instances import list_instances
from runner.commands.signals import broadcast_signal, deliver_signals, undelivered_signals
from runner.model import InstanceState

ALARM = signal("Alarm")
CATCHING = catching(named("signal", "Alarm"), extra=ALARM)


def carry(bench: Bench) -> int:
    """Deliver what is to be delivered, as the courier does, and give how many deliveries that were."""
    ids = undelivered_signals(bench.runtime, limit=1000)
    assert deliver_signals(bench.runtime, ids) == [None] * len(ids)
    return len(ids)


def test_a_signal_reaches_every_instance_that_waits_and_starts_what_it_starts(bench: Bench) -> None:
    bench.deploy(CATCHING)
    bench.deploy(started_by(named("signal", "Alarm"), key="starts", extra=ALARM))
    waiting = bench.runner.start_many("p", [{}] * 20)

    broadcast = bench.runner.broadcast_signal("Alarm", {"floor": 3})

    assert broadcast.reached == 21
    assert {(each.state, each.variables["floor"]) for each in waiting} == {(InstanceState.COMPLETED, 3)}
    assert list_instances(bench.runtime, key="starts", state="completed").total == 1


def test_a_signal_is_for_its_name_only_and_is_not_kept(bench: Bench) -> None:
    bench.deploy(CATCHING)
    before = bench.runner.start("p")
    bench.runner.broadcast_signal("Fire")
    assert before.tokens[0].waiting_for == "signal"
    bench.runner.broadcast_signal("Alarm")
    after = bench.runner.start("p")

    assert (before.state, after.state, carry(bench)) == (InstanceState.COMPLETED, InstanceState.ACTIVE, 0)


def test_what_a_signal_reaches_is_stored_with_it(bench: Bench) -> None:
    bench.deploy(CATCHING)
    reached = bench.runner.start("p")
    broadcast_signal(bench.runtime, "Alarm")
    later = bench.runner.start("p")

    assert carry(bench) == 1
    assert (reached.state, later.state) == (InstanceState.COMPLETED, InstanceState.ACTIVE)


def test_an_event_that_is_over_when_its_signal_arrives_is_left_alone(bench: Bench) -> None:
    bench.deploy(CATCHING)
    instance = bench.runner.start("p")
    for _ in range(2):
        broadcast_signal(bench.runtime, "Alarm")

    assert (carry(bench), carry(bench), instance.state) == (2, 0, InstanceState.COMPLETED)


def test_delivering_a_signal_twice_delivers_it_once(bench: Bench) -> None:
    bench.deploy(bordered(named("signal", "Alarm"), interrupting=False, extra=ALARM))
    instance = bench.runner.start("p")
    broadcast_signal(bench.runtime, "Alarm")
    ids = undelivered_signals(bench.runtime, limit=10)

    assert deliver_signals(bench.runtime, [*ids, *ids]) == [None, None]
    assert sum(each.element_id == "late" and each.event == "completed" for each in instance.history) == 1


def test_a_signal_comes_as_often_as_it_is_broadcast_where_it_does_not_interrupt(bench: Bench) -> None:
    bench.deploy(bordered(named("signal", "Alarm"), interrupting=False, extra=ALARM))
    instance = bench.runner.start("p")
    for _ in range(3):
        bench.runner.broadcast_signal("Alarm")

    assert sum(each.element_id == "late" and each.event == "completed" for each in instance.history) == 3
    assert [token.element_id for token in instance.tokens] == ["a"]


def test_a_signal_that_an_instance_throws_reaches_the_others(bench: Bench) -> None:
    bench.deploy(CATCHING)
    waiting = bench.runner.start("p")
    bench.deploy(throwing(named("signal", "Alarm"), extra=ALARM))
    bench.runner.start("thrower")

    assert (carry(bench), waiting.state) == (1, InstanceState.COMPLETED)


def test_a_signal_does_not_reach_who_begins_to_wait_after_it_was_sent(bench: Bench) -> None:
    nodes = [
        ("s", "startEvent"),
        ("t", "intermediateThrowEvent", named("signal", "Alarm")),
        ("c", "intermediateCatchEvent", named("signal", "Alarm")),
        ("e", "endEvent"),
    ]
    bench.deploy(bpmn(nodes, [("s", "t"), ("t", "c"), ("c", "e")], extra=ALARM))
    instance = bench.runner.start("p")
    carry(bench)

    assert (instance.state, instance.tokens[0].element_id) == (InstanceState.ACTIVE, "c")
    bench.runner.broadcast_signal("Alarm")
    assert instance.state is InstanceState.COMPLETED


def test_a_border_hears_a_signal_from_inside_once(bench: Bench) -> None:
    boundary = 'boundaryEvent attachedToRef="sub" cancelActivity="false"'
    inside = f'<intermediateThrowEvent id="t">{named("signal", "Alarm")}</intermediateThrowEvent><userTask id="u"/>'
    inside += '<sequenceFlow id="x" sourceRef="t" targetRef="u"/>'
    nodes = [("s", "startEvent"), ("sub", "subProcess", inside), ("b", boundary, named("signal", "Alarm"))]
    bench.deploy(bpmn([*nodes, ("a", "serviceTask")], [("s", "sub"), ("b", "a")], extra=ALARM))
    outside = bench.runner.start("p", {})
    assert (carry(bench), len(bench.claim())) == (0, 1)

    bench.runner.broadcast_signal("Alarm")
    assert (len(bench.claim()), outside.state) == (1, InstanceState.ACTIVE)
    assert verification.verify(bench.runtime).violations == []


def test_signals_of_a_start_event_that_needs_both_start_one_instance(bench: Bench) -> None:
    both = named("signal", "Alarm") + named("signal", "Fire")
    nodes = [("s", 'startEvent parallelMultiple="true"', both), ("e", "endEvent")]
    bench.deploy(bpmn(nodes, [("s", "e")], extra=ALARM + signal("Fire")))

    bench.runner.broadcast_signal("Fire")
    assert verification.verify(bench.runtime).violations == []
    bench.runner.broadcast_signal("Alarm")

    assert [str(each.state) for each in list_instances(bench.runtime).instances] == ["completed"]
