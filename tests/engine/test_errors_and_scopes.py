"""BPMN errors reach the event of their own element, and mapped variables stay where they belong."""

from __future__ import annotations

from typing import Any

import pytest
from builders import bpmn, error_boundary
from engine.executing import Drive, nothing

from runner.engine.faults import ErrorUncaught

ERRORS = '<error id="escaped" errorCode="POKEMON_ESCAPED"/><error id="other" errorCode="OTHER"/>'
ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'


def two_hosts() -> bytes:
    nodes = [
        ("s", "startEvent"),
        ("split", "parallelGateway"),
        ("a", "serviceTask"),
        ("b", "serviceTask"),
        error_boundary("a_failed", "a", "escaped"),
        error_boundary("b_failed", "b", "escaped"),
        ("after_a", "serviceTask"),
        ("after_b", "serviceTask"),
    ]
    arrows = [("s", "split"), ("split", "a"), ("split", "b"), ("a_failed", "after_a"), ("b_failed", "after_b")]
    return bpmn(nodes, arrows, extra=ERRORS)


@pytest.mark.parametrize("restoring", [False, True])
def test_an_error_reaches_only_the_event_on_its_own_element(restoring: bool) -> None:
    drive = Drive(two_hosts(), nothing, restoring=restoring).start()
    token = next(token for token, element in drive.open if element == "a")

    drive.take(drive.execution.throw_error(token, "POKEMON_ESCAPED", {"reason": "too strong"}))

    assert [element for _, element in drive.open if element != "a"] == ["b", "after_a"]
    assert drive.variables == {"reason": "too strong"}


def test_an_error_with_another_code_is_not_caught_and_changes_nothing() -> None:
    drive = Drive(two_hosts(), nothing).start()
    token = next(token for token, element in drive.open if element == "a")

    with pytest.raises(ErrorUncaught, match="OTHER"):
        drive.execution.throw_error(token, "OTHER", {})

    drive.step()
    assert drive.called == ["a"]


def test_the_event_with_the_code_is_preferred_to_the_one_that_catches_all() -> None:
    nodes = [
        ("s", "startEvent"),
        ("a", "serviceTask"),
        error_boundary("all", "a"),
        error_boundary("exact", "a", "escaped"),
        ("after_all", "serviceTask"),
        ("after_exact", "serviceTask"),
    ]
    xml = bpmn(nodes, [("s", "a"), ("all", "after_all"), ("exact", "after_exact")], extra=ERRORS)
    caught = {}
    for code in ("POKEMON_ESCAPED", "OTHER"):
        drive = Drive(xml, nothing).start()
        drive.take(drive.execution.throw_error(drive.open.pop()[0], code, {}))
        caught[code] = drive.open[0][1]

    assert caught == {"POKEMON_ESCAPED": "after_exact", "OTHER": "after_all"}


def mapped(inputs: str, outputs: str) -> bytes:
    io = "".join(f'<zeebe:input source="{s}" target="{t}"/>' for s, t in (p.split("->") for p in inputs.split()))
    io += "".join(f'<zeebe:output source="{s}" target="{t}"/>' for s, t in (p.split("->") for p in outputs.split()))
    inner = f'<zeebe:taskDefinition type="a"/><zeebe:ioMapping>{io}</zeebe:ioMapping>'
    inner = f"<extensionElements {ZEEBE}>{inner}</extensionElements>"
    return bpmn([("s", "startEvent"), ("a", "serviceTask", inner), ("e", "endEvent")], [("s", "a"), ("a", "e")])


@pytest.mark.parametrize("restoring", [False, True])
def test_a_handler_sees_inputs_and_only_outputs_leave(restoring: bool) -> None:
    seen: list[dict[str, Any]] = []

    def answer(_element: str, variables: dict[str, Any]) -> dict[str, Any]:
        seen.append(dict(variables))
        return {"result": 42, "secret": "stays"}

    drive = Drive(mapped("=order.total->amount", "=result->paid"), answer, restoring=restoring)
    drive.run({"order": {"total": 7}})

    assert seen == [{"order": {"total": 7}, "amount": 7}]
    assert drive.variables == {"order": {"total": 7}, "paid": 42}


def test_without_output_mappings_results_propagate_to_the_process() -> None:
    drive = Drive(mapped("=1->one", ""), lambda *_: {"result": 42}).run({})

    assert drive.variables == {"result": 42}


def test_an_output_with_dots_fills_a_nested_object_and_keeps_the_rest() -> None:
    drive = Drive(mapped("", "=hp->pokemon.health"), lambda *_: {"hp": 1}).run(
        {"pokemon": {"name": "Mewtwo", "health": 9}}
    )

    assert drive.variables == {"pokemon": {"name": "Mewtwo", "health": 1}}
