"""All rules that look at the file's tags: for every part of it, executed or only drawn."""

from __future__ import annotations

from collections.abc import Iterator

from runner.bpmn.rules.collaborations import check_collaborations
from runner.bpmn.rules.connections import check_connections
from runner.bpmn.rules.data import check_data
from runner.bpmn.rules.drawing import check_drawing
from runner.bpmn.rules.names import check_names
from runner.bpmn.rules.references import check_references
from runner.bpmn.rules.schema import check_schema
from runner.bpmn.rules.tree import Tree
from runner.errors import Finding


def check_document(tree: Tree) -> Iterator[Finding]:
    """Give what these rules find."""
    yield from check_schema(tree)
    yield from check_references(tree)
    yield from check_connections(tree)
    yield from check_collaborations(tree)
    yield from check_data(tree)
    yield from check_names(tree)
    yield from check_drawing(tree)
