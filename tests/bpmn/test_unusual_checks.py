"""What runs as it is drawn and may surprise: branches that do not fit, missing labels, loose ends."""

from __future__ import annotations

import pytest
from bpmn.drawn import codes, drawn, findings, flow

from runner.bpmn.check import check_diagram
from runner.bpmn.diagram import Diagram

ENDS = '<startEvent id="s"/><endEvent id="e"/>'


def branches(split: str, join: str, *, extra: str = "") -> Diagram:
    """Draw two ways from "p" to "j", with a task on each and one behind."""
    nodes = f'<{split} id="p" name="P"/><task id="a"/><task id="b"/><{join} id="j" name="J"/><task id="after"/>'
    flows = "".join(flow(*each.split()) for each in ("s p", "p a", "p b", "a j", "b j", "j after", "after e"))
    return drawn(ENDS + nodes + flows + extra)


@pytest.mark.parametrize(
    ("split", "join", "code"),
    [
        ("parallelGateway", "exclusiveGateway", "tokens_multiply"),
        ("inclusiveGateway", "exclusiveGateway", "tokens_multiply"),
        ("parallelGateway", "userTask", "tokens_multiply"),
        ("task", "exclusiveGateway", "tokens_multiply"),
        ("exclusiveGateway", "parallelGateway", "join_waits_forever"),
        ("parallelGateway", "parallelGateway", ""),
        ("parallelGateway", "inclusiveGateway", ""),
        ("exclusiveGateway", "exclusiveGateway", ""),
        ("exclusiveGateway", "userTask", ""),
    ],
)
def test_a_join_fits_its_split(split: str, join: str, code: str) -> None:
    found = {each for each in codes(branches(split, join)) if each[0] in ("tokens_multiply", "join_waits_forever")}
    assert found == ({(code, "j")} if code else set())


def test_ways_that_share_something_in_between_are_no_pair() -> None:
    nodes = "".join(f'<{tag} id="{id}"/>' for tag, id in NODES)
    diagram = drawn(ENDS + nodes + "".join(flow(*each.split()) for each in FLOWS))
    assert {code for code, _ in codes(diagram)} & {"tokens_multiply", "join_waits_forever"} == set()


NODES = (
    *(("parallelGateway", "p"), ("task", "a"), ("task", "b"), ("parallelGateway", "q")),
    *(("exclusiveGateway", "x"), ("task", "c"), ("task", "d"), ("exclusiveGateway", "y")),
)
FLOWS = ["s p", "p a", "p b", "a q", "b q", "q x", "x c", "x d", "c y", "d y", "y e"]


def test_a_loop_back_before_a_split_is_no_join_of_its_branches() -> None:
    nodes = '<exclusiveGateway id="m"/><parallelGateway id="p"/><task id="a"/><task id="b"/><parallelGateway id="q"/>'
    again = '<exclusiveGateway id="x"/>'
    ways = ("s m", "m p", "p a", "p b", "a q", "b q", "q x", "x m", "x e")
    found = codes(drawn(ENDS + nodes + again + "".join(flow(*each.split()) for each in ways)))
    assert {code for code, _ in found} & {"tokens_multiply", "join_waits_forever"} == set()


def test_a_boundary_event_is_another_way_and_not_a_parallel_one() -> None:
    nodes = '<serviceTask id="a"/><boundaryEvent id="b" attachedToRef="a"><errorEventDefinition/></boundaryEvent>'
    ways = flow("s", "a") + flow("a", "j") + flow("b", "j") + flow("j", "t") + flow("t", "e")
    found = codes(drawn(f'{ENDS}{nodes}<exclusiveGateway id="j"/><task id="t"/>{ways}'))
    assert "tokens_multiply" not in {code for code, _ in found}


def deciding(name: str, *flows: str, default: str = "") -> set[tuple[str, str]]:
    attributes = f'name="{name}" {f"default={default!r}" if default else ""}'
    tasks = '<task id="a"/><task id="b"/>' + flow("a", "e") + flow("b", "e") + flow("s", "g")
    return codes(drawn(f'{ENDS}<exclusiveGateway id="g" {attributes}/>{tasks}{"".join(flows)}'))


