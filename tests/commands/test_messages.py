"""Messages: stored first, matched second; each starts or continues exactly one instance, or is kept for its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from awaiting import bordered, catching, message, named, started_by, throwing
from builders import bpmn
from commands.conftest import Bench

from runner.commands.instances import list_instances
from runner.commands.jobs import complete_job
from runner.commands.messages import deliver_messages, expire_messages, list_messages, undelivered_messages
from runner.commands.verification import verify
from runner.errors import MessageInvalid, VariablesInvalid
from runner.model import InstanceState, Message, MessageState

DELIVERED, WAITING, EXPIRED = MessageState.DELIVERED, MessageState.WAITING, MessageState.EXPIRED
PAID = catching(named("message", "Paid"), extra=message("Paid", "order"))
ANY = catching(named("message", "Paid"), extra=message("Paid"))
TWICE = catching(named("message", "Paid"), named("message", "Paid"), extra=message("Paid", "order"))
STARTED = started_by(named("message", "Ordered"), extra=message("Ordered"), task="a")


def carry(bench: Bench) -> int:
    """Deliver what is to be delivered, as the courier does, and give how many messages that were."""
    ids = undelivered_messages(bench.runtime, limit=100)
    assert deliver_messages(bench.runtime, ids) == [None] * len(ids)
    return len(ids)


def states(bench: Bench) -> list[MessageState]:
    return [each.state for each in reversed(list_messages(bench.runtime))]


# -- who gets it --------------------------------------------------------------------------------------------------


def test_a_message_continues_the_instance_that_waits_for_its_key(bench: Bench) -> None:
    bench.deploy(PAID)
    seven, eight = (bench.runner.start("p", {"order": number}) for number in (7, 8))

    published = bench.runner.publish_message("Paid", 8, {"amount": 12.5})

    assert (published.state, published.instance_id, published.element_id) == (DELIVERED, eight.id, "c1")
    assert (seven.state, eight.state) == (InstanceState.ACTIVE, InstanceState.COMPLETED)
    assert eight.variables == {"order": 8, "amount": 12.5}


def test_a_token_says_which_message_it_waits_for(bench: Bench) -> None:
    bench.deploy(PAID)

    (token,) = bench.runner.start("p", {"order": "A-7"}).tokens

    assert (token.waiting_for, str(token.waits[0])) == ("message", "message 'Paid' with the key 'A-7'")


def test_a_catch_event_without_a_key_takes_a_message_with_any(bench: Bench) -> None:
    bench.deploy(ANY)
    instance = bench.runner.start("p")

    assert bench.runner.publish_message("Paid", "whatever").instance_id == instance.id


def test_a_message_without_a_key_is_not_for_one_who_asks_for_a_key(bench: Bench) -> None:
    bench.deploy(PAID)
    bench.runner.start("p", {"order": 7})

    assert bench.runner.publish_message("Paid").state is WAITING


def test_of_several_that_wait_the_oldest_is_served(bench: Bench) -> None:
    bench.deploy(PAID)
    first, second = (bench.runner.start("p", {"order": 7}) for _ in range(2))

    receivers = [bench.runner.publish_message("Paid", "7").instance_id for _ in range(3)]

    assert receivers == [first.id, second.id, None]


def test_the_oldest_is_served_whether_it_asks_for_the_key_or_for_none(bench: Bench) -> None:
    bench.deploy(catching(named("message", "Paid"), key="any", extra=message("Paid")))
    bench.deploy(PAID)
    order = [bench.runner.start(key, {"order": 7}).id for key in ("any", "p", "any", "p")]

    assert [bench.runner.publish_message("Paid", "7").instance_id for _ in order] == order


def test_a_business_key_narrows_a_message_to_its_instances(bench: Bench) -> None:
    bench.deploy(ANY)
    bench.runner.start("p", business_key="B1")
    wanted = bench.runner.start("p", business_key="B2")

    assert bench.runner.publish_message("Paid", business_key="B2").instance_id == wanted.id
    assert bench.runner.publish_message("Paid", business_key="B2").state is WAITING


# -- a message that starts ----------------------------------------------------------------------------------------


def test_a_message_starts_an_instance_with_its_key_as_business_key(bench: Bench) -> None:
    bench.deploy(STARTED)

    published = bench.runner.publish_message("Ordered", "7", {"pizza": "Margherita"})

    assert (published.state, published.started, published.element_id) == (DELIVERED, True, "s")
    view = bench.runner.instance(published.instance_id or "").view()
    assert (view.instance.business_key, view.variables) == ("7", {"pizza": "Margherita"})


def test_a_start_event_takes_any_key_though_the_message_has_one(bench: Bench) -> None:
    bench.deploy(started_by(named("message", "Ordered"), extra=message("Ordered", "order")))

    assert bench.runner.publish_message("Ordered", "7").started


def test_while_an_instance_with_that_key_is_active_no_other_is_started(bench: Bench) -> None:
    bench.deploy(STARTED)
    bench.runner.publish_message("Ordered", "7")

    second, other = (bench.runner.publish_message("Ordered", key) for key in ("7", "8"))

    assert (second.state, other.state) == (WAITING, DELIVERED)
    assert "an instance of that process with the business key '7' is active" in second.problem


def test_when_that_instance_ends_the_message_that_waited_starts_the_next(bench: Bench) -> None:
    bench.deploy(STARTED)
    for _ in range(3):
        bench.runner.publish_message("Ordered", "7")
    for left in (2, 1, 0):
        complete_job(bench.runtime, bench.claim()[0], {})
        carry(bench)
        assert states(bench).count(WAITING) == max(0, left - 1)

    assert list_instances(bench.runtime, state="completed").total == 3


def test_messages_without_a_key_each_start_an_instance(bench: Bench) -> None:
    bench.deploy(STARTED)

    assert [bench.runner.publish_message("Ordered").state for _ in range(3)] == [DELIVERED] * 3
    assert list_instances(bench.runtime, state="active").total == 3


def test_a_catch_event_goes_before_a_start_event(bench: Bench) -> None:
    bench.deploy(started_by(named("message", "Paid"), key="other", extra=message("Paid")))
    bench.deploy(PAID)
    instance = bench.runner.start("p", {"order": 7})

    assert bench.runner.publish_message("Paid", "7").instance_id == instance.id
    assert bench.runner.publish_message("Paid", "7").started


def test_only_the_newest_version_is_started_by_a_message(bench: Bench) -> None:
    for task in ("a", "b"):
        bench.deploy(started_by(named("message", "Ordered"), extra=message("Ordered"), task=task))
    bench.runner.publish_message("Ordered")

    assert [job.topic for job in bench.claim()] == ["b"]


def test_deploying_a_process_delivers_the_messages_that_wait_to_start_it(bench: Bench) -> None:
    for key in ("7", "8"):
        bench.runner.publish_message("Ordered", key)
    bench.deploy(STARTED)
    carry(bench)

    assert states(bench) == [DELIVERED, DELIVERED]
    assert [each.business_key for each in list_instances(bench.runtime).instances] == ["8", "7"]


# -- kept for a while ---------------------------------------------------------------------------------------------


def test_a_message_that_is_kept_is_delivered_when_somebody_begins_to_wait(bench: Bench) -> None:
    bench.deploy(PAID)
    bench.runner.publish_message("Paid", "7", {"amount": 1})
    instance = bench.runner.start("p", {"order": 7})

    assert (carry(bench), instance.state, instance.variables["amount"]) == (1, InstanceState.COMPLETED, 1)


def test_of_several_that_are_kept_the_oldest_is_delivered_first(bench: Bench) -> None:
    bench.deploy(TWICE)
    for number in range(3):
        bench.runner.publish_message("Paid", "7", {f"n{number}": number})
    instance = bench.runner.start("p", {"order": 7})
    while carry(bench):
        pass

    assert instance.variables == {"order": 7, "n0": 0, "n1": 1}
    assert states(bench) == [DELIVERED, DELIVERED, WAITING]


def test_a_newer_message_does_not_overtake_one_that_is_to_be_delivered(bench: Bench) -> None:
    bench.deploy(PAID)
    bench.runner.publish_message("Paid", "7", {"first": True})
    instance = bench.runner.start("p", {"order": 7})

    assert bench.runner.publish_message("Paid", "7", {"second": True}).state is WAITING
    assert instance.variables == {"order": 7, "first": True}


def test_a_message_is_kept_for_its_time_to_live_and_not_longer(bench: Bench) -> None:
    bench.deploy(PAID)
    bench.runner.publish_message("Paid", "7", ttl=timedelta(seconds=10))
    bench.clock.move(10)
    instance = bench.runner.start("p", {"order": 7})

    assert (carry(bench), expire_messages(bench.runtime, limit=10)) == (0, 1)
    assert (states(bench), instance.state) == ([EXPIRED], InstanceState.ACTIVE)


def test_a_message_with_no_time_to_live_expires_if_nobody_waits(bench: Bench) -> None:
    published = bench.runner.publish_message("Paid", ttl=timedelta())

    assert (published.state, published.problem[:26]) == (EXPIRED, "Nobody waits for 'Paid', n")


def test_every_message_reaches_a_boundary_event_that_does_not_interrupt(bench: Bench) -> None:
    for number in range(2):
        bench.runner.publish_message("Paid", "7", {"n": number})
    bench.deploy(bordered(named("message", "Paid"), interrupting=False, extra=message("Paid", "order")))
    instance = bench.runner.start("p", {"order": 7})
    while carry(bench):
        pass
    bench.runner.publish_message("Paid", "7", {"n": 2})

    assert states(bench) == [DELIVERED] * 3
    assert sum(each.element_id == "late" and each.event == "completed" for each in instance.history) == 3


# -- once ---------------------------------------------------------------------------------------------------------


def test_a_message_id_is_published_once_within_its_time(bench: Bench) -> None:
    bench.deploy(STARTED)

    first, second = (bench.runner.publish_message("Ordered", message_id="order-7") for _ in range(2))

    assert (first.id, first.state) == (second.id, second.state)
    assert list_instances(bench.runtime).total == 1


def test_a_message_id_is_free_again_after_its_time(bench: Bench) -> None:
    first = bench.runner.publish_message("Ordered", ttl=timedelta(seconds=10), message_id="order-7")
    bench.clock.move(10)
    expire_messages(bench.runtime, limit=10)

    again = bench.runner.publish_message("Ordered", message_id="order-7")

    assert (again.id > first.id, states(bench)) == (True, [EXPIRED, WAITING])


def test_messages_of_different_names_may_have_the_same_id(bench: Bench) -> None:
    first, second = (bench.runner.publish_message(name, message_id="7") for name in ("Ordered", "Paid"))

    assert first.id != second.id


def test_delivering_a_message_twice_delivers_it_once(bench: Bench) -> None:
    bench.deploy(PAID)
    first = bench.runner.publish_message("Paid", "7")
    for _ in range(2):
        bench.runner.start("p", {"order": 7})

    assert deliver_messages(bench.runtime, [first.id, first.id]) == [None, None]
    assert list_instances(bench.runtime, state="completed").total == 1


# -- sent by instances --------------------------------------------------------------------------------------------


def test_what_an_instance_sends_is_stored_with_its_step_and_delivered_afterwards(bench: Bench) -> None:
    bench.deploy(PAID)
    receiver = bench.runner.start("p", {"order": 7})
    bench.deploy(throwing(named("message", "Paid"), extra=message("Paid", "order")))
    sender = bench.runner.start("thrower", {"order": 7})

    (sent,) = list_messages(bench.runtime)
    assert (sent.state, sent.sender, sent.key) == (MessageState.SENT, (sender.id, "t"), "7")
    carry(bench)

    assert receiver.state is InstanceState.COMPLETED


# -- what was missing ---------------------------------------------------------------------------------------------


def problem_of(bench: Bench, *arguments: Any, **options: Any) -> str:
    published: Message = bench.runner.publish_message(*arguments, **options)
    assert published.state is WAITING
    return published.problem


def test_a_message_with_another_key_names_the_keys_that_are_asked_for(bench: Bench) -> None:
    bench.deploy(PAID)
    instance = bench.runner.start("p", {"order": 7})

    assert problem_of(bench, "Paid", "8") == (
        f"It has the key '8', but who waits for 'Paid' asks for '7' (at c1 in instance {instance.id})."
    )


def test_a_message_with_a_name_nobody_waits_for_names_what_comes_near(bench: Bench) -> None:
    bench.deploy(PAID)
    bench.runner.start("p", {"order": 7})

    assert problem_of(bench, "paid", "7") == "Nobody waits for 'paid', but somebody does for 'Paid'."


def test_a_message_for_another_business_key_says_so(bench: Bench) -> None:
    bench.deploy(ANY)
    bench.runner.start("p", business_key="B1")

    assert "in no instance with the business key 'B2'" in problem_of(bench, "Paid", business_key="B2")


def test_why_nobody_took_it_is_kept_when_a_message_expires(bench: Bench) -> None:
    bench.deploy(PAID)
    instance = bench.runner.start("p", {"order": 7})
    bench.runner.publish_message("Paid", "8", ttl=timedelta(seconds=1))
    bench.clock.move(1)
    expire_messages(bench.runtime, limit=10)
    instance.cancel()

    assert "asks for '7'" in list_messages(bench.runtime, state="expired")[0].problem


# -- refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"name": " "}, "Expected the name of a message, but it is empty"),
        ({"name": "x" * 501}, "Expected a message's name of 500 storable characters"),
        ({"name": "Paid", "key": "\0"}, r"Expected a key of 500 storable characters at most, but got '\\x00'"),
        ({"name": "Paid", "message_id": "\ud800"}, "Expected a message id of 500"),
        ({"name": "Paid", "ttl": timedelta(seconds=-1)}, "Expected a time to live between nothing and 100 years"),
    ],
)
def test_a_message_that_cannot_be_published_stores_nothing(
    bench: Bench, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(MessageInvalid, match=sentence):
        bench.runner.publish_message(**arguments)

    assert list_messages(bench.runtime) == ()


def test_variables_that_are_not_json_store_no_message(bench: Bench) -> None:
    with pytest.raises(VariablesInvalid, match="price"):
        bench.runner.publish_message("Paid", variables={"price": float("nan")})

    assert list_messages(bench.runtime) == ()


def stuck() -> bytes:
    """Give a sub-process whose result needs variable `late`, with an event sub-process for message News inside."""
    assigned = "<assignment><from>late</from><to>done</to></assignment>"
    start = f'<startEvent id="es" isInterrupting="false">{named("message", "News")}</startEvent>'
    event = f'{start}<serviceTask id="b"/><sequenceFlow id="x" sourceRef="es" targetRef="b"/>'
    inside = (
        f'<dataOutputAssociation><targetRef>do</targetRef>{assigned}</dataOutputAssociation><serviceTask id="a"/>'
        f'<subProcess id="ev" triggeredByEvent="true">{event}</subProcess>'
    )
    drawn = bpmn([("s", "startEvent"), ("sub", "subProcess", inside)], [("s", "sub")], extra=message("News"))
    return drawn.replace(b"<startEvent", b'<dataObject id="do" name="done"/><startEvent', 1)


def test_a_message_passes_who_has_an_incident_by(bench: Bench) -> None:
    bench.deploy(stuck())
    first, second = bench.runner.start("p"), bench.runner.start("p")
    complete_job(bench.runtime, bench.claim(limit=1)[0], {})
    assert [each.kind for each in first.incidents] == ["expression_failed"]

    published = [bench.runner.publish_message("News") for _ in "ab"]
    assert [each.instance_id for each in published] == [second.id, second.id]
    first.resolve(variables={"late": 1})
    assert first.variables == {"late": 1, "done": 1} and verify(bench.runtime).violations == []


def test_a_message_is_kept_while_only_who_has_an_incident_waits(bench: Bench) -> None:
    bench.deploy(stuck())
    bench.runner.start("p")
    complete_job(bench.runtime, bench.claim(limit=1)[0], {})

    assert bench.runner.publish_message("News").state == "waiting"
    assert verify(bench.runtime).violations == []
