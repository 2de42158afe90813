"""The diagrams of the example as files: valid BPMN, documented, drawn cleanly, bound to handlers that exist."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest
from lxml import etree

from runner import HandlerRegistry

ROOT = Path(__file__).parents[2]
PROCESSES = ("processes/capture.bpmn", "processes/helloworld.bpmn")
DIAGRAMS = (*PROCESSES, "tests/diagrams/capture_camunda7.bpmn", "tests/diagrams/capture_plain.bpmn")
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}
Box = tuple[float, float, float, float]


def read(path: str) -> etree._Element:
    return etree.parse(ROOT / path).getroot()


def found(root: etree._Element, query: str) -> list[etree._Element]:
    return list(root.iterfind(query, NS))


def process_elements(path: str) -> list[tuple[str, str, str, str]]:
    """Give what all drawings of one process must share: tag, id, name and documentation, in document order."""
    children = found(read(path), "bpmn:process/*[@id]")
    return [
        (
            etree.QName(each).localname,
            each.get("id", ""),
            each.get("name", ""),
            each.findtext("bpmn:documentation", "", NS),
        )
        for each in children
    ]


def boxes(root: etree._Element, query: str) -> dict[str, Box]:
    """Give x, y, width and height of what `query` finds within each shape, by element id."""
    drawn: dict[str, Box] = {}
    for shape in found(root, ".//bpmndi:BPMNShape"):
        for bounds in found(shape, query):
            x, y, width, height = (float(bounds.get(name, "nan")) for name in ("x", "y", "width", "height"))
            drawn[shape.get("bpmnElement", "")] = (x, y, width, height)
    return drawn


def on_border(point: etree._Element, box: Box) -> bool:
    x, y = float(point.get("x", "nan")), float(point.get("y", "nan"))
    return x in (box[0], box[0] + box[2]) and y == box[1] + box[3] / 2


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(importlib.resources.files("SpiffWorkflow") / "bpmn/parser/schema/BPMN20.xsd"))


@pytest.mark.parametrize("path", DIAGRAMS)
def test_diagram_is_valid_against_the_schema_of_bpmn_2(path: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(read(path))


@pytest.mark.parametrize("path", DIAGRAMS)
def test_process_and_every_element_are_documented(path: str) -> None:
    process = found(read(path), "bpmn:process")[0]
    assert process.get("isExecutable") == "true"
    assert len(process.findtext("bpmn:documentation", "", NS)) > 100
    assert [element_id for _, element_id, _, text in process_elements(path) if len(text) < 30] == []


@pytest.mark.parametrize("path", DIAGRAMS)
def test_shapes_have_the_usual_sizes_and_nothing_overlaps(path: str) -> None:
    root = read(path)
    shapes, labels = boxes(root, "dc:Bounds"), boxes(root, "bpmndi:BPMNLabel/dc:Bounds")
    sizes = {box[2:] for name, box in shapes.items() if name not in labels}
    assert (sizes, {shapes[name][2:] for name in labels}) == ({(100, 80)}, {(36, 36)})
    everything = [*shapes.values(), *labels.values()]
    assert [(a, b) for i, a in enumerate(everything) for b in everything[:i] if overlap(a, b)] == []


@pytest.mark.parametrize("path", DIAGRAMS)
def test_flows_touch_the_borders_of_what_they_join(path: str) -> None:
    root = read(path)
    shapes = boxes(root, "dc:Bounds")
    edges = {edge.get("bpmnElement"): found(edge, "di:waypoint") for edge in found(root, ".//bpmndi:BPMNEdge")}
    flows = found(root, ".//bpmn:sequenceFlow")
    assert flows
    for flow in flows:
        points = edges[flow.get("id")]
        assert on_border(points[0], shapes[flow.get("sourceRef", "")]), flow.get("id")
        assert on_border(points[-1], shapes[flow.get("targetRef", "")]), flow.get("id")


@pytest.mark.parametrize("path", PROCESSES)
def test_service_tasks_of_camunda_8_name_handlers_that_exist(path: str) -> None:
    tasks = found(read(path), ".//bpmn:serviceTask")
    topics = [task.find("bpmn:extensionElements/zeebe:taskDefinition", NS) for task in tasks]
    assert [each.get("type") for each in topics if each is not None] == [task.get("id") for task in tasks]
    assert {task.get("id") for task in tasks} <= HandlerRegistry.load(["handlers"]).topics


def test_service_tasks_of_camunda_7_name_the_same_topics() -> None:
    tasks = found(read("tests/diagrams/capture_camunda7.bpmn"), ".//bpmn:serviceTask")
    topic, kind = (f"{{{NS['camunda']}}}{name}" for name in ("topic", "type"))
    assert [task.get(topic) for task in tasks] == ["paralyze", "attack", "throw_pokeball"]
    assert {task.get(kind) for task in tasks} == {"external"}


def test_plain_drawing_holds_no_extension() -> None:
    root = read("tests/diagrams/capture_plain.bpmn")
    omg = {NS[name] for name in ("bpmn", "bpmndi", "dc", "di")}
    assert {etree.QName(each).namespace for each in root.iter(etree.Element)} == omg
    assert {name for each in root.iter(etree.Element) for name in each.attrib if str(name).startswith("{")} == set()


def test_capture_is_the_same_process_in_all_three_drawings() -> None:
    capture = process_elements("processes/capture.bpmn")
    assert [element_id for tag, element_id, _, _ in capture if tag != "sequenceFlow"] == [
        "pokemon_encountered",
        "paralyze",
        "attack",
        "throw_pokeball",
        "pokemon_captured",
    ]
    assert process_elements("tests/diagrams/capture_camunda7.bpmn") == capture
    assert process_elements("tests/diagrams/capture_plain.bpmn") == capture