def named(text: str, name: str) -> str:
    return text.replace("<sequenceFlow", f'<sequenceFlow name="{name}"')


def test_what_decides_has_names() -> None:
    yes, no = named(flow("g", "a", "n > 1"), "yes"), flow("g", "b")
    assert deciding("Enough?", yes, no, default="g-b") == set()
    assert deciding("", yes, no, default="g-b") == {("label_missing", "g")}
    assert deciding("Enough?", flow("g", "a", "n > 1"), no, default="g-b") == {("label_missing", "g")}


@pytest.mark.parametrize(
    ("first", "second", "missing"),
    [
        ("n > 1", "n <= 1", False),
        ("n = 1", "n != 1", False),
        ("paid", "not(paid)", False),
        ("not paid", "paid", False),
        ("n > 1", "n > 2", True),
        ("n > 1", "m <= 1", True),
        ("a or b", "not a or b", True),
    ],
)
def test_a_default_flow_is_missed_unless_one_of_two_conditions_always_holds(
    first: str, second: str, missing: bool
) -> None:
    flows = named(flow("g", "a", first), "yes"), named(flow("g", "b", second), "no")
    assert ("default_missing" in {code for code, _ in deciding("Enough?", *flows)}) == missing


def test_gateways_split_or_join_and_not_both_or_neither() -> None:
    one = f'{ENDS}<parallelGateway id="g"/>' + flow("s", "g") + flow("g", "e")
    assert codes(drawn(one)) == {("gateway_superfluous", "g")}
    both = branches("parallelGateway", "parallelGateway", extra=flow("j", "e"))
    assert ("gateway_joins_and_splits", "j") in codes(both)


def test_a_flow_that_is_drawn_twice_is_named() -> None:
    diagram = drawn(ENDS + flow("s", "e") + flow("s", "e", id="again"))
    assert codes(diagram) == {("flow_duplicate", "again"), ("split_implicit", "s")}


def test_several_flows_out_of_a_task_and_into_one_are_told() -> None:
    diagram = drawn(
        ENDS + '<task id="a"/><task id="b"/>' + "".join(flow(*each.split()) for each in ("s a", "a b", "a e"))
    )
    assert ("split_implicit", "a") in codes(diagram)
    merged = drawn(ENDS + '<task id="a"/>' + flow("s", "a") + flow("s", "a", id="f") + flow("a", "e"))
    assert ("merge_implicit", "a") in {(each.code, each.element_id) for each in findings(merged, "note")}


def test_paths_end_at_end_events_where_there_are_any() -> None:
    lost = '<task id="a"/>' + flow("s", "a")
    assert codes(drawn(ENDS + lost + flow("s", "e"))) == {("end_implicit", "a"), ("split_implicit", "s")}
    assert codes(drawn('<startEvent id="s"/>' + lost)) == {("end_missing", "s")}
    assert codes(drawn('<endEvent id="e"/><task id="a"/>' + flow("a", "e"))) == {("start_implicit", "e")}
    assert codes(drawn('<task id="a"/>')) == set()


def test_a_second_start_event_without_a_trigger_is_named_and_one_with_a_trigger_is_not() -> None:
    second = '<startEvent id="t">{}</startEvent>' + flow("s", "e") + flow("t", "e")
    assert codes(drawn(ENDS + second.format(""))) == {("start_ambiguous", "t")}
    signal = second.format('<signalEventDefinition signalRef="sig"/>')
    assert codes(drawn(ENDS + signal, roots='<signal id="sig" name="S"/>')) == set()


def test_a_drawing_with_very_many_splits_is_checked_in_time() -> None:
    count = 1500
    tasks = "".join(f'<task id="t{n}"/>{flow(f"t{n}", f"t{n + 1}")}{flow(f"t{n}", "e")}' for n in range(count))
    diagram = drawn(f'{ENDS}{flow("s", "t0")}{tasks}<task id="t{count}"/>')
    assert len([each for each in check_diagram(diagram, None) if each.code == "split_implicit"]) == count
