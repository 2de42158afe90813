"""Every name of a vendor that a diagram has is in one of the tables: it is honoured, or it is said what it comes to.

Our own diagrams are looked at; RUNNER_DRAWINGS names a folder of others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from stubbed import drawings

from runner.bpmn.dialects import camunda7, camunda8, plain
from runner.bpmn.xml import name_of, split

ROOT = Path(__file__).parents[2]
OWN = [ROOT / name for name in ("processes", "examples", "tests/diagrams")]
OTHERS = os.environ.get("RUNNER_DRAWINGS")
FOLDERS = [Path(OTHERS)] if OTHERS else OWN
FILES = [path for folder in FOLDERS for path in drawings(folder)]
# The element template that something was drawn with: read by `applied_templates.py` and Camunda's tools.
TEMPLATES = {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"}
KNOWN = {
    namespace: {*dialect.HONOURED, *dialect.CONSEQUENCES, *getattr(dialect, "PARTS", ()), *TEMPLATES}
    for dialect in (camunda7, camunda8, plain)
    for namespace in dialect.NAMESPACES
}


def names(path: Path) -> Iterator[tuple[str, str]]:
    """Give (namespace, name) of each element and attribute."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for node in etree.parse(str(path), parser).getroot().iter(etree.Element):
        yield name_of(node)
        yield from (split(str(name)) for name in node.attrib)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_vendors_name_is_in_a_table(path: Path) -> None:
    assert {(space, name) for space, name in names(path) if space in KNOWN and name not in KNOWN[space]} == set()
