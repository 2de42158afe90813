"""The simple picture of a file that brings none: nothing overlaps, nothing is lost, nothing is too big."""

from __future__ import annotations

from itertools import combinations, pairwise

from builders import BPMN, bpmn, chain, error_boundary, fork, loop
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from runner.bpmn.render.drawing import Plane, read_model
from runner.bpmn.render.geometry import Bounds
from runner.bpmn.render.layers import arrange
from runner.bpmn.render.layout import lay_out


def laid_out(xml: bytes) -> Plane:
    return lay_out(read_model(etree.fromstring(xml)))


def boxes(plane: Plane) -> dict[str, Bounds]:
    return {shape.id: shape.bounds for shape in plane.shapes}


def apart(one: Bounds, other: Bounds) -> bool:
    sideways = one.right <= other.x or other.right <= one.x
    return sideways or one.bottom <= other.y or other.bottom <= one.y


def test_a_chain_goes_straight_from_left_to_right() -> None:
    placed = boxes(laid_out(chain(["a", "b", "c"])))
    assert [placed[key].x for key in ("s", "a", "b", "c", "e")] == sorted(box.x for box in placed.values())
    assert len({box.center[1] for box in placed.values()}) == 1


def test_branches_do_not_overlap() -> None:
    placed = boxes(laid_out(fork("left", "right")))
    assert all(apart(one, other) for one, other in combinations(placed.values(), 2))


def test_a_loop_goes_back_below_everything() -> None:
    plane = laid_out(loop("n < 3"))
    back = next(edge for edge in plane.edges if edge.id == "f3")
    lowest = max(box.bottom for box in boxes(plane).values())
    assert max(y for _, y in back.points) > lowest


def test_flows_begin_and_end_at_the_border_of_what_they_connect() -> None:
    plane = laid_out(fork("left", "right"))
    placed = boxes(plane)
    for edge in plane.edges:
        source, target = placed[edge.element.get("sourceRef", "")], placed[edge.element.get("targetRef", "")]
        assert edge.points[0] == (source.right, source.center[1])
        assert edge.points[-1] == (target.x, target.center[1])


def test_a_flow_past_others_does_not_run_through_them() -> None:
    nodes = [(key, "task") for key in "abcd"]
    plane = laid_out(bpmn(nodes, [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")]))
    long = next(edge for edge in plane.edges if edge.id == "f3")
    heights = {y for x, y in long.points if boxes(plane)["b"].x <= x <= boxes(plane)["c"].right}
    assert all(y > boxes(plane)["b"].bottom for y in heights)


def test_boundary_events_sit_on_their_host_side_by_side() -> None:
    nodes = [("a", "task"), error_boundary("one", "a", "e"), error_boundary("two", "a"), ("b", "task")]
    placed = boxes(laid_out(bpmn(nodes, [("one", "b")])))
    assert placed["one"].center[1] == placed["two"].center[1] == placed["a"].bottom
    assert apart(placed["one"], placed["two"])
    assert placed["b"].x > placed["a"].right


def test_a_sub_process_holds_its_content() -> None:
    inner = '<task id="in"/><subProcess id="deep"><task id="deeper"/></subProcess>'
    placed = boxes(laid_out(bpmn([("sub", "subProcess", inner), ("after", "task")], [("sub", "after")])))
    for outside, inside in (("sub", "in"), ("sub", "deep"), ("deep", "deeper")):
        outer, box = placed[outside], placed[inside]
        assert outer.x < box.x and outer.y < box.y and box.right < outer.right and box.bottom < outer.bottom
    assert apart(placed["sub"], placed["after"])


def test_pools_stand_below_each_other_and_hold_their_process() -> None:
    pools = '<participant id="P" processRef="p"/><participant id="Q"/><messageFlow id="m" sourceRef="a" targetRef="Q"/>'
    plane = laid_out(bpmn([("a", "task")], [], extra=f'<collaboration id="c">{pools}</collaboration>'))
    placed = boxes(plane)
    assert apart(placed["P"], placed["Q"]) and not apart(placed["P"], placed["a"])
    assert [edge.id for edge in plane.edges] == ["m"]


def test_data_and_annotations_stand_below_the_process() -> None:
    nodes = [("a", "task"), ("d", "dataObjectReference"), ("t", "textAnnotation")]
    placed = boxes(laid_out(bpmn(nodes, [])))
    assert placed["d"].y > placed["a"].bottom and apart(placed["d"], placed["t"])


def test_a_flow_to_nowhere_is_left_out() -> None:
    assert laid_out(bpmn([("a", "task")], [("a", "gone"), ("gone", "a")])).edges == ()


def test_a_long_chain_and_a_deep_nest_need_no_deep_stack() -> None:
    nest = "".join(f'<subProcess id="s{depth}">' for depth in range(200)) + "</subProcess>" * 200
    assert len(laid_out(chain([f"t{number}" for number in range(3000)])).shapes) == 3002
    assert len(laid_out(f'<definitions xmlns="{BPMN}"><process>{nest}</process></definitions>'.encode()).shapes) == 200


def test_many_far_jumps_cost_no_more_than_the_chain_they_jump_over() -> None:
    nodes = [str(number) for number in range(2000)]
    jumps = [(node, nodes[-1]) for node in nodes[:-1]]
    grid = arrange(nodes, [*pairwise(nodes), *jumps])
    assert sum(map(len, grid.passes.values())) < 40 * 41


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=30))
def test_any_graph_gets_a_cell_per_node_and_columns_that_grow_along_links(links: list[tuple[str, str]]) -> None:
    grid = arrange("abcdefgh", links)
    taken = [*grid.cells.values(), *(cell for way in grid.passes.values() for cell in way)]
    assert len(set(taken)) == len(taken)
    assert all(grid.cells[start][0] < grid.cells[end][0] for start, end in grid.passes)
    assert grid.around | grid.passes.keys() == set(links)
