"""The saga: what has completed is undone, newest first, once, with the variables of that moment."""

from __future__ import annotations

from typing import Any

import pytest
from engine.drawing import el, event, line, process, python
from engine.executing import Drive, nothing

from runner.bpmn.diagram import Element, Process, Repetition

pytestmark = pytest.mark.parametrize("restoring", [False, True])


def undone(id: str, *, parent: str = "p", type: str = "serviceTask", **rest: Any) -> list[Element]:
    """Give an activity, the compensation event on its border and the handler that undoes it."""
    return [
        el(id, type, parent=parent, **rest),
        el(
            f"{id}_event",
            "boundaryEvent",
            parent=parent,
            attached_to=id,
            events=(event("compensate"),),
            undone_by=f"un{id}",
        ),
        el(f"un{id}", "serviceTask", parent=parent, for_compensation=True),
    ]


def throw(
    id: str = "undo", *, activity: str | None = None, type: str = "intermediateThrowEvent", **rest: Any
) -> Element:
    return el(id, type, events=(event("compensate", activity=activity),), **rest)


def saga(activity: str | None = None, **rest: Any) -> Process:
    elements = [
        el("s", "startEvent"),
        *undone("a"),
        *undone("b", **rest),
        throw(activity=activity),
        el("z", "serviceTask"),
    ]
    return process(elements, line("s", "a", "b", "undo", "z"))


def test_what_has_completed_is_undone_newest_first_and_then_it_goes_on(restoring: bool) -> None:
    drive = Drive(saga(), nothing, restoring=restoring).run()

    assert drive.called == ["a", "b", "unb", "una", "z"]
    assert drive.completed


def test_only_the_activity_that_is_named_is_undone(restoring: bool) -> None:
    assert Drive(saga("a"), nothing, restoring=restoring).run().called == ["a", "b", "una", "z"]


def test_a_handler_sees_the_variables_of_that_moment_and_changes_those_of_now(restoring: bool) -> None:
    seen = []

    def answer(element: str, variables: dict[str, Any]) -> dict[str, Any]:
        if element.startswith("un"):
            seen.append((element, variables["n"]))
            return {"n": variables["n"] * 100, element: True}
        return {"n": variables["n"] + 1}

    drive = Drive(saga(), answer, restoring=restoring).run({"n": 0})

    assert seen == [("unb", 2), ("una", 1)]
    assert drive.variables == {"n": 101, "unb": True, "una": True}


def test_each_is_undone_once(restoring: bool) -> None:
    elements = [el("s", "startEvent"), *undone("a"), throw("first"), throw("second"), el("z", "serviceTask")]
    drive = Drive(process(elements, line("s", "a", "first", "second", "z")), nothing, restoring=restoring).run()

    assert drive.called == ["a", "una", "z"]


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_every_run_of_a_repetition_is_undone(kind: str, restoring: bool) -> None:
    seen = []

    def answer(element: str, variables: dict[str, Any]) -> dict[str, Any]:
        if element == "unb":
            seen.append(variables["loopCounter"])
        return {}

    drawn = saga(repetition=Repetition(kind, cardinality=python("3")))
    drive = Drive(drawn, answer, restoring=restoring).run()

    assert seen == [3, 2, 1]
    assert drive.called[-2:] == ["una", "z"]


def with_sub(*inside: Element, flows: list[tuple[str, str]]) -> Process:
    elements = [el("s", "startEvent"), el("sub", "subProcess"), el("si", "startEvent", parent="sub"), *inside]
    return process([*elements, throw(), el("z", "serviceTask")], [*line("s", "sub", "undo", "z"), *flows])


def test_what_a_completed_sub_process_did_is_undone_inside_out(restoring: bool) -> None:
    inside = [*undone("a", parent="sub"), *undone("b", parent="sub")]
    drive = Drive(with_sub(*inside, flows=line("si", "a", "b")), nothing, restoring=restoring).run()

    assert drive.called == ["a", "b", "unb", "una", "z"]


def test_a_compensation_event_sub_process_undoes_its_sub_process_as_a_whole(restoring: bool) -> None:
    inside = [
        *undone("a", parent="sub"),
        el("esp", "subProcess", parent="sub", event_subprocess=True),
        el("es", "startEvent", parent="esp", events=(event("compensate"),)),
        el("tidy", "serviceTask", parent="esp"),
        el("inner", "intermediateThrowEvent", parent="esp", events=(event("compensate", activity="a"),)),
    ]
    drawn = with_sub(*inside, flows=[*line("si", "a"), *line("es", "tidy", "inner")])
    drive = Drive(drawn, nothing, restoring=restoring).run()

    assert drive.called == ["a", "tidy", "una", "z"] and drive.completed


