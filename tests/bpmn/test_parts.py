"""Each element and attribute of the standard that is no flow node comes to what its row says, where it may stand."""

from __future__ import annotations

import pytest
from bpmn.drawn import around, task

from runner.bpmn.check import check_diagram
from runner.bpmn.listing import PARTS, list_parts
from runner.bpmn.parts import ATTRIBUTES, CHILDREN, ROOTS, is_listed
from runner.bpmn.rules.schema_types import read_schema
from runner.bpmn.verdicts import FLOW_NODES, Outcome
from runner.bpmn.xml import BPMN


@pytest.mark.parametrize("tag", PARTS)
def test_part_has_the_verdict_of_its_row(tag: str) -> None:
    drawn = f'<{tag} id="thing"/>'
    diagram = around(task(), roots=drawn) if tag in ROOTS else around(f'<serviceTask id="it">{drawn}</serviceTask>')
    found = [each for each in list_parts(diagram, ()) if each.element_id == "thing"]
    part = PARTS[tag]
    assert len(found) == is_listed(tag)
    assert all((each.outcome, each.reason) in _allowed(part) for each in found) or _is_begun(tag)


def _is_begun(tag: str) -> bool:
    """Say whether it is a process of its own; here, one that is not executable."""
    return tag == "process" or tag.startswith("global")


def _allowed(part: object) -> set[tuple[object, str]]:
    outcome, how, otherwise = (getattr(part, name) for name in ("outcome", "how", "otherwise"))
    return {(outcome, how), (Outcome.DOCUMENTATION, otherwise or how)}


def in_the_schema() -> dict[str, set[str]]:
    """Give the elements of BPMN's schema with their attributes; those of no abstract kind."""
    schema = read_schema()
    kinds = {name.removeprefix(f"{{{BPMN}}}"): schema.types[kind] for name, kind in schema.elements.items()}
    return {tag: set(kind.attributes) for tag, kind in kinds.items() if not kind.abstract and "}" not in tag}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attribute_of_a_row_is_in_the_schema(name: str) -> None:
    assert any(name in attributes for attributes in in_the_schema().values())


def test_every_attribute_of_the_schema_has_a_row() -> None:
    assert {name for attributes in in_the_schema().values() for name in attributes} == set(ATTRIBUTES)


def test_every_element_of_the_schema_has_a_row() -> None:
    found = {tag for tag in in_the_schema() if not tag.endswith("EventDefinition")}
    # What is never written: kinds of elements that have others below them; and the file itself.
    general = {"callableElement", "dataAssociation", "gateway", "definitions"}
    assert found - set(PARTS) - FLOW_NODES == general


@pytest.mark.parametrize("tag", CHILDREN)
def test_child_that_is_known_is_not_refused_for_its_name(tag: str) -> None:
    diagram = around(f'<task id="it"><{tag} id="thing"/></task>')
    assert [each.code for each in check_diagram(diagram, None) if each.code == "element_unknown"] == []
