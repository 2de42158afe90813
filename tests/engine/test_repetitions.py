"""Multi-instance and standard loops: how often, with what, in what order, and what they give."""

from __future__ import annotations

from typing import Any

import pytest
from engine.drawing import el, event, line, process, python
from engine.executing import Drive, nothing

from runner.bpmn.diagram import DataMove, Process, Repetition
from runner.engine.state import dumps

restoring = pytest.mark.parametrize("restoring", [False, True])
both = pytest.mark.parametrize("kind", ["parallel", "sequential"])


def repeated(kind: str, *, type: str = "serviceTask", **rule: Any) -> Process:
    if "collection" in rule:
        rule = {"item_variable": "item", **rule, "collection": python(rule["collection"])}
    rule = {name: python(value) if name in _EXPRESSIONS else value for name, value in rule.items()}
    inside = [el("si", "startEvent", parent="m"), el("i", "serviceTask", parent="m")] if type == "subProcess" else []
    elements = [
        el("s", "startEvent"),
        el("m", type, repetition=Repetition(kind, **rule)),
        el("z", "serviceTask"),
        *inside,
    ]
    return process(elements, [*line("s", "m", "z"), *(line("si", "i") if inside else [])])


_EXPRESSIONS = {"cardinality", "output_item", "completion", "condition", "maximum"}


@restoring
@both
def test_it_runs_once_for_each_item_none_included(kind: str, restoring: bool) -> None:
    seen = []
    drawn = repeated(kind, collection="items")
    Drive(drawn, lambda _, v: seen.append(v.get("item")) or {}, restoring=restoring).run({"items": [1, None, 1]})

    assert seen == [1, None, 1, None]


@restoring
@both
def test_results_are_collected_in_the_order_of_the_items(kind: str, restoring: bool) -> None:
    drawn = repeated(kind, collection="items", output_collection="doubled", output_item="result")
    drive = Drive(drawn, nothing, restoring=restoring).start({"items": [1, 2, 3]})
    while any(element == "m" for _, element in drive.open):
        token = [token for token, element in drive.open if element == "m"][-1]
        item = drive.execution.variables_at(token)["item"]
        drive.open = [job for job in drive.open if job[0] != token]
        drive.take(drive.execution.complete(token, {"result": item * 2}))
    drive.run_on()

    assert drive.variables["doubled"] == [2, 4, 6]
    assert "result" not in drive.variables


@restoring
@both
def test_an_empty_collection_runs_nothing_and_gives_an_empty_list(kind: str, restoring: bool) -> None:
    drawn = repeated(kind, collection="items", output_collection="out", output_item="item")
    drive = Drive(drawn, nothing, restoring=restoring).run({"items": []})

    assert drive.called == ["z"]
    assert drive.variables["out"] == []


@restoring
@both
def test_the_completion_condition_ends_it_early(kind: str, restoring: bool) -> None:
    drawn = repeated(
        kind,
        cardinality="5",
        completion="nrOfCompletedInstances >= 2",
        output_collection="out",
        output_item="loopCounter",
    )
    drive = Drive(drawn, nothing, restoring=restoring).run()

    assert drive.called == ["m", "m", "z"]
    assert drive.variables["out"] == [1, 2, None, None, None]
    assert len([e for e in drive.events("canceled") if e == "m"]) == (3 if kind == "parallel" else 0)


@restoring
@both
def test_a_sub_process_runs_for_each_item_with_variables_of_its_own(kind: str, restoring: bool) -> None:
    seen = []
    drawn = repeated(kind, type="subProcess", collection="items")
    answer = lambda _, v: seen.append((v.get("item"), v.get("loopCounter"))) or {}  # noqa: E731
    drive = Drive(drawn, answer, restoring=restoring).run({"items": ["x", "y"]})

    assert seen == [("x", 1), ("y", 2), (None, None)]
    assert drive.completed


@restoring
def test_an_error_in_one_run_interrupts_all_at_the_border(restoring: bool) -> None:
    drawn = repeated("parallel", cardinality="3")
    catch = el("caught", "boundaryEvent", attached_to="m", events=(event("error"),))
    elements = [*drawn.elements.values(), catch, el("rescue", "serviceTask")]
    drive = Drive(process(elements, [*line("s", "m", "z"), ("caught", "rescue")]), nothing, restoring=restoring).start()
    drive.throw_at("m", "BAD")

    assert [element for _, element in drive.open] == ["rescue"]


@restoring
@pytest.mark.parametrize(("before", "calls"), [(True, 0), (False, 1)])
def test_a_loop_tests_before_or_after_each_round(before: bool, calls: int, restoring: bool) -> None:
    drive = Drive(repeated("loop", condition="n < 0", test_before=before), nothing, restoring=restoring).run({"n": 0})

    assert drive.called == ["m"] * calls + ["z"]


@restoring
def test_a_loop_goes_on_while_its_condition_holds_up_to_its_maximum(restoring: bool) -> None:
    count = lambda element, v: {"n": v["n"] + 1} if element == "m" else {}  # noqa: E731
    free = Drive(repeated("loop", condition="n < 4"), count, restoring=restoring).run({"n": 0})
    bound = Drive(repeated("loop", condition="n < 4", maximum="2"), count, restoring=restoring).run({"n": 0})

    assert (free.variables["n"], bound.variables["n"]) == (4, 2)


