"""The diagrams of the example as files: valid BPMN, documented, drawn cleanly, bound to handlers that exist."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import pytest
from lxml import etree

from runner import HandlerRegistry

ROOT = Path(__file__).parents[2]
PROCESSES = tuple(sorted(str(path.relative_to(ROOT)) for path in (ROOT / "processes").glob("*.bpmn")))
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
    """Give what all drawings of a file's processes must share: tag, id, name and documentation, in document order."""
    children = [each for process in found(read(path), "bpmn:process") for each in process.iterfind(".//*[@id]", NS)]
    return [
        (
            etree.QName(each).localname,
            each.get("id", ""),
            each.get("name", ""),
            each.findtext("bpmn:documentation", "", NS),
        )
        for each in children
        if not each.tag.endswith("EventDefinition")
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
    left, top, width, height = box
    sides = x in (left, left + width) and y == top + height / 2
    return sides or (y in (top, top + height) and x == left + width / 2)


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def containers(root: etree._Element) -> dict[str, set[str]]:
    """Give the ids of the shapes inside each pool and sub-process, by its id."""
    processes = {each.get("id"): each for each in found(root, "bpmn:process")}
    pools = {each.get("id", ""): processes[each.get("processRef")] for each in found(root, ".//bpmn:participant")}
    frames = {**pools, **{each.get("id", ""): each for each in found(root, ".//bpmn:subProcess")}}
    drawn = boxes(root, "dc:Bounds").keys()
    return {
        name: {each.get("id", "") for each in frame.iterfind(".//*[@id]")} & drawn for name, frame in frames.items()
    }


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(importlib.resources.files("SpiffWorkflow") / "bpmn/parser/schema/BPMN20.xsd"))


@pytest.mark.parametrize("path", DIAGRAMS)
def test_diagram_is_valid_against_the_schema_of_bpmn_2(path: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(read(path))


@pytest.mark.parametrize("path", DIAGRAMS)
def test_process_and_every_element_are_documented(path: str) -> None:
    for process in found(read(path), "bpmn:process"):
        assert process.get("isExecutable") == "true"
        assert len(process.findtext("bpmn:documentation", "", NS)) > 100
    assert [element_id for _, element_id, _, text in process_elements(path) if len(text) < 30] == []


@pytest.mark.parametrize("path", DIAGRAMS)
def test_shapes_have_the_usual_sizes_and_nothing_overlaps(path: str) -> None:
    root = read(path)
    shapes, labels = boxes(root, "dc:Bounds"), boxes(root, "bpmndi:BPMNLabel/dc:Bounds")
    around = containers(root)
    sizes = {box[2:] for name, box in shapes.items() if name not in labels and name not in around}
    assert (sizes, {shapes[name][2:] for name in labels}) == ({(100, 80)}, {(36, 36)})
    everything = [*((name, box) for name, box in shapes.items() if name not in around), *labels.items()]
    hosts = {each.get("id"): each.get("attachedToRef") for each in found(root, ".//bpmn:boundaryEvent")}
    overlapping = [(a, b) for i, a in enumerate(everything) for b in everything[:i] if overlap(a[1], b[1])]
    assert [(a, b) for (a, _), (b, _) in overlapping if hosts.get(a) != b and hosts.get(b) != a] == []


@pytest.mark.parametrize("path", DIAGRAMS)
def test_what_is_drawn_into_a_frame_lies_within_it_and_nothing_else_does(path: str) -> None:
    root = read(path)
    shapes = boxes(root, "dc:Bounds")
    for frame, inside in containers(root).items():
        left, top, width, height = shapes[frame]
        for name, (x, y, w, h) in shapes.items():
            within = left <= x and x + w <= left + width and top <= y and y + h <= top + height
            assert name == frame or within == (name in inside), (frame, name)


@pytest.mark.parametrize("path", DIAGRAMS)
def test_boundary_events_sit_on_the_border_of_their_activity(path: str) -> None:
    root = read(path)
    shapes = boxes(root, "dc:Bounds")
    for event in found(root, ".//bpmn:boundaryEvent"):
        host, middle = shapes[event.get("attachedToRef", "")], shapes[event.get("id", "")]
        assert middle[1] + middle[3] / 2 == host[1] + host[3]
        assert host[0] < middle[0] + middle[2] / 2 < host[0] + host[2]


@pytest.mark.parametrize("path", DIAGRAMS)
def test_flows_touch_the_borders_of_what_they_join(path: str) -> None:
    root = read(path)
    shapes = boxes(root, "dc:Bounds")
    edges = {edge.get("bpmnElement"): found(edge, "di:waypoint") for edge in found(root, ".//bpmndi:BPMNEdge")}
    flows = [
        *found(root, ".//bpmn:sequenceFlow"),
        *found(root, ".//bpmn:association"),
        *found(root, ".//bpmn:messageFlow"),
    ]
    assert flows
    for flow in flows:
        points = edges[flow.get("id")]
        assert on_border(points[0], shapes[flow.get("sourceRef", "")]), flow.get("id")
        assert on_border(points[-1], shapes[flow.get("targetRef", "")]), flow.get("id")


@pytest.mark.parametrize("path", PROCESSES)
def test_service_tasks_of_camunda_8_name_handlers_that_exist(path: str) -> None:
    tasks = found(read(path), ".//bpmn:serviceTask")
    assert tasks
    topics = [task.find("bpmn:extensionElements/zeebe:taskDefinition", NS) for task in tasks]
    assert [each.get("type") for each in topics if each is not None] == [task.get("id") for task in tasks]
    assert {task.get("id") for task in tasks} <= HandlerRegistry.load(["handlers"]).topics


def test_service_tasks_of_camunda_7_name_the_same_topics() -> None:
    tasks = found(read("tests/diagrams/capture_camunda7.bpmn"), ".//bpmn:serviceTask")
    topic, kind = (f"{{{NS['camunda']}}}{name}" for name in ("topic", "type"))
    assert [task.get(topic) for task in tasks] == ["paralyze", "attack", "throw_pokeball", "cure", "heal"]
    assert {task.get(kind) for task in tasks} == {"external"}


def test_plain_drawing_holds_no_extension() -> None:
    root = read("tests/diagrams/capture_plain.bpmn")
    omg = {NS[name] for name in ("bpmn", "bpmndi", "dc", "di")}
    assert {etree.QName(each).namespace for each in root.iter(etree.Element)} == omg
    assert {name for each in root.iter(etree.Element) for name in each.attrib if str(name).startswith("{")} == set()


def test_capture_is_the_same_process_in_all_three_drawings() -> None:
    capture = process_elements("processes/capture.bpmn")
    drawn = [element_id for tag, element_id, _, _ in capture if tag not in ("sequenceFlow", "association")]
    assert drawn[:5] == ["pokemon_encountered", "paralyze", "attack", "throw_pokeball", "pokemon_captured"]
    assert drawn[5:9] == ["undo_paralyze", "cure", "undo_attack", "heal"]
    assert drawn[9:] == ["pokemon_escaped", "undo_capture", "pokemon_fled"]
    assert process_elements("tests/diagrams/capture_camunda7.bpmn") == capture
    assert process_elements("tests/diagrams/capture_plain.bpmn") == capture
