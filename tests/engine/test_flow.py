"""Tokens move as BPMN says: sequences, choices, branches; the same when restored after every step."""

from __future__ import annotations

from typing import Any

import pytest
from builders import bpmn, chain, fork, loop
from engine.executing import Drive, nothing

from runner.errors import Conflict


@pytest.fixture(params=[False, True], ids=["in memory", "restored after every step"])
def restoring(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_service_tasks_run_one_after_the_other(restoring: bool) -> None:
    drive = Drive(chain(["a", "b", "c"]), nothing, restoring=restoring).run()

    assert drive.called == ["a", "b", "c"]
    assert drive.completed
    assert drive.happenings[0] == ("p", "started") and drive.happenings[-1] == ("p", "completed")


def test_exclusive_gateway_takes_the_first_flow_whose_condition_holds(restoring: bool) -> None:
    nodes = [("s", "startEvent"), ("g", "exclusiveGateway"), ("a", "serviceTask"), ("b", "serviceTask")]
    arrows = [("s", "g"), ("g", "a", "n > 10"), ("g", "b", "n > 5")]

    assert Drive(bpmn(nodes, arrows), nothing, restoring=restoring).run({"n": 7}).called == ["b"]
    assert Drive(bpmn(nodes, arrows), nothing, restoring=restoring).run({"n": 70}).called == ["a"]


def test_exclusive_gateway_takes_the_default_when_nothing_holds(restoring: bool) -> None:
    nodes = [("s", "startEvent"), ("g", "exclusiveGateway"), ("a", "serviceTask"), ("b", "serviceTask")]
    arrows = [("s", "g"), ("g", "b", "default"), ("g", "a", "n > 10")]

    assert Drive(bpmn(nodes, arrows), nothing, restoring=restoring).run({"n": 1}).called == ["b"]


def test_no_flow_to_take_is_an_incident_that_names_condition_and_value() -> None:
    nodes = [("s", "startEvent"), ("g", "exclusiveGateway"), ("a", "serviceTask"), ("b", "serviceTask")]
    drive = Drive(bpmn(nodes, [("s", "g"), ("g", "a", "n > 10"), ("g", "b", "n > 5")]), nothing).run({"n": 1})

    assert drive.incidents == [(2, "g", "no_flow_taken")]
    assert not drive.completed


def test_a_failed_condition_waits_and_goes_on_once_the_variable_is_right(restoring: bool) -> None:
    nodes = [("s", "startEvent"), ("g", "exclusiveGateway"), ("a", "serviceTask"), ("b", "serviceTask")]
    drive = Drive(bpmn(nodes, [("s", "g"), ("g", "a", "n > 10"), ("g", "b", "default")]), nothing, restoring=restoring)
    drive.start({})
    token, element, kind = drive.incidents[0]

    drive.execution.set_variables({"n": 11})
    drive.take(drive.execution.retry(token))

    assert (element, kind) == ("g", "expression_failed")
    assert [job[1] for job in drive.open] == ["a"]


def test_parallel_branches_meet_and_the_join_fires_once(restoring: bool) -> None:
    drive = Drive(fork("a", "b"), nothing, restoring=restoring).run()

    assert sorted(drive.called) == ["a", "b"]
    assert drive.events("completed").count("join") == 1
    assert drive.completed


def test_branches_share_their_variables_and_lose_no_update(restoring: bool) -> None:
    def answer(element: str, variables: dict[str, Any]) -> dict[str, Any]:
        return {"v": 2} if element == "a" else {"items": [*variables["items"], 0, 0]}

    drive = Drive(fork("a", "b"), answer, restoring=restoring).run({"v": 1, "items": [0]})

    assert drive.variables == {"v": 2, "items": [0, 0, 0]}


def test_a_join_takes_one_token_of_each_flow_and_keeps_a_surplus() -> None:
    nodes = [
        ("s", "startEvent"),
        ("split", "parallelGateway"),
        ("merge", "exclusiveGateway"),
        ("join", "parallelGateway"),
        ("after", "serviceTask"),
    ]
    arrows = [
        ("s", "split"),
        ("split", "merge"),
        ("split", "merge"),
        ("split", "join"),
        ("merge", "join"),
        ("join", "after"),
    ]
    drive = Drive(bpmn(nodes, arrows), nothing).run()

    assert drive.called == ["after"]
    assert [incident[1:] for incident in drive.incidents] == [("join", "stalled")]


def test_a_join_that_can_never_fire_is_an_incident_and_not_silence() -> None:
    nodes = [
        ("s", "startEvent"),
        ("g", "exclusiveGateway"),
        ("a", "serviceTask"),
        ("b", "serviceTask"),
        ("j", "parallelGateway"),
    ]
    arrows = [("s", "g"), ("g", "a", "true"), ("g", "b", "default"), ("a", "j"), ("b", "j")]
    drive = Drive(bpmn(nodes, arrows), nothing).run()

    assert [incident[1:] for incident in drive.incidents] == [("j", "stalled")]
    assert not drive.completed


def test_two_flows_out_of_a_task_are_two_tokens(restoring: bool) -> None:
    nodes = [("s", "startEvent"), ("a", "serviceTask"), ("b", "serviceTask"), ("c", "serviceTask")]
    drive = Drive(bpmn(nodes, [("s", "a"), ("a", "b"), ("a", "c")]), nothing, restoring=restoring).run()

    assert sorted(drive.called) == ["a", "b", "c"]
    assert drive.completed


def test_terminate_end_takes_the_other_tokens_with_it(restoring: bool) -> None:
    nodes = [
        ("s", "startEvent"),
        ("split", "parallelGateway"),
        ("a", "serviceTask"),
        ("b", "serviceTask"),
        ("stop", "endEvent", "<terminateEventDefinition/>"),
    ]
    drive = Drive(
        bpmn(nodes, [("s", "split"), ("split", "a"), ("split", "b"), ("a", "stop")]), nothing, restoring=restoring
    )
    drive.start()

    drive.step()

    assert drive.completed and not drive.open
    assert drive.events("canceled") == ["b"]


def test_a_gateway_loop_of_2000_rounds_completes() -> None:
    drive = Drive(loop("n < 2000"), lambda _, variables: {"n": variables["n"] + 1}).run({"n": 0})

    assert drive.completed
    assert len(drive.called) == 2000


def test_a_chain_of_1000_service_tasks_completes() -> None:
    names = [f"t{number}" for number in range(1000)]

    assert Drive(chain(names), nothing).run().called == names


def test_a_loop_without_a_wait_becomes_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.engine.workflow.STEP_LIMIT", 50)
    nodes = [("s", "startEvent"), ("a", "exclusiveGateway"), ("b", "exclusiveGateway")]
    drive = Drive(bpmn(nodes, [("s", "a"), ("a", "b"), ("b", "a")]), nothing).run()

    assert [incident[2] for incident in drive.incidents] == ["stalled"]


def test_a_job_can_be_completed_once_only() -> None:
    drive = Drive(chain(["a", "b"]), nothing).start()
    token = drive.open[0][0]
    drive.step()

    with pytest.raises(Conflict):
        drive.execution.complete(token, {})
