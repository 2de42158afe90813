"""What waits is stored and taken away with the step that begins or ends it; a failure at the receiver loses nothing."""

from __future__ import annotations

from datetime import timedelta

from awaiting import bordered, catching, message, named, signal, started_by, timed
from builders import bpmn
from commands.conftest import Bench

from runner.app import RunnerInstance
from runner.commands.jobs import complete_job
from runner.commands.messages import list_messages
from runner.commands.timers import due_timers, fire_timers
from runner.commands.upkeep import forget_messages
from runner.commands.verification import verify
from runner.model import InstanceState, MessageState
from runner.store import waits

FIRST_COMES = bpmn(
    [
        ("s", "startEvent"),
        ("gateway", "eventBasedGateway"),
        ("paid", "intermediateCatchEvent", named("message", "Paid")),
        ("late", "intermediateCatchEvent", timed("Duration", "PT1H")),
        ("e", "endEvent"),
        ("reminded", "endEvent"),
    ],
    [("s", "gateway"), ("gateway", "paid"), ("gateway", "late"), ("paid", "e"), ("late", "reminded")],
    extra=message("Paid"),
)


def open_waits(bench: Bench, id: str) -> list[str]:
    with bench.runtime.database.read() as connection:
        return [wait.element_id for wait in waits.list_waits(connection, id)]


def test_behind_an_event_based_gateway_the_first_event_ends_all_waits(bench: Bench) -> None:
    bench.deploy(FIRST_COMES)
    paid, late = (bench.runner.start("p") for _ in range(2))
    assert paid.tokens[0].waiting_for == "event" and open_waits(bench, paid.id) == ["paid", "late"]
    bench.runner.publish_message("Paid")
    bench.clock.move(3600)
    fire_timers(bench.runtime, due_timers(bench.runtime, limit=10).due)

    assert [each.view().history[-2].element_id for each in (paid, late)] == ["e", "reminded"]
    assert [open_waits(bench, each.id) for each in (paid, late)] == [[], []]


def test_what_an_event_sub_process_waits_for_ends_with_the_instance(bench: Bench) -> None:
    start = f'<startEvent id="es" isInterrupting="false">{named("signal", "Alarm")}</startEvent>'
    inside = f'{start}<sequenceFlow id="ef" sourceRef="es" targetRef="ee"/><endEvent id="ee"/>'
    nodes = [("s", "startEvent"), ("c", "intermediateCatchEvent", named("message", "Paid")), ("e", "endEvent")]
    extra = signal("Alarm") + message("Paid")
    bench.deploy(
        bpmn([*nodes, ("sub", 'subProcess triggeredByEvent="true"', inside)], [("s", "c"), ("c", "e")], extra=extra)
    )
    instance = bench.runner.start("p")
    for _ in range(2):
        assert bench.runner.broadcast_signal("Alarm").reached == 1
    assert sorted(open_waits(bench, instance.id)) == ["c", "es"] and verify(bench.runtime).violations == []

    bench.runner.publish_message("Paid")

    assert (instance.state, open_waits(bench, instance.id)) == (InstanceState.COMPLETED, [])


def test_a_start_that_fails_at_its_first_gateway_is_an_incident_and_the_message_is_delivered(bench: Bench) -> None:
    nodes = [("s", "startEvent", named("message", "Ordered")), ("way", "exclusiveGateway"), ("e", "endEvent")]
    arrows = [("s", "way"), ("way", "e", "missing > 1"), ("way", "e", "missing < 1")]
    bench.deploy(bpmn(nodes, arrows, extra=message("Ordered")))

    published = bench.runner.publish_message("Ordered")

    instance = bench.runner.instance(published.instance_id or "")
    assert (published.state, len(instance.incidents)) == (MessageState.DELIVERED, 1)


STUCK = (
    b'name="a"><extensionElements xmlns:runner="urn:bpmn-runner:1.0">'
    b'<runner:output source="nothing + 1" target="r"/></extensionElements>'
)


def stuck(bench: Bench, kind: str, event: str, extra: str) -> RunnerInstance:
    """Start an instance whose task is done, but its results cannot be mapped; an event waits on its border."""
    bench.deploy(bordered(event, interrupting=kind == "interrupting", extra=extra).replace(b'name="a">', STUCK))
    instance = bench.runner.start("p")
    complete_job(bench.runtime, bench.claim()[0], {})
    assert [each.kind for each in instance.incidents] == ["expression_failed"]
    return instance


def test_a_boundary_timer_takes_a_token_out_of_its_incident(bench: Bench) -> None:
    instance = stuck(bench, "interrupting", timed("Duration", "PT1H"), "")
    assert verify(bench.runtime).violations == []
    bench.clock.move(3600)

    assert fire_timers(bench.runtime, due_timers(bench.runtime, limit=10).due) == [None]
    assert (instance.state, instance.incidents) == (InstanceState.COMPLETED, ())


def test_a_message_reaches_the_border_of_a_task_with_an_incident(bench: Bench) -> None:
    instance = stuck(bench, "beside", named("message", "Paid"), message("Paid"))

    assert bench.runner.publish_message("Paid").instance_id == instance.id
    assert (len(instance.incidents), open_waits(bench, instance.id)) == (1, ["b"])


def test_a_wait_without_its_token_is_taken_away_and_the_message_goes_to_the_next(bench: Bench) -> None:
    bench.deploy(catching(named("message", "Paid"), extra=message("Paid")))
    astray, served = (bench.runner.start("p") for _ in range(2))
    with bench.runtime.database.read() as connection:
        connection.exec_driver_sql("UPDATE waits SET token_id = 99 WHERE id = (SELECT min(id) FROM waits)")
        connection.commit()

    assert bench.runner.publish_message("Paid").instance_id == served.id
    assert (astray.state, open_waits(bench, astray.id)) == (InstanceState.ACTIVE, [])


def test_messages_and_signals_that_are_over_are_forgotten_in_time(bench: Bench) -> None:
    bench.deploy(started_by(named("message", "Ordered"), extra=message("Ordered")))
    bench.runner.publish_message("Ordered", message_id="7")
    bench.runner.publish_message("Paid", ttl=timedelta(days=30))
    bench.runner.broadcast_signal("Alarm")
    assert forget_messages(bench.runtime, timedelta(days=2)) == 0
    bench.clock.move(3.1 * 86_400)

    assert forget_messages(bench.runtime, timedelta(days=2)) == 2
    assert [each.name for each in list_messages(bench.runtime)] == ["Paid"]
