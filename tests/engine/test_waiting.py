"""Catch events, receive tasks, borders, event-based gateways, conditions: what waits, and what happens then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from engine.drawing import condition, el, event, line, message, process, timer
from engine.executing import Drive, nothing

from runner.bpmn.diagram import Element, Process
from runner.engine.starting import start_waits
from runner.errors import Conflict

pytestmark = pytest.mark.parametrize("restoring", [False, True])


def catching(*definitions: object, together: bool = False) -> Process:
    catch = el("c", "intermediateCatchEvent", events=definitions, all_events=together)
    return process([el("s", "startEvent"), catch, el("z", "serviceTask")], line("s", "c", "z"))


def test_a_message_is_awaited_by_name_and_key_and_brings_its_variables(restoring: bool) -> None:
    drive = Drive(catching(message("paid", "order")), nothing, restoring=restoring).start({"order": 17})
    wait = next(iter(drive.waits.values()))
    assert (wait.kind, wait.name, wait.key) == ("message", "paid", "17")

    drive.happen("c", {"amount": 5})
    assert drive.variables == {"order": 17, "amount": 5}
    assert [element for _, element in drive.open] == ["z"]


def test_what_has_happened_cannot_happen_again(restoring: bool) -> None:
    drive = Drive(catching(timer()), nothing, restoring=restoring).start()
    wait = next(iter(drive.waits))
    drive.happen("c")

    with pytest.raises(Conflict):
        drive.execution.trigger(*wait, {})


def test_a_key_that_is_missing_is_an_incident_that_a_retry_resolves(restoring: bool) -> None:
    drive = Drive(catching(message("paid", "order")), nothing, restoring=restoring).start({"order": None})
    assert [kind for *_, kind in drive.incidents] == ["expression_failed"]

    drive.execution.set_variables({"order": "A"})
    drive.take(drive.execution.retry(drive.incidents[0][0]))
    assert drive.waiting() == ["c"]


def test_one_of_several_definitions_is_enough(restoring: bool) -> None:
    drive = Drive(catching(message(), timer()), nothing, restoring=restoring).start()
    assert drive.waiting() == ["c", "c"]
    drive.happen("c", index=1)

    assert drive.waiting() == []
    assert [element for _, element in drive.open] == ["z"]


def test_parallel_multiple_waits_for_all_definitions(restoring: bool) -> None:
    drive = Drive(catching(message("a"), message("b"), together=True), nothing, restoring=restoring).start()
    drive.happen("c", {"x": 1}, index=1)
    assert drive.open == [] and len(drive.waits) == 1
    drive.happen("c", {"y": 2}, index=0)

    assert drive.variables == {"x": 1, "y": 2}
    assert [element for _, element in drive.open] == ["z"]


def test_an_event_based_gateway_goes_the_way_of_what_happens_first(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("g", "eventBasedGateway"),
        el("t", "intermediateCatchEvent", events=(timer(),)),
        el("m", "receiveTask", events=(message(),)),
        el("late", "serviceTask"),
        el("good", "serviceTask"),
    ]
    drawn = process(elements, [("s", "g"), ("g", "t"), ("g", "m"), ("t", "late"), ("m", "good")])
    drive = Drive(drawn, nothing, restoring=restoring).start()
    assert drive.waiting() == ["t", "m"]
    drive.happen("m", {"x": 1})

    assert drive.waiting() == []
    assert [element for _, element in drive.open] == ["good"]
    assert drive.variables == {"x": 1}
    assert "g-m" in drive.events("taken") and "g-t" not in drive.events("taken")


def test_a_condition_is_looked_at_when_another_branch_changes_a_variable(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("split", "parallelGateway"),
        el("c", "intermediateCatchEvent", events=(condition("n > 1"),)),
        el("a", "serviceTask"),
        el("z", "serviceTask"),
    ]
    drawn = process(elements, [("s", "split"), ("split", "c"), ("split", "a"), ("c", "z")])
    drive = Drive(drawn, nothing, restoring=restoring).start({"n": 0})
    drive.answer_at("a", {"n": 2})

    assert [element for _, element in drive.open] == ["z"]


def test_a_non_interrupting_condition_happens_each_time_it_becomes_true(restoring: bool) -> None:
    alarm = el("alarm", "boundaryEvent", attached_to="a", events=(condition("hot"),), interrupting=False)
    elements = [el("s", "startEvent"), el("a", "serviceTask"), alarm, el("cool", "endEvent")]
    drive = Drive(process(elements, [("s", "a"), ("alarm", "cool")]), nothing, restoring=restoring).start(
        {"hot": False}
    )
    for hot in (True, True, False, True):
        drive.execution.set_variables({"hot": hot})
        drive.take(drive.execution.run())

    assert drive.events("entered").count("alarm") == 2


def test_a_receive_task_with_a_timer_on_its_border_waits_for_both(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("r", "receiveTask", events=(message(),)),
        el("late", "boundaryEvent", attached_to="r", events=(timer(),)),
        el("z", "serviceTask"),
    ]
    drive = Drive(process(elements, [("s", "r"), ("late", "z")]), nothing, restoring=restoring).start()
    assert sorted(drive.waiting()) == ["late", "r"]
    drive.happen("late")

    assert drive.waiting() == [] and [element for _, element in drive.open] == ["z"]


def test_a_job_that_ends_first_takes_the_timer_on_its_border_away(restoring: bool) -> None:
    late = el("late", "boundaryEvent", attached_to="a", events=(timer(),))
    elements = [el("s", "startEvent"), el("a", "serviceTask"), late, el("z", "serviceTask")]
    drive = Drive(process(elements, [("s", "a"), ("late", "z")]), nothing, restoring=restoring).run()

    assert drive.waiting() == [] and drive.completed


def test_messages_and_signals_are_sent_with_what_is_seen(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("say", "intermediateThrowEvent", events=(message("hello", "n"), event("signal", "all"))),
        el("tell", "sendTask", events=(message("bye"),)),
        el("e", "endEvent", events=(message("end"),)),
    ]
    drive = Drive(process(elements, line("s", "say", "tell", "e")), nothing, restoring=restoring).run({"n": 1})

    assert [(sent.name, sent.key) for sent in drive.messages] == [("hello", "1"), ("bye", ""), ("end", "")]
    assert [signal.name for signal in drive.signals] == ["all"]
    assert drive.completed


def test_a_link_leads_to_its_other_end(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("go", "intermediateThrowEvent", events=(event("link", "there"),)),
        el("there", "intermediateCatchEvent", events=(event("link", "there"),)),
        el("z", "serviceTask"),
    ]
    drive = Drive(process(elements, [("s", "go"), ("there", "z")]), nothing, restoring=restoring).run()

    assert drive.called == ["z"] and drive.completed


def test_a_process_is_started_by_its_message_with_what_it_brings(restoring: bool) -> None:
    starts = [el("plain", "startEvent"), el("told", "startEvent", events=(message("order"),))]
    drawn = process([*starts, el("a", "serviceTask"), el("b", "serviceTask")], [("plain", "a"), ("told", "b")])
    assert [(wait.element_id, wait.kind, wait.name) for wait in start_waits(drawn)] == [("told", "message", "order")]

    assert Drive(drawn, nothing, restoring=restoring).run().called == ["a"]
    told = Drive(drawn, nothing, restoring=restoring).start({"x": 1}, event="told").run_on()
    assert (told.called, told.variables) == (["b"], {"x": 1})


def test_a_parallel_event_based_gateway_that_starts_a_process_waits_for_all(restoring: bool) -> None:
    gateway = el("g", "eventBasedGateway", creates_instance=True, all_events=True)
    catches = [el(id, "intermediateCatchEvent", events=(message(id),)) for id in ("x", "y")]
    tasks = [el("tx", "serviceTask"), el("ty", "serviceTask")]
    drawn = process([gateway, *catches, *tasks], [("g", "x"), ("g", "y"), ("x", "tx"), ("y", "ty")])
    assert [wait.element_id for wait in start_waits(drawn)] == ["x", "y"]
    drive = Drive(drawn, nothing, restoring=restoring).start({"by": "y"}, event="y")
    assert drive.waiting() == ["x"]
    drive.happen("x")
    drive.run_on()

    assert sorted(drive.called) == ["tx", "ty"] and drive.completed


def test_a_call_activity_asks_for_its_process_and_takes_over_what_it_ends_with(restoring: bool) -> None:
    from engine.drawing import python

    from runner.bpmn.diagram import Called

    call = el("call", "callActivity", called=Called(python("'other'")))
    drive = Drive(process([el("s", "startEvent"), call], [("s", "call")]), nothing, restoring=restoring).start({"n": 1})
    assert [(each.key, each.variables) for each in drive.calls] == [("other", {"n": 1})]
    drive.take(drive.execution.complete(drive.calls[0].token_id, {"n": 2}))

    assert drive.variables == {"n": 2} and drive.completed


def test_a_user_task_says_who_may_do_it(restoring: bool) -> None:
    from engine.drawing import python

    from runner.bpmn.diagram import WorkForPeople

    people = WorkForPeople(
        assignee=python("who"), candidate_groups=(python("'a,b'"),), due=python("'2026-11-24T10:00:00Z'")
    )
    task = el("u", "userTask", people=people)
    drive = Drive(process([el("s", "startEvent"), task], [("s", "u")]), nothing, restoring=restoring).start(
        {"who": "ash"}
    )
    opened = drive.user_tasks["u"]

    assert (opened.assignee, opened.candidate_groups, opened.due_at.isoformat()) == (
        "ash",
        ("a", "b"),
        "2026-11-24T10:00:00+00:00",
    )
    lane = replace(task, people=None, lane="Nurses")
    other = Drive(process([el("s", "startEvent"), lane], [("s", "u")]), nothing, restoring=restoring).start()
    assert other.user_tasks["u"].candidate_groups == ("Nurses",)


def by_order(id: str, type: str = "startEvent", **rest: Any) -> Element:
    """Give an event that waits for a message of its id, with the variable `order` as its key."""
    return el(id, type, events=(message(id, key="order"),), **rest)


def test_what_a_message_brings_is_the_key_of_what_an_event_sub_process_waits_for(restoring: bool) -> None:
    beside = el("es", "subProcess", event_subprocess=True)
    drawn = process([by_order("s"), el("u", "serviceTask"), beside, by_order("x", parent="es")], [("s", "u")])
    drive = Drive(drawn, nothing, restoring=restoring).start({"order": 17}, event="s")
    assert [(wait.name, wait.key) for wait in drive.waits.values()] == [("x", "17")]


def test_what_a_message_brings_is_the_key_of_the_others_that_a_parallel_gateway_waits_for(restoring: bool) -> None:
    gateway = el("g", "eventBasedGateway", creates_instance=True, all_events=True)
    catches = [by_order(id, "intermediateCatchEvent") for id in ("x", "y")]
    drive = Drive(process([gateway, *catches], [("g", "x"), ("g", "y")]), nothing, restoring=restoring)
    drive.start({"order": 17}, event="y")
    assert [(wait.name, wait.key) for wait in drive.waits.values()] == [("x", "17")]


def test_what_a_message_brings_is_the_key_of_the_others_that_a_start_event_needs(restoring: bool) -> None:
    triggers = (message("x", key="order"), message("y", key="order"))
    drawn = process([el("s", "startEvent", events=triggers, all_events=True), el("u", "serviceTask")], [("s", "u")])
    drive = Drive(drawn, nothing, restoring=restoring).start({"order": 17}, event="s")
    assert [(wait.name, wait.key) for wait in drive.waits.values()] == [("y", "17")]