@restoring
def test_a_collection_that_is_no_list_is_an_incident(restoring: bool) -> None:
    drive = Drive(repeated("parallel", collection="items"), nothing, restoring=restoring).start({"items": 7})

    assert [(element, kind) for _, element, kind in drive.incidents] == [("m", "expression_failed")]
    drive.execution.set_variables({"items": [1]})
    drive.take(drive.execution.retry(drive.incidents[0][0]))
    drive.run_on()
    assert drive.called == ["m", "z"]


@both
def test_a_run_writes_as_much_after_500_items_as_after_5(kind: str) -> None:
    drawn = repeated(kind, collection="items", output_collection="out", output_item="item")
    drive = Drive(drawn, nothing).run({"items": list(range(1000, 2000))})
    sizes = [len(dumps(delta)) for delta in drive.deltas]

    # Only the digits of the counters grow.
    assert sizes[500] <= sizes[5] + 30
    assert drive.variables["out"] == list(range(1000, 2000))


@restoring
def test_an_event_is_thrown_for_the_first_completed_run_if_the_behavior_says_so(restoring: bool) -> None:
    drawn = repeated("sequential", cardinality="3", behavior="One", thrown=((None, event("signal", "first")),))
    drive = Drive(drawn, nothing, restoring=restoring).run()

    assert [signal.name for signal in drive.signals] == ["first"]


@pytest.mark.parametrize("cardinality", ["1", "3"])
@pytest.mark.parametrize("kind", ["sequential", "parallel"])
@restoring
def test_what_cannot_be_thrown_after_a_run_is_thrown_with_a_retry(kind: str, cardinality: str, restoring: bool) -> None:
    thrown = ((python("there > 1"), event("signal", "late")),)
    drawn = repeated(kind, type="task", cardinality=cardinality, behavior="Complex", thrown=thrown)
    drive = Drive(drawn, nothing, restoring=restoring).start({})

    (incident,) = drive.incidents
    assert incident == (2, "m", "expression_failed")
    assert drive.open == [] and drive.signals == []

    drive.execution.set_variables({"there": 2})
    drive.take(drive.execution.retry(2))
    assert len(drive.signals) == int(cardinality)
    assert [element for _, element in drive.open] == ["z"]


@both
@restoring
def test_a_run_that_writes_the_loop_counter_still_gives_its_own_result(kind: str, restoring: bool) -> None:
    drawn = repeated(kind, collection="items", output_collection="out", output_item="item")
    drive = Drive(drawn, lambda *_: {"loopCounter": 1}, restoring=restoring).run({"items": ["a", "b", "c"]})
    assert drive.variables["out"] == ["a", "b", "c"]


@both
@restoring
def test_data_associations_fill_the_collection_and_take_the_results(kind: str, restoring: bool) -> None:
    rule = Repetition(kind, collection=python("given"), item_variable="item", output_collection="taken",
        output_item=python("item * factor"))  # fmt: skip
    moves = {"data_inputs": (DataMove("given", python("items")), DataMove("factor", python("n"))),
        "data_outputs": (DataMove("all", python("taken")),)}  # fmt: skip
    elements = [el("s", "startEvent"), el("a", "task", repetition=rule, **moves), el("e", "endEvent")]
    drive = Drive(process(elements, line("s", "a", "e")), nothing, restoring=restoring).run({"items": [1, 2], "n": 3})
    assert drive.variables == {"items": [1, 2], "n": 3, "all": [3, 6]}


@both
@restoring
def test_a_completion_condition_that_fails_is_decided_again_and_no_run_is_lost(kind: str, restoring: bool) -> None:
    drive = Drive(repeated(kind, cardinality="3", completion="enough"), nothing, restoring=restoring).start()
    drive.answer_at("m")
    ((token, *where),) = drive.incidents
    assert where == ["m", "expression_failed"]

    drive.execution.set_variables({"enough": False})
    drive.take(drive.execution.retry(token))
    assert drive.run_on().called == ["m", "m", "m", "z"] and drive.completed


@restoring
def test_a_repetition_whose_condition_fails_can_be_skipped_with_what_is_left_of_it(restoring: bool) -> None:
    drive = Drive(repeated("parallel", cardinality="3", completion="enough"), nothing, restoring=restoring).start()
    drive.answer_at("m")
    drive.take(drive.execution.skip(drive.incidents[0][0], {"x": 1}))
    assert [element for _, element in drive.open] == ["z"] and drive.variables == {"x": 1}


@restoring
def test_a_loop_condition_that_fails_is_decided_again(restoring: bool) -> None:
    drive = Drive(repeated("loop", condition="more"), nothing, restoring=restoring).start()
    drive.answer_at("m")
    drive.execution.set_variables({"more": True})
    drive.take(drive.execution.retry(drive.incidents[0][0]))
    assert [element for _, element in drive.open] == ["m"]
