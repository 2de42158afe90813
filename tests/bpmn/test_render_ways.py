"""Lines of a picture that is laid out here, names that get a place, and pictures that a file has begun."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

from bpmn.render_pictures import edge, pictured, shape, written
from bpmn.test_render_layout import apart, boxes, laid_out
from builders import bpmn
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from runner.bpmn.render import render_svg
from runner.bpmn.render.channels import Channels, Piece
from runner.bpmn.render.drawing import Plane, read_model, read_planes
from runner.bpmn.render.geometry import Bounds
from runner.bpmn.render.layout import lay_out
from runner.bpmn.render.naming import named

LANES = (
    '<laneSet><lane id="top" name="Top"><flowNodeRef>a</flowNodeRef></lane><lane id="low" name="Low"><childLaneSet>'
    '<lane id="l1"><flowNodeRef>b</flowNodeRef></lane><lane id="l2"><flowNodeRef>c</flowNodeRef></lane>'
    "</childLaneSet></lane></laneSet>"
)


def through(plane: Plane) -> list[tuple[str, str]]:
    """Give each line that runs through a shape that it does not join, with that shape."""
    found = []
    for line in plane.edges:
        ends = {line.element.get("sourceRef"), line.element.get("targetRef")}
        for node in plane.shapes:
            passed = (
                node.expanded
                or node.type in ("participant", "lane")
                or ends & {node.id, node.element.get("attachedToRef")}
            )
            if not passed and any(crosses(*piece, node.bounds) for piece in pairwise(line.points)):
                found.append((line.id, node.id))
    return found


def crosses(start: tuple[float, float], end: tuple[float, float], box: Bounds) -> bool:
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    return left < box.right and right > box.x and top < box.bottom and bottom > box.y


def within(inner: Bounds, outer: Bounds) -> bool:
    return outer.x <= inner.x and outer.y <= inner.y and inner.right <= outer.right and inner.bottom <= outer.bottom


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=16))
def test_whatever_is_connected_no_shapes_overlap_and_no_line_runs_through_one(links: list[tuple[str, str]]) -> None:
    plane = laid_out(bpmn([(key, "task") for key in "abcdefgh"], links))
    assert len(plane.edges) == len(links)
    assert all(apart(one, other) for one, other in combinations(boxes(plane).values(), 2))
    assert through(plane) == []


def test_a_loop_back_runs_below_and_through_nothing() -> None:
    plane = laid_out(bpmn([(key, "task") for key in "abc"], [("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")]))
    assert through(plane) == []


def test_lanes_hold_their_nodes_and_nested_ones_lie_in_the_outer_one() -> None:
    body = f'{LANES}<task id="a"/><task id="b"/><task id="c"/>'
    flows = '<sequenceFlow id="f" sourceRef="a" targetRef="b"/><sequenceFlow id="g" sourceRef="b" targetRef="c"/>'
    pool = '<collaboration id="co"><participant id="pool" processRef="p"/></collaboration>'
    placed = boxes(laid_out(pictured(body + flows, around=pool)))
    for inner, outer in (
        ("a", "top"),
        ("b", "l1"),
        ("c", "l2"),
        ("l1", "low"),
        ("l2", "low"),
        ("top", "pool"),
        ("low", "pool"),
    ):
        assert within(placed[inner], placed[outer]), (inner, outer)
    assert apart(placed["top"], placed["low"]) and apart(placed["l1"], placed["l2"])


def test_an_empty_lane_is_drawn_too() -> None:
    placed = boxes(laid_out(pictured('<laneSet><lane id="x"/><lane id="y"/></laneSet><task id="a"/>')))
    assert placed["x"].height >= 100 and apart(placed["x"], placed["y"])


def test_black_boxes_are_all_drawn_and_messages_run_around_what_is_between() -> None:
    pools = '<participant id="P" processRef="p"/><participant id="Q"/><participant id="R"/>'
    flows = '<messageFlow id="m" sourceRef="a" targetRef="Q"/><messageFlow id="n" sourceRef="R" targetRef="a"/>'
    xml = bpmn(
        [("a", "task"), ("b", "task")], [("a", "b")], extra=f'<collaboration id="c">{pools}{flows}</collaboration>'
    )
    plane = laid_out(xml)
    assert {"P", "Q", "R"} <= boxes(plane).keys()
    assert {line.id for line in plane.edges} == {"m", "n", "f0"} and through(plane) == []


def test_many_boundary_events_have_room_on_a_wider_activity() -> None:
    guests = [(f"g{number}", "boundaryEvent") for number in range(6)]
    xml = bpmn([("a", "task"), *guests], []).replace(b"<boundaryEvent id", b'<boundaryEvent attachedToRef="a" id')
    placed = boxes(laid_out(xml))
    sitting = [placed[f"g{number}"] for number in range(6)]
    assert all(placed["a"].x <= each.x and each.right <= placed["a"].right for each in sitting)
    assert all(apart(one, other) for one, other in combinations(sitting, 2))


def test_what_nothing_leads_to_stands_in_rows_below() -> None:
    tasks = [(f"t{number}", "task") for number in range(12)]
    placed = boxes(laid_out(bpmn([*tasks, ("a", "task"), ("b", "task")], [("a", "b")])))
    assert all(placed[key].y > placed["a"].bottom for key, _ in tasks)
    assert max(box.right for box in placed.values()) < 1000
    assert all(apart(one, other) for one, other in combinations(placed.values(), 2))


def test_a_compensation_handler_is_joined_with_its_event() -> None:
    extra = '<association id="x" sourceRef="undo" targetRef="h"/>'
    event = '<boundaryEvent id="undo" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
    plane = laid_out(pictured(f'<task id="a"/>{event}<task id="h" isForCompensation="true"/>{extra}'))
    assert [line.id for line in plane.edges] == ["x"] and through(plane) == []


def test_data_stands_below_its_task_and_is_joined_with_it() -> None:
    reads = '<dataInputAssociation id="r"><sourceRef>d</sourceRef><targetRef>in</targetRef></dataInputAssociation>'
    plane = laid_out(pictured(f'<task id="z"/><task id="a">{reads}</task><dataObjectReference id="d"/>'))
    placed = boxes(plane)
    assert placed["d"].center[0] == placed["a"].center[0] and [line.id for line in plane.edges] == ["r"]


def test_lines_of_different_nodes_have_tracks_of_their_own() -> None:
    one, other = Piece(1, 0, 100, "a", "b"), Piece(1, 50, 150, "c", "d")
    together, apart_ = Piece(1, 20, 90, "a", "x"), Piece(1, 300, 400, "q", "r")
    channels = Channels([one, other, together, apart_])
    x = {piece: channels.x(piece, ends={1: (0, 100)}) for piece in (one, other, together, apart_)}
    assert x[one] == x[together] != x[other] and x[apart_] in (x[one], x[other])


def test_a_name_without_a_place_avoids_the_line_below_its_event() -> None:
    body = '<startEvent id="s" name="begin"/><task id="a"/><sequenceFlow id="f" sourceRef="s" targetRef="a"/>'
    shapes = shape("s", 32, 0, "36x36"), shape("a", 0, 200), edge("f", (50, 36), (50, 200))
    (plane,) = read_planes(read_model(etree.fromstring(pictured(body, *shapes))))
    label = next(each.label for each in named(plane).shapes if each.id == "s")
    assert label is not None and (label.bottom <= 0 or label.x > 50 or label.right < 50)


def test_names_of_neighbours_keep_apart() -> None:
    body = '<startEvent id="s" name="a rather long name"/><endEvent id="e" name="another long name"/>'
    (plane,) = read_planes(
        read_model(etree.fromstring(pictured(body, shape("s", 0, 0, "36x36"), shape("e", 40, 0, "36x36"))))
    )
    one, other = (each.label for each in named(plane).shapes)
    assert one is not None and other is not None and apart(one, other)


def test_a_flow_that_is_not_drawn_gets_a_line() -> None:
    body = '<task id="a"/><task id="b"/><sequenceFlow id="f" name="next" sourceRef="a" targetRef="b"/>'
    svg = render_svg(pictured(body, shape("a", 0, 0), shape("b", 300, 200)))
    assert 'data-element-id="f"' in svg and "next" in written(svg)


def test_a_picture_of_half_a_process_is_laid_out_anew() -> None:
    body = '<task id="a"/><task id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
    assert render_svg(pictured(body, shape("a", 5000, 0))) == render_svg(pictured(body))


def test_what_a_collapsed_sub_process_holds_is_not_missed() -> None:
    body = '<subProcess id="s"><task id="inner"/></subProcess>'
    assert drawn(render_svg(pictured(body, shape("s", 0, 0)))) == ["s"]
    assert drawn(render_svg(pictured(body, shape("s", 0, 0, "300x200", 'isExpanded="true"')))) == ["inner", "s"]


def test_a_process_in_a_black_box_stays_hidden_and_one_that_nobody_drew_gets_a_page() -> None:
    around = '<collaboration id="c"><participant id="pool" processRef="p"/></collaboration>'
    other = '<process id="q" name="Other"><task id="b"/></process>'
    svg = render_svg(pictured('<task id="a"/>', shape("pool", 0, 0, "300x60"), around=around))
    assert drawn(svg) == ["pool"]
    svg = render_svg(pictured('<task id="a"/>', shape("pool", 0, 0, "300x60"), around=around + other))
    assert drawn(svg) == ["b", "pool"] and "Other" in written(svg)


def test_a_layout_is_the_same_each_time() -> None:
    xml = bpmn([(key, "task") for key in "abcd"], [("a", "c"), ("b", "d"), ("d", "a"), ("a", "d")])
    assert lay_out(read_model(etree.fromstring(xml))).edges[0].points == laid_out(xml).edges[0].points
    assert render_svg(xml) == render_svg(xml)


def drawn(svg: str) -> list[str]:
    return sorted(re.findall(r'data-element-id="(\w+)"', svg))


def test_a_crowd_of_lines_between_two_columns_is_drawn_without_comparing_each_with_each() -> None:
    pieces = [Piece(1, at, at + 1000, f"s{at}", f"t{at}") for at in range(3000)]
    channels = Channels(pieces)
    assert channels.width(1, least=60) < 1000
    assert len({channels.x(piece, ends={1: (0, 500)}) for piece in pieces}) > 10


def test_a_line_between_two_of_one_pool_stays_in_it() -> None:
    writes = '<dataOutputAssociation id="w"><sourceRef>o</sourceRef><targetRef>d</targetRef></dataOutputAssociation>'
    pool = '<collaboration id="co"><participant id="pool" processRef="p"/></collaboration>'
    body = f'<task id="a">{writes}</task><task id="b">{writes.replace("w", "v", 1)}</task><dataStoreReference id="d"/>'
    plane = laid_out(pictured(body, around=pool))
    assert len(plane.edges) == 2
    assert all(within(Bounds(x, y, 0, 0), boxes(plane)["pool"]) for line in plane.edges for x, y in line.points)


def test_a_data_object_without_a_name_for_its_state_has_no_empty_brackets() -> None:
    assert written(render_svg(pictured('<dataObjectReference id="d" name="D"><dataState/></dataObjectReference>'))) == [
        "D"
    ]
