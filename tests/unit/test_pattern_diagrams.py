"""The example patterns as files: valid BPMN, documented, drawn cleanly, with variables to start with."""

from __future__ import annotations

import json
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree
from unit.test_pokemon_diagrams import NS, ROOT, Box, boxes, containers, found, on_border, overlap, read, schema

from runner import HandlerRegistry
from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_file

__all__ = ["schema"]

PATTERNS = ROOT / "examples" / "patterns"
FILES = tuple(sorted(str(path.relative_to(ROOT)) for path in PATTERNS.glob("*.bpmn")))
# A process that only messages start has no form, and needs no variables to start with.
BY_MESSAGE = {"shop", "warehouse"}
Point = tuple[float, float]


def lines(root: etree._Element) -> dict[str, list[Point]]:
    """Give the points of each flow and association, by its id."""
    return {
        edge.get("bpmnElement", ""): [
            (float(each.get("x", "nan")), float(each.get("y", "nan"))) for each in found(edge, "di:waypoint")
        ]
        for edge in found(root, ".//bpmndi:BPMNEdge")
    }


def crosses(start: Point, end: Point, box: Box) -> bool:
    """Tell whether an upright or level piece of a line goes through the inside of a box."""
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    return left < box[0] + box[2] and right > box[0] and top < box[1] + box[3] and bottom > box[1]


def flow_nodes(root: etree._Element) -> list[etree._Element]:
    kinds = ("Task", "Event", "Gateway", "subProcess")
    inside = root.iterfind(f".//bpmn:process//{{{NS['bpmn']}}}*", NS)
    return [each for each in inside if str(each.tag).endswith(kinds)]


@pytest.mark.parametrize("path", FILES)
def test_pattern_is_valid_against_the_schema_of_bpmn_2(path: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(read(path))


@pytest.mark.parametrize("path", FILES)
def test_pattern_is_checked_without_a_warning(path: str) -> None:
    topics = HandlerRegistry.load([str(PATTERNS / "handlers.py")]).topics
    assert [each for each in check_diagram(read_file(ROOT / path), topics) if each.verdict != "note"] == []


@pytest.mark.parametrize("path", FILES)
def test_processes_and_all_their_nodes_are_documented(path: str) -> None:
    root = read(path)
    said = {each.get("id"): each.findtext("bpmn:documentation", "", NS) for each in flow_nodes(root)}
    assert said and [id for id, text in said.items() if len(text) < 30] == []
    assert all(len(each.findtext("bpmn:documentation", "", NS)) > 100 for each in found(root, "bpmn:process"))


@pytest.mark.parametrize("path", FILES)
def test_everything_is_drawn_in_the_usual_size(path: str) -> None:
    root = read(path)
    shapes = boxes(root, "dc:Bounds")
    usual = {"Event": (36, 36), "Gateway": (50, 50), "Task": (100, 80)}
    for node in flow_nodes(root):
        size = next((size for kind, size in usual.items() if str(node.tag).endswith(kind)), None)
        assert size in (None, shapes[node.get("id", "")][2:])
    assert {each.get("id") for each in found(root, ".//bpmn:sequenceFlow")} <= lines(root).keys()


@pytest.mark.parametrize("path", FILES)
def test_no_shape_and_no_label_lies_on_another(path: str) -> None:
    root = read(path)
    frames, hosts = containers(root), {each.get("attachedToRef") for each in found(root, ".//bpmn:boundaryEvent")}
    guests = {each.get("id") for each in found(root, ".//bpmn:boundaryEvent")}
    shapes = [(id, box) for id, box in boxes(root, "dc:Bounds").items() if id not in frames]
    labels = [(f"label of {id}", box) for id, box in boxes(root, "bpmndi:BPMNLabel/dc:Bounds").items()]
    pairs = [(a, b) for (a, one), (b, other) in combinations([*shapes, *labels], 2) if overlap(one, other)]
    assert [(a, b) for a, b in pairs if not ({a, b} & guests and {a, b} & hosts)] == []


@pytest.mark.parametrize("path", FILES)
def test_lines_are_upright_or_level_and_run_through_no_shape_and_no_label(path: str) -> None:
    root = read(path)
    frames = containers(root)
    shapes = {id: box for id, box in boxes(root, "dc:Bounds").items() if id not in frames}
    labels = boxes(root, "bpmndi:BPMNLabel/dc:Bounds")
    for points in lines(root).values():
        for start, end in pairwise(points):
            assert start[0] == end[0] or start[1] == end[1]
            assert [id for id, box in [*shapes.items(), *labels.items()] if crosses(start, end, box)] == []


@pytest.mark.parametrize("path", FILES)
def test_lines_touch_what_they_join(path: str) -> None:
    root = read(path)
    shapes, drawn = (
        boxes(root, "dc:Bounds"),
        {each.get("bpmnElement"): each for each in found(root, ".//bpmndi:BPMNEdge")},
    )
    for kind in ("sequenceFlow", "association", "messageFlow"):
        for flow in found(root, f".//bpmn:{kind}"):
            points = found(drawn[flow.get("id")], "di:waypoint")
            assert on_border(points[0], shapes[flow.get("sourceRef", "")]), flow.get("id")
            assert on_border(points[-1], shapes[flow.get("targetRef", "")]), flow.get("id")


@pytest.mark.parametrize("path", FILES)
def test_flows_go_from_left_to_right_but_for_those_that_go_back(path: str) -> None:
    root, shapes = read(path), boxes(read(path), "dc:Bounds")
    flows = found(root, ".//bpmn:sequenceFlow")
    backward = [
        each.get("id")
        for each in flows
        if shapes[each.get("sourceRef", "")][0] > shapes[each.get("targetRef", "")][0] + 100
    ]
    assert set(backward) <= {"is_somebody_else_to_approve_second", "choose_part_to_part_known"}


@pytest.mark.parametrize("path", FILES)
def test_each_process_that_a_person_starts_has_variables_to_start_with(path: str) -> None:
    keys = {each.get("id", "") for each in found(read(path), "bpmn:process")} - BY_MESSAGE
    for key in keys:
        assert isinstance(json.loads(Path(PATTERNS / f"{key}.json").read_text("utf-8")), dict)
