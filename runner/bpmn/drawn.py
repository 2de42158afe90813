"""What is drawn in each process, read from the file itself: for comparing it with what the engine has built.

It takes no notice of the records that the readers make, and so also finds what they have left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from runner.bpmn.diagram import Diagram
from runner.bpmn.events import DEFINITION
from runner.bpmn.verdicts import EVENT_TAGS, FLOW_NODES
from runner.bpmn.xml import BPMN, Document, children, local_id, name_of, parse, text_of


@dataclass(frozen=True, slots=True)
class Shape:
    """What a process consists of, by id, each part with a word for it.

    `nodes` gives the containers of flow nodes, `flows` from where to where they lead, `events` the kinds of events'
    definitions in order, `attached` the activities of boundary events.
    """

    nodes: Mapping[str, str]
    flows: Mapping[str, str]
    events: Mapping[str, str]
    attached: Mapping[str, str]

    def differences(self, built: Shape) -> dict[str, str]:
        """Say by id what is not the same in a shape that was built by this one, which was drawn."""
        found: dict[str, str] = {}
        for what, word in _WORDS.items():
            mine, others = getattr(self, what), getattr(built, what)
            for id in sorted(mine.keys() | others.keys()):
                if mine.get(id) != others.get(id):
                    as_drawn = f"drawn as {word} {mine[id]}" if id in mine else "not drawn"
                    as_built = f"built as {word} {others[id]}" if id in others else "not built"
                    found.setdefault(id, f"'{id}' is {as_drawn}, and {as_built}")
        return found


_WORDS = {"nodes": "an element in", "flows": "a flow", "events": "an event of kind", "attached": "an event attached to"}


def shapes(diagram: Diagram) -> tuple[dict[str, Shape], dict[str, int]]:
    """Give the shape of each process of a file by its id, and the line of each element; global tasks have none."""
    document = parse(diagram.xml, source=diagram.source)
    definitions = {
        str(node.get("id")): name_of(node)[1].removesuffix(DEFINITION)
        for node in children(document.root, BPMN)
        if name_of(node)[1].endswith(DEFINITION)
    }
    processes = {str(node.get("id")): node for node in children(document.root, BPMN, local="process")}
    found = {key: _shape(node, definitions) for key, node in processes.items()}
    return found, _lines(document)


def _shape(process: etree._Element, definitions: Mapping[str, str]) -> Shape:
    nodes: dict[str, str] = {}
    flows: dict[str, str] = {}
    events: dict[str, str] = {}
    attached: dict[str, str] = {}
    for node in process.iter(f"{{{BPMN}}}*"):
        id, tag = str(node.get("id")), name_of(node)[1]
        if tag == "sequenceFlow":
            flows[id] = f"{local_id(node.get('sourceRef'))} -> {local_id(node.get('targetRef'))}"
        elif tag in FLOW_NODES:
            around = node.getparent()
            nodes[id] = "" if around is None else str(around.get("id"))
        if tag in EVENT_TAGS:
            events[id] = " ".join(_kinds(node, definitions)) or "none"
        if tag == "boundaryEvent":
            attached[id] = local_id(node.get("attachedToRef")) or ""
    return Shape(nodes, flows, events, attached)


def _kinds(event: etree._Element, definitions: Mapping[str, str]) -> list[str]:
    found = []
    for child in children(event, BPMN):
        tag = name_of(child)[1]
        if tag.endswith(DEFINITION):
            found.append(tag.removesuffix(DEFINITION))
        elif tag == "eventDefinitionRef":
            found.append(definitions.get(local_id(text_of(child)) or "", "unknown"))
    return found


def _lines(document: Document) -> dict[str, int]:
    nodes = document.root.iter(f"{{{BPMN}}}*")
    return {str(node.get("id")): document.line(node) for node in nodes if node.get("id")}