def test_what_a_sub_process_changes_while_it_undoes_is_changed_now(restoring: bool) -> None:
    inside = [
        el("a", "serviceTask", parent="sub"),
        el("esp", "subProcess", parent="sub", event_subprocess=True),
        el("es", "startEvent", parent="esp", events=(event("compensate"),)),
        *(el(id, "serviceTask", parent="esp") for id in ("tidy", "look")),
    ]
    seen = []

    def answer(element: str, variables: dict[str, Any]) -> dict[str, Any]:
        seen.append((element, variables["n"]))
        return {"n": variables["n"] + 1}

    drawn = with_sub(*inside, flows=[*line("si", "a"), *line("es", "tidy", "look")])
    drive = Drive(drawn, answer, restoring=restoring).run({"n": 0})
    assert seen == [("a", 0), ("tidy", 1), ("look", 2), ("z", 3)]
    assert drive.variables["n"] == 4


def test_a_sub_process_that_was_interrupted_cannot_be_undone_from_outside(restoring: bool) -> None:
    inside = [*undone("a", parent="sub"), el("b", "serviceTask", parent="sub")]
    catch = el("caught", "boundaryEvent", attached_to="sub", events=(event("error"),))
    elements = [el("s", "startEvent"), el("sub", "subProcess"), el("si", "startEvent", parent="sub"), *inside, catch]
    drawn = process(
        [*elements, throw(), el("z", "serviceTask")],
        [("s", "sub"), *line("si", "a", "b"), *line("caught", "undo", "z")],
    )
    drive = Drive(drawn, nothing, restoring=restoring).start()
    drive.answer_at("a")
    drive.throw_at("b", "BAD")
    drive.run_on()

    assert drive.called == ["a", "z"]


def test_an_end_event_compensates_before_the_process_ends(restoring: bool) -> None:
    elements = [el("s", "startEvent"), *undone("a"), throw("e", type="endEvent")]
    drive = Drive(process(elements, line("s", "a", "e")), nothing, restoring=restoring).run()

    assert drive.called == ["a", "una"] and drive.completed


def transaction() -> Process:
    elements = [
        el("s", "startEvent"),
        el("tx", "transaction"),
        el("si", "startEvent", parent="tx"),
        *undone("a", parent="tx"),
        *undone("b", parent="tx"),
        el("fork", "parallelGateway", parent="tx"),
        el("other", "serviceTask", parent="tx"),
        el("no", "endEvent", parent="tx", events=(event("cancel"),)),
        el("canceled", "boundaryEvent", attached_to="tx", events=(event("cancel"),)),
        el("sorry", "serviceTask"),
        el("good", "serviceTask"),
    ]
    flows = [*line("si", "a", "b", "fork", "other"), ("fork", "no"), ("s", "tx"), ("tx", "good"), ("canceled", "sorry")]
    return process(elements, flows)


def test_a_canceled_transaction_undoes_all_and_leaves_by_its_border(restoring: bool) -> None:
    drive = Drive(transaction(), nothing, restoring=restoring).run()

    assert drive.called == ["a", "b", "unb", "una", "sorry"]
    assert "other" in drive.events("canceled") and drive.completed


def test_a_cancel_end_deeper_in_a_transaction_undoes_what_was_done_around_it_and_beside_it(restoring: bool) -> None:
    elements = [
        *(el("tx", "transaction"), el("sub", "subProcess", parent="tx"), el("beside", "subProcess", parent="tx")),
        *(*undone("a", parent="tx"), *undone("b", parent="sub"), *undone("c", parent="beside")),
        el("busy", "userTask", parent="beside"),
        el("no", "endEvent", parent="sub", events=(event("cancel"),)),
        el("canceled", "boundaryEvent", attached_to="tx", events=(event("cancel"),)),
        el("sorry", "serviceTask"),
    ]
    flows = [*line("a", "sub"), ("a", "beside"), *line("b", "no"), *line("c", "busy"), ("canceled", "sorry")]
    drive = Drive(process(elements, flows), nothing, restoring=restoring).start()
    for done in ("a", "c", "b"):
        drive.answer_at(done)
    assert drive.run_on().called == ["a", "c", "b", "unb", "unc", "una", "sorry"]


def test_an_interrupted_thrower_forgets_what_it_still_meant_to_undo(restoring: bool) -> None:
    drive = Drive(saga(), nothing, restoring=restoring).start()
    drive.answer_at("a")
    drive.answer_at("b")
    drive.take(drive.execution.cancel())

    assert drive.state["tokens"] == {} and "undo" not in drive.state


def test_a_thrower_that_does_not_wait_goes_on_while_it_is_undone(restoring: bool) -> None:
    undo = el("undo", "intermediateThrowEvent", events=(event("compensate", waits=False),))
    elements = [el("s", "startEvent"), *undone("a"), *undone("b"), undo, el("z", "serviceTask")]
    drive = Drive(process(elements, line("s", "a", "b", "undo", "z")), nothing, restoring=restoring).start()
    drive.answer_at("a")
    drive.answer_at("b")

    assert sorted(element for _, element in drive.open) == ["unb", "z"]
    drive.run_on()
    assert drive.called.index("unb") < drive.called.index("una") and drive.completed
