"""Sub-processes, event sub-processes and ad-hoc sub-processes: scopes, errors, escalations, interruption."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engine.drawing import condition, el, event, line, message, process, python, timer
from engine.executing import Drive, nothing

from runner.bpmn.diagram import AdHoc, EventDefinition, Process, VariableMapping
from runner.engine.faults import ErrorUncaught

pytestmark = pytest.mark.parametrize("restoring", [False, True])


def with_sub(*more: object, inside: tuple[str, ...] = ("a", "b"), flows: tuple[tuple[str, ...], ...] = ()) -> Process:
    """Give start, a sub-process with tasks inside, a task after it, an end."""
    elements = [
        el("s", "startEvent"),
        el("sub", "subProcess"),
        el("si", "startEvent", parent="sub"),
        *(el(id, "serviceTask", parent="sub") for id in inside if id != "cry"),
        el("ei", "endEvent", parent="sub"),
        el("after", "serviceTask"),
        el("e", "endEvent"),
    ]
    return process([*elements, *more], [*line("s", "sub", "after", "e"), *line("si", *inside, "ei"), *flows])  # type: ignore[list-item]


def test_a_sub_process_ends_when_its_last_token_does(restoring: bool) -> None:
    drive = Drive(with_sub(), nothing, restoring=restoring).run({"n": 1})

    assert drive.called == ["a", "b", "after"]
    assert drive.completed
    assert [e for e in drive.events("completed") if e in ("b", "ei", "sub", "after")] == ["b", "ei", "sub", "after"]


def test_variables_of_a_sub_process_reach_the_process_unless_they_are_its_own(restoring: bool) -> None:
    drive = Drive(with_sub(), lambda element, _: {element: 1, "n": 2}, restoring=restoring).run({"n": 1})

    assert drive.variables == {"n": 2, "a": 1, "b": 1, "after": 1}


def test_an_error_inside_travels_to_the_border_of_the_sub_process(restoring: bool) -> None:
    catch = el("caught", "boundaryEvent", attached_to="sub", events=(event("error", "BAD", code_variable="code"),))
    drawn = with_sub(catch, el("rescue", "serviceTask"), flows=(("caught", "rescue"),))
    drive = Drive(drawn, nothing, restoring=restoring).start()
    drive.throw_at("a", "BAD", {"why": "x"})

    assert [element for _, element in drive.open] == ["rescue"]
    assert drive.variables == {"why": "x", "code": "BAD"}
    assert "sub" in drive.events("canceled")


def test_an_error_end_inside_travels_to_the_border(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("sub", "subProcess"),
        el("si", "startEvent", parent="sub"),
        el("bad", "endEvent", parent="sub", events=(event("error", "BAD"),)),
        el("caught", "boundaryEvent", attached_to="sub", events=(event("error"),)),
        el("rescue", "serviceTask"),
    ]
    drive = Drive(process(elements, [("s", "sub"), ("si", "bad"), ("caught", "rescue")]), nothing, restoring=restoring)
    drive.start()

    assert [element for _, element in drive.open] == ["rescue"]
    assert drive.events("error_thrown") == ["bad"]
    assert drive.incidents == []


def test_an_uncaught_error_is_told_to_the_caller_and_changes_nothing(restoring: bool) -> None:
    drive = Drive(with_sub(), nothing, restoring=restoring).start()

    with pytest.raises(ErrorUncaught):
        drive.throw_at("a", "BAD")
    drive.run_on()
    assert drive.completed


def test_a_terminate_end_inside_ends_only_the_sub_process(restoring: bool) -> None:
    stop = el("stop", "endEvent", parent="sub", events=(event("terminate"),))
    fork = el("fork", "parallelGateway", parent="sub")
    drawn = with_sub(
        stop, fork, el("c", "serviceTask", parent="sub"), flows=(("a", "fork"), ("fork", "c"), ("c", "stop"))
    )
    drive = Drive(drawn, nothing, restoring=restoring).start()
    drive.answer_at("a")
    drive.answer_at("c")

    assert [element for _, element in drive.open] == ["after"]
    assert drive.events("canceled") == ["b"]


def timer_border(*, interrupting: bool) -> Process:
    late = el("late", "boundaryEvent", attached_to="sub", events=(timer(),), interrupting=interrupting)
    return with_sub(late, el("remind", "serviceTask"), flows=(("late", "remind"),))


def test_an_interrupting_timer_takes_all_that_is_inside_away(restoring: bool) -> None:
    drive = Drive(timer_border(interrupting=True), nothing, restoring=restoring).start()
    drive.happen("late")

    assert [element for _, element in drive.open] == ["remind"]
    assert drive.waiting() == []


def test_a_non_interrupting_timer_lets_the_sub_process_go_on(restoring: bool) -> None:
    drive = Drive(timer_border(interrupting=False), nothing, restoring=restoring).start()
    drive.happen("late")
    drive.happen("late")
    drive.run_on()

    assert sorted(drive.called) == ["a", "after", "b", "remind", "remind"]
    assert drive.completed and drive.waiting() == []


def with_event_subprocess(definition: object, *, interrupting: bool) -> Process:
    return with_sub(
        el("esp", "subProcess", parent="sub", event_subprocess=True),
        el("es", "startEvent", parent="esp", events=(definition,), interrupting=interrupting),
        el("handle", "serviceTask", parent="esp"),
        flows=(("es", "handle"),),
    )


def test_an_interrupting_event_sub_process_takes_the_place_of_the_rest(restoring: bool) -> None:
    drive = Drive(with_event_subprocess(message(), interrupting=True), nothing, restoring=restoring).start()
    drive.happen("es", {"word": "stop"})

    assert [element for _, element in drive.open] == ["handle"]
    assert drive.waiting() == []
    drive.run_on()
    assert drive.called == ["handle", "after"]
    assert drive.variables == {"word": "stop"}


def test_a_non_interrupting_event_sub_process_runs_each_time(restoring: bool) -> None:
    drive = Drive(with_event_subprocess(message(), interrupting=False), nothing, restoring=restoring).start()
    for _ in range(3):
        drive.happen("es")
    drive.run_on()

    assert drive.called.count("handle") == 3
    assert drive.called[-1] == "after" and drive.completed


def test_an_error_starts_the_event_sub_process_of_its_scope_before_the_border_is_asked(restoring: bool) -> None:
    drive = Drive(with_event_subprocess(event("error", "BAD"), interrupting=True), nothing, restoring=restoring).start()
    drive.throw_at("a", "BAD")

    assert [element for _, element in drive.open] == ["handle"]


def test_what_an_event_sub_process_throws_goes_outward(restoring: bool) -> None:
    drive = Drive(with_event_subprocess(event("error"), interrupting=True), nothing, restoring=restoring).start()
    drive.throw_at("a", "BAD")

    with pytest.raises(ErrorUncaught):
        drive.throw_at("handle", "BAD")


def test_an_event_sub_process_of_the_process_itself(restoring: bool) -> None:
    elements = [
        el("s", "startEvent"),
        el("a", "serviceTask"),
        el("esp", "subProcess", event_subprocess=True),
        el("es", "startEvent", parent="esp", events=(condition("n > 3"),), interrupting=False),
        el("handle", "serviceTask", parent="esp"),
    ]
    drive = Drive(process(elements, [("s", "a"), ("es", "handle")]), nothing, restoring=restoring).start({"n": 1})
    drive.answer_at("a", {"n": 4})

    assert [element for _, element in drive.open] == ["handle"]
    drive.run_on()
    assert drive.completed


def test_an_escalation_goes_to_the_border_and_its_thrower_goes_on(restoring: bool) -> None:
    drawn = with_sub(
        el("cry", "intermediateThrowEvent", parent="sub", events=(event("escalation", "LATE"),)),
        el("heard", "boundaryEvent", attached_to="sub", events=(event("escalation"),), interrupting=False),
        el("care", "serviceTask"),
        inside=("a", "cry", "b"),
        flows=(("heard", "care"),),
    )
    drive = Drive(drawn, nothing, restoring=restoring).start()
    drive.answer_at("a")

    assert sorted(element for _, element in drive.open) == ["b", "care"]


def test_an_escalation_that_nobody_hears_is_offered_to_the_caller(restoring: bool) -> None:
    elements = [el("s", "startEvent"), el("e", "endEvent", events=(event("escalation", "LATE"),))]
    drive = Drive(process(elements, [("s", "e")]), nothing, restoring=restoring).run()

    assert drive.completed
    assert [(each.kind, each.code) for each in drive.thrown] == [("escalation", "LATE")]


def ad_hoc(rule: AdHoc) -> Process:
    elements = [
        el("s", "startEvent"),
        el("any", "adHocSubProcess", ad_hoc=rule),
        *(el(id, "serviceTask", parent="any") for id in "abc"),
        el("after", "serviceTask"),
    ]
    return process(elements, line("s", "any", "after"))


def test_an_ad_hoc_sub_process_runs_all_and_ends_with_the_last(restoring: bool) -> None:
    drive = Drive(ad_hoc(AdHoc()), nothing, restoring=restoring).run()

    assert drive.called == ["a", "b", "c", "after"]


def test_the_completion_condition_of_an_ad_hoc_sub_process_takes_the_rest_away(restoring: bool) -> None:
    drive = Drive(ad_hoc(AdHoc(completion=python("done"))), nothing, restoring=restoring).start({"done": False})
    drive.answer_at("a", {"done": True})

    assert [element for _, element in drive.open] == ["after"]
    assert drive.events("canceled") == ["b", "c"]


def test_a_sequential_ad_hoc_sub_process_runs_one_at_a_time(restoring: bool) -> None:
    drive = Drive(ad_hoc(AdHoc(ordering="sequential")), nothing, restoring=restoring).start()
    assert [element for _, element in drive.open] == ["a"]
    drive.run_on()

    assert drive.called == ["a", "b", "c", "after"]


def test_an_ad_hoc_sub_process_begins_with_the_elements_it_is_told(restoring: bool) -> None:
    drive = Drive(ad_hoc(AdHoc(active=python("wanted"))), nothing, restoring=restoring).run({"wanted": ["c", "a"]})

    assert drive.called == ["c", "a", "after"]


def test_an_error_end_throws_a_computed_code_and_takes_what_is_mapped_along(restoring: bool) -> None:
    mapped = (VariableMapping("reason", python("'too ' + how")),)
    bad = EventDefinition("error", code_expression=python("kind"))
    elements = [
        el("s", "startEvent"),
        el("sub", "subProcess"),
        el("si", "startEvent", parent="sub"),
        el("bad", "endEvent", parent="sub", events=(bad,), inputs=mapped),
        el("caught", "boundaryEvent", attached_to="sub", events=(event("error", "BAD", code_variable="code"),)),
        el("rescue", "serviceTask"),
    ]
    drawn = process(elements, [("s", "sub"), ("si", "bad"), ("caught", "rescue")])
    drive = Drive(drawn, nothing, restoring=restoring).start({"kind": "BAD", "how": "late"})

    assert [element for _, element in drive.open] == ["rescue"]
    assert drive.variables == {"kind": "BAD", "how": "late", "code": "BAD", "reason": "too late"}


COLLECTING = AdHoc(output_collection="all", output_item=python("got"))


def test_an_ad_hoc_sub_process_collects_what_each_way_through_it_gives(restoring: bool) -> None:
    drive = Drive(ad_hoc(COLLECTING), lambda element, _: {"got": element}, restoring=restoring).run()

    assert drive.variables == {"all": ["a", "b", "c"], "got": "after"}


def test_a_completion_condition_sees_what_has_been_collected(restoring: bool) -> None:
    rule = replace(COLLECTING, completion=python("len(all) == 2"))
    drive = Drive(ad_hoc(rule), lambda element, _: {"got": element}, restoring=restoring).run()
    assert drive.variables["all"] == ["a", "b"] and drive.called == ["a", "b", "after"]


def test_a_completion_condition_that_fails_is_an_incident_and_judged_again(restoring: bool) -> None:
    drive = Drive(ad_hoc(AdHoc(completion=python("enough"))), nothing, restoring=restoring).start()
    drive.answer_at("a")
    ((token, *where),) = drive.incidents
    assert where == ["any", "expression_failed"]
    drive.answer_at("b")

    drive.execution.set_variables({"enough": True})
    drive.take(drive.execution.retry(token))
    assert [element for _, element in drive.open] == ["after"]
