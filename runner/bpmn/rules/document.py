"""All rules that look at the file's tags: for every part of it, executed or only drawn."""

from __future__ import annotations

from collections.abc import Iterator

from runner.bpmn.rules.schema import check_schema
from runner.bpmn.rules.tree import Tree
from runner.errors import Finding


def check_document(tree: Tree) -> Iterator[Finding]:
    """Give what these rules find."""
    yield from check_schema(tree)
