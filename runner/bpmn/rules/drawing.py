"""Whether the drawing (BPMN DI) shows what the processes have: it refuses nothing, because nothing executes it.

Source: BPMN 2.0.2 §12.2, tables 12.1 to 12.8."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from runner.bpmn.rules.references import ENDS
from runner.bpmn.rules.tree import Tree, container_of, tag_of
from runner.bpmn.verdicts import CONTAINERS, FLOW_NODES
from runner.bpmn.xml import is_true, local_id, name_of
from runner.errors import Finding

_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
_EDGES = frozenset(ENDS) | {"dataInputAssociation", "dataOutputAssociation"}


def check_drawing(tree: Tree) -> Iterator[Finding]:
    """Give shapes and edges of nothing, or of the wrong kind of element, and elements that nobody sees."""
    drawn: set[str] = set()
    folded: set[str] = set()
    for shape in tree.root.iter(f"{{{_DI}}}BPMNShape", f"{{{_DI}}}BPMNEdge", f"{{{_DI}}}BPMNPlane"):
        reference = local_id(shape.get("bpmnElement")) or ""
        drawn.add(reference)
        if not is_true(shape.get("isExpanded"), default=True):
            folded.add(reference)
        yield from _shape(shape, reference, tree)
    if drawn:
        yield from _unseen(tree, drawn, folded)


def _shape(shape: etree._Element, reference: str, tree: Tree) -> Iterator[Finding]:
    tag = name_of(shape)[1]
    element = tree.by_id.get(reference)
    if element is None:
        if reference:
            message = f"Expected bpmnElement of <{tag}> to be the id of an element, but the file has no '{reference}'."
            yield tree.finding(shape, "drawing_dangling", message=message)
    elif (tag == "BPMNEdge") != (tag_of(element) in _EDGES):
        kind = "an edge" if tag == "BPMNEdge" else "a shape"
        message = f"Expected {kind} for what is drawn as one, but <{tag}> is of '{reference}', a <{tag_of(element)}>."
        yield tree.finding(shape, "drawing_dangling", message=message)


def _unseen(tree: Tree, drawn: set[str], folded: set[str]) -> Iterator[Finding]:
    """Name executed elements without a shape; what lies in a sub-process without one, or folded up, is not missed."""
    for node in tree.nodes:
        if tag_of(node) not in FLOW_NODES or node.get("id") in drawn or tree.is_drawn_only(node):
            continue
        around = container_of(node)
        if (
            around is not None
            and tag_of(around) in CONTAINERS
            and (around.get("id") in folded or around.get("id") not in drawn)
        ):
            continue
        message = (
            f"'{node.get('name') or node.get('id')}' is executed, but nobody sees it: the drawing has no shape for it."
        )
        yield tree.finding(node, "drawing_missing", message=message)
